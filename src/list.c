/* list.c - variables with all that is known of them: describe and list. */
#include <fnmatch.h>
#include <stdio.h>

#include "collection.h"
#include "match.h"
#include "name.h"
#include "namespace.h"
#include "row.h"
#include "select.h"
#include "shape.h"
#include "tensor.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

/* Columns of the listing queries: the variable's row and its digest, then these. */
enum {
    LIST_PATH = ROW_COLUMNS + 1,
    LIST_NAMESPACE,
    LIST_PROGRAM,
    LIST_HOST,
    LIST_PID,
    LIST_COLLECTIONS,
    LIST_TRAINABLE,
    LIST_TENSOR, /* the tensor's row and its digest */
    LIST_COLUMNS = LIST_TENSOR + TENSOR_COLUMNS + 1
};

/* One variable's facts, with the texts that are not as they stand in the row. */
typedef struct listed {
    varsdb_variable_info info;
    vdb_buf name;
    vdb_dims dims;
    char hash[33], min[64], max[64];
} listed;

static int check_digests(varsdb *db, const vdb_value *at)
{
    int rc = vdb_row_check(db, "variable", at[ROW_ID].integer, at, ROW_COLUMNS, at[ROW_COLUMNS].integer);
    const vdb_value *tensor = at + LIST_TENSOR;
    if (rc == VARSDB_OK)
        rc = vdb_row_texts(db, "variable",
                           VDB_ARGS(at[ROW_NAME], at[ROW_DTYPE], at[ROW_SHAPE], at[ROW_INITIALIZER],
                                    at[LIST_PATH], at[LIST_NAMESPACE], at[LIST_COLLECTIONS]));
    if (rc != VARSDB_OK || at[ROW_TENSOR_ID].kind != VDB_INT)
        return rc;
    if (tensor[TENSOR_HASH].kind != VDB_BLOB || tensor[TENSOR_HASH].bytes != sizeof(vdb_hash))
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: tensor %lld has no hash: damaged", db->path,
                        (long long)at[ROW_TENSOR_ID].integer);
    return vdb_row_check(db, "tensor", at[ROW_TENSOR_ID].integer, tensor, TENSOR_COLUMNS,
                         tensor[TENSOR_COLUMNS].integer);
}

/* An extreme as JSON text; integers beyond int64 are text already. */
static const char *extreme(const vdb_value *v, char out[64])
{
    switch (v->kind) {
    case VDB_INT:
        snprintf(out, 64, "%lld", (long long)v->integer);
        return out;
    case VDB_REAL:
        return varsdb_element_json(VARSDB_FLOAT64, &v->real, 0, out, 64) == VARSDB_OK ? out : NULL;
    case VDB_TEXT:
        return v->data;
    default:
        return NULL;
    }
}

static void set_statistics(listed *l, const vdb_value *t)
{
    varsdb_variable_info *info = &l->info;
    vdb_hash_print(t[TENSOR_HASH].data, l->hash);
    info->hash = l->hash;
    info->min = extreme(&t[TENSOR_MIN], l->min);
    info->max = extreme(&t[TENSOR_MAX], l->max);
    info->has_moments = t[TENSOR_MEAN].kind == VDB_REAL && t[TENSOR_STD].kind == VDB_REAL &&
                        t[TENSOR_L2_NORM].kind == VDB_REAL;
    info->mean = t[TENSOR_MEAN].real;
    info->std = t[TENSOR_STD].real;
    info->l2_norm = t[TENSOR_L2_NORM].real;
    info->zeros = t[TENSOR_ZEROS].integer;
    info->nans = t[TENSOR_NANS].integer;
    info->pos_infs = t[TENSOR_POS_INFS].integer;
    info->neg_infs = t[TENSOR_NEG_INFS].integer;
}

