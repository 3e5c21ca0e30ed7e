/* snapshot_state.c - see snapshot_state.h. */
#include "snapshot_state.h"

#include "namespace.h"
#include "row.h"
#include "tensor.h"
#include "value_columns.h"
#include "variable.h"
#include "variable_info.h"
#include "variable_row.h"

/* Columns of the statements over the present: the variable's row and its digest, then these. */
enum {
    PRESENT_PATH = ROW_COLUMNS + 1,
    PRESENT_COLLECTIONS,
    PRESENT_COLUMNS
};

/* ---- the present */

static int check_present(varsdb *db, const vdb_value *at)
{
    int rc = vdb_row_check(db, "variable", at[ROW_ID].integer, at, ROW_COLUMNS, at[ROW_COLUMNS].integer);
    return rc == VARSDB_OK
               ? vdb_row_texts(db, "variable",
                               VDB_ARGS(at[ROW_NAME], at[ROW_DTYPE], at[ROW_SHAPE], at[ROW_INITIALIZER],
                                        at[PRESENT_PATH], at[PRESENT_COLLECTIONS]))
               : rc;
}

static int full_name(varsdb *db, const vdb_value *at, vdb_buf *out)
{
    vdb_buf_reset(out);
    int rc = vdb_buf_append(out, at[PRESENT_PATH].data, at[PRESENT_PATH].bytes);
    if (rc == VARSDB_OK && at[PRESENT_PATH].bytes)
        rc = vdb_buf_append(out, "/", 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(out, at[ROW_NAME].data, at[ROW_NAME].bytes);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(&db->error);
}

static void make_state(const vdb_value *at, const vdb_buf *name, vdb_value *state)
{
    state[STATE_ID] = state[STATE_HASH] = vdb_null();
    state[STATE_VARIABLE_ID] = at[ROW_ID];
    state[STATE_VARIABLE_UID] = at[ROW_UID];
    state[STATE_NAME] = vdb_text_n(name->data, name->size);
    state[STATE_DTYPE] = at[ROW_DTYPE];
    state[STATE_SHAPE] = at[ROW_SHAPE];
    state[STATE_ELEMENTS] = at[ROW_ELEMENTS];
    state[STATE_BYTES] = at[ROW_BYTES];
    state[STATE_INITIALIZER] = at[ROW_INITIALIZER];
    state[STATE_SEED] = at[ROW_SEED];
    state[STATE_REGULARIZER] = at[ROW_REGULARIZER];
    state[STATE_CONSTRAINT] = at[ROW_CONSTRAINT];
    state[STATE_PARTITIONER] = at[ROW_PARTITIONER];
    state[STATE_COLLECTIONS] = at[PRESENT_COLLECTIONS];
    state[STATE_TENSOR_ID] = at[ROW_TENSOR_ID];
}

static int start_present(varsdb *db, const vdb_filter *f, vdb_rows **out)
{
    vdb_value space = vdb_int(db->space.id);
    if (f->collection)
        return vdb_start(db->engine, VDB_Q_STATES_PRESENT_COLLECTION,
                         VDB_ARGS(space, vdb_text(f->collection)), out);
    if (f->scope_bytes)
        return vdb_start(db->engine, VDB_Q_STATES_PRESENT_SCOPE,
                         VDB_ARGS(space, vdb_text_n(f->given->scope, f->scope_bytes)), out);
    return vdb_start(db->engine, VDB_Q_STATES_PRESENT, VDB_ARGS(space), out);
}

int vdb_states_present(varsdb *db, vdb_filter *filter, vdb_state_cb callback, void *payload)
{
    vdb_value at[PRESENT_COLUMNS], state[STATE_COLUMNS];
    vdb_rows *rows = NULL;
    vdb_buf name = {0};
    bool row = true;
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = start_present(db, filter, &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        bool passes = false;
        vdb_row_columns(db, rows, at, PRESENT_COLUMNS);
        rc = check_present(db, at);
        if (rc == VARSDB_OK)
            rc = full_name(db, at, &name);
        if (rc == VARSDB_OK)
            rc = vdb_filter_passes(db, filter, name.data, name.size, &passes);
        if (rc != VARSDB_OK || !passes)
            continue;
        make_state(at, &name, state);
        rc = callback(payload, state, NULL);
    }
    vdb_finish(db->engine, rows);
    vdb_buf_release(&name);
    return rc;
}

/* ---- a snapshot's */

static int check_state(varsdb *db, const vdb_value *at)
{
    if (at[STATE_ID].kind != VDB_INT)
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: a state of a snapshot is missing: damaged",
                        db->path);
    int rc = vdb_row_check(db, "state", at[STATE_ID].integer, at, STATE_COLUMNS, at[STATE_COLUMNS].integer);
    return rc == VARSDB_OK ? vdb_row_texts(db, "state",
                                           VDB_ARGS(at[STATE_NAME], at[STATE_DTYPE], at[STATE_SHAPE],
                                                    at[STATE_INITIALIZER], at[STATE_COLLECTIONS]))
                           : rc;
}

/* It is restored, exported and made again as it says: that must be possible. */
static int check_value(varsdb *db, const vdb_value *at, const vdb_value *tensor)
{
    vdb_value value[] = {vdb_null(), vdb_null(), vdb_null()};
    if (tensor) {
        value[0] = tensor[TENSOR_ID];
        value[1] = tensor[TENSOR_DTYPE];
        value[2] = tensor[TENSOR_BYTES];
    }
    const char *wrong = vdb_value_columns_wrong(&at[STATE_DTYPE], &at[STATE_SHAPE], &at[STATE_ELEMENTS],
                                                &at[STATE_BYTES], &at[STATE_TENSOR_ID], value);
    return wrong ? vdb_fail(&db->error, VARSDB_CORRUPT, "%s: state %lld is impossible: %s", db->path,
                            (long long)at[STATE_ID].integer, wrong)
                 : VARSDB_OK;
}

