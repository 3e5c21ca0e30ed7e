/* conformance_value.c - verbs: values, and what a distribution must look like. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* The standard deviation of a normal one that is cut at two of them. */
#define TRUNCATED_STDDEV 0.87962566103423978

/* ---- all elements */

typedef struct elements {
    varsdb_dtype dtype;
    size_t count;
    unsigned char *bytes;
    double *real;
} elements;

static void elements_release(elements *e)
{
    free(e->bytes);
    free(e->real);
}

static int elements_read(conformance_run *run, const char *reference, elements *out)
{
    const varsdb_variable *v;
    *out = (elements){0};
    int rc = conformance_variable(run, reference, &v);
    if (rc != VARSDB_OK)
        return rc;
    out->dtype = varsdb_variable_dtype(v);
    out->count = (size_t)conformance_elements(varsdb_variable_shape(v));
    size_t bytes = (out->count * (size_t)varsdb_dtype_bits(out->dtype) + 7) / 8;
    out->bytes = malloc(bytes + 1);
    out->real = calloc(out->count + 1, sizeof *out->real);
    if (!out->bytes || !out->real)
        temp_give_up("read", reference);
    rc = varsdb_read(run->db, v, out->bytes, bytes);
    for (size_t i = 0; rc == VARSDB_OK && i < out->count; i++)
        rc = varsdb_element_real(out->dtype, out->bytes, i, &out->real[i]);
    return rc;
}

static int add_string(void *payload, const char *string, size_t bytes)
{
    char text[128];
    snprintf(text, sizeof text, "'%.*s'", (int)bytes, string);
    conformance_add(payload, text);
    return 0;
}

static int values(conformance_run *run, const conformance_step *step)
{
    elements e = {0};
    const varsdb_variable *v;
    char text[64];
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    if (rc == VARSDB_OK && varsdb_variable_dtype(v) == VARSDB_STRING)
        return varsdb_read_strings(run->db, v, add_string, run);
    if (rc == VARSDB_OK)
        rc = elements_read(run, conformance_operand(step, 0), &e);
    for (size_t i = 0; rc == VARSDB_OK && i < e.count; i++) {
        rc = varsdb_element_json(e.dtype, e.bytes, i, text, sizeof text);
        conformance_add(run, text);
    }
    elements_release(&e);
    return rc;
}

static int assign(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_assign_json(run->db, v, conformance_operand(step, 1)) : rc;
}

static int initialize(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_initialize(run->db, v, conformance_operand(step, 1)) : rc;
}

/* ---- two variables: equal bit by bit, and up to rounding */

static int compare(conformance_run *run, const conformance_step *step)
{
    elements a = {0}, b = {0};
    int rc = elements_read(run, conformance_operand(step, 0), &a);
    if (rc == VARSDB_OK)
        rc = elements_read(run, conformance_operand(step, 1), &b);
    bool alike = rc == VARSDB_OK && a.count == b.count, is_exact = *step->words[0] == 'e';
    for (size_t i = 0; alike && i < a.count; i++)
        alike = is_exact ? a.real[i] == b.real[i] : fabs(a.real[i] - b.real[i]) <= 1e-5 * fabs(b.real[i]);
    elements_release(&a);
    elements_release(&b);
    return rc == VARSDB_OK ? conformance_say(run, "%s", alike ? "yes" : "no") : rc;
}

/* ---- distributions: the answer is "yes", or what was found instead */

typedef struct moments {
    double low, high, mean, stddev;
} moments;

static moments moments_of(const elements *e)
{
    moments m = {e->real[0], e->real[0], 0, 0};
    double squares = 0, n = (double)e->count;
    for (size_t i = 0; i < e->count; i++) {
        m.low = fmin(m.low, e->real[i]);
        m.high = fmax(m.high, e->real[i]);
        m.mean += e->real[i] / n;
    }
    for (size_t i = 0; i < e->count; i++)
        squares += (e->real[i] - m.mean) * (e->real[i] - m.mean);
    m.stddev = sqrt(squares / n);
    return m;
}

/* Mean and standard deviation within five of their own standard errors, for kurtosis <= 3. */
static bool has_moments(const moments *m, size_t count, double mean, double stddev)
{
    double error = 5 * stddev / sqrt((double)count);
    return fabs(m->mean - mean) <= error && fabs(m->stddev - stddev) <= error;
}

