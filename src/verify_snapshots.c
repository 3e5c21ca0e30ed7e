/* verify_snapshots.c - states, snapshots and their items; see verify.h. */
#include <stdio.h>

#include "json.h"
#include "snapshot_row.h"
#include "snapshot_state.h"
#include "value_columns.h"
#include "verify.h"

/* ---- states */

enum {
    STATE_TENSOR = STATE_COLUMNS + 1, /* id, dtype, bytes */
    STATE_ALL = STATE_TENSOR + 3
};

/* Snapshots that have a state: the first, and how many. */
typedef struct state_holders {
    int64_t count;
    char snapshot[VDB_VERIFY_NAME_BYTES], name_space[VDB_VERIFY_NAME_BYTES];
} state_holders;

static int find_state_holders(vdb_verify *v, int64_t state, state_holders *out)
{
    vdb_engine *engine = v->db->engine;
    vdb_rows *rows = NULL;
    bool row = true;
    out->count = 0;
    int rc = vdb_start(engine, VDB_Q_VERIFY_STATE_SNAPSHOTS, VDB_ARGS(vdb_int(state)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value name = vdb_column(engine, rows, 1), space = vdb_column(engine, rows, 2);
        if (out->count++ > 0)
            continue;
        snprintf(out->snapshot, sizeof out->snapshot, "%s",
                 vdb_verify_snapshot_name(v, vdb_column(engine, rows, 0).integer, &name));
        snprintf(out->name_space, sizeof out->name_space, "%s", vdb_verify_text(&space));
    }
    vdb_finish(engine, rows);
    return vdb_verify_is_damage(rc) ? VARSDB_OK : rc;
}

static int tell_state(vdb_verify *v, vdb_finding_kind kind, const vdb_value *at, const char *what)
{
    char more[48] = "";
    const char *name = vdb_verify_text(&at[STATE_NAME]);
    state_holders *h = vdb_malloc(sizeof *h);
    int rc = h ? find_state_holders(v, at[STATE_ID].integer, h) : vdb_fail_nomem(&v->db->error);
    if (rc == VARSDB_OK && h->count > 1)
        snprintf(more, sizeof more, " and %lld more snapshot%s", (long long)h->count - 1,
                 h->count == 2 ? "" : "s");
    if (rc == VARSDB_OK && h->count) {
        vdb_subject held = {h->name_space, name, h->snapshot, -1};
        rc = vdb_verify_tell(v, kind, held,
                             "variable %s in namespace %s as snapshot %s%s has it: %s; drop %s, or take the "
                             "file from a backup",
                             name, h->name_space, h->snapshot, more, what,
                             h->count == 1 ? "the snapshot" : "these snapshots");
    } else if (rc == VARSDB_OK) {
        vdb_subject garbage = {NULL, name, NULL, -1};
        rc = vdb_verify_tell(v, kind, garbage,
                             "variable %s as a dropped snapshot had it: %s; collecting garbage removes it",
                             name, what);
    }
    vdb_free(h);
    return rc;
}

/* A JSON array of names. */
static bool names_fit(const vdb_value *at)
{
    vdb_json j;
    vdb_error ignored;
    vdb_json_token token;
    if (at->kind != VDB_TEXT)
        return false;
    vdb_json_begin(&j, at->data, at->bytes, 2);
    if (vdb_json_next(&j, &ignored, &token) != VARSDB_OK || token != VDB_JSON_ARRAY)
        return false;
    while (vdb_json_next(&j, &ignored, &token) == VARSDB_OK)
        if (token == VDB_JSON_ARRAY_END)
            return vdb_json_next(&j, &ignored, &token) == VARSDB_OK; /* nothing is behind it */
        else if (token != VDB_JSON_STRING)
            return false;
    return false;
}

static int check_state(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    vdb_error ignored;
    if (!vdb_verify_digest_fits(at, STATE_COLUMNS))
        return tell_state(v, VDB_FOUND_DIGEST, at, "its row does not match its digest");
    vdb_hash hash = vdb_hash_row(&at[STATE_VARIABLE_ID], STATE_COLUMNS - STATE_VARIABLE_ID);
    if (at[STATE_HASH].kind != VDB_BLOB || at[STATE_HASH].bytes != sizeof hash ||
        memcmp(at[STATE_HASH].data, &hash, sizeof hash) != 0)
        return tell_state(v, VDB_FOUND_HASH, at, "its row does not match its hash");
    if (at[STATE_NAME].kind != VDB_TEXT ||
        vdb_name_check_stored(&ignored, "variable", at[STATE_NAME].data, at[STATE_NAME].bytes) != VARSDB_OK)
        return tell_state(v, VDB_FOUND_REFERENCE, at, "no variable can have that name");
    if (!names_fit(&at[STATE_COLLECTIONS]))
        return tell_state(v, VDB_FOUND_REFERENCE, at, "its collections are no list of names");
    const char *wrong = vdb_value_columns_wrong(&at[STATE_DTYPE], &at[STATE_SHAPE], &at[STATE_ELEMENTS],
                                                &at[STATE_BYTES], &at[STATE_TENSOR_ID], &at[STATE_TENSOR]);
    return wrong ? tell_state(v, VDB_FOUND_REFERENCE, at, wrong) : VARSDB_OK;
}

/* ---- snapshots */

enum {
    SNAPSHOT_SPACE = SNAPSHOT_COLUMNS + 1,
    SNAPSHOT_SPACE_NAME,
    SNAPSHOT_ALL
};

static const char *bad_snapshot(const vdb_value *at)
{
    vdb_error ignored;
    const vdb_value *name = &at[SNAPSHOT_NAME], *metadata = &at[SNAPSHOT_METADATA];
    if (at[SNAPSHOT_SPACE].kind != VDB_INT)
        return "its namespace is missing";
    if (name->kind != VDB_NULL &&
        (name->kind != VDB_TEXT ||
         vdb_name_check_stored(&ignored, "snapshot", name->data, name->bytes) != VARSDB_OK))
        return "no snapshot can have that name";
    if (metadata->kind != VDB_NULL &&
        (metadata->kind != VDB_TEXT ||
         vdb_json_check(&ignored, metadata->data, metadata->bytes) != VARSDB_OK))
        return "its metadata is not JSON";
    if (at[SNAPSHOT_PINNED].integer != 0 && at[SNAPSHOT_PINNED].integer != 1)
        return "it is neither pinned nor not";
    return NULL;
}

static int check_snapshot(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    const char *name = vdb_verify_snapshot_name(v, at[SNAPSHOT_ID].integer, &at[SNAPSHOT_NAME]);
    vdb_subject subject = {vdb_verify_text(&at[SNAPSHOT_SPACE_NAME]), NULL, name, -1};
    bool fits = vdb_verify_digest_fits(at, SNAPSHOT_COLUMNS);
    const char *wrong = fits ? bad_snapshot(at) : "its row does not match its digest";
    return wrong ? vdb_verify_tell(v, fits ? VDB_FOUND_REFERENCE : VDB_FOUND_DIGEST, subject,
                                   "snapshot %s in namespace %s: %s; drop it, or take the file from a backup",
                                   name, subject.name_space, wrong)
                 : VARSDB_OK;
}

/* ---- items */

enum {
    ITEM_SNAPSHOT,
    ITEM_NAME,
    ITEM_SPACE,
    ITEM_VARIABLES,
    ITEM_BYTES,
    ITEM_DIGEST,
    ITEM_ROW, /* snapshot_id, state_id */
    ITEM_STATE = ITEM_ROW + 2,
    ITEM_STATE_BYTES,
    ITEM_ALL
};

/* The snapshot whose items are passing. */
typedef struct item_check {
    bool any, missing;
    int64_t id, stored, variables, bytes, count;
    uint64_t sum, counted;
    char name[VDB_VERIFY_NAME_BYTES], name_space[VDB_VERIFY_NAME_BYTES];
} item_check;

static int end_items(vdb_verify *v, const item_check *c)
{
    int rc = VARSDB_OK;
    vdb_subject subject = {c->name_space, NULL, c->name, -1};
    if (c->any && (int64_t)c->sum != c->stored)
        rc = vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                             "snapshot %s in namespace %s: its list of variables does not match its digest; "
                             "drop it, or take the file from a backup",
                             c->name, c->name_space);
    if (rc == VARSDB_OK && c->any && c->count != c->variables)
        rc = vdb_verify_tell(v, VDB_FOUND_COUNT, subject,
                             "snapshot %s in namespace %s: it has %lld variables, and says it has %lld",
                             c->name, c->name_space, (long long)c->count, (long long)c->variables);
    if (rc == VARSDB_OK && c->any && !c->missing && c->counted != (uint64_t)c->bytes)
        rc = vdb_verify_tell(v, VDB_FOUND_COUNT, subject,
                             "snapshot %s in namespace %s: its variables have %llu bytes, and it says %lld",
                             c->name, c->name_space, (unsigned long long)c->counted, (long long)c->bytes);
    return rc;
}