int vdb_state_passes(varsdb *db, vdb_filter *f, const vdb_value *at, bool *out)
{
    const vdb_value *names = &at[STATE_COLLECTIONS];
    *out = false;
    if (f->collection && !vdb_filter_names_hold(names->data, names->bytes, f->collection))
        return VARSDB_OK;
    return vdb_filter_passes(db, f, at[STATE_NAME].data, at[STATE_NAME].bytes, out);
}

int vdb_states_of_snapshot(varsdb *db, int64_t snapshot, vdb_filter *filter, vdb_state_cb callback,
                           void *payload)
{
    enum {
        ALL = STATE_COLUMNS + 1 + TENSOR_COLUMNS + 1
    };
    vdb_value at[ALL];
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, VDB_Q_STATES_OF_SNAPSHOT, VDB_ARGS(vdb_int(snapshot)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        bool passes = false;
        vdb_row_columns(db, rows, at, ALL);
        const vdb_value *tensor = at[STATE_TENSOR_ID].kind == VDB_INT ? at + STATE_COLUMNS + 1 : NULL;
        rc = check_state(db, at);
        if (rc == VARSDB_OK)
            rc = vdb_state_passes(db, filter, at, &passes);
        if (rc == VARSDB_OK && passes && tensor)
            rc = vdb_info_check_tensor(db, at[STATE_TENSOR_ID].integer, tensor);
        if (rc == VARSDB_OK && passes)
            rc = check_value(db, at, tensor);
        if (rc == VARSDB_OK && passes)
            rc = callback(payload, at, tensor);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

static int find_one(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, const char *name,
                    vdb_state_cb callback, void *payload, bool *found)
{
    vdb_value at[STATE_COLUMNS + 1];
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, query, args, count, &rows);
    while (rc == VARSDB_OK && !*found && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, STATE_COLUMNS + 1);
        rc = check_state(db, at);
        if (rc != VARSDB_OK || strcmp(at[STATE_NAME].data, name) != 0)
            continue;
        *found = true;
        rc = callback(payload, at, NULL);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_state_of_name(varsdb *db, int64_t snapshot, const char *name, vdb_state_cb callback, void *payload,
                      bool *found)
{
    /* Mostly it still is the variable of that name, and found by an index. */
    varsdb_variable *v = NULL;
    *found = false;
    int rc = vdb_variable_lookup(db, name, strlen(name), &v);
    if (rc == VARSDB_OK && v)
        rc = find_one(db, VDB_Q_STATE_OF_VARIABLE,
                      VDB_ARGS(vdb_int(snapshot), vdb_int(v->id), vdb_int(v->uid)), name, callback, payload,
                      found);
    if (rc == VARSDB_OK && !*found)
        rc = find_one(db, VDB_Q_STATE_OF_NAME, VDB_ARGS(vdb_int(snapshot), vdb_text(name)), name, callback,
                      payload, found);
    return rc;
}

/* ---- interning */

static bool is_same(const vdb_value *a, const vdb_value *b)
{
    if (a->kind != b->kind || (a->kind == VDB_INT && a->integer != b->integer))
        return false;
    return a->kind != VDB_TEXT || (a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0);
}

/* Two states with one hash cannot both be stored; it would take somebody who makes them so. */
static int check_same(varsdb *db, const vdb_value *state, const vdb_value *there)
{
    for (int i = STATE_VARIABLE_ID; i < STATE_COLUMNS; i++)
        if (!is_same(&state[i], &there[i]))
            return vdb_fail(
                &db->error, VARSDB_UNSUPPORTED,
                "variable %.*s cannot be recorded: what is stored as state %lld is another one, but "
                "has the same hash",
                (int)state[STATE_NAME].bytes, (const char *)state[STATE_NAME].data,
                (long long)there[STATE_ID].integer);
    return VARSDB_OK;
}

static int find_interned(varsdb *db, const vdb_hash *hash, const vdb_value *state, int64_t except,
                         vdb_interned *out)
{
    vdb_value at[STATE_COLUMNS + 2];
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_STATE_FIND, VDB_ARGS(vdb_blob(hash, sizeof *hash), vdb_int(except)),
                       &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, STATE_COLUMNS + 2);
        rc = check_state(db, at);
        if (rc == VARSDB_OK)
            rc = check_same(db, state, at);
        *out = (vdb_interned){at[STATE_ID].integer, at[STATE_COLUMNS + 1].integer != 0};
    }
    vdb_finish(db->engine, rows);
    return rc;
}

vdb_hash vdb_state_hash(const vdb_value *state)
{
    return vdb_hash_row(state + STATE_VARIABLE_ID, STATE_COLUMNS - STATE_VARIABLE_ID);
}

int vdb_state_intern(varsdb *db, const vdb_value *state, const vdb_hash *hash, int64_t except, bool write,
                     int64_t *next_id, vdb_interned *out)
{
    vdb_value at[STATE_COLUMNS];
    vdb_interned found = {0};
    int rc = find_interned(db, hash, state, except, &found);
    if (rc == VARSDB_OK && !found.id && write) {
        memcpy(at, state, sizeof at);
        found.id = *next_id;
        at[STATE_ID] = vdb_int(found.id);
        at[STATE_HASH] = vdb_blob(hash, sizeof *hash);
        rc = vdb_row_write(db, VDB_Q_STATE_INSERT, at, STATE_COLUMNS);
        *next_id += rc == VARSDB_OK;
    }
    if (rc == VARSDB_OK)
        *out = found;
    return rc;
}