static bool is_uniform(const moments *m, size_t count, double low, double high)
{
    double width = high - low, rounding = 1e-6 * width;
    return m->low >= low - rounding && m->high <= high + rounding && m->low < low + 0.02 * width &&
           m->high > high - 0.02 * width && has_moments(m, count, (low + high) / 2, width / sqrt(12));
}

static bool is_normal(const moments *m, size_t count, double mean, double stddev)
{
    return has_moments(m, count, mean, stddev) && m->high - mean > 3 * stddev && mean - m->low > 3 * stddev;
}

static bool is_truncated(const moments *m, size_t count, double mean, double stddev)
{
    double edge = 2 * stddev * (1 + 1e-6);
    return m->high - mean <= edge && mean - m->low <= edge && m->high - mean > 0.95 * edge &&
           mean - m->low > 0.95 * edge && has_moments(m, count, mean, stddev * TRUNCATED_STDDEV);
}

static int distribution(conformance_run *run, const conformance_step *step)
{
    elements e;
    const char *what = step->words[0];
    double a = strtod(conformance_operand(step, 1), NULL), b = strtod(conformance_operand(step, 2), NULL);
    int rc = elements_read(run, conformance_operand(step, 0), &e);
    if (rc == VARSDB_OK && e.count < 1000)
        rc = conformance_bad(run, "%zu elements are too few to tell", e.count);
    if (rc == VARSDB_OK) {
        moments m = moments_of(&e);
        bool fits = *what == 'u'   ? is_uniform(&m, e.count, a, b)
                    : *what == 'n' ? is_normal(&m, e.count, a, b)
                                   : is_truncated(&m, e.count, a, b);
        conformance_say(run, "from %.6g to %.6g, mean %.6g, stddev %.6g", m.low, m.high, m.mean, m.stddev);
        if (fits)
            conformance_say(run, "yes");
    }
    elements_release(&e);
    return rc;
}

/* ---- matrices */

/* The product of rows (or columns) i and j of a matrix in C order. */
static double product(const double *at, size_t length, size_t step, size_t i, size_t j, size_t apart)
{
    double sum = 0;
    for (size_t k = 0; k < length; k++)
        sum += at[i * apart + k * step] * at[j * apart + k * step];
    return sum;
}

/* Rows, or if they are more than the columns, these, are at right angles, gain long. */
static bool is_orthogonal(const double *at, size_t rows, size_t columns, double gain)
{
    bool by_row = rows <= columns;
    size_t count = by_row ? rows : columns, length = by_row ? columns : rows;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double found = product(at, length, by_row ? 1 : columns, i, j, by_row ? columns : 1);
            if (fabs(found - (i == j ? gain * gain : 0)) > 1e-5 * gain * gain)
                return false;
        }
    return true;
}

/* orthogonal NAME GAIN: leading dimensions are rows.  With FIRST, from that element on, and zeros
 * elsewhere. */
static int orthogonal(conformance_run *run, const conformance_step *step)
{
    elements e;
    const varsdb_variable *v;
    const char *rows_text = conformance_option(step, "rows"), *first_text = conformance_option(step, "from");
    double gain = strtod(conformance_operand(step, 1), NULL);
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    if (rc == VARSDB_OK)
        rc = elements_read(run, conformance_operand(step, 0), &e);
    if (rc != VARSDB_OK)
        return rc;
    const varsdb_shape *shape = varsdb_variable_shape(v);
    size_t columns = (size_t)shape->dims[shape->rank - 1];
    size_t rows = rows_text ? (size_t)strtoul(rows_text, NULL, 10) : e.count / columns;
    size_t first = first_text ? (size_t)strtoul(first_text, NULL, 10) : 0;
    bool fits = first + rows * columns <= e.count && is_orthogonal(e.real + first, rows, columns, gain);
    for (size_t i = 0; fits && i < e.count; i++)
        fits = (i >= first && i < first + rows * columns) || e.real[i] == 0;
    elements_release(&e);
    return conformance_say(run, "%s", fits ? "yes" : "no");
}

const conformance_verb conformance_value_verbs[] = {
    {"values", values, 1, 1, ""},
    {"assign", assign, 2, 2, ""},
    {"initialize", initialize, 2, 2, ""},
    {"equal", compare, 2, 2, ""},
    {"close", compare, 2, 2, ""},
    {"uniform", distribution, 3, 3, ""},
    {"normal", distribution, 3, 3, ""},
    {"truncated", distribution, 3, 3, ""},
    {"orthogonal", orthogonal, 2, 2, " rows from "},
    {NULL, NULL, 0, 0, NULL},
};
