/*
 * safetensors_header.c - the JSON header of safetensors in one pass: its members are
 * tensors, {"dtype": "F32", "shape": [2,3], "data_offsets": [begin,end]}, and
 * "__metadata__", an object of strings.  Each is checked by itself here.
 */
#ifndef VARSDB_OMIT_SAFETENSORS

#include "safetensors.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "../shape.h"

#define SHOWN VDB_SAFETENSORS_SHOWN

typedef struct header {
    vdb_error *error;
    vdb_json json;
    uint64_t data_offset, data_bytes;
    vdb_buf arena; /* has room for all from the beginning, so that it never moves */
    int64_t *dims; /* of the next tensor, in the arena */
    vdb_buf scratch;
    vdb_tensor_list list;
    size_t tensors_room, metadata_room;
    bool metadata_seen;
} header;

enum member {
    MEMBER_DTYPE = 1,
    MEMBER_SHAPE = 2,
    MEMBER_OFFSETS = 4
};

/* A tensor while its members are read. */
typedef struct draft {
    unsigned seen; /* of enum member */
    varsdb_tensor_info info;
    uint64_t begin, end;
} draft;

/* ---- JSON --------------------------------------------------------------- */

/* To the caller a bad header is a bad file, whatever module says so. */
static int as_format(vdb_error *e, int rc)
{
    if (rc == VARSDB_INVALID)
        e->code = rc = VARSDB_FORMAT;
    return rc;
}

static int next(header *h, vdb_json_token *out)
{
    int rc = vdb_json_next(&h->json, h->error, out);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(h->error, "the header");
    return as_format(h->error, rc);
}

/* The text of the key or string just read, in scratch. */
static int take_text(header *h)
{
    vdb_buf_reset(&h->scratch);
    int rc = vdb_buf_append(&h->scratch, "", 0);
    if (rc == VARSDB_OK)
        rc = vdb_json_unescape(&h->json, &h->scratch);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(h->error);
}

static int fail_expected(header *h, const char *what, const char *expected)
{
    return vdb_fail(h->error, VARSDB_FORMAT, "%s: %s is expected, before byte %zu of the header", what,
                    expected, h->json.at);
}

static int expect(header *h, vdb_json_token token, const char *what, const char *expected)
{
    vdb_json_token found;
    int rc = next(h, &found);
    return rc != VARSDB_OK ? rc : found == token ? VARSDB_OK : fail_expected(h, what, expected);
}

/* One of the numbers in a list; *more is false at its end. */
static int next_number(header *h, const char *what, bool *more, uint64_t *out)
{
    vdb_json_token token;
    int rc = next(h, &token);
    if (rc != VARSDB_OK)
        return rc;
    *more = token != VDB_JSON_ARRAY_END;
    if (*more && (token != VDB_JSON_NUMBER || !vdb_json_uint(&h->json, out)))
        return fail_expected(h, what, "a whole number from 0 to 2^63-1");
    return VARSDB_OK;
}

/* ---- Growing lists ------------------------------------------------------ */

static int make_room(header *h, void **list, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room)
        return VARSDB_OK;
    size_t more = *room ? *room * 2 : 16;
    void *p = vdb_realloc(*list, more, item_bytes);
    if (!p)
        return vdb_fail_nomem(h->error);
    *list = p;
    *room = more;
    return VARSDB_OK;
}

/* The arena's dimensions come first, as many as the header can have, then texts. */
static int make_arena(header *h)
{
    size_t dims = 0, bytes = h->json.bytes;
    void *at;
    for (size_t i = 0; i < bytes; i++)
        dims += h->json.text[i] == ',' || h->json.text[i] == '[';
    size_t dims_bytes = dims * sizeof(int64_t);
    int rc = vdb_buf_extend(&h->arena, dims_bytes + bytes, &at);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(h->error);
    vdb_buf_reset(&h->arena);
    rc = vdb_buf_extend(&h->arena, dims_bytes, &at);
    assert(rc == VARSDB_OK);
    h->dims = at;
    return VARSDB_OK;
}

/* Keeps the text in scratch, in the arena. */
static char *keep_text(header *h)
{
    const char *before = h->arena.data;
    char *at = h->arena.data + h->arena.size;
    int rc = vdb_buf_append(&h->arena, h->scratch.data, h->scratch.size);
    rc = rc == VARSDB_OK ? vdb_buf_append(&h->arena, "", 1) : rc;
    assert(rc == VARSDB_OK && before == h->arena.data);
    (void)before;
    (void)rc;
    return at;
}

static bool scratch_is(const header *h, const char *text)
{
    return h->scratch.size == strlen(text) && memcmp(h->scratch.data, text, h->scratch.size) == 0;
}

static bool scratch_has_nul(const header *h)
{
    return memchr(h->scratch.data, '\0', h->scratch.size) != NULL;
}

/* ---- Members of a tensor ------------------------------------------------ */

