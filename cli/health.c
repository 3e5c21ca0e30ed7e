/* health.c - see health.h. */
#include "health.h"

#include <math.h>
#include <string.h>

const char *const health_words[HEALTH_KINDS] = {
    [HEALTH_NAN] = "nan",
    [HEALTH_INF] = "inf",
    [HEALTH_DEAD] = "dead",
    [HEALTH_EXPLODING] = "exploding",
    [HEALTH_VANISHING] = "vanishing",
};

/* Integers count steps and tokens: they are large and no harm. */
static bool is_real(varsdb_dtype dtype)
{
    const char *name = varsdb_dtype_name(dtype);
    return strstr(name, "float") || strstr(name, "complex");
}

static unsigned judge_size(const health_signs *s)
{
    unsigned found = 0;
    double finite = (double)(s->elements - s->nans - s->infs);
    double rms = finite > 0 ? s->l2_norm / sqrt(finite) : 0;
    bool before = s->has_before && s->norm_before > 0;
    if (rms > HEALTH_RMS_HIGH || (before && s->l2_norm > s->norm_before * HEALTH_GROWTH))
        found |= 1U << HEALTH_EXPLODING;
    if ((rms > 0 && rms < HEALTH_RMS_LOW) || (before && s->l2_norm < s->norm_before / HEALTH_GROWTH))
        found |= 1U << HEALTH_VANISHING;
    return found;
}

unsigned health_judge(const health_signs *s)
{
    unsigned found = 0;
    if (s->nans)
        found |= 1U << HEALTH_NAN;
    if (s->infs)
        found |= 1U << HEALTH_INF;
    if (!s->has_moments)
        return found;
    if (s->elements > 1 && !s->untouched && !s->nans && !s->infs && s->std == 0)
        found |= 1U << HEALTH_DEAD;
    return is_real(s->dtype) ? found | judge_size(s) : found;
}
