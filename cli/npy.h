/*
 * npy.h - what precedes an array in NumPy's file format.  Reading one is varsdb_open_reader's.
 */
#ifndef CLI_NPY_H
#define CLI_NPY_H

#include "cli.h"

/* The type code that NumPy has for dtype, as "f4"; NULL if it has none. */
const char *npy_code(varsdb_dtype dtype);
void npy_write_header(sink *to, varsdb_dtype dtype, const varsdb_shape *shape);

#endif
