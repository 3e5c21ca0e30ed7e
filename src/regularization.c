/* regularization.c - the losses of variables that have a regularizer. */
#include <math.h>

#include "collection.h"
#include "regularizer.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

/* Sums of a window and of all before it; the windows' own rounding errors are carried
 * along (Neumaier), so that a tensor of any size loses nothing that matters. */
typedef struct long_sum {
    double sum, rest;
} long_sum;

static void add(long_sum *s, double x)
{
    double t = s->sum + x;
    s->rest += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}

static double total(const long_sum *s)
{
    double t = s->sum + s->rest;
    return isnan(s->rest) ? s->sum : t; /* an infinite or NaN sum stays what it is */
}

static void add_window(varsdb_dtype dtype, const void *data, size_t elements, long_sum *magnitudes,
                       long_sum *squares)
{
    for (size_t i = 0; i < elements; i++) {
        double x = 0;
        varsdb_element_real(dtype, data, i, &x);
        add(magnitudes, fabs(x));
        add(squares, x * x);
    }
}

static int sum_tensor(varsdb *db, const varsdb_variable *v, int64_t tensor, double *magnitudes,
                      double *squares)
{
    long_sum m = {0, 0}, s = {0, 0};
    uint64_t bytes;
    size_t window = vdb_tensor_chunk_bytes(db, v->dtype);
    int rc = vdb_tensor_bytes(db, tensor, v->name, &bytes);
    if (rc == VARSDB_OK)
        rc = vdb_variable_check_tensor(db, v, bytes);
    void *buffer = rc == VARSDB_OK ? vdb_malloc(window) : NULL;
    if (rc == VARSDB_OK && !buffer)
        rc = vdb_fail_nomem(&db->error);
    int64_t left = v->elements;
    for (uint64_t at = 0; rc == VARSDB_OK && at < bytes; at += window) {
        size_t here = bytes - at < window ? (size_t)(bytes - at) : window;
        int64_t count = (int64_t)here * 8 / varsdb_dtype_bits(v->dtype);
        rc = vdb_tensor_read(db, tensor, v->name, at, buffer, here);
        if (rc == VARSDB_OK)
            add_window(v->dtype, buffer, (size_t)(count < left ? count : left), &m, &s);
        left -= count;
    }
    vdb_free(buffer);
    *magnitudes = total(&m);
    *squares = total(&s);
    return rc;
}

static int loss_of_row(varsdb *db, const varsdb_variable *v, const vdb_variable_row *row, double *out)
{
    vdb_regularizer r;
    double magnitudes, squares;
    *out = 0;
    if (row->at[ROW_REGULARIZER].kind != VDB_TEXT)
        return VARSDB_OK;
    int rc = vdb_regularizer_parse(&db->error, row->at[ROW_REGULARIZER].data, &r);
    if (rc == VARSDB_OK && v->dtype == VARSDB_STRING)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s: strings have no loss", v->name);
    if (rc == VARSDB_OK && row->at[ROW_TENSOR_ID].kind != VDB_INT)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED, "variable %s has no value yet; assign one", v->name);
    if (rc == VARSDB_OK)
        rc = sum_tensor(db, v, row->at[ROW_TENSOR_ID].integer, &magnitudes, &squares);
    if (rc == VARSDB_OK)
        *out = vdb_regularizer_loss(&r, magnitudes, squares);
    return rc;
}

static int loss_of(varsdb *db, int64_t id, int64_t uid, double *out)
{
    vdb_variable_row row;
    varsdb_variable *v;
    int rc = vdb_variable_row_by_id(db, id, uid, &row);
    if (rc == VARSDB_OK)
        rc = vdb_variable_row_learn(db, &row, &v);
    if (rc == VARSDB_OK)
        rc = loss_of_row(db, v, &row, out);
    vdb_variable_row_release(db, &row);
    return rc;
}

static int loss_of_all(varsdb *db, double *out)
{
    long_sum sum = {0, 0};
    vdb_members members;
    int rc = vdb_members_load(db, VARSDB_REGULARIZATION_LOSSES, &members);
    for (size_t i = 0; rc == VARSDB_OK && i < members.count; i++) {
        double one;
        rc = loss_of(db, members.member[i].id, members.member[i].uid, &one);
        if (rc == VARSDB_OK)
            add(&sum, one);
    }
    vdb_members_release(&members);
    if (rc == VARSDB_OK)
        *out = total(&sum);
    return rc;
}

int varsdb_regularization_loss(varsdb *db, const varsdb_variable *variable, double *out)
{
    vdb_read r;
    varsdb_variable *v;
    double loss = 0;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !out)
        rc = vdb_misuse(db, "the loss needs a place to go to");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc != VARSDB_OK)
        return rc;
    if (!variable)
        rc = loss_of_all(db, &loss);
    else if ((rc = vdb_variable_revive(db, variable, &v)) == VARSDB_OK)
        rc = loss_of(db, v->id, v->uid, &loss);
    rc = vdb_read_end(db, &r, rc);
    if (rc == VARSDB_OK)
        *out = loss;
    return rc;
}
