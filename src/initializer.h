/*
 * initializer.h - initial values as a function of spec, key, dtype, full shape and
 * element index, so that any range of a tensor can be made by itself.  No I/O.
 */
#ifndef VDB_INITIALIZER_H
#define VDB_INITIALIZER_H

#include <stdbool.h>

#include "dtype.h"
#include "rng.h"
#include "shape.h"
#include "spec.h"

typedef struct vdb_initializer vdb_initializer;
typedef void vdb_initializer_filler(const vdb_initializer *init, int64_t first, int64_t count, void *out);

/* Column by column, at least as high as wide; laid into a tensor row by row, or turned over. */
typedef struct vdb_matrix {
    double *data;
    size_t height, width;
    bool is_turned;
} vdb_matrix;

struct vdb_initializer {
    varsdb_dtype dtype;
    vdb_dims shape;
    int64_t elements;
    vdb_spec spec; /* into the text given */
    bool is_none;  /* "none": no value */
    bool is_random;
    bool has_seed; /* an explicit seed=N; then it alone decides */
    int64_t seed;
    vdb_philox_key key;
    double a, b;            /* parameters of the kind: limits, mean and stddev, ... */
    double lowest, highest; /* of a uniform one: the dtype's own values that it may take */
    uint64_t low, range;    /* of an integer one: low + [0, range); range 0 is 2^64 */
    size_t value_argument;  /* of a constant: which argument has the values */
    vdb_matrix matrix;      /* of an orthogonal one */
    int64_t matrix_at;      /* the element where the matrix begins; all outside it is 0 */
    vdb_initializer_filler *fill;
};

/* The default of a dtype: "glorot_uniform", "zeros"; NULL for those that have none. */
const char *vdb_initializer_default(varsdb_dtype dtype);
/* Checks that text is a known spec with valid arguments, whatever the variable. */
int vdb_initializer_check(vdb_error *e, const char *text);
/* Prepares text for a variable.  The key is of the name unless the spec has a seed.
 * VARSDB_INVALID: unknown, bad arguments, or not for this dtype or shape. */
int vdb_initializer_open(vdb_error *e, const char *text, varsdb_dtype dtype, const varsdb_shape *shape,
                         int64_t namespace_seed, const char *name, vdb_initializer *out);
/* Writes elements [first, first + count) packed to out.  For packed sub-byte dtypes `first`
 * is a multiple of 8.  Strings: empty ones, in canonical form (8-byte lengths of zero). */
void vdb_initializer_fill(const vdb_initializer *init, int64_t first, int64_t count, void *out);
void vdb_initializer_close(vdb_initializer *init);

#endif