static void set_facts(listed *l, const vdb_value *at)
{
    l->info = (varsdb_variable_info){
        .size = sizeof l->info,
        .id = at[ROW_ID].integer,
        .name_space = at[LIST_NAMESPACE].data,
        .name = l->name.data,
        .scope = at[LIST_PATH].data,
        .dtype = varsdb_dtype_parse(at[ROW_DTYPE].data),
        .shape_json = at[ROW_SHAPE].data,
        .shape = vdb_dims_shape(&l->dims),
        .elements = at[ROW_ELEMENTS].integer,
        .bytes = at[ROW_BYTES].integer,
        .trainable = at[LIST_TRAINABLE].integer != 0,
        .initialized = at[ROW_TENSOR_ID].kind == VDB_INT,
        .has_seed = at[ROW_SEED].kind == VDB_INT,
        .initializer = at[ROW_INITIALIZER].data,
        .seed = at[ROW_SEED].integer,
        .regularizer = at[ROW_REGULARIZER].data,
        .constraint = at[ROW_CONSTRAINT].data,
        .collections_json = at[LIST_COLLECTIONS].data,
        .version = at[ROW_VERSION].integer,
        .created_at = at[ROW_CREATED_AT].integer,
        .updated_at = at[ROW_UPDATED_AT].integer,
        .partitioner = at[ROW_PARTITIONER].data,
        .partition_axis = (int)at[ROW_PARTITION_AXIS].integer,
        .parts = at[ROW_PARTITION_COUNT].integer,
        .program = at[LIST_PROGRAM].data,
        .host = at[LIST_HOST].data,
        .site = at[ROW_SITE].data,
        .pid = at[LIST_PID].integer,
    };
}

static int full_name(varsdb *db, const vdb_value *at, vdb_buf *out)
{
    vdb_buf_reset(out);
    int rc = vdb_buf_append(out, at[LIST_PATH].data, at[LIST_PATH].bytes);
    if (rc == VARSDB_OK && at[LIST_PATH].bytes)
        rc = vdb_buf_append(out, "/", 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(out, at[ROW_NAME].data, at[ROW_NAME].bytes);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(&db->error);
}

static int read_listed(varsdb *db, const vdb_value *at, listed *l)
{
    int rc = check_digests(db, at);
    if (rc == VARSDB_OK)
        rc = vdb_shape_parse_json(&db->error, at[ROW_SHAPE].data, at[ROW_SHAPE].bytes, &l->dims);
    if (rc == VARSDB_INVALID || (rc == VARSDB_OK && !varsdb_dtype_parse(at[ROW_DTYPE].data)))
        return vdb_fail(&db->error, VARSDB_CORRUPT,
                        "%s: the row of variable %lld has an impossible dtype or shape", db->path,
                        (long long)at[ROW_ID].integer);
    if (rc != VARSDB_OK)
        return rc;
    set_facts(l, at);
    if (l->info.initialized)
        set_statistics(l, at + LIST_TENSOR);
    return VARSDB_OK;
}

/* ---- filters */

typedef struct filter {
    const varsdb_filter *given;
    vdb_match *match, *exclude, *prefix;
    vdb_buf public_name; /* scratch */
    size_t scope_bytes;  /* "a/" is "a" */
} filter;

static int filter_init(varsdb *db, const varsdb_filter *given, filter *out)
{
    static const varsdb_filter everything = {.size = sizeof everything};
    *out = (filter){.given = given ? given : &everything};
    if (out->given->size < sizeof *given)
        return vdb_misuse(db, "a filter without its size; use VARSDB_FILTER()");
    if (out->given->scope) {
        out->scope_bytes = strlen(out->given->scope);
        while (out->scope_bytes && out->given->scope[out->scope_bytes - 1] == '/')
            out->scope_bytes--;
    }
    int rc = VARSDB_OK;
    if (out->given->match)
        rc = vdb_match_new(&db->error, out->given->match, &out->match);
    if (rc == VARSDB_OK && out->given->exclude)
        rc = vdb_match_new(&db->error, out->given->exclude, &out->exclude);
    if (rc == VARSDB_OK && (out->given->match_prefix || out->given->suffix))
        rc = vdb_select_new(&db->error, out->given->match_prefix, out->given->suffix, &out->prefix);
    return rc;
}

static void filter_release(filter *f)
{
    vdb_match_free(f->match);
    vdb_match_free(f->exclude);
    vdb_match_free(f->prefix);
    vdb_buf_release(&f->public_name);
}

static int filter_passes(varsdb *db, filter *f, const vdb_buf *name, bool *out)
{
    bool found = true, excluded = false;
    const varsdb_filter *g = f->given;
    int rc = VARSDB_OK;
    *out = false;
    /* A variable may have the name of a scope; it is beside that, not in it. */
    if (f->scope_bytes && (name->size <= f->scope_bytes ||
                           !vdb_name_in_scope(name->data, name->size, g->scope, f->scope_bytes)))
        return VARSDB_OK;
    if (g->glob && fnmatch(g->glob, name->data, 0) != 0)
        return VARSDB_OK;
    if (f->match)
        rc = vdb_match_find(f->match, &db->error, name->data, name->size, &found);
    if (rc == VARSDB_OK && found && f->prefix)
        rc = vdb_select_matches(f->prefix, &db->error, name->data, name->size, &f->public_name, &found);
    if (rc == VARSDB_OK && f->exclude)
        rc = vdb_match_find(f->exclude, &db->error, name->data, name->size, &excluded);
    *out = found && !excluded;
    return rc;
}

/* ---- running */

typedef struct listing {
    filter *filter;
    varsdb_variable_cb callback;
    void *payload;
} listing;

static int call_back(varsdb *db, const listing *what, const vdb_value *at, listed *l)
{
    bool passes = true;
    int rc = full_name(db, at, &l->name);
    if (rc == VARSDB_OK && what->filter)
        rc = filter_passes(db, what->filter, &l->name, &passes);
    if (rc != VARSDB_OK || !passes)
        return rc;
    rc = read_listed(db, at, l);
    if (rc == VARSDB_OK && what->callback(what->payload, &l->info) != 0)
        rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    return rc;
}

static int run(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, const listing *what)
{
    vdb_value at[LIST_COLUMNS];
    vdb_rows *rows = NULL;
    bool row = true;
    listed l = {0};
    int rc = vdb_start(db->engine, query, args, count, &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, LIST_COLUMNS);
        rc = call_back(db, what, at, &l);
    }
    vdb_finish(db->engine, rows);
    vdb_buf_release(&l.name);
    return rc;
}

