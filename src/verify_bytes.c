/* verify_bytes.c - hashes and statistics of stored bytes, in one pass; see verify.h. */
#include <stdio.h>

#include "stats.h"
#include "tensor.h"
#include "verify.h"

#define WHAT_BYTES      160
#define PROGRESS_A_TIME ((uint64_t)8 << 20)
#define STATISTICS      (TENSOR_NEG_INFS - TENSOR_MIN + 1)
#define EXTREME_BYTES   24

/* Strings with their lengths before them, as they pass in pieces. */
typedef struct string_count {
    uint64_t left, length; /* of the string, and of the length that is coming */
    int head;              /* bytes of the length so far */
    int64_t count;
} string_count;

struct vdb_verify_bytes {
    unsigned char *buffer; /* a chunk, or an inline value */
    int64_t buffered;      /* id of the chunk in it, 0: none */
    vdb_hasher *hasher;
    bool whole; /* every piece so far was good */
    /* the tensor */
    int64_t id;
    uint64_t size, passed;
    varsdb_dtype dtype;
    vdb_hash hash;
    vdb_value stored[STATISTICS];
    char extremes[STATISTICS][EXTREME_BYTES]; /* texts of stored */
    /* Of elements smaller than a byte the size does not tell whether there is one more: `fewer` is
     * without it. */
    vdb_stats stats, fewer;
    bool has_fewer;
    string_count strings;
};

vdb_verify_bytes *vdb_verify_bytes_new(varsdb *db)
{
    vdb_verify_bytes *b = vdb_calloc(1, sizeof *b);
    int64_t room = db->chunk_bytes > db->inline_bytes ? db->chunk_bytes : db->inline_bytes;
    if (b && !(b->buffer = vdb_malloc((size_t)room))) {
        vdb_free(b);
        b = NULL;
    }
    return b;
}

void vdb_verify_bytes_free(vdb_verify_bytes *b)
{
    if (!b)
        return;
    vdb_hasher_free(b->hasher);
    vdb_free(b->buffer);
    vdb_free(b);
}

/* ---- statistics as columns */

static bool same(const vdb_value *a, const vdb_value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VDB_INT:
        return a->integer == b->integer;
    case VDB_REAL:
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case VDB_TEXT:
    case VDB_BLOB:
        return a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0;
    default:
        return true;
    }
}

/* The name of the first column that is another one; NULL: none. */
static const char *differs(const vdb_verify_bytes *b, const vdb_stats *s)
{
    static const char *const names[STATISTICS] = {"min",   "max",  "mean",     "std",     "l2_norm",
                                                  "zeros", "nans", "pos_infs", "neg_infs"};
    vdb_value at[TENSOR_COLUMNS] = {0};
    vdb_extreme_text text;
    vdb_tensor_row_statistics(s, at, &text);
    for (int i = 0; i < STATISTICS; i++)
        if (!same(&at[TENSOR_MIN + i], &b->stored[i]))
            return names[i];
    return NULL;
}

/* ---- bytes that pass */

static void count_strings(string_count *s, const unsigned char *data, size_t bytes)
{
    while (bytes > 0)
        if (s->left > 0) {
            size_t here = s->left < bytes ? (size_t)s->left : bytes;
            s->left -= here;
            data += here;
            bytes -= here;
        } else {
            s->length |= (uint64_t)*data++ << (8 * s->head);
            bytes--;
            if (++s->head == 8) {
                s->left = s->length;
                s->length = 0;
                s->head = 0;
                s->count++;
            }
        }
}

/* Pieces hold whole elements, but for the last one of a sub-byte dtype. */
static void measure(vdb_verify_bytes *b, size_t bytes)
{
    int64_t bits = varsdb_dtype_bits(b->dtype);
    int64_t elements = bits ? (int64_t)bytes * 8 / bits : 0;
    if (b->dtype == VARSDB_STRING) {
        count_strings(&b->strings, b->buffer, bytes);
        return;
    }
    b->has_fewer = bits < 8 && elements > 0 && b->passed + bytes == b->size &&
                   ((elements - 1) * bits + 7) / 8 == (int64_t)bytes;
    if (b->has_fewer) {
        b->fewer = b->stats;
        vdb_stats_add(&b->fewer, b->buffer, (size_t)elements - 1);
    }
    vdb_stats_add(&b->stats, b->buffer, (size_t)elements);
}

