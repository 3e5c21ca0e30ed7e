/*
 * actor_collider.c PATH SEED STEPS - a registry in which hashes have 6 bits, so that almost every one of
 * them collides; the Makefile links this program with --wrap for the functions that hash.
 *
 * Small chunks (4 KiB) and short values (inline up to 64 bytes) make many of both kinds.  Contents come
 * from a short list, and their chunks from a short list of patterns, so that much is equal, too.  After
 * each step what was written is read back; it ends with "done COLLISIONS" or "failed: ...".
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../support/actor.h"
#include "../support/small_chunks.h"
#include "digest.h"
#include "internal.h"

#define HASH_BITS   6
#define CHUNK       4096
#define INLINE      64
#define VARIABLES   18
#define CONTENTS    14
#define PATTERNS    20
#define BYTES_MAX   (6 * CHUNK)
#define CHECK_EVERY 60

/* ---- hashes with few bits */

vdb_hash __real_vdb_hash_bytes(const void *data, size_t bytes);
vdb_hash __wrap_vdb_hash_bytes(const void *data, size_t bytes);
vdb_hash __real_vdb_hasher_end(const vdb_hasher *h);
vdb_hash __wrap_vdb_hasher_end(const vdb_hasher *h);

static vdb_hash cut(vdb_hash hash)
{
    vdb_hash out = {{0}};
    out.byte[15] = hash.byte[15] & ((1 << HASH_BITS) - 1);
    return out;
}

vdb_hash __wrap_vdb_hash_bytes(const void *data, size_t bytes)
{
    return cut(__real_vdb_hash_bytes(data, bytes));
}

vdb_hash __wrap_vdb_hasher_end(const vdb_hasher *h)
{
    return cut(__real_vdb_hasher_end(h));
}

/* ---- the model */

typedef struct collider {
    const char *path;
    varsdb *db;
    test_random random;
    int holds[VARIABLES]; /* which content; -1: the variable is not there */
    int snapshot[VARIABLES];
    int64_t snapshot_id; /* 0: there is none */
    char failure[ACTOR_LINE_BYTES / 2];
} collider;

static bool fail(collider *c, const char *what, int i, int rc)
{
    snprintf(c->failure, sizeof c->failure, "%s v%d: %s: %s", what, i, varsdb_errname(rc),
             varsdb_errmsg(c->db));
    return false;
}

/* One third inline, one third of a few chunks, one third saved beforehand. */
static size_t bytes_of(int i)
{
    static const size_t sizes[] = {48, 2 * CHUNK + 100, BYTES_MAX - 7};
    return sizes[i % 3];
}

static void fill(int i, int content, unsigned char *out)
{
    size_t bytes = bytes_of(i);
    test_random r = {(uint64_t)content};
    for (size_t at = 0; at < bytes; at += CHUNK) {
        test_random pattern = {1000 + random_below(&r, PATTERNS)};
        for (size_t k = at; k < bytes && k < at + CHUNK; k++)
            out[k] = (unsigned char)random_next(&pattern);
    }
}

static int find(collider *c, int i, const varsdb_variable **v)
{
    char name[16];
    snprintf(name, sizeof name, "v%d", i);
    return varsdb_find_variable(c->db, name, v);
}

static bool is_right(collider *c, int i)
{
    static unsigned char expected[BYTES_MAX], there[BYTES_MAX];
    const varsdb_variable *v;
    int rc = find(c, i, &v);
    if (c->holds[i] < 0)
        return rc == VARSDB_NOTFOUND || fail(c, "deleted, but found", i, rc);
    if (rc == VARSDB_OK)
        rc = varsdb_read(c->db, v, there, bytes_of(i));
    if (rc != VARSDB_OK)
        return fail(c, "reading", i, rc);
    fill(i, c->holds[i], expected);
    return memcmp(expected, there, bytes_of(i)) == 0 || fail(c, "other bytes in", i, rc);
}