static int describe(varsdb *db, const varsdb_variable *variable, const listing *what)
{
    varsdb_variable *v;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc != VARSDB_OK)
        return rc;
    return run(db, VDB_Q_VARIABLE_DESCRIBE, VDB_ARGS(vdb_int(v->id)), what);
}

int varsdb_describe(varsdb *db, const varsdb_variable *variable, varsdb_variable_cb callback, void *payload)
{
    listing what = {NULL, callback, payload};
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, describe(db, variable, &what)) : rc;
}

static int list(varsdb *db, const listing *what)
{
    const varsdb_filter *g = what->filter->given;
    int rc = vdb_namespace_resolve(db);
    if (rc != VARSDB_OK)
        return rc;
    if (g->collection)
        return run(db, VDB_Q_VARIABLES_LIST_COLLECTION,
                   VDB_ARGS(vdb_int(db->space.id), vdb_text(vdb_collection_name(g->collection))), what);
    if (what->filter->scope_bytes)
        return run(db, VDB_Q_VARIABLES_LIST_SCOPE,
                   VDB_ARGS(vdb_int(db->space.id), vdb_text_n(g->scope, what->filter->scope_bytes)), what);
    return run(db, VDB_Q_VARIABLES_LIST, VDB_ARGS(vdb_int(db->space.id)), what);
}

int varsdb_list_variables(varsdb *db, const varsdb_filter *given, varsdb_variable_cb callback, void *payload)
{
    vdb_read r;
    filter f = {0};
    listing what = {&f, callback, payload};
    int rc = vdb_list_begin(db, callback != NULL, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = filter_init(db, given, &f);
    if (rc == VARSDB_OK)
        rc = list(db, &what);
    filter_release(&f);
    return vdb_list_end(db, &r, rc);
}