static int add(vdb_verify *v, vdb_verify_bytes *b, size_t bytes)
{
    vdb_error ignored;
    measure(b, bytes);
    b->passed += bytes;
    if (b->dtype == VARSDB_BOOL &&
        vdb_tensor_check_bytes(&ignored, b->dtype, (int64_t)bytes, b->buffer, bytes) != VARSDB_OK)
        return vdb_verify_tell_tensor(v, VDB_FOUND_REFERENCE, b->id, -1,
                                      "an element of its value is neither 0 nor 1");
    return VARSDB_OK;
}

static int count_bytes(vdb_verify *v, size_t bytes)
{
    v->bytes += bytes;
    if (v->bytes - v->bytes_told < PROGRESS_A_TIME)
        return VARSDB_OK;
    v->bytes_told = v->bytes;
    return vdb_verify_progress(v, "tensors", v->bytes, v->bytes > v->bytes_total ? v->bytes : v->bytes_total);
}

/* *good is false when the bytes cannot be read. */
static int read_blob(vdb_verify *v, vdb_verify_bytes *b, vdb_blob_column column, int64_t id, size_t bytes,
                     bool *good)
{
    int rc = VARSDB_OK;
    b->buffered = 0;
    if (bytes)
        rc = v->db->engine->methods->blob_read(v->db->engine, column, id, 0, b->buffer, bytes);
    *good = rc == VARSDB_OK;
    if (vdb_verify_is_damage(rc))
        rc = VARSDB_OK;
    return rc == VARSDB_OK ? count_bytes(v, bytes) : rc;
}

/* A chunk that stands twice in a row in a list is read once. */
static int read_chunk(vdb_verify *v, vdb_verify_bytes *b, int64_t id, const vdb_value *hash, size_t bytes,
                      const char **wrong)
{
    bool good = true;
    *wrong = NULL;
    if (b->buffered == id && id != 0)
        return count_bytes(v, bytes);
    vdb_hash stored;
    memcpy(&stored, hash->data, sizeof stored);
    int rc = read_blob(v, b, VDB_BLOB_CHUNK, id, bytes, &good);
    if (rc != VARSDB_OK)
        return rc;
    if (!good) {
        *wrong = "cannot be read";
        return VARSDB_OK;
    }
    vdb_hash now = vdb_hash_bytes(b->buffer, bytes);
    if (memcmp(&now, &stored, sizeof now) == 0)
        b->buffered = id;
    else
        *wrong = "does not match its hash";
    return VARSDB_OK;
}

/* ---- a tensor */

static void keep_statistics(vdb_verify_bytes *b, const vdb_value *at)
{
    for (int i = 0; i < STATISTICS; i++) {
        vdb_value *kept = &b->stored[i];
        *kept = at[TENSOR_MIN + i];
        if (kept->kind != VDB_TEXT && kept->kind != VDB_BLOB)
            continue;
        /* what is longer than any number of ours differs by its length */
        if (kept->bytes && kept->bytes <= EXTREME_BYTES)
            memcpy(b->extremes[i], kept->data, kept->bytes);
        kept->data = b->extremes[i];
    }
}

int vdb_verify_bytes_begin(vdb_verify *v, vdb_verify_bytes *b, const vdb_value *at)
{
    vdb_hasher_free(b->hasher);
    b->hasher = NULL;
    b->whole = true;
    b->id = at[TENSOR_ID].integer;
    b->size = (uint64_t)at[TENSOR_BYTES].integer;
    b->passed = 0;
    b->dtype = varsdb_dtype_parse(at[TENSOR_DTYPE].data);
    b->has_fewer = false;
    b->strings = (string_count){0};
    memcpy(&b->hash, at[TENSOR_HASH].data, sizeof b->hash);
    keep_statistics(b, at);
    vdb_stats_begin(&b->stats, b->dtype);
    if (at[TENSOR_CHUNK_COUNT].integer && !(b->hasher = vdb_hasher_new()))
        return vdb_fail_nomem(&v->db->error);
    return VARSDB_OK;
}

int vdb_verify_bytes_inline(vdb_verify *v, vdb_verify_bytes *b)
{
    bool good;
    int rc = read_blob(v, b, VDB_BLOB_TENSOR, b->id, (size_t)b->size, &good);
    if (rc != VARSDB_OK)
        return rc;
    vdb_hash now = vdb_hash_bytes(b->buffer, (size_t)b->size);
    b->whole = good && memcmp(&now, &b->hash, sizeof now) == 0;
    if (b->whole)
        return add(v, b, (size_t)b->size);
    return vdb_verify_tell_tensor(v, VDB_FOUND_HASH, b->id, -1,
                                  good ? "its value does not match its hash" : "its value cannot be read");
}

