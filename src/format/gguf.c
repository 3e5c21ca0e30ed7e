/*
 * gguf.c - the reader of GGUF: versions 2 and 3, little-endian.  Tensors are read as they lie in the file,
 * those of quantized types as opaque blocks.
 *
 * Time is N log N and memory a few times N, for a header of N bytes; values of metadata above 64 KiB are
 * passed over.
 */
#ifndef VARSDB_OMIT_GGUF

#include "gguf.h"

#include <stdlib.h>
#include <string.h>

#include "../dtype.h"
#include "../mem.h"
#include "../shape.h"

#define SHOWN             VDB_GGUF_SHOWN
#define MAGIC             "GGUF"
#define RANK_MAX          4
#define ALIGNMENT_KEY     "general.alignment"
#define ALIGNMENT_DEFAULT 32u
#define TYPE_UINT32       4u
#define TENSOR_BYTES      24u /* what one takes at least in the header */
#define PAIR_BYTES        14u
#define TYPE_MAX          255u

/* What is of plain numbers; other types are blocks, or not known. */
static const struct {
    unsigned number;
    varsdb_dtype dtype;
} plain[] = {
    {0, VARSDB_FLOAT32}, {1, VARSDB_FLOAT16}, {24, VARSDB_INT8},    {25, VARSDB_INT16},
    {26, VARSDB_INT32},  {27, VARSDB_INT64},  {28, VARSDB_FLOAT64}, {30, VARSDB_BFLOAT16},
};

typedef struct gguf {
    vdb_error *error;
    vdb_gguf_source source;
    vdb_arena *arena;
    vdb_tensor_list list;
    size_t tensors, pairs; /* as many as there are to be */
    uint64_t alignment;
    vdb_buf name, value;
} gguf;

/* ---- Keeping ------------------------------------------------------------ */

static int fail_take(const gguf *g, size_t bytes)
{
    if (!vdb_arena_is_full(g->arena, bytes))
        return vdb_fail_nomem(g->error);
    return vdb_fail(g->error, VARSDB_FORMAT, "names and metadata take more than %zu MiB",
                    VDB_GGUF_ARENA_MOST >> 20);
}

static int keep(gguf *g, const vdb_buf *text, char **out)
{
    char *p = vdb_arena_text(g->arena, text->data, text->size);
    if (!p)
        return fail_take(g, text->size + 1);
    *out = p;
    return VARSDB_OK;
}

/* ---- The beginning ------------------------------------------------------ */

static int check_version(vdb_error *e, uint64_t version)
{
    if (version == 2 || version == 3)
        return VARSDB_OK;
    if (version == 0x02000000 || version == 0x03000000)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "it is a big-endian GGUF file, which is not read; convert it to little-endian");
    return vdb_fail(e, version && version < 1000 ? VARSDB_UNSUPPORTED : VARSDB_FORMAT,
                    "it is of version %llu of GGUF; versions 2 and 3 are read", (unsigned long long)version);
}

static int read_count(gguf *g, const char *what, unsigned least, size_t *out)
{
    uint64_t count = 0;
    int rc = vdb_gguf_number(&g->source, 8, &count);
    if (rc == VARSDB_OK && count > vdb_gguf_left(&g->source) / least)
        rc = vdb_fail(g->error, VARSDB_FORMAT,
                      "it says that there are %llu %s, more than the rest of the file holds; it is truncated "
                      "(an incomplete download?)",
                      (unsigned long long)count, what);
    if (rc == VARSDB_OK)
        *out = (size_t)count;
    return rc;
}

static int read_beginning(gguf *g)
{
    char magic[4];
    uint64_t version = 0;
    int rc = vdb_gguf_take(&g->source, magic, sizeof magic);
    if (rc == VARSDB_OK && memcmp(magic, MAGIC, sizeof magic) != 0)
        rc = vdb_fail(g->error, VARSDB_FORMAT, "it does not begin with " MAGIC);
    if (rc == VARSDB_OK)
        rc = vdb_gguf_number(&g->source, 4, &version);
    if (rc == VARSDB_OK)
        rc = check_version(g->error, version);
    if (rc == VARSDB_OK)
        rc = read_count(g, "tensors", TENSOR_BYTES, &g->tensors);
    if (rc == VARSDB_OK)
        rc = read_count(g, "pairs of metadata", PAIR_BYTES, &g->pairs);
    return rc;
}

/* ---- Metadata ----------------------------------------------------------- */

static int take_alignment(gguf *g, uint64_t type, uint64_t value)
{
    if (type != TYPE_UINT32 || !value || (value & (value - 1)) != 0)
        return vdb_fail(g->error, VARSDB_FORMAT, "it must be a uint32, and a power of two");
    g->alignment = value;
    return VARSDB_OK;
}