static int read_dtype(header *h, draft *d)
{
    int rc = expect(h, VDB_JSON_STRING, "\"dtype\"", "a string");
    if (rc == VARSDB_OK)
        rc = take_text(h);
    if (rc != VARSDB_OK)
        return rc;
    d->info.dtype = vdb_safetensors_dtype_of(h->scratch.data, h->scratch.size);
    if (d->info.dtype == VARSDB_DTYPE_NOT_SAID)
        return vdb_fail(h->error, VARSDB_FORMAT, "unknown dtype " SHOWN, h->scratch.data);
    return VARSDB_OK;
}

static int read_shape(header *h, draft *d)
{
    uint64_t dim = 0;
    bool more;
    int rank = 0;
    int rc = expect(h, VDB_JSON_ARRAY, "\"shape\"", "a list");
    while (rc == VARSDB_OK) {
        rc = next_number(h, "\"shape\"", &more, &dim);
        if (rc != VARSDB_OK || !more)
            break;
        if (rank == VARSDB_RANK_MAX)
            return vdb_fail(h->error, VARSDB_FORMAT, "it has more than %d dimensions", VARSDB_RANK_MAX);
        if (dim > VDB_DIM_MAX)
            return vdb_fail(h->error, VARSDB_FORMAT, "dimension %d is %llu, above 2^48", rank,
                            (unsigned long long)dim);
        h->dims[rank++] = (int64_t)dim;
    }
    if (rc == VARSDB_OK)
        d->info.shape = (varsdb_shape){rank, h->dims};
    return rc;
}

static int read_offsets(header *h, draft *d)
{
    static const char what[] = "\"data_offsets\"";
    uint64_t numbers[2] = {0, 0}, ignored = 0;
    bool more = true;
    int rc = expect(h, VDB_JSON_ARRAY, what, "a list");
    for (int i = 0; i < 3 && rc == VARSDB_OK && more; i++) {
        rc = next_number(h, what, &more, i < 2 ? &numbers[i] : &ignored);
        if (rc == VARSDB_OK && more != (i < 2))
            return fail_expected(h, what, "a list of two numbers");
    }
    d->begin = numbers[0];
    d->end = numbers[1];
    return rc;
}

static int read_member(header *h, draft *d)
{
    vdb_json_token token;
    int rc = take_text(h);
    if (rc != VARSDB_OK)
        return rc;
    enum member member = scratch_is(h, "dtype")          ? MEMBER_DTYPE
                         : scratch_is(h, "shape")        ? MEMBER_SHAPE
                         : scratch_is(h, "data_offsets") ? MEMBER_OFFSETS
                                                         : 0;
    if (d->seen & member)
        return vdb_fail(h->error, VARSDB_FORMAT, "it has \"%s\" twice", h->scratch.data);
    d->seen |= member;
    if (member == MEMBER_DTYPE)
        return read_dtype(h, d);
    if (member == MEMBER_SHAPE)
        return read_shape(h, d);
    if (member == MEMBER_OFFSETS)
        return read_offsets(h, d);
    rc = next(h, &token);
    if (rc == VARSDB_OK)
        rc = vdb_json_skip(&h->json, h->error, token);
    return as_format(h->error, rc);
}

/* ---- A tensor ----------------------------------------------------------- */

static int check_complete(header *h, const draft *d)
{
    const char *missing = !(d->seen & MEMBER_DTYPE)     ? "dtype"
                          : !(d->seen & MEMBER_SHAPE)   ? "shape"
                          : !(d->seen & MEMBER_OFFSETS) ? "data_offsets"
                                                        : NULL;
    if (missing)
        return vdb_fail(h->error, VARSDB_FORMAT, "it has no \"%s\"", missing);
    return VARSDB_OK;
}

static int check_extent(header *h, draft *d)
{
    unsigned long long begin = d->begin, end = d->end;
    int rc = vdb_safetensors_tensor_bytes(h->error, d->info.dtype, &d->info.shape, &d->info.bytes);
    if (rc != VARSDB_OK)
        return as_format(h->error, rc);
    if (end < begin)
        return vdb_fail(h->error, VARSDB_FORMAT, "it ends at byte %llu, before its begin at %llu", end,
                        begin);
    if (end - begin != d->info.bytes)
        return vdb_fail(h->error, VARSDB_FORMAT, "its shape and dtype take %llu bytes, but it has %llu",
                        (unsigned long long)d->info.bytes, end - begin);
    if (end > h->data_bytes)
        return vdb_fail(
            h->error, VARSDB_FORMAT,
            "it ends at byte %llu of the data, but the file has only %llu of them; it is truncated "
            "(an incomplete download?)",
            end, (unsigned long long)h->data_bytes);
    return VARSDB_OK;
}

static int read_members(header *h, draft *d)
{
    vdb_json_token token;
    int rc = expect(h, VDB_JSON_OBJECT, "its value", "an object");
    while (rc == VARSDB_OK && (rc = next(h, &token)) == VARSDB_OK && token == VDB_JSON_KEY)
        rc = read_member(h, d);
    if (rc == VARSDB_OK)
        rc = check_complete(h, d);
    if (rc == VARSDB_OK)
        rc = check_extent(h, d);
    return rc;
}

