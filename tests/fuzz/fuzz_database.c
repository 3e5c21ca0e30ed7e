/*
 * fuzz_database.c - a stranger's registry, opened for reading and for writing: all of it is listed,
 * read, queried and changed.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "hostile.h"
#include "varsdb.h"

#define NAMES_MAX   12
#define PIECE_BYTES 4096
#define PIECES_MAX  4
#define VALUE_BYTES 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct names {
    char *name[NAMES_MAX];
    size_t count;
} names;

/* Whatever a file holds, it is neither our mistake nor the caller's, and there is a sentence for it. */
static int told(const varsdb *db, int rc)
{
    if (rc == VARSDB_ERROR || rc == VARSDB_MISUSE) {
        fprintf(stderr, "%s: %s\n", varsdb_errname(rc), varsdb_errmsg(db));
        abort();
    }
    assert(varsdb_errcode(db) == rc);
    assert((rc == VARSDB_OK) == (varsdb_errmsg(db)[0] == '\0'));
    return rc;
}

/* ---- what callbacks are given is there */

static size_t look(const char *text)
{
    return text ? strlen(text) : 0;
}

static void look_twice(const char *text)
{
    assert(text);
    look(text);
}

static void keep(names *n, const char *name)
{
    if (n->count < NAMES_MAX && !(n->name[n->count++] = strdup(name)))
        abort();
}

static void release(names *n)
{
    while (n->count)
        free(n->name[--n->count]);
}

static int see_namespace(void *payload, const varsdb_namespace_info *info)
{
    look_twice(info->name);
    keep(payload, info->name);
    return 0;
}

static int see_scope(void *payload, const varsdb_scope_info *info)
{
    (void)payload;
    look_twice(info->name);
    look(info->defaults.initializer);
    look(info->defaults.regularizer);
    look(info->defaults.partitioner);
    return 0;
}

static int see_collection(void *payload, const varsdb_collection_info *info)
{
    (void)payload;
    look_twice(info->name);
    return 0;
}

static int see_attribute(void *payload, const char *key, const char *json)
{
    (void)payload;
    look_twice(key);
    look_twice(json);
    return 0;
}

static int see_string(void *payload, const char *string, size_t bytes)
{
    char *copy = malloc(bytes + 1);
    (void)payload;
    if (!copy)
        abort();
    memcpy(copy, string, bytes);
    free(copy);
    return 0;
}

static int see_row(void *payload, size_t columns, const char *const *columns_names,
                   const varsdb_value *values)
{
    for (size_t i = 0; i < columns; i++) {
        look_twice(columns_names[i]);
        assert(values[i].text ? values[i].kind != VARSDB_SQL_NULL : values[i].bytes == 0);
        if (values[i].text && values[i].bytes)
            see_string(payload, values[i].text, values[i].bytes);
    }
    return 0;
}

static int see_variable(void *payload, const varsdb_variable_info *info)
{
    const char *const always[] = {info->name_space, info->name,        info->scope,
                                  info->shape_json, info->initializer, info->collections_json};
    const char *const perhaps[] = {info->regularizer, info->constraint, info->hash, info->program,
                                   info->host,        info->site,       info->min,  info->max};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        look_twice(always[i]);
    for (size_t i = 0; i < sizeof perhaps / sizeof *perhaps; i++)
        look(perhaps[i]);
    assert(info->shape.rank >= 0 && info->shape.rank <= VARSDB_RANK_MAX && varsdb_dtype_name(info->dtype));
    for (int i = 0; i < info->shape.rank; i++)
        assert(info->shape.dims[i] >= 0);
    if (payload)
        keep(payload, info->name);
    return 0;
}

/* ---- reading */

static void read_value(varsdb *db, const varsdb_variable *v)
{
    char piece[PIECE_BYTES];
    int rc = VARSDB_OK;
    if (varsdb_variable_dtype(v) == VARSDB_STRING) {
        told(db, varsdb_read_strings(db, v, see_string, NULL));
        return;
    }
    uint64_t bytes = (uint64_t)varsdb_dtype_bits(varsdb_variable_dtype(v));
    const varsdb_shape *shape = varsdb_variable_shape(v);
    for (int i = 0; i < shape->rank; i++)
        if (__builtin_mul_overflow(bytes, (uint64_t)shape->dims[i], &bytes))
            bytes = VALUE_BYTES * 8 + 8;
    bytes = bytes / 8 + (bytes % 8 > 0);
    for (uint64_t i = 0; i < PIECES_MAX && rc == VARSDB_OK; i++)
        rc = told(db, varsdb_read_range(db, v, i * (PIECE_BYTES - 1000), piece, sizeof piece));
    if (bytes > VALUE_BYTES)
        return;
    char *all = malloc(bytes + 1);
    if (!all)
        abort();
    told(db, varsdb_read(db, v, all, (size_t)bytes));
    free(all);
}

static void read_variables(varsdb *db, const names *all)
{
    const varsdb_variable *v;
    for (size_t i = 0; i < all->count; i++) {
        if (told(db, varsdb_find_variable(db, all->name[i], &v)) != VARSDB_OK)
            continue;
        told(db, varsdb_describe(db, v, see_variable, NULL));
        told(db, varsdb_list_attributes(db, v, see_attribute, NULL));
        read_value(db, v);
    }
}

