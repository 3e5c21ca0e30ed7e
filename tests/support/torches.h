/* torches.h - files of PyTorch made by hand: pickles, archives, and files of before 1.6. */
#ifndef TEST_TORCHES_H
#define TEST_TORCHES_H

#include "zips.h"

/* A tensor's view of a storage; what is not given is right, for one dimension of all elements. */
typedef struct torch_view {
    const char *name, *type, *dtype; /* dtype: of version 3, type is UntypedStorage then */
    const char *key;                 /* NULL: "0" */
    int64_t items, offset;
    int rank;
    int64_t dims[8], strides[8];
    const char *more; /* after the hooks, as a pickle */
    const char *part; /* after the storage's size, as a pickle */
    bool parameter;
} torch_view;

static inline void torch_put(zip_maker *m, const char *text)
{
    zip_put(m, text, strlen(text));
}

static inline void torch_text(zip_maker *m, const char *text)
{
    torch_put(m, "X");
    zip_number(m, strlen(text), 4);
    torch_put(m, text);
}

static inline void torch_integer(zip_maker *m, int64_t value)
{
    zip_put(m, "\x8a\x08", 2);
    zip_number(m, (uint64_t)value, 8);
}

static inline void torch_integers(zip_maker *m, const int64_t *values, int count)
{
    torch_put(m, "(");
    for (int i = 0; i < count; i++)
        torch_integer(m, values[i]);
    torch_put(m, "t");
}

static inline void torch_tensor(zip_maker *m, const torch_view *v)
{
    if (v->parameter)
        torch_put(m, "ctorch._utils\n_rebuild_parameter\n(");
    torch_put(m, "ctorch._utils\n_rebuild_tensor_");
    torch_put(m, v->dtype ? "v3\n((" : "v2\n((");
    torch_text(m, "storage");
    torch_put(m, "ctorch");
    torch_put(m, v->dtype ? ".storage\n" : "\n");
    torch_put(m, v->dtype ? "UntypedStorage" : v->type);
    torch_put(m, "\n");
    torch_text(m, v->key ? v->key : "0");
    torch_text(m, "cpu");
    torch_integer(m, v->items);
    torch_put(m, v->part ? v->part : "");
    torch_put(m, "tQ");
    torch_integer(m, v->offset);
    torch_integers(m, v->dims, v->rank);
    torch_integers(m, v->strides, v->rank);
    torch_put(m, "\x89"
                 "ccollections\nOrderedDict\n)R");
    if (v->dtype) {
        torch_put(m, "ctorch\n");
        torch_put(m, v->dtype);
        torch_put(m, "\n");
    }
    torch_put(m, v->more ? v->more : "");
    torch_put(m, "tR");
    if (v->parameter)
        torch_put(m, "\x88"
                     "ccollections\nOrderedDict\n)RtR");
}

/* A dict of tensors, and what else `more` has: keys and values. */
static inline void torch_pickle(zip_maker *m, const torch_view *views, size_t count, const char *more)
{
    zip_put(m, "\x80\x02}(", 4);
    for (size_t i = 0; i < count; i++) {
        torch_text(m, views[i].name);
        torch_tensor(m, &views[i]);
    }
    torch_put(m, more ? more : "");
    torch_put(m, "u.");
}

/* An archive of a pickle and storage 0. */
static inline void torch_archive(const char *path, const zip_maker *pickle, const void *data, size_t bytes,
                                 const char *order)
{
    zip_maker z;
    zip_piece pieces[] = {
        {.name = "archive/data.pkl", .data = pickle->data, .data_bytes = pickle->bytes},
        {.name = "archive/data/0", .data = data, .data_bytes = bytes},
        {.name = "archive/version", .data = "3\n", .data_bytes = 2},
        {.name = "archive/byteorder", .data = order, .data_bytes = order ? strlen(order) : 0}};
    for (size_t i = 0; i < 4; i++)
        pieces[i].descriptor = true; /* as PyTorch has it */
    zip_make(&z, pieces, order ? 4 : 3, "", true);
    file_write(path, z.data, z.bytes);
    free(z.data);
}

/* The same as a file of before 1.6. */
static inline void torch_legacy(const char *path, const zip_maker *pickle, const void *data, uint64_t items,
                                size_t bytes)
{
    static const char begin[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
                                "\x80\x02M\xe9\x03."
                                "\x80\x02}X\x0d\0\0\0little_endian\x88s.";
    zip_maker m = {0};
    zip_put(&m, begin, sizeof begin - 1);
    zip_put(&m, pickle->data, pickle->bytes);
    zip_put(&m,
            "\x80\x02]X\1\0\0\0"
            "0a.",
            11);
    zip_number(&m, items, 8);
    zip_put(&m, data, bytes);
    file_write(path, m.data, m.bytes);
    free(m.data);
}

#endif