/* The tensor whose name is in scratch. */
static int read_tensor(header *h)
{
    if (scratch_has_nul(h))
        return vdb_fail(h->error, VARSDB_FORMAT, "tensor " SHOWN "...: a name may not hold NUL",
                        h->scratch.data);
    draft d = {.info.name = keep_text(h)};
    int rc = read_members(h, &d);
    if (rc == VARSDB_FORMAT)
        return vdb_fail_in(h->error, "tensor " SHOWN, d.info.name);
    void *list = h->list.tensors;
    if (rc == VARSDB_OK)
        rc = make_room(h, &list, h->list.count, &h->tensors_room, sizeof *h->list.tensors);
    if (rc != VARSDB_OK)
        return rc;
    h->list.tensors = list;
    h->list.tensors[h->list.count++] = (vdb_tensor_entry){.info = d.info, .offset = h->data_offset + d.begin};
    h->dims += d.info.shape.rank;
    return VARSDB_OK;
}

/* ---- Metadata ----------------------------------------------------------- */

static int keep_json_string(header *h, char **out)
{
    int rc = take_text(h);
    if (rc != VARSDB_OK)
        return rc;
    vdb_buf text = h->scratch;
    h->scratch = (vdb_buf){0};
    rc = vdb_json_print_string(&h->scratch, text.data, text.size);
    vdb_buf_release(&text);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(h->error);
    *out = keep_text(h);
    return VARSDB_OK;
}

/* The pair whose key is in scratch. */
static int read_metadatum(header *h)
{
    if (scratch_has_nul(h))
        return vdb_fail(h->error, VARSDB_FORMAT, "metadata " SHOWN "...: a key may not hold NUL",
                        h->scratch.data);
    vdb_metadata pair = {.key = keep_text(h)};
    int rc = expect(h, VDB_JSON_STRING, "its value", "a string");
    if (rc == VARSDB_FORMAT)
        vdb_fail_in(h->error, "metadata " SHOWN, pair.key);
    if (rc == VARSDB_OK)
        rc = keep_json_string(h, &pair.json);
    void *list = h->list.metadata;
    if (rc == VARSDB_OK)
        rc = make_room(h, &list, h->list.metadata_count, &h->metadata_room, sizeof *h->list.metadata);
    if (rc != VARSDB_OK)
        return rc;
    h->list.metadata = list;
    h->list.metadata[h->list.metadata_count++] = pair;
    return VARSDB_OK;
}

static int read_metadata(header *h)
{
    vdb_json_token token;
    if (h->metadata_seen)
        return vdb_fail(h->error, VARSDB_FORMAT, "the header has \"" VDB_SAFETENSORS_METADATA "\" twice");
    h->metadata_seen = true;
    int rc = next(h, &token);
    if (rc != VARSDB_OK || token == VDB_JSON_NULL)
        return rc;
    if (token != VDB_JSON_OBJECT)
        return fail_expected(h, "\"" VDB_SAFETENSORS_METADATA "\"", "an object of strings");
    while ((rc = next(h, &token)) == VARSDB_OK && token == VDB_JSON_KEY) {
        rc = take_text(h);
        if (rc == VARSDB_OK)
            rc = read_metadatum(h);
        if (rc != VARSDB_OK)
            break;
    }
    return rc;
}

/* ---- The whole ---------------------------------------------------------- */

static int read_entries(header *h)
{
    vdb_json_token token;
    int rc = expect(h, VDB_JSON_OBJECT, "the header", "an object");
    while (rc == VARSDB_OK && (rc = next(h, &token)) == VARSDB_OK && token == VDB_JSON_KEY) {
        rc = take_text(h);
        if (rc == VARSDB_OK)
            rc = scratch_is(h, VDB_SAFETENSORS_METADATA) ? read_metadata(h) : read_tensor(h);
    }
    if (rc == VARSDB_OK)
        rc = next(h, &token);
    assert(rc != VARSDB_OK || token == VDB_JSON_END);
    return rc;
}

int vdb_safetensors_parse_header(vdb_error *e, const char *text, size_t bytes, uint64_t data_bytes,
                                 vdb_tensor_list *out)
{
    header h = {.error = e, .data_offset = VDB_SAFETENSORS_LENGTH_BYTES + bytes, .data_bytes = data_bytes};
    vdb_json_begin(&h.json, text, bytes, VDB_JSON_DEPTH_MAX);
    int rc = make_arena(&h);
    if (rc == VARSDB_OK)
        rc = read_entries(&h);
    h.list.arena = vdb_buf_detach(&h.arena);
    vdb_buf_release(&h.scratch);
    if (rc == VARSDB_OK)
        *out = h.list;
    else
        vdb_tensor_list_release(&h.list);
    return rc;
}

#endif
