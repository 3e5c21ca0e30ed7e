/*
 * writer.c - values that come piece by piece.  A small one is collected and assigned like any
 * other; of a larger one, what fills a part of a save is stored, and the rest is held.
 */
#include "writer.h"

#include <assert.h>

#include "save.h"
#include "transaction.h"
#include "variable.h"

struct varsdb_writer {
    varsdb *db;          /* NULL: it was closed */
    varsdb_writer *next; /* of the handle's */
    const varsdb_variable *variable;
    vdb_tensor tensor;
    vdb_save *save;
    vdb_chunk_writer chunks; /* of a large one */
    bool is_large;
    unsigned char *held; /* the save's buffer */
    size_t held_bytes, room;
    uint64_t appended;
    uint64_t serial; /* the caller's transaction that some of it was written in; 0: none */
    bool broken, finished;
};

static int check_usable(varsdb_writer *w)
{
    if (!w || !w->db)
        return VARSDB_MISUSE;
    varsdb *db = w->db;
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (w->finished)
        return vdb_misuse(db, "the writer is finished already");
    if (w->broken)
        return vdb_misuse(db, "the writer failed before; close it and begin anew");
    if (w->serial && !(db->in_transaction && db->serial == w->serial))
        return vdb_misuse(db, "the transaction that the value was appended in has ended; close the writer");
    return VARSDB_OK;
}

static int check_complete(const varsdb_writer *w)
{
    if (w->appended == w->tensor.bytes)
        return VARSDB_OK;
    return vdb_fail(&w->db->error, VARSDB_INVALID, "variable %s takes %llu bytes; %llu were appended so far",
                    w->variable->name, (unsigned long long)w->tensor.bytes, (unsigned long long)w->appended);
}

/* ---- storing */

static int store_within(varsdb_writer *w, const unsigned char *data, size_t bytes)
{
    varsdb *db = w->db;
    vdb_write write;
    int rc = vdb_write_begin(db, &write);
    if (rc != VARSDB_OK)
        return rc;
    w->serial = db->serial;
    return vdb_write_end(db, &write, vdb_save_span_within(w->save, &w->chunks, data, bytes));
}

/* Whole chunks, or the last. */
static int store(varsdb_writer *w, const unsigned char *data, size_t bytes)
{
    varsdb *db = w->db;
    int rc = vdb_tensor_check_piece(&db->error, w->tensor.dtype, w->chunks.offset, data, bytes);
    if (rc == VARSDB_OK && db->in_transaction)
        rc = store_within(w, data, bytes);
    else if (rc == VARSDB_OK)
        rc = vdb_save_span(w->save, &w->chunks, data, bytes);
    if (rc == VARSDB_OK && !db->in_transaction)
        rc = vdb_save_flush(w->save);
    w->broken = rc != VARSDB_OK;
    return rc;
}

static int store_held(varsdb_writer *w)
{
    int rc = w->held_bytes ? store(w, w->held, w->held_bytes) : VARSDB_OK;
    if (rc == VARSDB_OK)
        w->held_bytes = 0;
    return rc;
}

static int take(varsdb_writer *w, const unsigned char *data, size_t bytes)
{
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && bytes) {
        size_t n = bytes < w->room - w->held_bytes ? bytes : w->room - w->held_bytes;
        if (w->is_large && n == w->room) { /* nothing is held: straight from the caller's memory */
            rc = store(w, data, n);
        } else {
            memcpy(w->held + w->held_bytes, data, n);
            w->held_bytes += n;
            if (w->is_large && w->held_bytes == w->room)
                rc = store_held(w);
        }
        data += n;
        bytes -= n;
        w->appended += n;
    }
    return rc;
}

/* All of it is stored, or, when small, hashed, unless it is to be saved. */
static int complete(varsdb_writer *w)
{
    int rc = check_complete(w);
    if (rc != VARSDB_OK || w->tensor.prepared)
        return rc;
    if (!w->is_large) {
        w->tensor.data = w->held;
        return vdb_tensor_prepare(w->db, &w->tensor);
    }
    rc = store_held(w);
    if (rc == VARSDB_OK)
        vdb_chunks_finish(&w->chunks);
    return rc;
}

/* ---- public */

