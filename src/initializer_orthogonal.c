/*
 * initializer_orthogonal.c - orthogonal, and delta_orthogonal for convolutions.
 *
 * A matrix of normals, those of random_normal before narrowing, at least as high as wide, is
 * Q R by Householder's reflections.  Q with the signs that make R's diagonal positive is
 * unique, and any orthonormal columns are as likely as any others.  All is computed in double
 * by + - * / and sqrt in a fixed order, so that the bits are the same on every machine.
 *
 * The reflection I - v v' of column k has its v, of length sqrt(2), in place of the column,
 * from row k down.  Columns are worked on in panels that stay in cache; a column goes
 * through the same reflections in the same order, however wide a panel is.
 */
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "initializer_kind.h"
#include "mem.h"

#define WHAT         VDB_INITIALIZER_WHAT
#define ELEMENTS_MAX (INT64_C(8) << 20) /* 64 MiB of doubles, and some ten seconds for a square */
#define PANEL        ((size_t)32)
#define CHUNK        256

static size_t at_most(size_t n, size_t limit)
{
    return n < limit ? n : limit;
}

static double *column(const vdb_matrix *m, size_t j)
{
    return m->data + j * m->height;
}

/* Four sums of every fourth product, then theirs: they need not wait for each other. */
static double dot(const double *a, const double *b, size_t n)
{
    double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        sum0 += a[i] * b[i];
        sum1 += a[i + 1] * b[i + 1];
        sum2 += a[i + 2] * b[i + 2];
        sum3 += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++)
        sum0 += a[i] * b[i];
    return (sum0 + sum1) + (sum2 + sum3);
}

static void reflect(const double *restrict v, double *restrict x, size_t n)
{
    double along = dot(v, x, n);
    for (size_t i = 0; i < n; i++)
        x[i] -= along * v[i];
}

/* Turns x into the v that reflects it onto its first axis: to +norm when x[0] was negative,
 * else to -norm, so that nothing cancels.  A column of zeros stays as it is. */
static void make_reflection(double *x, size_t n)
{
    double norm = vdb_sqrt(dot(x, x, n));
    if (norm <= 0)
        return;
    x[0] += x[0] < 0 ? -norm : norm;
    double scale = 1 / vdb_sqrt(norm * fabs(x[0]));
    for (size_t i = 0; i < n; i++)
        x[i] *= scale;
}

static void factorize(vdb_matrix *m)
{
    for (size_t begin = 0; begin < m->width; begin += PANEL) {
        size_t end = at_most(begin + PANEL, m->width);
        for (size_t k = 0; k < end; k++) {
            if (k >= begin)
                make_reflection(column(m, k) + k, m->height - k);
            for (size_t j = k < begin ? begin : k + 1; j < end; j++)
                reflect(column(m, k) + k, column(m, j) + k, m->height - k);
        }
    }
}

/* The columns of `from` to those of `to`, each times gain and the sign of R's diagonal. */
static void replace_columns(vdb_matrix *to, size_t begin, size_t end, const vdb_matrix *from, double gain)
{
    for (size_t j = begin; j < end; j++) {
        double *out = column(to, j);
        const double *in = column(from, j - begin);
        double factor = out[j] > 0 ? -gain : gain;
        for (size_t i = 0; i < to->height; i++)
            out[i] = factor * in[i];
    }
}

/* The reflections become Q, panel by panel from the last one, as a panel needs only
 * reflections that are not to its right. */
static int make_q(vdb_error *e, vdb_matrix *m, double gain)
{
    vdb_matrix panel = {.height = m->height, .width = at_most(PANEL, m->width)};
    panel.data = vdb_calloc(panel.width * panel.height, sizeof *panel.data);
    if (!panel.data)
        return vdb_fail_nomem(e);
    for (size_t begin = (m->width - 1) / PANEL * PANEL + PANEL; begin > 0;) {
        begin -= PANEL;
        size_t end = at_most(begin + PANEL, m->width);
        memset(panel.data, 0, panel.width * panel.height * sizeof *panel.data);
        for (size_t j = begin; j < end; j++)
            column(&panel, j - begin)[j] = 1;
        for (size_t k = end; k-- > 0;)
            for (size_t j = k > begin ? k : begin; j < end; j++)
                reflect(column(m, k) + k, column(&panel, j - begin) + k, m->height - k);
        replace_columns(m, begin, end, &panel, gain);
    }
    vdb_free(panel.data);
    return VARSDB_OK;
}

static void draw_normals(const vdb_initializer *init, vdb_matrix *m)
{
    double values[CHUNK];
    size_t count = m->height * m->width;
    for (size_t first = 0; first < count; first += CHUNK) {
        size_t n = at_most(count - first, CHUNK);
        vdb_initializer_normals(init, (int64_t)first, (int64_t)n, values);
        for (size_t i = 0; i < n; i++)
            column(m, (first + i) % m->width)[(first + i) / m->width] = values[i];
    }
}

