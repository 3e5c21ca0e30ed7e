/* transaction.c - see transaction.h. */
#include "transaction.h"

#include "save.h"
#include "sweep.h"

bool vdb_transaction_is_callers(const varsdb *db)
{
    return db->in_transaction || (db->engine->methods->within && db->engine->methods->within(db->engine));
}

/* On a host's connection: what did it do since the last call? */
static void hear_host(varsdb *db)
{
    const vdb_engine_methods *engine = db->engine->methods;
    if (!engine->disturbed)
        return;
    if (engine->disturbed(db->engine)) {
        vdb_cache_unsettled(db);
        db->next.serial = 0;
    } else if (db->cache.touched && engine->state(db->engine) == VDB_TRANSACTION_NONE &&
               !vdb_transaction_is_callers(db)) {
        vdb_cache_committed(db);
    }
}

/* SQLite rolls all back by itself when memory or the disk fails, in a read too. */
static int check_open_transaction(varsdb *db)
{
    hear_host(db);
    if (db->in_transaction && db->engine->methods->state(db->engine) == VDB_TRANSACTION_NONE)
        db->aborted = true;
    if (db->aborted)
        return vdb_fail(&db->error, VARSDB_ABORTED,
                        "a write failed half-way in this transaction; roll it back");
    return VARSDB_OK;
}

/* ---- what others did */

static int read_names_version(varsdb *db)
{
    int64_t version;
    bool found;
    int rc = vdb_get_int(db->engine, VDB_Q_NAMES_VERSION_GET, VDB_NO_ARGS, &version, &found);
    if (rc != VARSDB_OK)
        return rc;
    if (!found)
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the names version is missing", db->path);
    if (version != db->names_version)
        db->epoch++;
    db->names_version = version;
    return VARSDB_OK;
}

/* The data version costs less than a read and moves with every commit of another
 * connection; only then the names version is read. */
static int look_for_changes(varsdb *db)
{
    int64_t version;
    int rc = db->engine->methods->data_version(db->engine, &version);
    if (rc != VARSDB_OK || version == db->data_version)
        return rc;
    rc = read_names_version(db);
    if (rc == VARSDB_OK)
        db->data_version = version;
    return rc;
}

int vdb_transaction_refresh(varsdb *db)
{
    hear_host(db);
    /* Inside a transaction nobody else's change is visible; it was looked for at its begin. */
    return db->in_transaction ? check_open_transaction(db) : look_for_changes(db);
}

int vdb_transaction_bump_names(varsdb *db)
{
    return vdb_run(db->engine, VDB_Q_NAMES_VERSION_BUMP, VDB_ARGS(vdb_int(vdb_random())));
}

/* ---- begin and end */

/* In a host's transaction what earlier calls did may go on. */
static void forget_undone(varsdb *db)
{
    if (db->engine->methods->within)
        vdb_cache_unsettled(db);
    else
        vdb_cache_rolled_back(db);
    vdb_sweep_forget(db);
}

static void roll_back(varsdb *db)
{
    vdb_error saved = db->error;
    db->engine->methods->rollback(db->engine);
    db->error = saved;
    forget_undone(db);
}

/* begin, and the cache made right for what the transaction sees */
static int begin(varsdb *db, vdb_begin_mode mode)
{
    hear_host(db);
    int rc = vdb_engine_begin(db->engine, mode);
    if (rc != VARSDB_OK)
        return rc;
    db->serial++;
    rc = mode == VDB_BEGIN_READ ? read_names_version(db) : look_for_changes(db);
    if (rc != VARSDB_OK)
        roll_back(db);
    return rc;
}

/* What is not known to be on the disk is there all the same, for this handle as for others. */
static int commit(varsdb *db)
{
    int rc = db->engine->methods->commit(db->engine);
    if (rc == VARSDB_COMMIT_UNKNOWN)
        vdb_sweep_forget(db);
    if (rc != VARSDB_OK && rc != VARSDB_COMMIT_UNKNOWN)
        roll_back(db);
    else if (!db->engine->methods->within || !db->engine->methods->within(db->engine))
        vdb_cache_committed(db);
    return rc;
}

static int announce_write(varsdb *db)
{
    return db->engine->methods->write_within ? db->engine->methods->write_within(db->engine) : VARSDB_OK;
}

int vdb_write_begin(varsdb *db, vdb_write *w)
{
    *w = (vdb_write){.own = !db->in_transaction};
    if (db->listing)
        return vdb_misuse(db, "a list callback may not write to its handle");
    int rc = VARSDB_OK;
    if (w->own)
        rc = begin(db, VDB_BEGIN_WRITE);
    else if ((rc = check_open_transaction(db)) == VARSDB_OK && (rc = announce_write(db)) == VARSDB_OK &&
             db->engine->methods->state(db->engine) != VDB_TRANSACTION_WRITE)
        rc = db->engine->methods->upgrade(db->engine);
    w->changes = db->engine->methods->changes(db->engine);
    return rc;
}

