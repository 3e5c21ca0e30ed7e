/*
 * npz.c - NumPy's archive of arrays: a zip archive whose members are NAME.npy.  Tensors
 * come in the order of the file.  What is no array is passed over; an array that varsdb cannot hold is
 * listed, without a dtype.
 *
 * Of a member only its array's header is looked at before its elements are asked for.
 */
#ifndef VARSDB_OMIT_NUMPY

#include "npz.h"

#include <stdlib.h>
#include <string.h>

#include "../byte_order.h"
#include "../json.h"
#include "../mem.h"
#include "../name.h"
#include "scratch.h"

#define SHOWN "'%.200s'"

typedef struct npz_state {
    vdb_zip zip;
    vdb_npy_layout *layouts;
    vdb_strided_cache cache;
    vdb_npz_stream stream;
    vdb_input scratch;                /* a member as it is inflated, */
    const vdb_zip_member *in_scratch; /* this one; NULL: none */
} npz_state;

/* What a source of an array's bytes is made of. */
typedef struct member_source {
    vdb_npz_stream *stream;
    const vdb_zip_member *member;
} member_source;

/* vdb_source.read_at */
static int read_member(vdb_error *e, const void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    const member_source *m = payload;
    return vdb_npz_read_member(e, m->stream, m->member, offset, buffer, bytes);
}

static bool is_array(const char *name, size_t bytes)
{
    return bytes >= VDB_NPZ_SUFFIX_BYTES &&
           memcmp(name + bytes - VDB_NPZ_SUFFIX_BYTES, VDB_NPZ_SUFFIX, VDB_NPZ_SUFFIX_BYTES) == 0;
}

/* ---- Listing ------------------------------------------------------------ */

static int read_header(vdb_error *e, npz_state *s, const vdb_zip_member *m, vdb_npy_header *out)
{
    member_source from = {.stream = &s->stream, .member = m};
    vdb_source source = {.read_at = read_member, .payload = &from, .bytes = m->bytes};
    const char *unread = vdb_npz_why_unread(m);
    if (unread) {
        *out = (vdb_npy_header){.bytes = m->bytes};
        memcpy(out->unread, unread, strlen(unread) + 1);
        return VARSDB_OK;
    }
    int rc = vdb_npz_check_size(e, m);
    return rc == VARSDB_OK ? vdb_npy_read_header(e, &source, out) : rc;
}

static int add_member(vdb_error *e, npz_state *s, size_t i, vdb_npy_list *list)
{
    const vdb_zip_member *m = &s->zip.members[i];
    size_t bytes = strlen(m->name);
    vdb_npy_header header;
    if (!vdb_utf8_valid(m->name, bytes))
        return vdb_fail(e, VARSDB_FORMAT, "member " SHOWN " has a name that is not UTF-8", m->name);
    if (!is_array(m->name, bytes))
        return vdb_tensor_list_pass_over(e, &list->list, m->name);
    int rc = read_header(e, s, m, &header);
    if (rc != VARSDB_OK)
        return rc == VARSDB_NOMEM ? rc : vdb_fail_in(e, "member " SHOWN, m->name);
    header.layout.member = (uint32_t)i;
    return vdb_npy_list_add(e, list, m->name, bytes - VDB_NPZ_SUFFIX_BYTES, &header);
}

