/*
 * snapshot.c - taking a snapshot: one pass over the variables, which reads no tensor.
 *
 * What can be refused is refused before the first row is written, so that a transaction of the
 * caller's is not doomed by it; where that is not known beforehand, a first pass finds out.
 */
#include "snapshot.h"

#include <stdio.h>
#include <time.h>

#include "json.h"
#include "name.h"
#include "namespace.h"
#include "progress.h"
#include "row.h"
#include "snapshot_base.h"
#include "transaction.h"

#define PROGRESS_EVERY 256

typedef struct taker {
    varsdb *db;
    const varsdb_snapshot_options *options;
    vdb_filter filter;
    vdb_states_source source; /* NULL: the present, as far as the filter lets it */
    void *payload;
    int64_t id, replaced, next_state;
    vdb_snapshot_base base;
    bool writing, telling; /* of the pass: inserts rows, calls back */
    int64_t variables, bytes, new_bytes;
    uint64_t items_digest;
    vdb_buf tensors; /* ids, of states that no other snapshot has */
} taker;

static const varsdb_snapshot_options no_options = {.size = sizeof no_options};

/* ---- what may be asked */

static int check_name(varsdb *db, const char *name)
{
    if (vdb_snapshot_is_selector(name))
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "a snapshot cannot be called '%.100s': that selects one in another way", name);
    return vdb_name_check_stored(&db->error, "snapshot", name, strlen(name));
}

int vdb_snapshot_check_options(varsdb *db, const varsdb_snapshot_options *o)
{
    int rc = VARSDB_OK;
    if (o->size < sizeof *o)
        return vdb_misuse(db, "snapshot options without their size; use VARSDB_SNAPSHOT()");
    if (o->name)
        rc = check_name(db, o->name);
    if (rc == VARSDB_OK && o->metadata) {
        rc = vdb_json_check(&db->error, o->metadata, strlen(o->metadata));
        if (rc == VARSDB_INVALID)
            vdb_fail_in(&db->error, "the snapshot's metadata");
    }
    return rc == VARSDB_OK ? vdb_namespace_check_retention(db, o->keep_last, o->keep_every) : rc;
}

static int fail_taken(varsdb *db, int64_t id)
{
    vdb_snapshot there;
    char when[32] = "?";
    int rc = vdb_snapshot_load(db, id, &there);
    if (rc == VARSDB_OK) {
        time_t seconds = (time_t)(there.at[SNAPSHOT_CREATED_AT].integer / 1000);
        struct tm at;
        if (gmtime_r(&seconds, &at))
            strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &at);
        rc = vdb_fail(&db->error, VARSDB_EXISTS,
                      "%s exists already, taken %s; replace it, or choose another name", there.label, when);
    }
    vdb_snapshot_release(db, &there);
    return rc;
}

/* The snapshot that has the name, or the step; it is replaced, or in the way. */
static int find_replaced(taker *t)
{
    varsdb *db = t->db;
    const varsdb_snapshot_options *o = t->options;
    int rc = VARSDB_OK;
    if (o->name)
        rc = vdb_snapshot_id_by_name(db, o->name, &t->replaced);
    else if (o->replace && o->step)
        rc = vdb_snapshot_id_by_step(db, *o->step, true, &t->replaced);
    return rc == VARSDB_OK && t->replaced && !o->replace ? fail_taken(db, t->replaced) : rc;
}

/* ---- one variable */

static int insert_item(taker *t, int64_t state)
{
    return vdb_run(t->db->engine, VDB_Q_SNAPSHOT_ITEM_INSERT, VDB_ARGS(vdb_int(t->id), vdb_int(state)));
}

/* The variable's state, with an item for it unless the base has it: those are copied together. */
static int find_state(taker *t, const vdb_value *state, vdb_interned *out)
{
    vdb_hash hash = vdb_state_hash(state);
    *out = (vdb_interned){vdb_snapshot_base_take(&t->base, &hash), t->base.id != t->replaced};
    if (out->id)
        return VARSDB_OK;
    int rc = vdb_state_intern(t->db, state, &hash, t->replaced, t->writing, &t->next_state, out);
    return rc == VARSDB_OK && t->writing ? insert_item(t, out->id) : rc;
}

/* vdb_state_cb */
static int take_variable(void *payload, const vdb_value *state, const vdb_value *tensor)
{
    taker *t = payload;
    vdb_interned found;
    const vdb_value *id = &state[STATE_TENSOR_ID];
    (void)tensor;
    int rc = find_state(t, state, &found);
    if (rc == VARSDB_OK && t->writing && !found.shared && id->kind == VDB_INT &&
        vdb_buf_append(&t->tensors, &id->integer, sizeof id->integer) != VARSDB_OK)
        rc = vdb_fail_nomem(&t->db->error);
    if (rc != VARSDB_OK)
        return rc;
    t->items_digest += (uint64_t)vdb_snapshot_item_digest(t->id, found.id);
    t->variables++;
    t->bytes = (int64_t)((uint64_t)t->bytes + (uint64_t)state[STATE_BYTES].integer);
    if (t->telling && t->variables % PROGRESS_EVERY == 0)
        rc = vdb_progress(t->db, t->options->progress, t->options->payload, "recording",
                          (uint64_t)t->variables, 0);
    return rc;
}

