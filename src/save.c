/* save.c - see save.h. */
#include "save.h"

#include "fork.h"
#include "session.h"
#include "sweep.h"
#include "transaction.h"

#define BEAT_MS     10000 /* a session shows that it lives at least so often */
#define PART_MS     50    /* small values share a short transaction for so long */
#define PATIENCE_MS 1000  /* so long what was given up waits for the lock; it is tried again later */

/* ---- short transactions */

/* Its pins went with it, and what they held may be gone. */
static int check_alive(vdb_save *s)
{
    varsdb *db = s->db;
    bool there = false;
    int rc = vdb_session_exists(db, s->session, s->uid, &there);
    if (rc == VARSDB_OK && !there)
        rc =
            vdb_fail(&db->error, VARSDB_RETRY,
                     "%s: the save rested for so long that another process took it for dead, and what it had "
                     "stored is gone; repeat it",
                     db->path);
    return rc;
}

/* Inside a write transaction: the session, made or alive. */
static int need_session(vdb_save *s)
{
    int64_t now = vdb_time_ms();
    int rc = s->session ? check_alive(s) : vdb_session_insert(s->db, &s->session, &s->uid);
    if (rc == VARSDB_OK && s->beat_at && (now - s->beat_at >= BEAT_MS || now < s->beat_at)) {
        rc = vdb_session_beat(s->db, s->session, s->uid);
        s->beat_at = 0;
    }
    if (rc == VARSDB_OK && !s->beat_at)
        s->beat_at = now;
    return rc;
}

static int begin_part(vdb_save *s)
{
    varsdb *db = s->db;
    if (s->open)
        return VARSDB_OK;
    int rc = vdb_bulk_begin(db);
    if (rc != VARSDB_OK)
        return rc;
    rc = need_session(s);
    s->pending = 0;
    s->opened_at = vdb_time_ms();
    s->open = rc == VARSDB_OK;
    return rc == VARSDB_OK ? rc : vdb_bulk_end(db, rc);
}

static int end_part(vdb_save *s, int rc)
{
    if (!s->open)
        return rc;
    s->open = false;
    return vdb_bulk_end(s->db, rc);
}

int vdb_save_flush(vdb_save *s)
{
    return end_part(s, VARSDB_OK);
}

int vdb_save_yield(vdb_save *s, uint64_t bytes)
{
    int64_t open_for = vdb_time_ms() - s->opened_at;
    bool little = bytes <= (uint64_t)s->db->chunk_bytes && open_for >= 0 && open_for < PART_MS;
    return little ? VARSDB_OK : vdb_save_flush(s);
}

int vdb_save_span_within(vdb_save *s, vdb_chunk_writer *w, const unsigned char *data, size_t bytes)
{
    int rc = need_session(s);
    w->session = s->session;
    return rc == VARSDB_OK ? vdb_chunks_write(w, data, bytes) : rc;
}

int vdb_save_span(vdb_save *s, vdb_chunk_writer *w, const unsigned char *data, size_t bytes)
{
    int rc = VARSDB_OK;
    for (size_t at = 0, n; rc == VARSDB_OK && at < bytes; at += n) {
        n = bytes - at < w->chunk_bytes ? bytes - at : w->chunk_bytes;
        rc = begin_part(s);
        w->session = s->session;
        if (rc == VARSDB_OK)
            rc = vdb_chunks_write(w, data + at, n);
        s->pending += n;
        if (rc != VARSDB_OK || s->pending + w->chunk_bytes > s->db->save_bytes)
            rc = end_part(s, rc);
    }
    return rc;
}

/* ---- whole tensors */

int vdb_save_buffer(vdb_save *s, unsigned char **out)
{
    if (!s->buffer)
        s->buffer = vdb_malloc(s->db->save_bytes);
    *out = s->buffer;
    return s->buffer ? VARSDB_OK : vdb_fail_nomem(&s->db->error);
}

/* The source is asked while nothing is locked, as vdb_save_yield went before, and each turn fills a short
 * transaction: it may be slow.  Where nobody else waits it is asked for one
 * chunk after the other, and each is stored while it is in the processor's cache. */