static int read_pair(gguf *g)
{
    vdb_metadata pair = {0};
    uint64_t type = 0, whole = 0;
    int rc = vdb_gguf_text(&g->source, "a key", VDB_GGUF_KEY_MAX, &g->name);
    if (rc == VARSDB_OK && !g->name.size)
        rc = vdb_fail(g->error, VARSDB_FORMAT, "a key of metadata is empty");
    if (rc == VARSDB_OK)
        rc = keep(g, &g->name, &pair.key);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_gguf_number(&g->source, 4, &type);
    if (rc == VARSDB_OK)
        rc = vdb_gguf_value(&g->source, type, &g->value, &whole);
    if (rc == VARSDB_OK && strcmp(pair.key, ALIGNMENT_KEY) == 0)
        rc = take_alignment(g, type, whole);
    if (rc == VARSDB_FORMAT)
        vdb_fail_in(g->error, "metadata " SHOWN, pair.key);
    if (rc == VARSDB_OK)
        rc = keep(g, &g->value, &pair.json);
    if (rc == VARSDB_OK)
        g->list.metadata[g->list.metadata_count++] = pair;
    return rc;
}

static int read_pairs(gguf *g)
{
    int rc = VARSDB_OK;
    g->list.metadata = vdb_calloc(g->pairs + 1, sizeof *g->list.metadata);
    if (!g->list.metadata)
        return vdb_fail_nomem(g->error);
    for (size_t i = 0; i < g->pairs && rc == VARSDB_OK; i++)
        rc = read_pair(g);
    return rc;
}

/* ---- Tensors ------------------------------------------------------------ */

/* The innermost dimension comes first in the file, and last in the registry. */
static int read_dims(gguf *g, varsdb_shape *out)
{
    uint64_t rank = 0, dim = 0;
    int64_t dims[RANK_MAX];
    int rc = vdb_gguf_number(&g->source, 4, &rank);
    if (rc == VARSDB_OK && rank > RANK_MAX)
        rc = vdb_fail(g->error, VARSDB_FORMAT, "it has %llu dimensions; %d are the most",
                      (unsigned long long)rank, RANK_MAX);
    for (uint64_t i = 0; i < rank && rc == VARSDB_OK; i++) {
        rc = vdb_gguf_number(&g->source, 8, &dim);
        if (rc == VARSDB_OK && dim > (uint64_t)VDB_DIM_MAX)
            rc = vdb_fail(g->error, VARSDB_FORMAT, "a dimension is %llu; 2^48 is the most",
                          (unsigned long long)dim);
        dims[rank - 1 - i] = (int64_t)dim;
    }
    if (rc != VARSDB_OK)
        return rc;
    size_t bytes = (size_t)rank * sizeof *dims;
    int64_t *kept = vdb_arena_take(g->arena, bytes);
    if (!kept)
        return fail_take(g, bytes);
    if (bytes)
        memcpy(kept, dims, bytes);
    *out = (varsdb_shape){(int)rank, kept};
    return VARSDB_OK;
}

static int read_type(gguf *g, varsdb_dtype *out)
{
    uint64_t number = 0;
    int rc = vdb_gguf_number(&g->source, 4, &number);
    if (rc != VARSDB_OK)
        return rc;
    *out = (varsdb_dtype)(VARSDB_GGML + number);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].number == number)
            *out = plain[i].dtype;
    if (number <= TYPE_MAX && vdb_dtype_valid(*out))
        return VARSDB_OK;
    return vdb_fail(g->error, VARSDB_UNSUPPORTED, "it is of type %llu, which this varsdb does not know",
                    (unsigned long long)number);
}

static int measure(gguf *g, varsdb_tensor_info *t)
{
    int64_t elements = 0, bytes = 0;
    int rc = vdb_shape_elements(g->error, &t->shape, &elements);
    if (rc == VARSDB_OK)
        rc = vdb_dtype_check_rows(g->error, t->dtype, &t->shape);
    if (rc == VARSDB_OK && !vdb_dtype_bytes(t->dtype, elements, &bytes))
        rc = vdb_fail(g->error, VARSDB_FORMAT, "%lld elements are more bytes than can be counted",
                      (long long)elements);
    if (rc != VARSDB_OK)
        return g->error->code = VARSDB_FORMAT;
    t->bytes = (uint64_t)bytes;
    return VARSDB_OK;
}

static int read_tensor_info(gguf *g)
{
    vdb_tensor_entry t = {0};
    char *name = NULL;
    int rc = vdb_gguf_text(&g->source, "a tensor's name", VDB_GGUF_NAME_MAX - 1, &g->name);
    if (rc == VARSDB_OK)
        rc = keep(g, &g->name, &name);
    if (rc != VARSDB_OK)
        return rc;
    t.info.name = name;
    rc = read_dims(g, &t.info.shape);
    if (rc == VARSDB_OK)
        rc = read_type(g, &t.info.dtype);
    if (rc == VARSDB_OK)
        rc = measure(g, &t.info);
    if (rc == VARSDB_OK)
        rc = vdb_gguf_number(&g->source, 8, &t.offset);
    if (rc == VARSDB_OK)
        g->list.tensors[g->list.count++] = t;
    else if (rc != VARSDB_NOMEM)
        vdb_fail_in(g->error, "tensor " SHOWN, name);
    return rc;
}