static int by_place(const void *a, const void *b)
{
    const vdb_zip_member *const *x = a, *const *y = b;
    return ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

static int add_members(vdb_error *e, npz_state *s, vdb_npy_list *list)
{
    const vdb_zip *zip = &s->zip;
    const vdb_zip_member **sorted = vdb_calloc(zip->count, sizeof *sorted);
    int rc = sorted ? VARSDB_OK : vdb_fail_nomem(e);
    for (size_t i = 0; sorted && i < zip->count; i++)
        sorted[i] = &zip->members[i];
    if (sorted && zip->count)
        qsort(sorted, zip->count, sizeof *sorted, by_place);
    for (size_t i = 0; i < zip->count && rc == VARSDB_OK; i++)
        rc = add_member(e, s, (size_t)(sorted[i] - zip->members), list);
    vdb_free(sorted);
    return rc;
}

/* Any zip archive may come here: documents, programs, PyTorch's files. */
static int refuse_others(vdb_error *e, const vdb_zip *zip, const vdb_npy_list *list)
{
    if (list->list.count || !zip->count)
        return VARSDB_OK;
    const char *what = "has no array of NumPy's (NAME.npy)";
    for (size_t i = 0; i < zip->count; i++) {
        const char *slash = strrchr(zip->members[i].name, '/');
        if (slash && strcmp(slash, "/data.pkl") == 0)
            what = "is PyTorch's (.pt), which is not read";
    }
    return vdb_fail(e, VARSDB_FORMAT, "it is not a tensor file: it is a zip archive that %s", what);
}

static void close_state(void *state)
{
    npz_state *s = state;
    vdb_npz_stream_release(&s->stream);
    vdb_strided_release(&s->cache);
    vdb_input_close(&s->scratch);
    vdb_zip_release(&s->zip);
    vdb_free(s->layouts);
    vdb_free(s);
}

static int open_list(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    vdb_npy_list list = {0};
    npz_state *s = vdb_calloc(1, sizeof *s);
    if (!s)
        return vdb_fail_nomem(e);
    s->stream.in = in;
    s->scratch.fd = -1;
    int rc = vdb_zip_open(e, in, &s->zip);
    if (rc == VARSDB_OK)
        rc = add_members(e, s, &list);
    if (rc == VARSDB_OK)
        rc = refuse_others(e, &s->zip, &list);
    if (rc == VARSDB_OK)
        rc = vdb_npy_list_finish(e, &list);
    if (rc == VARSDB_OK) {
        s->layouts = list.layouts;
        *out = list.list;
        *state = s;
        list.list = (vdb_tensor_list){0};
        list.layouts = NULL;
    } else {
        close_state(s);
    }
    vdb_npy_list_release(&list);
    return rc;
}

/* ---- Reading ------------------------------------------------------------ */

static int inflate_to_scratch(vdb_error *e, npz_state *s, const vdb_zip_member *m)
{
    unsigned char piece[VDB_NPZ_PIECE_BYTES];
    int rc = s->scratch.fd < 0 ? vdb_scratch_open(e, &s->scratch) : vdb_scratch_clear(e, &s->scratch);
    s->in_scratch = NULL;
    while (rc == VARSDB_OK && s->scratch.bytes < m->bytes) {
        uint64_t left = m->bytes - s->scratch.bytes;
        size_t bytes = left < sizeof piece ? (size_t)left : sizeof piece;
        rc = vdb_npz_read_member(e, &s->stream, m, s->scratch.bytes, piece, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_scratch_append(e, &s->scratch, piece, bytes);
    }
    if (rc == VARSDB_OK)
        s->in_scratch = m;
    return rc;
}

/* For elements that are wanted in another order than they lie in, of which a part is no way to a checksum:
 * what is deflated can only be read forward. */
static int open_source(vdb_error *e, npz_state *s, const vdb_zip_member *m, vdb_source *source)
{
    if (m->method == VDB_ZIP_STORED)
        return vdb_npz_verify_member(e, &s->stream, m);
    int rc = s->in_scratch == m ? VARSDB_OK : inflate_to_scratch(e, s, m);
    if (rc == VARSDB_OK)
        *source = vdb_input_source(&s->scratch);
    return rc;
}

static int read_tensor(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                       uint64_t offset, void *buffer, size_t bytes)
{
    npz_state *s = state;
    const vdb_npy_layout *layout = &s->layouts[tensor->offset];
    member_source from = {.stream = &s->stream, .member = &s->zip.members[layout->member]};
    vdb_source source = {.read_at = read_member, .payload = &from, .bytes = from.member->bytes};
    int rc = VARSDB_OK;
    s->stream.in = in;
    if (layout->fortran && tensor->info.bytes > VDB_STRIDED_BLOCK_BYTES)
        rc = open_source(e, s, from.member, &source);
    if (rc == VARSDB_OK)
        rc = vdb_npy_read_data(e, &source, &tensor->info, layout, &s->cache, tensor->offset, offset, buffer,
                               bytes);
    return rc;
}

/* A name that is longer than what is seen of it may end in anything. */
static int recognize(const vdb_sniff *sniff)
{
    const unsigned char *head = sniff->head;
    size_t name_bytes = sniff->head_bytes > 30 ? (size_t)vdb_get_little_endian(head + 26, 2) : 0;
    if (sniff->head_bytes >= 4 && memcmp(head, "PK\5\6", 4) == 0)
        return 2;
    if (sniff->head_bytes < 4 || memcmp(head, "PK\3\4", 4) != 0)
        return 0;
    return 30 + name_bytes <= sniff->head_bytes && is_array((const char *)head + 30, name_bytes) ? 2 : 1;
}

const vdb_format vdb_format_npz = {
    .name = "npz",
    .suffix = ".npz",
    .recognize = recognize,
    .open = open_list,
    .read = read_tensor,
    .close = close_state,
    .write = vdb_npz_write,
};

#endif
