/*
 * initializer_scaling.c - initial values scaled by the shape: variance_scaling and its
 * relatives glorot, he and lecun, tf-slim's forms of it, uniform_unit_scaling, and identity.
 */
#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "elementary.h"
#include "initializer_kind.h"

#define WHAT VDB_INITIALIZER_WHAT
/* Standard deviation of N(0, 1) cut off at 2. */
#define TRUNCATED_STDDEV 0.87962566103423978
/* tf-slim's round figure for the same correction, of the variance. */
#define SLIM_VARIANCE 1.3

/* Counts are below 2^63; as doubles their products are the same bits everywhere. */
static double product(const vdb_dims *shape, int dims)
{
    double all = 1;
    for (int i = 0; i < dims; i++)
        all *= (double)shape->dim[i];
    return all;
}

/* All dimensions but the last two are a receptive field that both fans share. */
static void fans(const vdb_dims *shape, double *in, double *out)
{
    if (shape->rank < 2) {
        *in = *out = product(shape, shape->rank);
        return;
    }
    double field = product(shape, shape->rank - 2);
    *in = field * (double)shape->dim[shape->rank - 2];
    *out = field * (double)shape->dim[shape->rank - 1];
}

/* Below 1 only where there is no element: then nothing is drawn, and nothing is divided by 0. */
static double fan(const vdb_dims *shape, vdb_fan_mode mode)
{
    double in, out;
    fans(shape, &in, &out);
    double n = mode == VDB_FAN_IN ? in : mode == VDB_FAN_OUT ? out : (in + out) / 2;
    return n > 1 ? n : 1;
}

static int draw_scaled(vdb_error *e, const vdb_initializer_kind *kind, vdb_scaling scaling,
                       vdb_initializer *init)
{
    double variance = scaling.scale / fan(&init->shape, scaling.mode);
    switch (scaling.distribution) {
    case VDB_UNIFORM: {
        double limit = vdb_sqrt(3 * variance);
        return vdb_initializer_draw_uniform(e, kind->name, -limit, limit, init);
    }
    case VDB_TRUNCATED_NORMAL:
        vdb_initializer_draw_truncated(0, vdb_sqrt(variance) / TRUNCATED_STDDEV, init);
        return VARSDB_OK;
    case VDB_SLIM_NORMAL:
        vdb_initializer_draw_truncated(0, vdb_sqrt(SLIM_VARIANCE * variance), init);
        return VARSDB_OK;
    default:
        vdb_initializer_draw_normal(0, vdb_sqrt(variance), init);
        return VARSDB_OK;
    }
}

static int prepare_preset(vdb_error *e, const vdb_initializer_kind *kind,
                          const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)bound;
    return draw_scaled(e, kind, kind->scaling, init);
}

/* ---- variance_scaling --------------------------------------------------- */

typedef struct choice {
    const char *name;
    int value;
} choice;

static bool choose(const choice *choices, const vdb_spec_argument *word, int *out)
{
    for (; word && choices->name; choices++)
        if (strlen(choices->name) == word->word_bytes &&
            strncasecmp(choices->name, word->word, word->word_bytes) == 0) {
            *out = choices->value;
            return true;
        }
    return !word;
}

static int read_scale(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *argument,
                      double otherwise, double *out)
{
    double scale = vdb_initializer_number(argument, otherwise);
    if (!isfinite(scale) || scale <= 0)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: %s is %g; it must be finite and above 0", kind->name,
                        kind->parameters[0].name, scale);
    *out = scale;
    return VARSDB_OK;
}

static int read_mode(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *word,
                     vdb_fan_mode *out)
{
    static const choice modes[] = {
        {"fan_in", VDB_FAN_IN}, {"fan_out", VDB_FAN_OUT}, {"fan_avg", VDB_FAN_AVG}, {NULL, 0}};
    int mode = VDB_FAN_IN;
    if (!choose(modes, word, &mode))
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: mode is %.*s; there are fan_in, fan_out and fan_avg",
                        kind->name, (int)word->word_bytes, word->word);
    *out = (vdb_fan_mode)mode;
    return VARSDB_OK;
}