/* rows * columns is at most the elements of a tensor that is not empty. */
static int make_matrix(vdb_error *e, const vdb_initializer_kind *kind, int64_t rows, int64_t columns,
                       double gain, vdb_initializer *init)
{
    if (rows * columns > ELEMENTS_MAX)
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT
                        " %s: the shape takes a matrix of %lld x %lld; it may have %lld elements at most",
                        kind->name, (long long)rows, (long long)columns, (long long)ELEMENTS_MAX);
    vdb_matrix *m = &init->matrix;
    m->is_turned = rows < columns;
    m->height = (size_t)(m->is_turned ? columns : rows);
    m->width = (size_t)(m->is_turned ? rows : columns);
    m->data = vdb_calloc(m->height * m->width, sizeof *m->data);
    if (!m->data)
        return vdb_fail_nomem(e);
    draw_normals(init, m);
    factorize(m);
    return make_q(e, m, gain);
}

static double element_of(const vdb_matrix *m, size_t i)
{
    return m->is_turned ? m->data[i] : column(m, i % m->width)[i / m->width];
}

static void fill_matrix(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    double values[CHUNK];
    unsigned char *to = out;
    size_t element = (size_t)varsdb_dtype_bits(init->dtype) / 8;
    int64_t end = init->matrix_at + (int64_t)(init->matrix.height * init->matrix.width);
    while (count > 0) {
        size_t n = at_most((size_t)count, CHUNK);
        for (int64_t i = first; i < first + (int64_t)n; i++)
            values[i - first] = i < init->matrix_at || i >= end
                                    ? 0
                                    : element_of(&init->matrix, (size_t)(i - init->matrix_at));
        vdb_initializer_store(init->dtype, values, n, to);
        to += n * element;
        first += (int64_t)n;
        count -= (int64_t)n;
    }
}

static int set_gain(vdb_error *e, const vdb_spec_argument *argument, const vdb_initializer *init, double *out)
{
    double element[2]; /* one of any dtype */
    *out = vdb_initializer_number(argument, 1);
    return vdb_element_set_real(e, init->dtype, element, 0, *out);
}

static int prepare_orthogonal(vdb_error *e, const vdb_initializer_kind *kind,
                              const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    double gain;
    int rank = init->shape.rank;
    init->fill = fill_matrix;
    if (rank < 2)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s needs a shape of 2 dimensions or more, not %d",
                        kind->name, rank);
    int rc = set_gain(e, bound[0], init, &gain);
    if (rc != VARSDB_OK || init->elements == 0)
        return rc;
    int64_t columns = init->shape.dim[rank - 1];
    return make_matrix(e, kind, init->elements / columns, columns, gain, init);
}

/* Index of the kernel's middle, row by row; of even lengths the first of both middles. */
static int64_t centre(const vdb_dims *shape)
{
    int64_t index = 0;
    for (int i = 0; i < shape->rank - 2; i++)
        index = index * shape->dim[i] + (shape->dim[i] - 1) / 2;
    return index;
}

static int prepare_delta(vdb_error *e, const vdb_initializer_kind *kind,
                         const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    double gain;
    int rank = init->shape.rank;
    init->fill = fill_matrix;
    if (rank < 3 || rank > 5)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s needs a shape of 3 to 5 dimensions, not %d", kind->name,
                        rank);
    int64_t in = init->shape.dim[rank - 2], out = init->shape.dim[rank - 1];
    if (in > out)
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s needs as many outputs as inputs or more, not %lld of %lld", kind->name,
                        (long long)out, (long long)in);
    int rc = set_gain(e, bound[0], init, &gain);
    if (rc != VARSDB_OK || init->elements == 0)
        return rc;
    init->matrix_at = centre(&init->shape) * in * out;
    return make_matrix(e, kind, in, out, gain, init);
}

/* ---- The kinds ---------------------------------------------------------- */

#define KIND(kind_name, kind_prepare)                                                      \
    {                                                                                      \
        .name = kind_name, .takes = VDB_TAKES_FLOATS, .is_random = true, .count = 2,       \
        .parameters = {{"gain", NULL, VDB_SPEC_NUMBER, false, false}, VDB_SEED_PARAMETER}, \
        .check = vdb_initializer_check_gain, .prepare = kind_prepare                       \
    }

const vdb_initializer_kind vdb_orthogonal_kinds[] = {
    KIND("orthogonal", prepare_orthogonal),
    KIND("delta_orthogonal", prepare_delta),
    KIND("convolutional_delta_orthogonal", prepare_delta),
    {.name = NULL},
};