static void begin_items(item_check *c, const vdb_value *at, const char *name)
{
    c->any = true;
    c->missing = false;
    c->id = at[ITEM_SNAPSHOT].integer;
    c->stored = at[ITEM_DIGEST].integer;
    c->variables = at[ITEM_VARIABLES].integer;
    c->bytes = at[ITEM_BYTES].integer;
    c->count = 0;
    c->sum = c->counted = 0;
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->name_space, sizeof c->name_space, "%s", vdb_verify_text(&at[ITEM_SPACE]));
}

static int check_item(vdb_verify *v, void *payload, const vdb_value *at)
{
    item_check *c = payload;
    int rc = VARSDB_OK;
    if (!c->any || c->id != at[ITEM_SNAPSHOT].integer) {
        rc = end_items(v, c);
        begin_items(c, at, vdb_verify_snapshot_name(v, at[ITEM_SNAPSHOT].integer, &at[ITEM_NAME]));
    }
    if (rc != VARSDB_OK || at[ITEM_ROW].kind == VDB_NULL)
        return rc;
    c->count++;
    c->sum += (uint64_t)vdb_digest_row(&at[ITEM_ROW], 2);
    c->counted += (uint64_t)at[ITEM_STATE_BYTES].integer;
    if (at[ITEM_STATE].kind == VDB_INT)
        return VARSDB_OK;
    c->missing = true;
    return vdb_verify_tell(
        v, VDB_FOUND_REFERENCE, (vdb_subject){c->name_space, NULL, c->name, -1},
        "snapshot %s in namespace %s: one of its variables is missing (state %lld); drop it, "
        "or take the file from a backup",
        c->name, c->name_space, (long long)at[ITEM_ROW + 1].integer);
}

static int check_items(vdb_verify *v)
{
    item_check *c = vdb_calloc(1, sizeof *c);
    if (!c)
        return vdb_fail_nomem(&v->db->error);
    int rc =
        vdb_verify_each(v, VDB_Q_VERIFY_ITEMS, ITEM_ALL, check_item, c, "the snapshots' lists of variables");
    if (rc == VARSDB_OK && !v->broken)
        rc = end_items(v, c);
    vdb_free(c);
    return rc;
}

int vdb_verify_snapshots(vdb_verify *v)
{
    int rc = vdb_verify_each(v, VDB_Q_VERIFY_STATES, STATE_ALL, check_state, NULL,
                             "the variables' states in snapshots");
    if (rc == VARSDB_OK)
        rc = vdb_verify_each(v, VDB_Q_VERIFY_SNAPSHOTS, SNAPSHOT_ALL, check_snapshot, NULL, "the snapshots");
    return rc == VARSDB_OK ? check_items(v) : rc;
}