static int pass(taker *t, bool writing, bool telling)
{
    t->writing = writing;
    t->telling = telling;
    t->variables = t->bytes = 0;
    t->items_digest = 0;
    int rc = t->source ? t->source(t->payload, take_variable, t)
                       : vdb_states_present(t->db, &t->filter, take_variable, t);
    if (rc == VARSDB_OK && t->variables == 0)
        rc = vdb_fail(&t->db->error, VARSDB_NOTFOUND,
                      "no variable of namespace %s is selected; no snapshot was taken", t->db->space.name);
    return rc;
}

/* ---- all of it */

/* What most variables are in unchanged: the snapshot that is replaced, or else the latest. */
static int load_base(taker *t)
{
    int64_t id = t->replaced;
    int rc = id ? VARSDB_OK : vdb_snapshot_latest_id(t->db, &id);
    return rc == VARSDB_OK ? vdb_snapshot_base_load(t->db, id, &t->base) : rc;
}

static int insert_row(taker *t)
{
    const varsdb_snapshot_options *o = t->options;
    vdb_value at[SNAPSHOT_COLUMNS] = {
        [SNAPSHOT_ID] = vdb_int(t->id),
        [SNAPSHOT_UID] = vdb_int(vdb_random()),
        [SNAPSHOT_NAMESPACE_ID] = vdb_int(t->db->space.id),
        [SNAPSHOT_NAME] = vdb_text(o->name),
        [SNAPSHOT_STEP] = o->step ? vdb_int(*o->step) : vdb_null(),
        [SNAPSHOT_METADATA] = vdb_text(o->metadata),
        [SNAPSHOT_PINNED] = vdb_int(o->pinned != 0),
        [SNAPSHOT_VARIABLES] = vdb_int(t->variables),
        [SNAPSHOT_BYTES] = vdb_int(t->bytes),
        [SNAPSHOT_NEW_BYTES] = vdb_int(t->new_bytes),
        [SNAPSHOT_CREATED_AT] = vdb_int(vdb_time_ms()),
        [SNAPSHOT_ITEMS_DIGEST] = vdb_int((int64_t)t->items_digest),
    };
    return vdb_row_write(t->db, VDB_Q_SNAPSHOT_INSERT, at, SNAPSHOT_COLUMNS);
}

/* A pattern or the caller may still say no in the middle of the pass; in a transaction of the caller's
 * nothing may be written by then. */
static bool may_be_refused(const taker *t)
{
    return !t->source && vdb_transaction_is_callers(t->db) &&
           (t->options->progress || vdb_filter_has_patterns(&t->filter));
}

static int take(taker *t)
{
    varsdb *db = t->db;
    const varsdb_snapshot_options *o = t->options;
    bool twice = may_be_refused(t);
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = find_replaced(t);
    if (rc == VARSDB_OK)
        rc = vdb_row_next_id(db, VDB_Q_SNAPSHOT_NEXT_ID, &t->id);
    if (rc == VARSDB_OK)
        rc = vdb_row_next_id(db, VDB_Q_STATE_NEXT_ID, &t->next_state);
    if (rc == VARSDB_OK)
        rc = load_base(t);
    if (rc == VARSDB_OK && twice)
        rc = pass(t, false, true);
    if (rc == VARSDB_OK)
        rc = pass(t, true, !twice);
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_base_copy(db, &t->base, t->id);
    if (rc == VARSDB_OK && t->replaced)
        rc = vdb_snapshot_drop(db, t->replaced);
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_new_bytes(db, t->id, &t->tensors, &t->new_bytes);
    if (rc == VARSDB_OK)
        rc = insert_row(t);
    if (rc == VARSDB_OK)
        rc = vdb_namespace_set_retention(db, o->keep_last, o->keep_every);
    return rc == VARSDB_OK ? vdb_snapshot_apply_retention(db) : rc;
}

static void release(taker *t)
{
    vdb_filter_release(&t->filter);
    vdb_snapshot_base_release(&t->base);
    vdb_buf_release(&t->tensors);
}

int vdb_snapshot_take_states(varsdb *db, const varsdb_snapshot_options *options, vdb_states_source source,
                             void *payload, int64_t *id)
{
    taker t = {.db = db, .options = options, .source = source, .payload = payload};
    int rc = vdb_namespace_ensure(db, db->new_seed);
    if (rc == VARSDB_OK)
        rc = take(&t);
    if (rc == VARSDB_OK)
        *id = t.id;
    release(&t);
    return rc;
}

int varsdb_take_snapshot(varsdb *db, const varsdb_snapshot_options *options, int64_t *id)
{
    static const varsdb_filter global = {.size = sizeof global, .collection = VARSDB_GLOBAL};
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    taker t = {.db = db, .options = options ? options : &no_options};
    rc = vdb_snapshot_check_options(db, t.options);
    if (rc == VARSDB_OK)
        rc = vdb_filter_init(db, t.options->filter ? t.options->filter : &global, &t.filter);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(db, &w, take(&t));
    if (rc == VARSDB_OK && id)
        *id = t.id;
    release(&t);
    return rc;
}