/* ---- steps */

static int create(collider *c, int i, const unsigned char *value)
{
    char name[16];
    const varsdb_variable *v;
    snprintf(name, sizeof name, "v%d", i);
    return varsdb_get_variable(c->db, name,
                               VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE((int64_t)bytes_of(i)),
                                           .value = value, .value_bytes = bytes_of(i)),
                               NULL, &v);
}

static int write_piecewise(collider *c, const varsdb_variable *v, int i, const unsigned char *value)
{
    varsdb_writer *w;
    size_t first = (size_t)random_below(&c->random, bytes_of(i));
    int rc = varsdb_open_writer(c->db, v, &w);
    if (rc != VARSDB_OK)
        return rc;
    rc = varsdb_append(w, value, first);
    if (rc == VARSDB_OK)
        rc = varsdb_append(w, value + first, bytes_of(i) - first);
    if (rc == VARSDB_OK)
        rc = varsdb_finish(w);
    varsdb_close_writer(w);
    return rc;
}

/* All of it in one slice: the sum of the old and what is laid over it. */
static int assign_by_slice(collider *c, const varsdb_variable *v, int i, const unsigned char *value)
{
    (void)i;
    return varsdb_assign_slice(c->db, v, VARSDB_SLICE(.rank = 1), value, bytes_of(i));
}

static bool write_something(collider *c, int i)
{
    static unsigned char value[BYTES_MAX];
    const varsdb_variable *v;
    int content = (int)random_below(&c->random, CONTENTS), rc;
    fill(i, content, value);
    if (c->holds[i] < 0)
        rc = create(c, i, value);
    else if ((rc = find(c, i, &v)) == VARSDB_OK)
        switch (random_below(&c->random, 3)) {
        case 0:
            rc = varsdb_assign(c->db, v, value, bytes_of(i));
            break;
        case 1:
            rc = write_piecewise(c, v, i, value);
            break;
        default:
            rc = assign_by_slice(c, v, i, value);
        }
    if (rc != VARSDB_OK)
        return fail(c, "writing", i, rc);
    c->holds[i] = content;
    return is_right(c, i);
}

static bool delete_it(collider *c, int i)
{
    const varsdb_variable *v;
    if (c->holds[i] < 0)
        return true;
    int rc = find(c, i, &v);
    if (rc == VARSDB_OK)
        rc = varsdb_delete_variable(c->db, v);
    c->holds[i] = -1;
    return rc == VARSDB_OK ? is_right(c, i) : fail(c, "deleting", i, rc);
}

static bool take_snapshot(collider *c)
{
    int rc = varsdb_take_snapshot(c->db, VARSDB_SNAPSHOT(.name = "s", .replace = 1), &c->snapshot_id);
    if (rc == VARSDB_NOTFOUND) /* there is nothing to take */
        return true;
    memcpy(c->snapshot, c->holds, sizeof c->holds);
    return rc == VARSDB_OK || fail(c, "snapshot", 0, rc);
}

static bool restore(collider *c)
{
    if (!c->snapshot_id)
        return true;
    int rc = varsdb_restore(c->db, c->snapshot_id, VARSDB_RESTORE(.ignore_missing = 1));
    if (rc != VARSDB_OK)
        return fail(c, "restore", 0, rc);
    for (int i = 0; i < VARIABLES; i++) {
        if (c->snapshot[i] >= 0)
            c->holds[i] = c->snapshot[i];
        if (!is_right(c, i))
            return false;
    }
    return true;
}

static bool drop(collider *c)
{
    int rc = c->snapshot_id ? varsdb_drop_snapshot(c->db, c->snapshot_id) : VARSDB_OK;
    c->snapshot_id = 0;
    return rc == VARSDB_OK || fail(c, "dropping", 0, rc);
}

/* ---- all of it */

