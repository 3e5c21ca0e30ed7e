/* snapshot_base.c - see snapshot_base.h. */
#include "snapshot_base.h"

#include "row.h"
#include "snapshot_state.h"

typedef struct entry {
    vdb_hash hash;
    int64_t state;
    bool taken;
} entry;

static entry *entries(const vdb_snapshot_base *base)
{
    return (entry *)(void *)base->entries.data;
}

static size_t count(const vdb_snapshot_base *base)
{
    return base->entries.size / sizeof(entry);
}

static uint64_t table_hash(const vdb_hash *hash)
{
    uint64_t word;
    memcpy(&word, hash->byte, sizeof word);
    return word;
}

static bool has_hash(const void *item, const void *key)
{
    return memcmp(&((const entry *)item)->hash, key, sizeof(vdb_hash)) == 0;
}

/* Whatever is shared is checked: a state that rotted would be the new snapshot's as well.  Such a one is
 * left out; who needs it looks it up, and is told. */
static int load_entry(varsdb *db, vdb_rows *rows, vdb_snapshot_base *out)
{
    vdb_value at[STATE_COLUMNS + 1];
    entry e = {0};
    vdb_row_columns(db, rows, at, STATE_COLUMNS + 1);
    if (vdb_digest_row(at, STATE_COLUMNS) != at[STATE_COLUMNS].integer || at[STATE_HASH].kind != VDB_BLOB ||
        at[STATE_HASH].bytes != sizeof e.hash) {
        out->damaged = true;
        return VARSDB_OK;
    }
    vdb_hash hash = vdb_state_hash(at);
    if (memcmp(at[STATE_HASH].data, &hash, sizeof hash) != 0) {
        out->damaged = true; /* it has another's hash */
        return VARSDB_OK;
    }
    e.state = at[STATE_ID].integer;
    memcpy(&e.hash, at[STATE_HASH].data, sizeof e.hash);
    return vdb_buf_append(&out->entries, &e, sizeof e) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(&db->error);
}

int vdb_snapshot_base_load(varsdb *db, int64_t id, vdb_snapshot_base *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    *out = (vdb_snapshot_base){.id = id};
    if (!id)
        return VARSDB_OK;
    int rc = vdb_start(db->engine, VDB_Q_STATES_OF_BASE, VDB_ARGS(vdb_int(id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row)
        rc = load_entry(db, rows, out);
    vdb_finish(db->engine, rows);
    for (size_t i = 0; rc == VARSDB_OK && i < count(out); i++)
        if (vdb_table_add(&out->table, table_hash(&entries(out)[i].hash), &entries(out)[i]) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
    return rc;
}

int64_t vdb_snapshot_base_take(vdb_snapshot_base *base, const vdb_hash *hash)
{
    entry *e = base->id ? vdb_table_find(&base->table, table_hash(hash), has_hash, hash) : NULL;
    if (!e)
        return 0;
    e->taken = true;
    return e->state;
}

int vdb_snapshot_base_copy(varsdb *db, const vdb_snapshot_base *base, int64_t to)
{
    size_t taken = 0, all = count(base);
    int rc = VARSDB_OK;
    for (size_t i = 0; i < all; i++)
        taken += entries(base)[i].taken;
    /* All at once, and away with the few that are others now; or one by one. */
    bool bulk = taken > all / 2 && !base->damaged;
    if (bulk)
        rc = vdb_run(db->engine, VDB_Q_SNAPSHOT_ITEMS_COPY, VDB_ARGS(vdb_int(to), vdb_int(base->id)));
    for (size_t i = 0; rc == VARSDB_OK && i < all; i++)
        if (entries(base)[i].taken != bulk)
            rc = vdb_run(db->engine, bulk ? VDB_Q_SNAPSHOT_ITEM_DELETE : VDB_Q_SNAPSHOT_ITEM_INSERT,
                         VDB_ARGS(vdb_int(to), vdb_int(entries(base)[i].state)));
    return rc;
}

void vdb_snapshot_base_release(vdb_snapshot_base *base)
{
    vdb_table_release(&base->table);
    vdb_buf_release(&base->entries);
    *base = (vdb_snapshot_base){0};
}
