/* regularization.c - the losses of variables that have a regularizer. */
#include "collection.h"
#include "regularizer.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

static int sum_tensor(varsdb *db, const varsdb_variable *v, int64_t tensor, vdb_loss_sums *out)
{
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
            vdb_loss_sums_add(out, v->dtype, buffer, 0, (size_t)(count < left ? count : left));
        left -= count;
    }
    vdb_free(buffer);
    return rc;
}

static int loss_of_row(varsdb *db, const varsdb_variable *v, const vdb_variable_row *row, double *out)
{
    vdb_regularizer r;
    vdb_loss_sums sums = {0};
    *out = 0;
    if (row->at[ROW_REGULARIZER].kind != VDB_TEXT)
        return VARSDB_OK;
    int rc = vdb_regularizer_parse(&db->error, row->at[ROW_REGULARIZER].data, &r);
    if (rc == VARSDB_OK && !vdb_dtype_has_numbers(v->dtype))
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s holds %s, which has no loss", v->name,
                      varsdb_dtype_name(v->dtype));
    if (rc == VARSDB_OK && row->at[ROW_TENSOR_ID].kind != VDB_INT)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED, "variable %s has no value yet; assign one", v->name);
    if (rc == VARSDB_OK)
        rc = sum_tensor(db, v, row->at[ROW_TENSOR_ID].integer, &sums);
    if (rc == VARSDB_OK)
        *out =
            vdb_regularizer_loss(&r, vdb_long_sum_total(&sums.magnitudes), vdb_long_sum_total(&sums.squares));
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
    vdb_long_sum sum = {0, 0};
    vdb_members members;
    int rc = vdb_members_load(db, VARSDB_REGULARIZATION_LOSSES, &members);
    for (size_t i = 0; rc == VARSDB_OK && i < members.count; i++) {
        double one;
        rc = loss_of(db, members.member[i].id, members.member[i].uid, &one);
        if (rc == VARSDB_OK)
            vdb_long_sum_add(&sum, one);
    }
    vdb_members_release(&members);
    if (rc == VARSDB_OK)
        *out = vdb_long_sum_total(&sum);
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