int vdb_verify_bytes_chunk(vdb_verify *v, vdb_verify_bytes *b, int64_t position, int64_t id,
                           const vdb_value *hash, size_t bytes)
{
    char what[WHAT_BYTES];
    const char *wrong;
    int rc = read_chunk(v, b, id, hash, bytes, &wrong);
    if (rc != VARSDB_OK)
        return rc;
    if (!wrong) {
        vdb_hasher_add(b->hasher, b->buffer, bytes);
        return add(v, b, bytes);
    }
    b->whole = false;
    snprintf(what, sizeof what, "chunk %lld of its value %s", (long long)position, wrong);
    return vdb_verify_tell_tensor(v, VDB_FOUND_HASH, b->id, position, what);
}

/* ---- the end of a tensor */

static int tell_count(vdb_verify *v, vdb_verify_bytes *b, int64_t said, vdb_subject subject)
{
    return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                           "variable %s: it says to have %lld strings, and its value has %lld",
                           subject.variable, (long long)said, (long long)b->strings.count);
}

/* The size of a string tensor does not tell how many there are. */
static int check_counts(vdb_verify *v, vdb_verify_bytes *b)
{
    vdb_engine *engine = v->db->engine;
    vdb_rows *rows = NULL;
    bool row = true;
    vdb_value at[4];
    int rc = vdb_start(engine, VDB_Q_VERIFY_MISCOUNTED_VARIABLES,
                       VDB_ARGS(vdb_int(b->id), vdb_int(b->strings.count)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row) {
        for (int i = 0; i < 4; i++)
            at[i] = vdb_column(engine, rows, i);
        rc = tell_count(
            v, b, at[3].integer,
            (vdb_subject){vdb_verify_text(&at[0]), vdb_verify_full_name(v, &at[1], &at[2]), NULL, -1});
    }
    vdb_finish(engine, rows);
    if (rc != VARSDB_OK)
        return vdb_verify_damage(v, rc, "variables of strings");
    rows = NULL;
    row = true;
    rc = vdb_start(engine, VDB_Q_VERIFY_MISCOUNTED_STATES,
                   VDB_ARGS(vdb_int(b->id), vdb_int(b->strings.count)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row) {
        for (int i = 0; i < 3; i++)
            at[i] = vdb_column(engine, rows, i);
        rc = tell_count(v, b, at[2].integer, (vdb_subject){NULL, vdb_verify_text(&at[1]), NULL, -1});
    }
    vdb_finish(engine, rows);
    return vdb_verify_damage(v, rc, "states of strings");
}

static int check_strings(vdb_verify *v, vdb_verify_bytes *b)
{
    if (b->strings.left || b->strings.head)
        return vdb_verify_tell_tensor(v, VDB_FOUND_REFERENCE, b->id, -1,
                                      "a string of its value reaches beyond the end");
    return check_counts(v, b);
}

int vdb_verify_bytes_end(vdb_verify *v, vdb_verify_bytes *b)
{
    char what[WHAT_BYTES];
    if (!b->whole)
        return VARSDB_OK;
    if (b->hasher) {
        vdb_hash now = vdb_hasher_end(b->hasher);
        if (memcmp(&now, &b->hash, sizeof now) != 0)
            return vdb_verify_tell_tensor(v, VDB_FOUND_HASH, b->id, -1,
                                          "its value does not match its hash, though each chunk matches its "
                                          "own: they are not those of this value");
    }
    int rc = b->dtype == VARSDB_STRING ? check_strings(v, b) : VARSDB_OK;
    const char *wrong = differs(b, &b->stats);
    if (wrong && b->has_fewer && !differs(b, &b->fewer))
        wrong = NULL;
    if (rc != VARSDB_OK || !wrong)
        return rc;
    snprintf(what, sizeof what, "its stored %s is not that of its value, which is whole", wrong);
    return vdb_verify_tell_tensor(v, VDB_FOUND_STATISTICS, b->id, -1, what);
}

int vdb_verify_bytes_loose(vdb_verify *v, vdb_verify_bytes *b, int64_t id, const vdb_value *hash,
                           size_t bytes)
{
    char what[WHAT_BYTES];
    const char *wrong;
    int rc = read_chunk(v, b, id, hash, bytes, &wrong);
    if (rc != VARSDB_OK || !wrong)
        return rc;
    snprintf(what, sizeof what, "it %s", wrong);
    return vdb_verify_tell_chunk(v, VDB_FOUND_HASH, id, what);
}
