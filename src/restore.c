/*
 * restore.c - variables get the values that a snapshot has.  Everything is looked up, checked and
 * reported first, and then written, in one transaction; so what is refused leaves even a transaction of
 * the caller's as it was.
 */
#include <stdio.h>

#include "progress.h"
#include "restore_plan.h"
#include "transaction.h"

#define SHOWN          "%.200s"
#define PROGRESS_EVERY 256

static const varsdb_restore_options no_options = {.size = sizeof no_options};

/* ---- telling */

static int report(const vdb_restore_plan *p, const vdb_restore_item *item)
{
    const varsdb_restore_options *o = p->options;
    p->db->listing++; /* it may look, and not write or end the transaction */
    int stop = o->report(o->payload, item->outcome, item->name, item->source);
    p->db->listing--;
    return stop ? vdb_fail(&p->db->error, VARSDB_CANCELLED, "the report callback stopped the restore")
                : VARSDB_OK;
}

static int report_all(const vdb_restore_plan *p)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && p->options->report && i < p->count; i++)
        rc = report(p, &p->items[i]);
    return rc;
}

static const vdb_restore_item *first_of(const vdb_restore_plan *p, varsdb_restore_outcome outcome)
{
    size_t i = 0;
    while (p->items[i].outcome != outcome)
        i++;
    return &p->items[i];
}

/* " (and 2 more)" */
static void print_others(char out[48], size_t count)
{
    out[0] = '\0';
    if (count > 1)
        snprintf(out, 48, " (and %zu more)", count - 1);
}

static int fail_misfit(const vdb_restore_plan *p)
{
    const vdb_restore_item *item = first_of(p, VARSDB_RESTORE_MISFIT);
    const varsdb_variable *v = item->variable;
    bool reshape = v->dtype == item->dtype && v->elements == item->elements;
    vdb_buf shape = {0};
    char others[48];
    print_others(others, p->counts[VARSDB_RESTORE_MISFIT]);
    int rc = vdb_shape_print(&shape, &v->shape);
    if (rc == VARSDB_OK)
        rc = vdb_fail(&p->db->error, VARSDB_MISMATCH,
                      "variable " SHOWN " is %s%s, but %s has %s%s%s%s%s; nothing was restored%s", v->name,
                      varsdb_dtype_name(v->dtype), shape.data, p->label, varsdb_dtype_name(item->dtype),
                      item->shape, strcmp(item->source, v->name) == 0 ? "" : " as ",
                      strcmp(item->source, v->name) == 0 ? "" : item->source, others,
                      reshape ? "; with reshape it would fit" : "");
    else
        rc = vdb_fail_nomem(&p->db->error);
    vdb_buf_release(&shape);
    return rc;
}

static int check(const vdb_restore_plan *p)
{
    char others[48];
    size_t missing = p->counts[VARSDB_RESTORE_MISSING];
    if (p->counts[VARSDB_RESTORE_MISFIT])
        return fail_misfit(p);
    if (p->chosen == 0)
        return vdb_fail(&p->db->error, VARSDB_NOTFOUND, "nothing of %s is selected; nothing was restored",
                        p->label);
    print_others(others, missing);
    if (missing && !p->options->ignore_missing)
        return vdb_fail(&p->db->error, VARSDB_NOTFOUND,
                        "variable " SHOWN "%s is not in %s; nothing was restored; select less, or ignore "
                        "what is missing",
                        first_of(p, VARSDB_RESTORE_MISSING)->name, others, p->label);
    return VARSDB_OK;
}

/* ---- doing */

static int write_all(const vdb_restore_plan *p)
{
    const varsdb_restore_options *o = p->options;
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < p->chosen; i++) {
        rc = vdb_restore_write(p->db, &p->items[i], o->site);
        /* In a transaction of the caller's it is too late to stop. */
        if (rc == VARSDB_OK && (i + 1) % PROGRESS_EVERY == 0 && !vdb_transaction_is_callers(p->db))
            rc = vdb_progress(p->db, o->progress, o->payload, "restoring", i + 1, p->chosen);
    }
    return rc;
}

static int restore(varsdb *db, int64_t snapshot, const varsdb_restore_options *o)
{
    vdb_restore_plan plan;
    int rc = vdb_restore_plan_make(db, snapshot, o, &plan);
    if (rc == VARSDB_OK)
        rc = report_all(&plan);
    if (rc == VARSDB_OK)
        rc = check(&plan);
    if (rc == VARSDB_OK && !o->dry_run)
        rc = write_all(&plan);
    vdb_restore_plan_release(&plan);
    return rc;
}

int varsdb_restore(varsdb *db, int64_t snapshot, const varsdb_restore_options *options)
{
    vdb_write w;
    vdb_read r;
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    const varsdb_restore_options *o = options ? options : &no_options;
    if (o->size < sizeof *o)
        return vdb_misuse(db, "restore options without their size; use VARSDB_RESTORE()");
    if (o->dry_run) {
        rc = vdb_read_begin(db, &r);
        return rc == VARSDB_OK ? vdb_read_end(db, &r, restore(db, snapshot, o)) : rc;
    }
    rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(db, &w, restore(db, snapshot, o));
    if (rc == VARSDB_OK)
        vdb_error_clear(&db->error); /* the report callback may have failed at something and not minded */
    return rc;
}
