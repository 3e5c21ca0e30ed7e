/*
 * initializer_kind.h - what an initializer's kind has to say of itself; private to
 * initializer*.c, which see these tables and nobody else does.
 */
#ifndef VDB_INITIALIZER_KIND_H
#define VDB_INITIALIZER_KIND_H

#include "initializer.h"

#define VDB_INITIALIZER_WHAT           "initializer"
#define VDB_INITIALIZER_PARAMETERS_MAX 4

typedef enum vdb_initializer_takes {
    VDB_TAKES_ANY,     /* every dtype, string too */
    VDB_TAKES_NUMBERS, /* every dtype but string */
    VDB_TAKES_FLOATS,  /* float16, bfloat16, float32, float64 */
    VDB_TAKES_DRAWN    /* these and the integers */
} vdb_initializer_takes;

typedef enum vdb_fan_mode {
    VDB_FAN_IN,
    VDB_FAN_OUT,
    VDB_FAN_AVG
} vdb_fan_mode;
typedef enum vdb_distribution {
    VDB_UNIFORM,
    VDB_TRUNCATED_NORMAL,
    VDB_UNTRUNCATED_NORMAL,
    VDB_SLIM_NORMAL /* truncated, widened by the square root of 1.3 */
} vdb_distribution;

typedef struct vdb_scaling {
    double scale;
    vdb_fan_mode mode;
    vdb_distribution distribution;
} vdb_scaling;

typedef struct vdb_initializer_kind vdb_initializer_kind;
/* bound: an argument or NULL for each of the kind's parameters. */
typedef int vdb_initializer_step(vdb_error *e, const vdb_initializer_kind *kind,
                                 const vdb_spec_argument *const *bound, vdb_initializer *init);

struct vdb_initializer_kind {
    const char *name;
    vdb_initializer_takes takes;
    bool is_random; /* then the last parameter is the seed */
    size_t count;
    vdb_spec_parameter parameters[VDB_INITIALIZER_PARAMETERS_MAX];
    vdb_initializer_step *check;   /* of the arguments alone; NULL: nothing to check */
    vdb_initializer_step *prepare; /* for dtype, shape and key, all known; sets init->fill */
    vdb_scaling scaling;           /* of the kinds that are variance scaling under another name */
};

#define VDB_SEED_PARAMETER                         \
    {                                              \
        "seed", NULL, VDB_SPEC_NUMBER, false, true \
    }

/* Each ends in a row without a name. */
extern const vdb_initializer_kind vdb_constant_kinds[];
extern const vdb_initializer_kind vdb_random_kinds[];
extern const vdb_initializer_kind vdb_scaling_kinds[];
extern const vdb_initializer_kind vdb_orthogonal_kinds[];

/* A bound number, or what it is when not given. */
double vdb_initializer_number(const vdb_spec_argument *argument, double otherwise);
/* The same of a yes or no: 0, 1, true, false. */
int vdb_initializer_flag(vdb_error *e, const vdb_initializer_kind *kind, const char *parameter,
                         const vdb_spec_argument *argument, bool otherwise, bool *out);
/* bound[0] is a gain: finite. */
vdb_initializer_step vdb_initializer_check_gain;
/* Sets init up to draw from [low, high), mean +- stddev, and the latter cut off at 2 stddev. */
int vdb_initializer_draw_uniform(vdb_error *e, const char *name, double low, double high,
                                 vdb_initializer *init);
void vdb_initializer_draw_normal(double mean, double stddev, vdb_initializer *init);
void vdb_initializer_draw_truncated(double mean, double stddev, vdb_initializer *init);
/* The first half of draw_uniform: a, b, lowest and highest for init's dtype. */
int vdb_initializer_limit(vdb_error *e, const char *name, double low, double high, vdb_initializer *init);
/* random_uniform's last step for an integer dtype. */
vdb_initializer_step vdb_initializer_prepare_integers;
/* What random_normal draws for init's key and dtype, not narrowed yet. */
void vdb_initializer_normals(const vdb_initializer *init, int64_t first, int64_t count, double *out);
/* Narrows once, from double, to a float dtype of 16 bits and more; out may stand anywhere. */
void vdb_initializer_store(varsdb_dtype dtype, const double *values, size_t count, void *out);

#endif