static int save_pulled(vdb_save *s, vdb_chunk_writer *w)
{
    vdb_tensor *t = w->tensor;
    unsigned char *buffer;
    bool alone = s->db->flags & VARSDB_BUILD;
    size_t most = alone ? w->chunk_bytes : s->db->save_bytes / w->chunk_bytes * w->chunk_bytes;
    int rc = vdb_save_buffer(s, &buffer);
    while (rc == VARSDB_OK && w->offset < t->bytes) {
        uint64_t left = t->bytes - w->offset;
        size_t bytes = left < most ? (size_t)left : most;
        assert(alone || !s->open);
        rc = vdb_tensor_pull(s->db, t, w->offset, buffer, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_tensor_check_piece(&s->db->error, t->dtype, w->offset, buffer, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_save_span(s, w, buffer, bytes);
    }
    return rc;
}

static int save_memory(vdb_save *s, vdb_chunk_writer *w)
{
    const vdb_tensor *t = w->tensor;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && w->offset < t->bytes) {
        uint64_t left = t->bytes - w->offset;
        rc = vdb_save_span(s, w, (const unsigned char *)t->data + w->offset,
                           left < w->chunk_bytes ? (size_t)left : w->chunk_bytes);
    }
    return rc;
}

static int save_new(vdb_save *s, vdb_tensor *t)
{
    vdb_chunk_writer w;
    int rc = vdb_chunks_open(s->db, t, &w);
    if (rc != VARSDB_OK)
        return rc;
    rc = t->data ? save_memory(s, &w) : save_pulled(s, &w);
    if (rc == VARSDB_OK)
        vdb_chunks_finish(&w);
    vdb_chunks_close(&w);
    return rc;
}

/* In one picture, which ends with it. */
static int find_equal(vdb_save *s, vdb_tensor *t)
{
    vdb_read r;
    if (s->open)
        return vdb_chunks_find_equal(s->db, t, &t->equal_id);
    int rc = vdb_read_begin(s->db, &r);
    return rc == VARSDB_OK ? vdb_read_end(s->db, &r, vdb_chunks_find_equal(s->db, t, &t->equal_id)) : rc;
}

int vdb_save_tensor(vdb_save *s, vdb_tensor *t)
{
    int rc = t->data ? find_equal(s, t) : VARSDB_OK;
    if (rc == VARSDB_OK && !t->equal_id)
        rc = save_new(s, t);
    return rc == VARSDB_OK ? rc : end_part(s, rc);
}

/* ---- the end */

int vdb_save_open(varsdb *db, vdb_save **out)
{
    vdb_save *s = vdb_calloc(1, sizeof *s);
    if (!s)
        return vdb_fail_nomem(&db->error);
    vdb_save_after_transaction(db);
    s->db = db;
    s->next = db->saves;
    db->saves = s;
    *out = s;
    return VARSDB_OK;
}

int vdb_save_settle(vdb_save *s)
{
    bool spare = false;
    if (!s->session)
        return VARSDB_OK;
    int rc = check_alive(s);
    if (rc == VARSDB_OK)
        rc = vdb_session_has_spare(s->db, s->session, &spare);
    return rc == VARSDB_OK && !spare ? vdb_session_delete(s->db, s->session) : rc;
}

/* Whether its last transaction has been committed, by which the session went. */
static int is_settled(vdb_save *s, bool *out)
{
    bool there = false;
    int rc = vdb_session_exists(s->db, s->session, s->uid, &there);
    if (rc == VARSDB_OK)
        *out = !there;
    return rc;
}

/* What the save stored and nobody uses is wanted no more.  False: it could not be deleted now, as others had
 * the lock for long, or the disk is full. */
static bool abandon(vdb_save *s)
{
    varsdb *db = s->db;
    vdb_error kept = db->error;
    vdb_left left = {.kind = VDB_LEFT_SESSION, .id = s->session, .uid = s->uid};
    vdb_swept swept = {0};
    size_t finished = 0;
    bool settled = false;
    if (db->timeout_ms > PATIENCE_MS)
        db->engine->methods->set_timeout(db->engine, PATIENCE_MS);
    int rc = is_settled(s, &settled);
    while (rc == VARSDB_OK && !settled && !finished)
        rc = vdb_sweep_slice(db, &left, 1, &swept, &finished);
    db->engine->methods->set_timeout(db->engine, db->timeout_ms);
    db->error = kept;
    return rc == VARSDB_OK;
}

static void forget(vdb_save *s)
{
    vdb_save **at = &s->db->saves;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    vdb_free(s->buffer);
    vdb_free(s);
}

void vdb_save_close(vdb_save *s)
{
    if (!s)
        return;
    if (s->db->generation != vdb_fork_generation())
        return forget(s); /* it is the parent's, as is the connection */
    vdb_error kept = s->db->error;
    end_part(s, VARSDB_CANCELLED);
    s->db->error = kept;
    s->closed = true;
    vdb_free(s->buffer);
    s->buffer = NULL;
    if (s->session && s->db->engine->methods->state(s->db->engine) != VDB_TRANSACTION_NONE)
        return; /* vdb_save_after_transaction goes on */
    if (!s->session || abandon(s))
        forget(s);
}

void vdb_save_after_transaction(varsdb *db)
{
    for (vdb_save *s = db->saves, *next; s; s = next) {
        next = s->next;
        if (s->closed)
            vdb_save_close(s);
    }
}

void vdb_saves_end(varsdb *db)
{
    for (vdb_save *s = db->saves, *next; s; s = next) {
        next = s->next;
        vdb_save_close(s);
    }
    while (db->saves)
        forget(db->saves);
}
