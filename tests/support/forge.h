/*
 * forge.h - rows as only a stranger would write them, with digests that fit.
 */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H

#include "internal.h"
#include "registry.h"
#include "transaction.h"
#include "variable_row.h"

/* Gives the variable another variable's tensor, whatever its size. */
static inline void forge_tensor_of(varsdb *db, const varsdb_variable *v, const varsdb_variable *other)
{
    vdb_variable_row mine, theirs;
    vdb_write w;
    ok(db, varsdb_begin(db));
    ck_assert_int_eq(vdb_write_begin(db, &w), VARSDB_OK);
    ck_assert_int_eq(vdb_variable_row_by_id(db, other->id, other->uid, &theirs), VARSDB_OK);
    int64_t tensor = theirs.at[ROW_TENSOR_ID].integer;
    vdb_variable_row_release(db, &theirs);
    ck_assert_int_eq(vdb_variable_row_by_id(db, v->id, v->uid, &mine), VARSDB_OK);
    mine.at[ROW_TENSOR_ID] = vdb_int(tensor);
    ck_assert_int_eq(
        vdb_variable_row_write(db, VDB_Q_VARIABLE_SET_VALUE, &mine,
                               VDB_COLUMNS(ROW_TENSOR_ID, ROW_BYTES, ROW_VERSION, ROW_UPDATED_AT)),
        VARSDB_OK);
    vdb_variable_row_release(db, &mine);
    ck_assert_int_eq(vdb_write_end(db, &w, VARSDB_OK), VARSDB_OK);
    ok(db, varsdb_commit(db));
}

#endif
