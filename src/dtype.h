/*
 * dtype.h - the closed list of element types, and single elements as numbers and
 * as text.  The public functions on dtypes (varsdb_dtype_*, varsdb_element_*) are
 * in dtype.c and element.c too.  No I/O.
 */
#ifndef VDB_DTYPE_H
#define VDB_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

typedef enum vdb_dtype_class {
    VDB_CLASS_BOOL,
    VDB_CLASS_SIGNED,
    VDB_CLASS_UNSIGNED,
    VDB_CLASS_FLOAT, /* float6 and float4 and float8 included */
    VDB_CLASS_COMPLEX,
    VDB_CLASS_STRING,
    VDB_CLASS_BLOCK
} vdb_dtype_class;

bool vdb_dtype_valid(varsdb_dtype dtype);
vdb_dtype_class vdb_dtype_class_of(varsdb_dtype dtype);
/* Whether its elements are numbers: neither strings nor opaque blocks. */
bool vdb_dtype_has_numbers(varsdb_dtype dtype);

/* Opaque blocks, each of so many elements along the last axis, in so many bytes. */
typedef struct vdb_dtype_block {
    int elements, bytes;
} vdb_dtype_block;
const vdb_dtype_block *vdb_dtype_block_of(varsdb_dtype dtype); /* NULL: it has none */
const char *vdb_dtype_block_name(varsdb_dtype dtype);
varsdb_dtype vdb_dtype_block_parse(const char *name);
/* VARSDB_INVALID where the last axis does not fill whole blocks. */
int vdb_dtype_check_rows(vdb_error *e, varsdb_dtype dtype, const varsdb_shape *shape);

/* Bytes of a packed tensor of so many elements, rounded up; false if that overflows
 * int64_t, for string, and of opaque blocks for a part of one. */
bool vdb_dtype_bytes(varsdb_dtype dtype, int64_t elements, int64_t *out);

/* Bytes of what is turned round for another byte order: an element, of complex numbers each part;
 * 1 where there is nothing to turn. */
size_t vdb_dtype_number_bytes(varsdb_dtype dtype);

/* Exact widening of one element's bits to double (NaN payloads aside). */
double vdb_float16_to_double(uint16_t bits);
double vdb_bfloat16_to_double(uint16_t bits);
double vdb_float8_to_double(varsdb_dtype dtype, uint8_t bits);      /* every float8 */
double vdb_float_small_to_double(varsdb_dtype dtype, uint8_t bits); /* float6 and float4 */
/* Narrowing, round to nearest even; out of range becomes what the format has (infinity,
 * else NaN, else the largest); of every float dtype of 32 bits and less. */
uint32_t vdb_double_to_float_bits(varsdb_dtype dtype, double value);
/* Whether narrowing to a float dtype of 32 bits and less keeps what kind of number it is: finite
 * stays finite, infinities and NaN are had. */
bool vdb_float_fits(varsdb_dtype dtype, double value);
/* The smallest and the largest finite number of a float dtype. */
void vdb_float_range(varsdb_dtype dtype, double *least, double *most);
/* Bits of element i of a packed sub-byte tensor (bit i*bits is the lowest of its byte). */
unsigned vdb_packed_get(const void *data, int bits, size_t i);
void vdb_packed_set(void *data, int bits, size_t i, unsigned value);

/* Writes `value` as element i.  VARSDB_INVALID with the value and the dtype's range in the
 * message when it does not fit: integers are never rounded, wrapped or clipped; bool takes
 * 0 and 1.  Floats round to nearest.  Complex: real part, imaginary 0. */
int vdb_element_set_int(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, bool negative,
                        uint64_t magnitude);
int vdb_element_set_real(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, double value);

#endif