static int keep_finding(void *payload, const varsdb_finding *finding)
{
    collider *c = payload;
    snprintf(c->failure, sizeof c->failure, "verify: %s", finding->text);
    return 0;
}

static bool ask(collider *c, const char *sql, int64_t *out)
{
    sqlite3 *db;
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_open_v2(c->path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
    if (ok)
        *out = sqlite3_column_int64(s, 0);
    else
        snprintf(c->failure, sizeof c->failure, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(s);
    sqlite3_close(db);
    return ok;
}

/* Whatever the hashes are, equal bytes are stored once. */
static bool equal_is_shared(collider *c)
{
    static const char *const questions[] = {
        "SELECT count(*) - count(DISTINCT data) FROM varsdb_chunks",
        "SELECT count(*) - count(DISTINCT inline) FROM varsdb_tensors WHERE chunk_count = 0",
        "SELECT count(*) - count(DISTINCT list) FROM (SELECT (SELECT group_concat(chunk_id) FROM (SELECT "
        "chunk_id FROM varsdb_tensor_chunks WHERE tensor_id = t.id ORDER BY position)) AS list FROM "
        "varsdb_tensors t WHERE chunk_count > 0)"};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        int64_t twice = -1;
        if (!ask(c, questions[i], &twice))
            return false;
        if (twice != 0) {
            snprintf(c->failure, sizeof c->failure, "%lld: %s", (long long)twice, questions[i]);
            return false;
        }
    }
    return true;
}

static bool check_all(collider *c)
{
    for (int i = 0; i < VARIABLES; i++)
        if (!is_right(c, i))
            return false;
    int rc = varsdb_verify(c->db, NULL, keep_finding, c);
    if (rc != VARSDB_OK)
        return *c->failure || fail(c, "verify", 0, rc) ? false : false;
    return equal_is_shared(c);
}

static bool step(collider *c)
{
    int i = (int)random_below(&c->random, VARIABLES), rc;
    switch (random_below(&c->random, 16)) {
    case 0:
    case 1:
    case 2:
        return delete_it(c, i);
    case 3:
        return take_snapshot(c);
    case 4:
        return restore(c);
    case 5:
        return drop(c);
    case 6:
        rc = varsdb_collect_garbage(c->db, NULL, NULL, NULL, NULL);
        return rc == VARSDB_OK || fail(c, "gc", 0, rc);
    default:
        return write_something(c, i);
    }
}

/* ---- rot among collisions */

/* A chunk of v's that rots; the first of those with the same hash, or the second. */
static bool rot(collider *c, const char *which)
{
    sqlite3 *db;
    char sql[256];
    snprintf(sql, sizeof sql, "UPDATE varsdb_chunks SET data = zeroblob(%d) WHERE %s", CHUNK, which);
    bool ok = sqlite3_open(c->path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    return ok;
}

/* Two values of one chunk and one hash. */
static void make_twins(unsigned char *a, unsigned char *b)
{
    test_random r = {77};
    vdb_hash ours, theirs, zero;
    memset(b, 0, CHUNK);
    zero = vdb_hash_bytes(b, CHUNK);
    do {
        for (size_t k = 0; k < CHUNK; k++)
            a[k] = (unsigned char)random_next(&r);
        ours = vdb_hash_bytes(a, CHUNK);
    } while (memcmp(&ours, &zero, sizeof ours) == 0);
    do {
        for (size_t k = 0; k < CHUNK; k++)
            b[k] = (unsigned char)random_next(&r);
        theirs = vdb_hash_bytes(b, CHUNK);
    } while (memcmp(&ours, &theirs, sizeof ours) != 0);
}

static bool reads(collider *c, const varsdb_variable *v, int expected, const unsigned char *value)
{
    static unsigned char there[CHUNK];
    int rc = varsdb_read(c->db, v, there, CHUNK);
    if (rc != expected)
        return fail(c, varsdb_variable_name(v), 0, rc);
    if (rc == VARSDB_OK && memcmp(there, value, CHUNK) != 0) {
        snprintf(c->failure, sizeof c->failure, "%s has wrong bytes, which passed for right",
                 varsdb_variable_name(v));
        return false;
    }
    return true;
}

static const varsdb_variable *stored(collider *c, const char *name, const unsigned char *value)
{
    const varsdb_variable *v = NULL;
    int rc = varsdb_get_variable(c->db, name,
                                 VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(CHUNK),
                                             .value = value, .value_bytes = CHUNK),
                                 NULL, &v);
    if (rc != VARSDB_OK)
        fail(c, name, 0, rc);
    return v;
}

/* What rotted cannot be told from a twin by its hash: only where there is one chunk of a hash is it mended
 * by the same bytes, and never by a twin's. */
static bool rot_among_twins(collider *c)
{
    static unsigned char a[CHUNK], b[CHUNK];
    make_twins(a, b);
    const varsdb_variable *va = stored(c, "rot/a", a), *vb = stored(c, "rot/b", b);
    if (!va || !vb || !reads(c, va, VARSDB_OK, a) || !reads(c, vb, VARSDB_OK, b))
        return false;
    if (!rot(c, "id = (SELECT chunk_id FROM varsdb_tensor_chunks x JOIN varsdb_variables v ON v.tensor_id = "
                "x.tensor_id WHERE v.name = 'a')"))
        return fail(c, "rotting", 0, VARSDB_ERROR);
    if (!reads(c, va, VARSDB_CORRUPT, a) || !reads(c, vb, VARSDB_OK, b))
        return false;
    const varsdb_variable *again = stored(c, "rot/b_again", b);
    if (!again || !reads(c, again, VARSDB_OK, b) || !reads(c, va, VARSDB_CORRUPT, a))
        return false;
    again = stored(c, "rot/a_again", a);
    if (!again || !reads(c, again, VARSDB_OK, a) || !reads(c, vb, VARSDB_OK, b))
        return false;
    int rc = varsdb_read(c->db, va, a, CHUNK); /* right again, or told */
    return rc == VARSDB_CORRUPT || reads(c, va, VARSDB_OK, a);
}

/* ---- the program */

static bool open_small(collider *c)
{
    int rc = varsdb_open(c->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &c->db);
    if (rc == VARSDB_OK) {
        varsdb_close(c->db);
        c->db = NULL;
        if (!small_chunks_make(c->path, INLINE, CHUNK))
            return fail(c, "making small chunks", 0, VARSDB_ERROR);
        rc = varsdb_open(c->path, NULL, &c->db);
    }
    if (rc != VARSDB_OK)
        return fail(c, "opening", 0, rc);
    c->db->save_bytes = 2 * CHUNK;
    return c->db->chunk_bytes == CHUNK;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    collider c = {.path = argv[1], .random = {strtoull(argv[2], NULL, 10)}};
    int steps = (int)strtol(argv[3], NULL, 10);
    int64_t collisions = 0, most = 0;
    for (int i = 0; i < VARIABLES; i++)
        c.holds[i] = -1;
    bool ok = open_small(&c);
    for (int i = 1; ok && i <= steps; i++) {
        ok = step(&c);
        if (ok && i % CHECK_EVERY == 0) {
            ok = check_all(&c) && ask(&c,
                                      "SELECT (SELECT count(*) FROM varsdb_chunks WHERE discriminator > 0) + "
                                      "(SELECT count(*) FROM varsdb_tensors WHERE discriminator > 0)",
                                      &collisions);
            most = collisions > most ? collisions : most;
        }
        if (!ok)
            fprintf(stderr, "collider: step %d\n", i);
    }
    ok = ok && rot_among_twins(&c);
    varsdb_close(c.db);
    if (ok)
        actor_say("done %lld", (long long)most);
    else
        actor_say("failed: %s", c.failure);
    return !ok;
}