/* The next multiple of the alignment; false if there is none. */
static bool align(uint64_t at, uint64_t alignment, uint64_t *out)
{
    if (__builtin_add_overflow(at, alignment - 1, &at))
        return false;
    *out = at & ~(alignment - 1);
    return true;
}

/* Tensors follow each other, each at the next multiple of the alignment. */
static int place_tensors(gguf *g)
{
    uint64_t begin = 0, at = 0, end = g->source.at, bytes = g->source.in->bytes;
    if (!align(g->source.at, g->alignment, &begin))
        return vdb_fail(g->error, VARSDB_FORMAT, "the alignment is too large");
    for (size_t i = 0; i < g->list.count; i++) {
        vdb_tensor_entry *t = &g->list.tensors[i];
        if (t->offset != at)
            return vdb_fail(g->error, VARSDB_FORMAT,
                            "tensor " SHOWN " begins at byte %llu of the data; after the one before it that "
                            "must be %llu",
                            t->info.name, (unsigned long long)t->offset, (unsigned long long)at);
        if (begin > bytes || at > bytes - begin || t->info.bytes > bytes - begin - at)
            return vdb_fail(g->error, VARSDB_FORMAT,
                            "tensor " SHOWN
                            " has %llu bytes, more than the rest of the file; it is truncated (an "
                            "incomplete download?)",
                            t->info.name, (unsigned long long)t->info.bytes);
        t->offset = begin + at;
        end = t->offset + t->info.bytes;
        if (!align(at + t->info.bytes, g->alignment, &at))
            return vdb_fail(g->error, VARSDB_FORMAT, "the alignment is too large");
    }
    if (bytes > end && bytes - end >= g->alignment)
        return vdb_fail(g->error, VARSDB_FORMAT, "%llu bytes at the end of the file belong to no tensor",
                        (unsigned long long)(bytes - end));
    return VARSDB_OK;
}

static int read_tensor_infos(gguf *g)
{
    int rc = VARSDB_OK;
    g->list.tensors = vdb_calloc(g->tensors + 1, sizeof *g->list.tensors);
    if (!g->list.tensors)
        return vdb_fail_nomem(g->error);
    for (size_t i = 0; i < g->tensors && rc == VARSDB_OK; i++)
        rc = read_tensor_info(g);
    return rc == VARSDB_OK ? place_tensors(g) : rc;
}

/* ---- The whole ---------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int refuse_twice(const gguf *g, const char *what, const char **texts, size_t count)
{
    qsort(texts, count, sizeof *texts, by_text);
    for (size_t i = 1; i < count; i++)
        if (strcmp(texts[i - 1], texts[i]) == 0)
            return vdb_fail(g->error, VARSDB_FORMAT, "%s " SHOWN " is in the header twice", what, texts[i]);
    return VARSDB_OK;
}

static int refuse_duplicates(const gguf *g)
{
    size_t most = g->list.count > g->list.metadata_count ? g->list.count : g->list.metadata_count;
    const char **texts = vdb_calloc(most + 1, sizeof *texts);
    if (!texts)
        return vdb_fail_nomem(g->error);
    for (size_t i = 0; i < g->list.metadata_count; i++)
        texts[i] = g->list.metadata[i].key;
    int rc = refuse_twice(g, "metadata", texts, g->list.metadata_count);
    for (size_t i = 0; i < g->list.count; i++)
        texts[i] = g->list.tensors[i].info.name;
    if (rc == VARSDB_OK)
        rc = refuse_twice(g, "tensor", texts, g->list.count);
    vdb_free(texts);
    return rc;
}

static int read_all(gguf *g, const vdb_input *in)
{
    int rc = vdb_gguf_begin(g->error, in, &g->source);
    if (rc == VARSDB_OK)
        rc = read_beginning(g);
    if (rc == VARSDB_OK)
        rc = read_pairs(g);
    if (rc == VARSDB_OK)
        rc = read_tensor_infos(g);
    if (rc == VARSDB_OK)
        rc = refuse_duplicates(g);
    vdb_gguf_end(&g->source);
    vdb_buf_release(&g->name);
    vdb_buf_release(&g->value);
    return rc;
}

static void close_state(void *state)
{
    vdb_arena_release(state);
    vdb_free(state);
}

static int open_list(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    gguf g = {.error = e, .alignment = ALIGNMENT_DEFAULT, .arena = vdb_calloc(1, sizeof *g.arena)};
    if (!g.arena)
        return vdb_fail_nomem(e);
    g.arena->most = VDB_GGUF_ARENA_MOST;
    int rc = read_all(&g, in);
    if (rc == VARSDB_OK) {
        *out = g.list;
        *state = g.arena;
    } else {
        vdb_tensor_list_release(&g.list);
        close_state(g.arena);
    }
    return rc;
}

static int recognize(const vdb_sniff *f)
{
    return f->head_bytes >= 4 && memcmp(f->head, MAGIC, 4) == 0 ? 2 : 0;
}

const vdb_format vdb_format_gguf = {
    .name = "gguf",
    .suffix = ".gguf",
    .recognize = recognize,
    .open = open_list,
    .close = close_state,
};

#endif