static void list_all(varsdb *db, names *variables)
{
    told(db, varsdb_list_scopes(db, NULL, see_scope, NULL));
    told(db, varsdb_list_scopes(db, "a", see_scope, NULL));
    told(db, varsdb_list_collections(db, see_collection, NULL));
    told(db, varsdb_list_attributes(db, NULL, see_attribute, NULL));
    told(db, varsdb_list_variables(db, NULL, see_variable, variables));
    told(db, varsdb_list_variables(db, VARSDB_FILTER(.collection = VARSDB_MODEL), see_variable, NULL));
    told(db, varsdb_list_variables(db, VARSDB_FILTER(.scope = "a", .match = "."), see_variable, NULL));
    varsdb_seed(db, &(int64_t){0});
}

static void query_views(varsdb *db)
{
    char sql[128];
    for (const char *const *view = hostile_views(); *view; view++) {
        snprintf(sql, sizeof sql, "SELECT * FROM %s LIMIT 100", *view);
        told(db, varsdb_query(db, sql, see_row, NULL));
    }
}

static void query_values(varsdb *db)
{
    static const char *const queries[] = {
        "SELECT e.* FROM variables v, tensor_each(v.id) e LIMIT 500",
        "SELECT e.* FROM variables v, tensor_each(v.name) e WHERE e.flat_index > 40000 LIMIT 10",
        "SELECT e.* FROM snapshot_variables v, tensor_slice(v.name, NULL, v.snapshot_id) e LIMIT 500",
        "SELECT tensor_json(id), length(tensor(id)) FROM variables WHERE elements < 5000",
        "SELECT l1_loss(id), l2_loss(id, 2) FROM variables WHERE elements < 5000",
        "SELECT tensor_item(id), tensor_item(id, 0), tensor_item(id, 0, -1) FROM variables",
        "SELECT h.* FROM variables v, tensor_histogram(v.id, 3) h WHERE v.elements < 5000 LIMIT 100",
        "SELECT d.* FROM snapshots s, snapshot_diff(s.id) d LIMIT 100",
        "SELECT tensor_json(part_name) FROM variable_parts LIMIT 10",
        "SELECT get_variable(name), regularization_loss(id) FROM variables",
    };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        told(db, varsdb_query(db, queries[i], see_row, NULL));
}

/* varsdb_finding_cb */
static int see_finding(void *payload, const varsdb_finding *finding)
{
    assert(finding->text && *finding->text && finding->kind);
    for (const char *p = finding->text; *p; p++)
        assert((unsigned char)*p >= 0x20 && *p != 0x7f);
    ++*(int *)payload;
    return 0;
}

/* A finding for every damage, and damage for every finding. */
static void verify_all(varsdb *db, int quick)
{
    int findings = 0;
    int rc = varsdb_verify(db, VARSDB_UPKEEP(.quick = quick), see_finding, &findings);
    told(db, rc);
    assert(rc != VARSDB_OK || findings == 0);
    assert(rc != VARSDB_CORRUPT || findings > 0);
}

static void read_all(varsdb *db)
{
    names spaces = {0};
    told(db, varsdb_list_namespaces(db, see_namespace, &spaces));
    keep(&spaces, "main");
    for (size_t i = 0; i < spaces.count; i++) {
        names variables = {0};
        if (told(db, varsdb_use_namespace(db, spaces.name[i])) == VARSDB_OK) {
            list_all(db, &variables);
            keep(&variables, "a/b/w");
            keep(&variables, "big");
            read_variables(db, &variables);
        }
        release(&variables);
    }
    release(&spaces);
    told(db, varsdb_use_namespace(db, "main"));
}

/* ---- writing */

static void change_variable(varsdb *db, const varsdb_variable *v)
{
    told(db, varsdb_assign_json(db, v, "1"));
    told(db, varsdb_collect(db, "more", v));
    told(db, varsdb_uncollect(db, VARSDB_GLOBAL, v));
    told(db, varsdb_set_attribute(db, v, "note", "[]"));
    told(db, varsdb_rename_variable(db, v, "c/renamed"));
}

static void write_all(varsdb *db)
{
    const varsdb_variable *v;
    int created;
    if (told(db, varsdb_model_variable(db, "a/b/w", NULL, &created, &v)) == VARSDB_OK)
        change_variable(db, v);
    told(db, varsdb_get_variable(db, "a/b/new", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)), &created, &v));
    if (told(db, varsdb_find_variable(db, "a/u", &v)) == VARSDB_OK) {
        told(db, varsdb_assign_json(db, v, "[3,4]"));
        told(db, varsdb_initialize(db, v, "zeros"));
        told(db, varsdb_delete_variable(db, v));
    }
    if (told(db, varsdb_find_variable(db, "big", &v)) == VARSDB_OK)
        told(db, varsdb_delete_variable(db, v));
    told(db, varsdb_rename_scope(db, "a", "d/e"));
    told(db, varsdb_delete_scope(db, "c", NULL));
    told(db, varsdb_set_attribute(db, NULL, "run", NULL));
    told(db, varsdb_delete_namespace(db, "run"));
    told(db, varsdb_delete_namespace(db, "main"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned flags[] = {VARSDB_READ_ONLY, VARSDB_READ_ONLY | VARSDB_IMMUTABLE, 0};
    hostile_write(data, size);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        bounds cost;
        varsdb *db;
        bounds_begin(&cost);
        int rc = varsdb_open(hostile_path(), VARSDB_OPEN(.flags = flags[i], .timeout_ms = -1), &db);
        assert(db);
        told(db, rc);
        if (rc == VARSDB_OK)
            read_all(db);
        if (rc == VARSDB_OK && i == 0) {
            query_views(db);
            query_values(db);
        }
        if (rc == VARSDB_OK)
            verify_all(db, i == 1);
        if (rc == VARSDB_OK && !(flags[i] & VARSDB_READ_ONLY))
            write_all(db);
        varsdb_close(db);
        bounds_check(&cost);
    }
    hostile_remove();
    return 0;
}
