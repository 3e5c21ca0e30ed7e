/* npys.h - arrays in NumPy's format made by hand, and read back. */
#ifndef TEST_NPYS_H
#define TEST_NPYS_H

#include <stdbool.h>

#include "tensor_files.h"

#define NPY_HEADER_BYTES 512

/* Bytes of an array: magic, version, the header as it is given, data.  The caller frees them. */
static inline unsigned char *npy_make(int version, const char *header, const void *data, size_t data_bytes,
                                      size_t *bytes)
{
    size_t length = strlen(header), at = version == 1 ? 10 : 12;
    unsigned char *all = malloc(at + length + data_bytes + 1);
    ck_assert_ptr_nonnull(all);
    memcpy(all, "\x93NUMPY", 6);
    all[6] = (unsigned char)version;
    all[7] = 0;
    for (size_t i = 8; i < at; i++)
        all[i] = (unsigned char)(length >> (8 * (i - 8)));
    memcpy(all + at, header, length);
    if (data_bytes)
        memcpy(all + at + length, data, data_bytes);
    *bytes = at + length + data_bytes;
    return all;
}

static inline void npy_write(const char *path, int version, const char *header, const void *data,
                             size_t data_bytes)
{
    size_t bytes;
    unsigned char *all = npy_make(version, header, data, data_bytes, &bytes);
    file_write(path, all, bytes);
    free(all);
}

static inline const char *npy_header(const char *descr, bool fortran, const char *shape,
                                     char room[NPY_HEADER_BYTES])
{
    snprintf(room, NPY_HEADER_BYTES, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr,
             fortran ? "True" : "False", shape);
    return room;
}

/* Each dtype of NumPy's that varsdb has; of how many bytes the numbers are that are turned round. */
static const struct {
    const char *descr, *ours;
    size_t bytes, unit;
} npy_dtypes[] = {
    {"b1", "bool", 1, 1},      {"i1", "int8", 1, 1},         {"i2", "int16", 2, 2},   {"i4", "int32", 4, 4},
    {"i8", "int64", 8, 8},     {"u1", "uint8", 1, 1},        {"u2", "uint16", 2, 2},  {"u4", "uint32", 4, 4},
    {"u8", "uint64", 8, 8},    {"f2", "float16", 2, 2},      {"f4", "float32", 4, 4}, {"f8", "float64", 8, 8},
    {"c8", "complex64", 8, 4}, {"c16", "complex128", 16, 8},
};
#define NPY_DTYPES ((int)(sizeof npy_dtypes / sizeof *npy_dtypes))

#endif
