/* string_tensor.c - see string_tensor.h. */
#include "string_tensor.h"

#include "tensor.h"

/* A piece of the tensor in memory; strings are short and many, reads are checked and dear. */
typedef struct string_window {
    varsdb *db;
    const char *name;
    int64_t tensor;
    uint64_t end; /* of the tensor */
    uint64_t begin;
    vdb_buf bytes;
} string_window;

/* Bytes [at, at + bytes) of the tensor, in memory until the next call. */
static int window_get(string_window *w, uint64_t at, uint64_t bytes, const char **out)
{
    if (at > w->end || bytes > w->end - at)
        return vdb_fail(&w->db->error, VARSDB_CORRUPT, "%s: the strings of variable %s are damaged",
                        w->db->path, w->name);
    if (at < w->begin || at + bytes > w->begin + w->bytes.size) {
        uint64_t wanted = bytes > (uint64_t)w->db->chunk_bytes ? bytes : (uint64_t)w->db->chunk_bytes;
        void *room;
        vdb_buf_reset(&w->bytes);
        w->begin = at;
        if (wanted > w->end - at)
            wanted = w->end - at;
        if (vdb_buf_extend(&w->bytes, (size_t)wanted, &room) != VARSDB_OK)
            return vdb_fail_nomem(&w->db->error);
        int rc = vdb_tensor_read(w->db, w->tensor, w->name, at, room, (size_t)wanted);
        if (rc != VARSDB_OK) {
            vdb_buf_reset(&w->bytes);
            return rc;
        }
    }
    *out = w->bytes.data + (at - w->begin);
    return VARSDB_OK;
}

static int next_string(string_window *w, uint64_t *at, const char **string, uint64_t *length)
{
    const char *head;
    uint64_t n = 0;
    int rc = window_get(w, *at, 8, &head);
    for (int i = 7; rc == VARSDB_OK && i >= 0; i--)
        n = n << 8 | (unsigned char)head[i];
    if (rc == VARSDB_OK)
        rc = window_get(w, *at + 8, n, string);
    if (rc != VARSDB_OK)
        return rc;
    *at += 8 + n;
    *length = n;
    return VARSDB_OK;
}

static int each_string(string_window *w, int64_t count, varsdb_string_cb callback, void *payload)
{
    uint64_t at = 0, length;
    const char *string;
    vdb_buf copy = {0};
    int rc = VARSDB_OK;
    for (int64_t i = 0; rc == VARSDB_OK && i < count; i++) {
        rc = next_string(w, &at, &string, &length);
        if (rc != VARSDB_OK)
            break;
        /* the callback gets a NUL behind it, which the window has not */
        vdb_buf_reset(&copy);
        if (vdb_buf_append(&copy, string, (size_t)length) != VARSDB_OK)
            rc = vdb_fail_nomem(&w->db->error);
        else if (callback(payload, copy.data, copy.size) != 0)
            rc = vdb_fail(&w->db->error, VARSDB_CANCELLED, "the callback stopped the reading");
    }
    vdb_buf_release(&copy);
    return rc;
}

int vdb_string_tensor_read(varsdb *db, int64_t tensor, const char *name, int64_t count,
                           varsdb_string_cb callback, void *payload)
{
    string_window w = {.db = db, .name = name, .tensor = tensor};
    int rc = vdb_tensor_bytes(db, tensor, name, &w.end);
    if (rc == VARSDB_OK)
        rc = each_string(&w, count, callback, payload);
    vdb_buf_release(&w.bytes);
    return rc;
}
