/* string_tensor.c - see string_tensor.h. */
#include "string_tensor.h"

#include "byte_order.h"
#include "tensor.h"

/* Bytes [at, at + bytes) of the tensor, in memory until the next call. */
static int piece_get(vdb_strings *s, uint64_t at, uint64_t bytes, const char **out)
{
    varsdb *db = s->db;
    if (at > s->end || bytes > s->end - at)
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the strings of variable %s are damaged", db->path,
                        s->name);
    if (at < s->begin || at + bytes > s->begin + s->piece.size) {
        uint64_t wanted = bytes > (uint64_t)db->chunk_bytes ? bytes : (uint64_t)db->chunk_bytes;
        void *room;
        vdb_buf_reset(&s->piece);
        s->begin = at;
        if (wanted > s->end - at)
            wanted = s->end - at;
        if (vdb_buf_extend(&s->piece, (size_t)wanted, &room) != VARSDB_OK)
            return vdb_fail_nomem(&db->error);
        int rc = s->read(s->payload, at, room, (size_t)wanted);
        if (rc != VARSDB_OK) {
            vdb_buf_reset(&s->piece);
            return rc;
        }
    }
    *out = s->piece.data + (at - s->begin);
    return VARSDB_OK;
}

int vdb_strings_next(vdb_strings *s, const char **string, uint64_t *bytes)
{
    const char *head, *text;
    int rc = piece_get(s, s->at, 8, &head);
    if (rc != VARSDB_OK)
        return rc;
    uint64_t n = vdb_get_little_endian(head, 8);
    rc = piece_get(s, s->at + 8, n, &text);
    if (rc != VARSDB_OK)
        return rc;
    s->at += 8 + n;
    *string = text;
    *bytes = n;
    return VARSDB_OK;
}

void vdb_strings_release(vdb_strings *s)
{
    vdb_buf_release(&s->piece);
}

/* ---- all of them, in a transaction */

typedef struct stored_tensor {
    varsdb *db;
    const char *name;
    int64_t id;
} stored_tensor;

static int read_stored(void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    const stored_tensor *t = payload;
    return vdb_tensor_read(t->db, t->id, t->name, offset, buffer, bytes);
}

static int each_string(vdb_strings *s, int64_t count, varsdb_string_cb callback, void *payload)
{
    uint64_t bytes;
    const char *string;
    vdb_buf copy = {0};
    int rc = VARSDB_OK;
    for (int64_t i = 0; rc == VARSDB_OK && i < count; i++) {
        rc = vdb_strings_next(s, &string, &bytes);
        if (rc != VARSDB_OK)
            break;
        /* the callback gets a NUL behind it, which the piece has not */
        vdb_buf_reset(&copy);
        if (vdb_buf_append(&copy, string, (size_t)bytes) != VARSDB_OK)
            rc = vdb_fail_nomem(&s->db->error);
        else if (callback(payload, copy.data, copy.size) != 0)
            rc = vdb_fail(&s->db->error, VARSDB_CANCELLED, "the callback stopped the reading");
    }
    vdb_buf_release(&copy);
    return rc;
}

int vdb_string_tensor_read(varsdb *db, int64_t tensor, const char *name, int64_t count,
                           varsdb_string_cb callback, void *payload)
{
    stored_tensor t = {db, name, tensor};
    vdb_strings s = {.db = db, .name = name, .read = read_stored, .payload = &t};
    int rc = vdb_tensor_bytes(db, tensor, name, &s.end);
    if (rc == VARSDB_OK)
        rc = each_string(&s, count, callback, payload);
    vdb_strings_release(&s);
    return rc;
}
