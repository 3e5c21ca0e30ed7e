/* verify.c - the call: checks everything in one picture; see verify.h. */
#include "verify.h"

#include "progress.h"
#include "row.h"
#include "transaction.h"

#define ROWS_A_TICK 4096
#define ROWS        "the registry's rows"

/* ---- reading */

int vdb_verify_progress(vdb_verify *v, const char *doing, uint64_t done, uint64_t total)
{
    return vdb_progress(v->db, v->progress, v->progress_payload, doing, done, total);
}

static int count_row(vdb_verify *v)
{
    if (++v->rows % ROWS_A_TICK != 0)
        return VARSDB_OK;
    return v->in_values ? vdb_verify_progress(v, "tensors", v->bytes, v->bytes_total)
                        : vdb_verify_progress(v, "rows", v->rows, 0);
}

int vdb_verify_damage(vdb_verify *v, int rc, const char *what)
{
    if (!vdb_verify_is_damage(rc))
        return rc;
    vdb_error seen = v->db->error;
    v->broken = true;
    return vdb_verify_tell(v, VDB_FOUND_STRUCTURE, VDB_NO_SUBJECT, "%s cannot be read to their end: %s", what,
                           seen.text);
}

int vdb_verify_each(vdb_verify *v, enum vdb_query query, int columns, vdb_verify_row row, void *payload,
                    const char *what)
{
    varsdb *db = v->db;
    vdb_value at[VDB_VERIFY_COLUMNS_MAX];
    vdb_rows *rows = NULL;
    bool more = false;
    assert(columns <= VDB_VERIFY_COLUMNS_MAX);
    v->broken = false;
    int rc = vdb_start(db->engine, query, VDB_NO_ARGS, &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &more);
    while (rc == VARSDB_OK && more) {
        vdb_row_columns(db, rows, at, (size_t)columns);
        int ended = row(v, payload, at);
        if (ended == VARSDB_OK)
            ended = count_row(v);
        if (ended != VARSDB_OK) {
            vdb_finish(db->engine, rows);
            return ended;
        }
        rc = vdb_next(db->engine, rows, &more);
    }
    vdb_finish(db->engine, rows);
    return vdb_verify_damage(v, rc, what);
}

/* ---- the call */

static int check_all(vdb_verify *v)
{
    int rc = vdb_verify_structure(v);
    if (rc == VARSDB_OK)
        rc = vdb_verify_registry(v);
    if (rc == VARSDB_OK)
        rc = vdb_verify_progress(v, "rows", 0, 0);
    if (rc == VARSDB_OK)
        rc = vdb_verify_rows(v);
    if (rc == VARSDB_OK)
        rc = vdb_verify_variables(v);
    if (rc == VARSDB_OK)
        rc = vdb_verify_snapshots(v);
    if (rc == VARSDB_OK)
        rc = vdb_verify_tensor_rows(v);
    return rc == VARSDB_OK ? vdb_verify_tensors(v) : rc;
}

static int conclude(vdb_verify *v, int rc)
{
    if (rc == VARSDB_OK && v->found > 0)
        rc = vdb_fail(&v->db->error, VARSDB_CORRUPT, "%s: %lld problem%s found", v->db->path,
                      (long long)v->found, v->found == 1 ? "" : "s");
    return rc;
}

/* What every transaction begins with is damaged: the rest is looked at all the same, and that too.  If it is
 * whole by now, what was met is told nevertheless. */
static int check_without_beginning(vdb_verify *v, int rc)
{
    varsdb *db = v->db;
    vdb_error met = db->error;
    db->listing++;
    int began = vdb_engine_begin(db->engine, VDB_BEGIN_READ);
    int checked = began == VARSDB_OK ? check_all(v) : vdb_verify_damage(v, began, ROWS);
    if (checked == VARSDB_OK && v->found == 0) {
        db->error = met;
        checked = vdb_verify_damage(v, rc, ROWS);
    }
    checked = conclude(v, checked);
    if (began == VARSDB_OK) {
        vdb_error kept = db->error;
        db->engine->methods->rollback(db->engine);
        db->error = kept;
    }
    db->listing--;
    return checked;
}

static int begin(varsdb *db, const varsdb_upkeep_options *options, varsdb_finding_cb callback, vdb_read *r)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && options && options->size < sizeof *options)
        rc = vdb_misuse(db, "options without their size; use VARSDB_UPKEEP()");
    return rc == VARSDB_OK ? vdb_list_begin(db, callback != NULL, r) : rc;
}

int varsdb_verify(varsdb *db, const varsdb_upkeep_options *options, varsdb_finding_cb callback, void *payload)
{
    vdb_read r;
    int rc = begin(db, options, callback, &r);
    bool began = rc == VARSDB_OK;
    if (!began && !vdb_verify_is_damage(rc))
        return rc;
    vdb_verify *v = vdb_calloc(1, sizeof *v);
    if (!v) {
        rc = vdb_fail_nomem(&db->error);
        return began ? vdb_list_end(db, &r, rc) : rc;
    }
    v->db = db;
    v->callback = callback;
    v->payload = payload;
    if (options) {
        v->quick = options->quick != 0;
        v->progress = options->progress;
        v->progress_payload = options->payload;
    }
    rc = began ? vdb_list_end(db, &r, conclude(v, check_all(v))) : check_without_beginning(v, rc);
    vdb_free(v);
    return rc;
}
