/* regularizer.c - see regularizer.h. */
#include "regularizer.h"

#include <math.h>

#include "spec.h"

#define WHAT           "regularizer"
#define PARAMETERS_MAX 2

typedef struct rule {
    const char *name;
    size_t count;
    vdb_spec_parameter parameters[PARAMETERS_MAX];
    size_t l1, l2; /* which parameter is which scale; count: none is */
} rule;

static const rule kinds[] = {
    {"none", 0, {{0}}, 0, 0},
    {"l1", 1, {{"scale", "weight", VDB_SPEC_NUMBER, true, false}}, 0, 1},
    {"l2", 1, {{"scale", "weight", VDB_SPEC_NUMBER, true, false}}, 1, 0},
    {"l1_l2",
     2,
     {{"scale_l1", "weight_l1", VDB_SPEC_NUMBER, true, false},
      {"scale_l2", "weight_l2", VDB_SPEC_NUMBER, true, false}},
     0,
     1},
};

static int read_scales(vdb_error *e, const rule *kind, const vdb_spec *spec, vdb_regularizer *out)
{
    vdb_regularizer scales = {0, 0};
    const vdb_spec_argument *bound[PARAMETERS_MAX];
    int rc = vdb_spec_bind(e, WHAT, spec, kind->parameters, kind->count, bound);
    for (size_t i = 0; rc == VARSDB_OK && i < kind->count; i++) {
        double scale = bound[i]->numbers[0].real;
        if (!isfinite(scale) || scale < 0)
            rc = vdb_fail(e, VARSDB_INVALID, WHAT " %s: %s is %g; it must be finite and not below 0",
                          kind->name, kind->parameters[i].name, scale);
        if (i == kind->l1)
            scales.l1 = scale;
        if (i == kind->l2)
            scales.l2 = scale;
    }
    if (rc == VARSDB_OK)
        *out = scales;
    return rc;
}

int vdb_regularizer_parse(vdb_error *e, const char *text, vdb_regularizer *out)
{
    vdb_spec spec = {0};
    int rc = vdb_spec_parse(e, WHAT, text, &spec);
    if (rc != VARSDB_OK)
        return rc;
    const rule *found = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !found; i++)
        if (vdb_spec_is(&spec, kinds[i].name))
            found = &kinds[i];
    if (found)
        rc = read_scales(e, found, &spec, out);
    else
        rc = vdb_fail(e, VARSDB_INVALID,
                      "there is no " WHAT " %.*s; there are l1(s), l2(s), l1_l2(s1, s2) and none",
                      (int)spec.name_bytes, spec.name);
    vdb_spec_release(&spec);
    return rc;
}

int vdb_regularizer_check(vdb_error *e, const char *text)
{
    vdb_regularizer ignored;
    return vdb_regularizer_parse(e, text, &ignored);
}

double vdb_regularizer_loss(const vdb_regularizer *r, double sum_magnitudes, double sum_squares)
{
    /* A scale of 0 is no term at all, also beside an infinite sum. */
    return (r->l1 > 0 ? r->l1 * sum_magnitudes : 0) + (r->l2 > 0 ? r->l2 * sum_squares / 2 : 0);
}

/* ---- sums */

void vdb_long_sum_add(vdb_long_sum *s, double x)
{
    double t = s->sum + x;
    s->rest += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}

double vdb_long_sum_total(const vdb_long_sum *s)
{
    double t = s->sum + s->rest;
    return isnan(s->rest) ? s->sum : t; /* an infinite or NaN sum stays what it is */
}

void vdb_loss_sums_add(vdb_loss_sums *s, varsdb_dtype dtype, const void *data, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        double x = 0;
        varsdb_element_real(dtype, data, i, &x);
        vdb_long_sum_add(&s->magnitudes, fabs(x));
        vdb_long_sum_add(&s->squares, x * x);
    }
}