static int read_distribution(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *word,
                             vdb_distribution *out)
{
    static const choice distributions[] = {{"truncated_normal", VDB_TRUNCATED_NORMAL},
                                           {"normal", VDB_TRUNCATED_NORMAL},
                                           {"untruncated_normal", VDB_UNTRUNCATED_NORMAL},
                                           {"uniform", VDB_UNIFORM},
                                           {NULL, 0}};
    int distribution = VDB_TRUNCATED_NORMAL;
    if (!choose(distributions, word, &distribution))
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: distribution is %.*s; there are truncated_normal (or normal), "
                             "untruncated_normal and uniform",
                        kind->name, (int)word->word_bytes, word->word);
    *out = (vdb_distribution)distribution;
    return VARSDB_OK;
}

static int read_scaling(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_scaling *out)
{
    int rc = read_scale(e, kind, bound[0], 1, &out->scale);
    if (rc == VARSDB_OK)
        rc = read_mode(e, kind, bound[1], &out->mode);
    if (rc == VARSDB_OK)
        rc = read_distribution(e, kind, bound[2], &out->distribution);
    return rc;
}

static int check_scaling(vdb_error *e, const vdb_initializer_kind *kind,
                         const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)init;
    vdb_scaling scaling;
    return read_scaling(e, kind, bound, &scaling);
}

static int prepare_scaling(vdb_error *e, const vdb_initializer_kind *kind,
                           const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    vdb_scaling scaling = {0};
    int rc = read_scaling(e, kind, bound, &scaling);
    return rc == VARSDB_OK ? draw_scaled(e, kind, scaling, init) : rc;
}

/* ---- tf-slim's forms ----------------------------------------------------- */

static int read_slim_distribution(vdb_error *e, const vdb_initializer_kind *kind,
                                  const vdb_spec_argument *argument, bool otherwise, vdb_distribution *out)
{
    bool is_uniform;
    int rc = vdb_initializer_flag(e, kind, "uniform", argument, otherwise, &is_uniform);
    if (rc == VARSDB_OK)
        *out = is_uniform ? VDB_UNIFORM : VDB_SLIM_NORMAL;
    return rc;
}

static int read_slim(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                     vdb_scaling *out)
{
    int rc = read_scale(e, kind, bound[0], 2, &out->scale);
    if (rc == VARSDB_OK)
        rc = read_mode(e, kind, bound[1], &out->mode);
    if (rc == VARSDB_OK)
        rc = read_slim_distribution(e, kind, bound[2], false, &out->distribution);
    return rc;
}

static int check_slim(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                      vdb_initializer *init)
{
    (void)init;
    vdb_scaling scaling;
    return read_slim(e, kind, bound, &scaling);
}

static int prepare_slim(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_initializer *init)
{
    vdb_scaling scaling = {0};
    int rc = read_slim(e, kind, bound, &scaling);
    return rc == VARSDB_OK ? draw_scaled(e, kind, scaling, init) : rc;
}

static int check_xavier(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_initializer *init)
{
    (void)init;
    vdb_distribution distribution;
    return read_slim_distribution(e, kind, bound[0], true, &distribution);
}

static int prepare_xavier(vdb_error *e, const vdb_initializer_kind *kind,
                          const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    vdb_scaling scaling = kind->scaling;
    int rc = read_slim_distribution(e, kind, bound[0], true, &scaling.distribution);
    return rc == VARSDB_OK ? draw_scaled(e, kind, scaling, init) : rc;
}

/* ---- uniform_unit_scaling and identity ---------------------------------- */

static int check_factor(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_initializer *init)
{
    (void)init;
    double factor;
    return read_scale(e, kind, bound[0], 1, &factor);
}

static int prepare_unit_scaling(vdb_error *e, const vdb_initializer_kind *kind,
                                const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    int inputs = init->shape.rank - 1;
    double n = product(&init->shape, inputs > 0 ? inputs : 0);
    double limit = vdb_initializer_number(bound[0], 1) * vdb_sqrt(3 / (n > 1 ? n : 1));
    return vdb_initializer_draw_uniform(e, kind->name, -limit, limit, init);
}

int vdb_initializer_check_gain(vdb_error *e, const vdb_initializer_kind *kind,
                               const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)init;
    double gain = vdb_initializer_number(bound[0], 1);
    if (!isfinite(gain))
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: gain is %g; it must be finite", kind->name, gain);
    return VARSDB_OK;
}

