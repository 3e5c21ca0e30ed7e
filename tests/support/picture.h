/*
 * picture.h - a registry of small variables and snapshots of it.  Each file that includes this has
 * its own.
 */
#ifndef TESTS_PICTURE_H
#define TESTS_PICTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "registry.h"

static registry r;

static inline void open_registry(void)
{
    registry_open(&r);
}

static inline void close_registry(void)
{
    registry_close(&r);
}

/* A model variable of four float32: first, 2, 3, 4. */
static inline const varsdb_variable *vector(const char *name, float first)
{
    const float value[4] = {first, 2, 3, 4};
    return got_model(r.db, name,
                     VARSDB_WITH(.shape = VARSDB_SHAPE(4), .value = value, .value_bytes = sizeof value));
}

static inline void assign(const varsdb_variable *v, float first)
{
    const float value[4] = {first, 2, 3, 4};
    ok(r.db, varsdb_assign(r.db, v, value, sizeof value));
}

/* Vectors s/v0000 and so on, whose first elements are 0, 1, ... */
static inline void many(int count)
{
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "s/v%04d", i);
        vector(name, (float)i);
    }
    ok(r.db, varsdb_commit(r.db));
}

#define LARGE 20000 /* elements: more than stands in a row */

/* A model variable of LARGE float32, all 0 but for the ends. */
static inline const varsdb_variable *large(const char *name, float first, float last)
{
    float *value = calloc(LARGE, sizeof *value);
    value[0] = first;
    value[LARGE - 1] = last;
    const varsdb_variable *v = got_model(
        r.db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .value = value, .value_bytes = LARGE * sizeof *value));
    free(value);
    return v;
}

static inline float first_of(const varsdb_variable *v)
{
    float value[4] = {0};
    ok(r.db, varsdb_read(r.db, v, value, sizeof value));
    return value[0];
}

/* The first element as a snapshot has it. */
static inline float first_at(int64_t snapshot, const char *name)
{
    float value[4] = {0};
    ok(r.db, varsdb_read_range_at(r.db, snapshot, name, 0, value, sizeof value));
    return value[0];
}

static inline int64_t take(const varsdb_snapshot_options *options)
{
    int64_t id = 0;
    ok(r.db, varsdb_take_snapshot(r.db, options, &id));
    ck_assert_int_gt(id, 0);
    audit(&r);
    return id;
}

static inline int64_t find(const char *selector)
{
    int64_t id = 0;
    ok(r.db, varsdb_find_snapshot(r.db, selector, &id));
    return id;
}

static inline int picture_add_name(void *payload, const varsdb_variable_info *info)
{
    char *out = payload;
    size_t at = strlen(out);
    snprintf(out + at, 512 - at, "%s%s", at ? " " : "", info->name);
    return 0;
}

/* The names in a snapshot, with spaces between. */
static inline const char *names_at(int64_t snapshot, const varsdb_filter *filter)
{
    static char out[512];
    out[0] = '\0';
    ok(r.db, varsdb_list_snapshot_variables(r.db, snapshot, filter, picture_add_name, out));
    return out;
}

static inline int64_t rows(const char *table)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return registry_number(&r, sql);
}

#endif
