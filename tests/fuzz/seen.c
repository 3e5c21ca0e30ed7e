/* seen.c - see seen.h. */
#include "seen.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int told(const varsdb *db, int rc)
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

void names_keep(names *n, const char *name)
{
    if (n->count < NAMES_MAX && !(n->name[n->count++] = strdup(name)))
        abort();
}

void names_release(names *n)
{
    while (n->count)
        free(n->name[--n->count]);
}

int see_namespace(void *payload, const varsdb_namespace_info *info)
{
    look_twice(info->name);
    if (payload)
        names_keep(payload, info->name);
    return 0;
}

int see_scope(void *payload, const varsdb_scope_info *info)
{
    (void)payload;
    look_twice(info->name);
    look(info->defaults.initializer);
    look(info->defaults.regularizer);
    look(info->defaults.partitioner);
    return 0;
}

int see_collection(void *payload, const varsdb_collection_info *info)
{
    (void)payload;
    look_twice(info->name);
    return 0;
}

int see_attribute(void *payload, const char *key, const char *json)
{
    (void)payload;
    look_twice(key);
    look_twice(json);
    return 0;
}

int see_string(void *payload, const char *string, size_t bytes)
{
    char *copy = malloc(bytes + 1);
    (void)payload;
    if (!copy)
        abort();
    memcpy(copy, string, bytes);
    free(copy);
    return 0;
}

int see_row(void *payload, size_t columns, const char *const *columns_names, const varsdb_value *values)
{
    for (size_t i = 0; i < columns; i++) {
        look_twice(columns_names[i]);
        assert(values[i].text ? values[i].kind != VARSDB_SQL_NULL : values[i].bytes == 0);
        if (values[i].text && values[i].bytes)
            see_string(payload, values[i].text, values[i].bytes);
    }
    return 0;
}

int see_variable(void *payload, const varsdb_variable_info *info)
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
        names_keep(payload, info->name);
    return 0;
}

int see_part(void *payload, const varsdb_part *part)
{
    (void)payload;
    assert(part->index >= 0 && part->index < part->count);
    assert(part->axis >= 0 && part->axis < part->shape.rank && part->offset >= 0);
    for (int i = 0; i < part->shape.rank; i++)
        assert(part->shape.dims[i] >= 0);
    return 0;
}

int see_selected(void *payload, const varsdb_variable *variable)
{
    (void)payload;
    look_twice(varsdb_variable_name(variable));
    return 0;
}

int see_difference(void *payload, const varsdb_difference *difference)
{
    (void)payload;
    look_twice(difference->name);
    look(difference->old_name);
    look(difference->shape_json);
    look(difference->old_shape_json);
    assert(difference->dtype == VARSDB_DTYPE_NOT_SAID || varsdb_dtype_name(difference->dtype));
    assert(difference->old_dtype == VARSDB_DTYPE_NOT_SAID || varsdb_dtype_name(difference->old_dtype));
    assert(!difference->has_delta || !(difference->max_abs < 0));
    return 0;
}