static void fill_identity(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    int64_t rows = init->shape.dim[0], columns = init->shape.dim[1];
    int64_t diagonal = rows < columns ? rows : columns, step = columns + 1;
    memset(out, 0, (size_t)count * (size_t)varsdb_dtype_bits(init->dtype) / 8);
    for (int64_t i = first / step + (first % step != 0); i < diagonal && i * step < first + count; i++) {
        vdb_error e;
        int rc = vdb_element_set_real(&e, init->dtype, out, (size_t)(i * step - first), init->a);
        assert(rc == VARSDB_OK);
        (void)rc;
    }
}

static int prepare_identity(vdb_error *e, const vdb_initializer_kind *kind,
                            const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    double element[2]; /* one of any dtype */
    if (init->shape.rank != 2)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s needs a shape of 2 dimensions, not %d", kind->name,
                        init->shape.rank);
    init->a = vdb_initializer_number(bound[0], 1);
    init->fill = fill_identity;
    return vdb_element_set_real(e, init->dtype, element, 0, init->a);
}

/* ---- The kinds ---------------------------------------------------------- */

#define PRESET(kind_name, kind_scale, kind_mode, kind_distribution)                  \
    {                                                                                \
        .name = kind_name, .takes = VDB_TAKES_FLOATS, .is_random = true, .count = 1, \
        .parameters = {VDB_SEED_PARAMETER}, .prepare = prepare_preset, .scaling = {  \
            kind_scale,                                                              \
            kind_mode,                                                               \
            kind_distribution                                                        \
        }                                                                            \
    }

const vdb_initializer_kind vdb_scaling_kinds[] = {
    PRESET("glorot_uniform", 1, VDB_FAN_AVG, VDB_UNIFORM),
    PRESET("xavier_uniform", 1, VDB_FAN_AVG, VDB_UNIFORM),
    PRESET("xavier_normal", 1, VDB_FAN_AVG, VDB_SLIM_NORMAL),
    PRESET("glorot_normal", 1, VDB_FAN_AVG, VDB_TRUNCATED_NORMAL),
    PRESET("he_uniform", 2, VDB_FAN_IN, VDB_UNIFORM),
    PRESET("he_normal", 2, VDB_FAN_IN, VDB_TRUNCATED_NORMAL),
    PRESET("lecun_uniform", 1, VDB_FAN_IN, VDB_UNIFORM),
    PRESET("lecun_normal", 1, VDB_FAN_IN, VDB_TRUNCATED_NORMAL),
    {.name = "variance_scaling",
     .takes = VDB_TAKES_FLOATS,
     .is_random = true,
     .count = 4,
     .parameters = {{"scale", NULL, VDB_SPEC_NUMBER, false, false},
                    {"mode", NULL, VDB_SPEC_WORD, false, false},
                    {"distribution", NULL, VDB_SPEC_WORD, false, false},
                    VDB_SEED_PARAMETER},
     .check = check_scaling,
     .prepare = prepare_scaling},
    {.name = "slim_variance_scaling",
     .takes = VDB_TAKES_FLOATS,
     .is_random = true,
     .count = 4,
     .parameters = {{"factor", NULL, VDB_SPEC_NUMBER, false, false},
                    {"mode", NULL, VDB_SPEC_WORD, false, false},
                    {"uniform", NULL, VDB_SPEC_NUMBER | VDB_SPEC_WORD, false, false},
                    VDB_SEED_PARAMETER},
     .check = check_slim,
     .prepare = prepare_slim},
    {.name = "xavier",
     .takes = VDB_TAKES_FLOATS,
     .is_random = true,
     .count = 2,
     .parameters = {{"uniform", NULL, VDB_SPEC_NUMBER | VDB_SPEC_WORD, false, false}, VDB_SEED_PARAMETER},
     .check = check_xavier,
     .prepare = prepare_xavier,
     .scaling = {1, VDB_FAN_AVG, VDB_UNIFORM}},
    {.name = "uniform_unit_scaling",
     .takes = VDB_TAKES_FLOATS,
     .is_random = true,
     .count = 2,
     .parameters = {{"factor", NULL, VDB_SPEC_NUMBER, false, false}, VDB_SEED_PARAMETER},
     .check = check_factor,
     .prepare = prepare_unit_scaling},
    {.name = "identity",
     .takes = VDB_TAKES_FLOATS,
     .count = 1,
     .parameters = {{"gain", NULL, VDB_SPEC_NUMBER, false, false}},
     .check = vdb_initializer_check_gain,
     .prepare = prepare_identity},
    {.name = NULL},
};
