/*
 * arithmetic.h - sums and differences of packed tensors, element by element.  No I/O.
 *
 * Integers wrap around.  Floats, and the parts of complex numbers, are rounded to nearest
 * even in their own dtype; a sum out of range becomes what the dtype has for it (infinity,
 * else NaN, else the largest).
 */
#ifndef VDB_ARITHMETIC_H
#define VDB_ARITHMETIC_H

#include <stdbool.h>

#include "dtype.h"

/* Every dtype but bool and string. */
bool vdb_arithmetic_has(varsdb_dtype dtype);
/*
 * out = a + b and out = a - b.  The bytes may stand anywhere; out may be a or b, but not overlap
 * them otherwise.  Of sub-byte dtypes the elements begin at a byte, and bits of out's last byte
 * behind them are 0.  INVALID: the dtype has no arithmetic.
 */
int vdb_arithmetic_add(varsdb_dtype dtype, const void *a, const void *b, void *out, size_t elements);
int vdb_arithmetic_subtract(varsdb_dtype dtype, const void *a, const void *b, void *out, size_t elements);

#endif