int vdb_write_end(varsdb *db, vdb_write *w, int rc)
{
    if (w->own) {
        if (rc != VARSDB_OK) {
            roll_back(db);
            return rc;
        }
        rc = commit(db);
        if (rc == VARSDB_OK)
            vdb_sweep_pending(db);
        return rc;
    }
    bool touched = db->engine->methods->changes(db->engine) != w->changes ||
                   db->engine->methods->state(db->engine) != VDB_TRANSACTION_WRITE;
    if (rc != VARSDB_OK && touched)
        db->aborted = true;
    return rc;
}

int vdb_bulk_begin(varsdb *db)
{
    if (db->listing)
        return vdb_misuse(db, "a list callback may not write to its handle");
    assert(db->engine->methods->state(db->engine) == VDB_TRANSACTION_NONE);
    int rc = vdb_engine_begin(db->engine, VDB_BEGIN_BULK);
    if (rc == VARSDB_OK)
        db->serial++;
    return rc;
}

int vdb_bulk_end(varsdb *db, int rc)
{
    if (rc == VARSDB_OK)
        rc = db->engine->methods->commit(db->engine);
    if (rc != VARSDB_OK)
        roll_back(db);
    return rc;
}

int vdb_read_begin(varsdb *db, vdb_read *r)
{
    *r = (vdb_read){.own = !db->in_transaction && !db->listing};
    return r->own ? begin(db, VDB_BEGIN_READ) : check_open_transaction(db);
}

int vdb_read_end(varsdb *db, vdb_read *r, int rc)
{
    if (r->own) {
        vdb_error saved = db->error;
        int end = db->engine->methods->rollback(db->engine);
        if (rc == VARSDB_OK)
            rc = end;
        else
            db->error = saved;
    }
    /* A callback may have failed at something and not minded. */
    if (rc == VARSDB_OK)
        vdb_error_clear(&db->error);
    return rc;
}

int vdb_list_begin(varsdb *db, bool has_callback, vdb_read *r)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !has_callback)
        rc = vdb_misuse(db, "a callback is needed");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, r);
    if (rc == VARSDB_OK)
        db->listing++;
    return rc;
}

int vdb_list_end(varsdb *db, vdb_read *r, int rc)
{
    db->listing--;
    rc = vdb_read_end(db, r, rc);
    if (r->own)
        vdb_save_after_transaction(db);
    return rc;
}

/* ---- public */

static int begin_public(varsdb *db, vdb_begin_mode mode)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (db->in_transaction || db->listing)
        return vdb_misuse(db, db->listing ? "a list callback may not begin a transaction"
                                          : "a transaction is open already; they do not nest");
    rc = begin(db, mode);
    db->in_transaction = rc == VARSDB_OK;
    return rc;
}

int varsdb_begin(varsdb *db)
{
    return begin_public(db, VDB_BEGIN_WRITE);
}

int varsdb_begin_read(varsdb *db)
{
    return begin_public(db, VDB_BEGIN_READ);
}

static int check_ending(varsdb *db)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (!db->in_transaction)
        return vdb_misuse(db, "no transaction is open");
    if (db->listing)
        return vdb_misuse(db, "a list callback may not end the transaction");
    return VARSDB_OK;
}

int varsdb_commit(varsdb *db)
{
    int rc = check_ending(db);
    if (rc != VARSDB_OK)
        return rc;
    rc = check_open_transaction(db);
    if (rc == VARSDB_OK)
        rc = commit(db);
    else
        roll_back(db);
    db->in_transaction = db->aborted = false;
    if (rc == VARSDB_OK)
        vdb_sweep_pending(db);
    vdb_save_after_transaction(db);
    return rc;
}

int varsdb_rollback(varsdb *db)
{
    int rc = check_ending(db);
    if (rc != VARSDB_OK)
        return rc;
    rc = db->engine->methods->rollback(db->engine);
    forget_undone(db);
    db->in_transaction = db->aborted = false;
    vdb_save_after_transaction(db);
    return rc;
}

int varsdb_in_transaction(const varsdb *db)
{
    return db && db->in_transaction;
}

int varsdb_transact(varsdb *db, varsdb_transact_cb callback, void *payload)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !callback)
        rc = vdb_misuse(db, "a callback is needed");
    if (rc != VARSDB_OK)
        return rc;
    int64_t deadline;
    if (__builtin_add_overflow(vdb_time_ms(), db->timeout_ms > 0 ? db->timeout_ms : 0, &deadline))
        deadline = INT64_MAX;
    do {
        rc = varsdb_begin(db);
        if (rc != VARSDB_OK)
            return rc;
        rc = callback(db, payload);
        if (rc == VARSDB_OK)
            return varsdb_commit(db);
        vdb_error saved = db->error;
        if (db->in_transaction)
            varsdb_rollback(db);
        db->error = saved;
        if (db->error.code != rc)
            vdb_fail(&db->error, rc, "the transaction's callback returned %s", varsdb_errname(rc));
    } while (rc == VARSDB_RETRY && vdb_time_ms() < deadline);
    return rc;
}
