/* row.c - see row.h. */
#include "row.h"

int vdb_row_check(varsdb *db, const char *what, int64_t id, const vdb_value *columns, size_t count,
                  int64_t digest)
{
    if (vdb_digest_row(columns, count) == digest)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the row of %s %lld does not match its digest: damaged",
                    db->path, what, (long long)id);
}

void vdb_row_columns(varsdb *db, vdb_rows *rows, vdb_value *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = vdb_column(db->engine, rows, (int)i);
}

int vdb_row_texts(varsdb *db, const char *what, const vdb_value *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i].kind != VDB_TEXT)
            return vdb_fail(&db->error, VARSDB_CORRUPT,
                            "%s: a %s has no text where there must be one: damaged", db->path, what);
    return VARSDB_OK;
}

static int fail_no_number(varsdb *db)
{
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: a list has no number where there must be one: damaged",
                    db->path);
}

int vdb_row_integer(varsdb *db, vdb_rows *rows, int i, int64_t *out)
{
    vdb_value value = vdb_column(db->engine, rows, i);
    if (value.kind != VDB_INT)
        return fail_no_number(db);
    *out = value.integer;
    return VARSDB_OK;
}

int vdb_row_advance(varsdb *db, const vdb_value *column, int64_t *last)
{
    if (column->kind != VDB_INT)
        return fail_no_number(db);
    if (column->integer <= *last)
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the rows of a table are out of order: damaged",
                        db->path);
    *last = column->integer;
    return VARSDB_OK;
}

int vdb_row_delete(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count)
{
    int64_t before = db->engine->methods->changes(db->engine);
    int rc = vdb_run(db->engine, query, args, count);
    if (rc == VARSDB_OK && db->engine->methods->changes(db->engine) == before)
        rc = vdb_fail(&db->error, VARSDB_CORRUPT,
                      "%s: rows that are found cannot be deleted: an index is damaged", db->path);
    return rc;
}

int vdb_row_write(varsdb *db, enum vdb_query query, const vdb_value *columns, size_t count)
{
    vdb_value args[VDB_ROW_COLUMNS_MAX];
    assert(count < VDB_ROW_COLUMNS_MAX);
    memcpy(args, columns, count * sizeof *args);
    args[count] = vdb_int(vdb_digest_row(columns, count));
    return vdb_run(db->engine, query, args, count + 1);
}

int vdb_row_find_alike(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, int64_t *id,
                       int64_t *discriminator, bool *found)
{
    vdb_rows *rows = NULL;
    bool row = false;
    int64_t least = *discriminator;
    int rc = vdb_start(db->engine, query, args, count, &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        *id = vdb_column(db->engine, rows, 0).integer;
        *discriminator = vdb_column(db->engine, rows, 1).integer;
        if (*discriminator < least) /* it would be found again and again */
            rc = vdb_fail(&db->error, VARSDB_CORRUPT,
                          "%s: values with one hash are out of order: an index is damaged", db->path);
        else if (*discriminator == INT64_MAX) /* there is none behind it */
            rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the file is damaged: there are not so many values",
                          db->path);
    }
    *found = rc == VARSDB_OK && row;
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_row_next_id(varsdb *db, enum vdb_query query, int64_t *out)
{
    bool found;
    int rc = vdb_get_int(db->engine, query, VDB_NO_ARGS, out, &found);
    assert(rc != VARSDB_OK || found);
    return rc;
}

int vdb_row_take_id(varsdb *db, enum vdb_query query, int64_t *next, int64_t *out)
{
    if (db->next.serial != db->serial)
        db->next = (vdb_next_ids){.serial = db->serial};
    if (*next == 0) {
        int rc = vdb_row_next_id(db, query, next);
        if (rc != VARSDB_OK)
            return rc;
    }
    *out = (*next)++;
    return VARSDB_OK;
}