static int open_writer(varsdb *db, varsdb_variable *v, varsdb_writer *w)
{
    *w = (varsdb_writer){.db = db, .variable = v, .tensor = {.dtype = v->dtype, .elements = v->elements}};
    if (v->dtype == VARSDB_STRING)
        return vdb_fail(&db->error, VARSDB_UNSUPPORTED,
                        "variable %s holds strings, which are assigned as a whole", v->name);
    int rc = vdb_variable_canonical_bytes(db, v, &w->tensor.bytes);
    if (rc == VARSDB_OK)
        rc = vdb_save_open(db, &w->save);
    if (rc == VARSDB_OK)
        rc = vdb_save_buffer(w->save, &w->held);
    if (rc != VARSDB_OK)
        return rc;
    size_t chunk = vdb_tensor_chunk_bytes(db, v->dtype);
    w->is_large = w->tensor.bytes > db->save_bytes;
    w->room = w->is_large ? db->save_bytes / chunk * chunk : db->save_bytes;
    return w->is_large ? vdb_chunks_open(db, &w->tensor, &w->chunks) : VARSDB_OK;
}

int varsdb_open_writer(varsdb *db, const varsdb_variable *variable, varsdb_writer **out)
{
    varsdb_variable *v;
    varsdb_writer *w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !out)
        rc = vdb_misuse(db, "the writer needs a place to go to");
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc == VARSDB_OK)
        rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK && (db->flags & VARSDB_READ_ONLY))
        rc = vdb_fail(&db->error, VARSDB_READONLY, "%s is open for reading only", db->path);
    if (rc != VARSDB_OK)
        return rc;
    w = vdb_calloc(1, sizeof *w);
    if (!w)
        return vdb_fail_nomem(&db->error);
    rc = open_writer(db, v, w);
    w->next = db->writers;
    db->writers = w;
    if (rc == VARSDB_OK)
        *out = w;
    else
        varsdb_close_writer(w);
    return rc;
}

int varsdb_append(varsdb_writer *w, const void *data, size_t bytes)
{
    int rc = check_usable(w);
    if (rc == VARSDB_OK && !data && bytes)
        rc = vdb_misuse(w->db, "data is NULL");
    if (rc == VARSDB_OK && bytes > w->tensor.bytes - w->appended)
        rc = vdb_fail(&w->db->error, VARSDB_INVALID,
                      "variable %s takes %llu bytes; %llu are there, and %zu more are too many",
                      w->variable->name, (unsigned long long)w->tensor.bytes, (unsigned long long)w->appended,
                      bytes);
    return rc == VARSDB_OK ? take(w, data, bytes) : rc;
}

int varsdb_stage(varsdb_writer *w)
{
    int rc = check_usable(w);
    if (rc == VARSDB_OK && (w->db->in_transaction || w->db->listing))
        rc = vdb_misuse(w->db, "stage before the transaction begins");
    if (rc != VARSDB_OK)
        return rc;
    w->tensor.save = w->save;
    rc = complete(w);
    if (rc == VARSDB_OK)
        rc = vdb_save_flush(w->save);
    w->broken = rc != VARSDB_OK && rc != VARSDB_INVALID; /* some of it may be stored */
    return rc;
}

static int finish_locked(varsdb_writer *w)
{
    int rc = vdb_variable_assign_locked(w->db, w->variable, -1, &w->tensor);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_save_settle(w->save);
    w->broken = rc == VARSDB_RETRY; /* what was stored is gone */
    return rc;
}

int varsdb_finish(varsdb_writer *w)
{
    vdb_write write;
    int rc = check_usable(w);
    if (rc == VARSDB_OK)
        rc = complete(w);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(w->db, &write);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(w->db, &write, finish_locked(w));
    if (rc == VARSDB_OK)
        w->finished = true;
    return rc;
}

/* In the child of a fork it only frees memory (vdb_save_close). */
static void part_from_handle(varsdb_writer *w)
{
    varsdb *db = w->db;
    assert(db);
    vdb_error kept = db->error;
    varsdb_writer **at = &db->writers;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    vdb_chunks_close(&w->chunks);
    vdb_tensor_release(&w->tensor);
    vdb_save_close(w->save);
    w->save = NULL;
    w->db = NULL;
    db->error = kept;
}

void varsdb_close_writer(varsdb_writer *w)
{
    if (w && w->db)
        part_from_handle(w);
    vdb_free(w);
}

void vdb_writers_orphan(varsdb *db)
{
    while (db->writers)
        part_from_handle(db->writers);
}
