/*
 * npy.c - one array in a file of NumPy's: its header, and the elements.  The tensor is
 * called as the file is, without ".npy".
 */
#ifndef VARSDB_OMIT_NUMPY

#include "npy.h"

#include <string.h>
#include <strings.h>

#include "../mem.h"

#define SUFFIX       ".npy"
#define SUFFIX_BYTES (sizeof SUFFIX - 1)
#define PIECE_BYTES  ((size_t)1 << 20)

typedef struct npy_state {
    vdb_npy_layout layout;
    vdb_strided_cache cache;
} npy_state;

static size_t stem_of(const char *path, const char **out)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t bytes = strlen(name);
    if (bytes > SUFFIX_BYTES && strcasecmp(name + bytes - SUFFIX_BYTES, SUFFIX) == 0)
        bytes -= SUFFIX_BYTES;
    *out = name;
    return bytes;
}

static int open_list(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    vdb_npy_header header;
    vdb_npy_list list = {0};
    vdb_source source = vdb_input_source(in);
    npy_state *s = NULL;
    const char *name;
    size_t name_bytes = stem_of(in->path, &name);
    int rc = vdb_npy_read_header(e, &source, &header);
    if (rc == VARSDB_OK && header.dtype == VARSDB_DTYPE_NOT_SAID)
        rc = vdb_fail(e, VARSDB_UNSUPPORTED, "it %s", header.unread);
    if (rc == VARSDB_OK)
        rc = vdb_npy_list_add(e, &list, name, name_bytes, &header);
    if (rc == VARSDB_OK)
        rc = vdb_npy_list_finish(e, &list);
    if (rc == VARSDB_OK && !(s = vdb_calloc(1, sizeof *s)))
        rc = vdb_fail_nomem(e);
    if (rc == VARSDB_OK) {
        s->layout = list.layouts[0];
        *state = s;
        *out = list.list;
        list.list = (vdb_tensor_list){0};
    }
    vdb_npy_list_release(&list);
    return rc;
}

static int read_tensor(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                       uint64_t offset, void *buffer, size_t bytes)
{
    npy_state *s = state;
    vdb_source source = vdb_input_source(in);
    return vdb_npy_read_data(e, &source, &tensor->info, &s->layout, &s->cache, 0, offset, buffer, bytes);
}

static void close_state(void *state)
{
    npy_state *s = state;
    vdb_strided_release(&s->cache);
    vdb_free(s);
}

static int recognize(const vdb_sniff *sniff)
{
    static const char magic[] = "\x93NUMPY";
    return sniff->head_bytes >= sizeof magic - 1 && memcmp(sniff->head, magic, sizeof magic - 1) == 0 ? 2 : 0;
}

static int stream_array(vdb_error *e, int fd, const vdb_writing *w)
{
    const vdb_output_tensor *t = &w->tensors[0];
    vdb_buf header = {0};
    char *piece = vdb_malloc(PIECE_BYTES);
    int rc = piece && vdb_npy_print_header(&header, t->dtype, &t->shape) == VARSDB_OK ? VARSDB_OK
                                                                                      : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = vdb_output_write(e, fd, header.data, header.size);
    for (uint64_t at = 0; at < t->bytes && rc == VARSDB_OK; at += PIECE_BYTES) {
        size_t bytes = t->bytes - at < PIECE_BYTES ? (size_t)(t->bytes - at) : PIECE_BYTES;
        rc = w->source(w->payload, t->tag, at, piece, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_output_write(e, fd, piece, bytes);
    }
    vdb_buf_release(&header);
    vdb_free(piece);
    return rc;
}

static int write_file(vdb_error *e, const vdb_writing *w)
{
    if (w->count != 1)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "an .npy file has one array, and %zu variables are selected; an .npz has any number",
                        w->count);
    int rc = vdb_npy_check_dtypes(e, w->tensors, w->count);
    return rc == VARSDB_OK ? vdb_output_file(e, w, stream_array) : rc;
}

const vdb_format vdb_format_npy = {
    .name = "npy",
    .suffix = SUFFIX,
    .recognize = recognize,
    .open = open_list,
    .read = read_tensor,
    .close = close_state,
    .write = write_file,
};

#endif
