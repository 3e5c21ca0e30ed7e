/*
 * npy.h - NumPy's file format for one array: a strict reader for what a variable
 * can hold, and a writer of headers.
 */
#ifndef CLI_NPY_H
#define CLI_NPY_H

#include "cli.h"

/* Python's literal is read up to this size; NumPy itself stops here too. */
#define NPY_HEADER_MAX 10000

typedef struct npy_header {
    varsdb_dtype dtype;
    bool big_endian, fortran_order;
    int rank;
    int64_t dims[VARSDB_RANK_MAX];
} npy_header;

/* Reads the dict of a header; NULL, or what is wrong with it. */
const char *npy_parse_header(const char *text, size_t bytes, npy_header *out);

/* Reads the file's array in canonical form: little-endian, C order.  It must be of this dtype and
 * shape.  *data is to be freed. */
int npy_read(cli *c, const char *path, varsdb_dtype dtype, const varsdb_shape *shape, void **data,
             size_t *bytes);

/* The type code that NumPy has for dtype, as "<f4"; NULL if it has none. */
const char *npy_descr(varsdb_dtype dtype);
void npy_write_header(sink *to, varsdb_dtype dtype, const varsdb_shape *shape);

#endif
