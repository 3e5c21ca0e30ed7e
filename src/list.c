/* list.c - variables with all that is known of them: describe and list. */
#include "filter.h"
#include "namespace.h"
#include "row.h"
#include "tensor.h"
#include "transaction.h"
#include "variable.h"
#include "variable_info.h"
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
    vdb_info_texts texts;
} listed;

static int check_digests(varsdb *db, const vdb_value *at)
{
    int rc = vdb_row_check(db, "variable", at[ROW_ID].integer, at, ROW_COLUMNS, at[ROW_COLUMNS].integer);
    if (rc == VARSDB_OK)
        rc = vdb_row_texts(db, "variable",
                           VDB_ARGS(at[ROW_NAME], at[ROW_DTYPE], at[ROW_SHAPE], at[ROW_INITIALIZER],
                                    at[LIST_PATH], at[LIST_NAMESPACE], at[LIST_COLLECTIONS]));
    if (rc != VARSDB_OK || at[ROW_TENSOR_ID].kind != VDB_INT)
        return rc;
    return vdb_info_check_tensor(db, at[ROW_TENSOR_ID].integer, at + LIST_TENSOR);
}

static void set_facts(listed *l, const vdb_value *at)
{
    l->info = (varsdb_variable_info){
        .size = sizeof l->info,
        .id = at[ROW_ID].integer,
        .name_space = at[LIST_NAMESPACE].data,
        .name = l->name.data,
        .scope = at[LIST_PATH].data,
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
    if (rc != VARSDB_OK)
        return rc;
    set_facts(l, at);
    if (!vdb_info_set_type(&l->info, &at[ROW_DTYPE], &at[ROW_SHAPE], &l->texts))
        return vdb_fail(&db->error, VARSDB_CORRUPT,
                        "%s: the row of variable %lld has an impossible dtype or shape", db->path,
                        (long long)at[ROW_ID].integer);
    if (l->info.initialized)
        vdb_info_set_statistics(&l->info, at + LIST_TENSOR, &l->texts);
    return VARSDB_OK;
}

/* ---- running */

typedef struct listing {
    vdb_filter *filter;
    varsdb_variable_cb callback;
    void *payload;
} listing;

static int call_back(varsdb *db, const listing *what, const vdb_value *at, listed *l)
{
    bool passes = true;
    int rc = full_name(db, at, &l->name);
    if (rc == VARSDB_OK && what->filter)
        rc = vdb_filter_passes(db, what->filter, l->name.data, l->name.size, &passes);
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
    const vdb_filter *f = what->filter;
    int rc = vdb_namespace_resolve(db);
    if (rc != VARSDB_OK)
        return rc;
    if (f->collection)
        return run(db, VDB_Q_VARIABLES_LIST_COLLECTION,
                   VDB_ARGS(vdb_int(db->space.id), vdb_text(f->collection)), what);
    if (f->scope_bytes)
        return run(db, VDB_Q_VARIABLES_LIST_SCOPE,
                   VDB_ARGS(vdb_int(db->space.id), vdb_text_n(f->given->scope, f->scope_bytes)), what);
    return run(db, VDB_Q_VARIABLES_LIST, VDB_ARGS(vdb_int(db->space.id)), what);
}

int varsdb_list_variables(varsdb *db, const varsdb_filter *given, varsdb_variable_cb callback, void *payload)
{
    vdb_read r;
    vdb_filter f = {0};
    listing what = {&f, callback, payload};
    int rc = vdb_list_begin(db, callback != NULL, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_filter_init(db, given, &f);
    if (rc == VARSDB_OK)
        rc = list(db, &what);
    vdb_filter_release(&f);
    return vdb_list_end(db, &r, rc);
}
