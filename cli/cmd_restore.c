/* cmd_restore.c - varsdb restore: variables get the values back that a snapshot has of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "misfit.h"
#include "pick.h"
#include "progress.h"
#include "snapshot.h"
#include "sqltext.h"
#include "tally.h"

#define REASON_MAX 4096
#define OUTCOMES   (VARSDB_RESTORE_UNTOUCHED + 1)

typedef struct restore {
    cli *c;
    varsdb_restore_options options;
    opt_list rename_texts;
    pick_renames renames;
    char scope[PICK_NAME_MAX];
    out_rows rows;
    bool told; /* what came of some variable */
    int64_t snapshot, counts[OUTCOMES];
} restore;

static const char *const outcome_words[OUTCOMES] = {
    [VARSDB_RESTORED] = "restored",         [VARSDB_RECREATED] = "recreated",
    [VARSDB_RESTORE_MISSING] = "missing",   [VARSDB_RESTORE_EXTRA] = "extra",
    [VARSDB_RESTORE_MISFIT] = "mismatched", [VARSDB_RESTORE_UNTOUCHED] = "untouched",
};

/* What the snapshot has. */
typedef struct form {
    bool found;
    char dtype[64], shape[SHAPE_TEXT_MAX];
} form;

static int take_form(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    form *f = payload;
    (void)columns;
    (void)names;
    snprintf(f->dtype, sizeof f->dtype, "%s", values[0].text);
    snprintf(f->shape, sizeof f->shape, "%s", values[1].text);
    f->found = true;
    return 0;
}

static void find_form(const restore *r, const char *name, form *out)
{
    char *literal = NULL, *query = NULL;
    if (sqltext_literal(&literal, name) == 0 &&
        asprintf(&query, "SELECT dtype, shape FROM snapshot_variables WHERE snapshot_id = %lld AND name = %s",
                 (long long)r->snapshot, literal) >= 0) {
        varsdb_query(r->c->db, query, take_form, out);
        free(query);
    }
    free(literal);
}

static void print_misfit(restore *r, const char *name, const char *snapshot_name)
{
    const varsdb_variable *here = NULL;
    form there = {.found = false};
    char text[MISFIT_TEXT_MAX];
    find_form(r, snapshot_name, &there);
    if (!there.found || varsdb_find_variable(r->c->db, name, &here) != VARSDB_OK) {
        out_text(&r->rows, "the snapshot has another shape or dtype");
        return;
    }
    misfit_print(text, here, there.dtype, there.shape);
    out_text(&r->rows, text);
}

static bool lies_in(const char *name, const char *scope)
{
    size_t bytes = strlen(scope);
    return strncmp(name, scope, bytes) == 0 && name[bytes] == '/';
}

/* Which option left it out: the first of those that can have. */
static void print_why_not_selected(restore *r, const char *name)
{
    const varsdb_restore_options *o = &r->options;
    char text[REASON_MAX];
    if (o->scope && !lies_in(name, o->scope))
        snprintf(text, sizeof text, "not in --scope %s", o->scope);
    else if (o->include || o->exclude)
        snprintf(text, sizeof text, "left out by %s%s%s%s%s", o->include ? "--include" : "",
                 o->include && o->exclude ? " or " : "", o->exclude ? "--exclude" : "",
                 o->collection ? ", or not in " : ", or local", o->collection ? o->collection : "");
    else
        snprintf(text, sizeof text, "not in the collection %s",
                 o->collection ? o->collection : VARSDB_GLOBAL);
    out_text(&r->rows, text);
}

/* What the outcome alone does not tell. */
static void print_reason(restore *r, varsdb_restore_outcome outcome, const char *name,
                         const char *snapshot_name)
{
    switch (outcome) {
    case VARSDB_RESTORE_MISSING:
        out_text(&r->rows, "the snapshot has none");
        break;
    case VARSDB_RESTORE_EXTRA:
        out_text(&r->rows, "none here, and --existing-only makes none");
        break;
    case VARSDB_RESTORE_MISFIT:
        print_misfit(r, name, snapshot_name);
        break;
    case VARSDB_RESTORE_UNTOUCHED:
        if (r->options.ignore_missing)
            out_text(&r->rows, "not asked for, or the snapshot has none");
        else
            print_why_not_selected(r, name);
        break;
    default:
        out_null(&r->rows);
    }
}

static int report(void *payload, varsdb_restore_outcome outcome, const char *name, const char *snapshot_name)
{
    restore *r = payload;
    r->counts[outcome]++;
    r->told = true;
    out_text(&r->rows, outcome_words[outcome]);
    out_text(&r->rows, name);
    out_text(&r->rows, snapshot_name);
    print_reason(r, outcome, name, snapshot_name);
    return !out_alive(&r->rows);
}

static int understand(restore *r)
{
    varsdb_restore_options *o = &r->options;
    int status = pick_all_renames(r->c, &r->rename_texts, &r->renames);
    o->renames = r->renames.items;
    o->rename_count = r->renames.count;
    if (status == CLI_DONE && o->scope) {
        status = pick_scope(r->c, o->scope, r->scope);
        o->scope = *r->scope ? r->scope : NULL;
    }
    if (o->collection)
        o->collection = pick_collection(o->collection);
    o->site = "varsdb restore";
    o->report = report;
    o->progress = progress_report;
    o->payload = r;
    return status;
}

static tally_of tally(const restore *r)
{
    bool dry_run = r->options.dry_run;
    return (tally_of){r->counts, outcome_words, OUTCOMES, VARSDB_RESTORED, !dry_run, dry_run};
}

static int run(restore *r)
{
    static const char *const names[] = {"outcome", "name", "snapshot_name", "reason"};
    cli *c = r->c;
    int status = snapshot_find(c, c->args[1], &r->snapshot);
    if (status != CLI_DONE)
        return status;
    c->style.at_once = true;
    out_begin(&r->rows, &c->out, c->format, names, COUNT_OF(names));
    if (!out_alive(&r->rows))
        return cli_end_rows(c, &r->rows, VARSDB_OK);
    int rc = varsdb_restore(c->db, r->snapshot, &r->options);
    if ((rc == VARSDB_NOTFOUND || rc == VARSDB_MISMATCH) && r->told && out_alive(&r->rows))
        return tally_end_refused(c, &r->rows, tally(r));
    status = cli_end_rows(c, &r->rows, rc);
    if (status == CLI_DONE)
        tally_note(c, tally(r));
    else
        sink_discard(&c->out);
    return status;
}

int cmd_restore(cli *c, int argc, char **argv)
{
    restore r = {.c = c, .options = {.size = sizeof r.options}};
    varsdb_restore_options *o = &r.options;
    const opt options[] = {OPT_TEXT("collection", &o->collection),
                           OPT_TEXT("scope", &o->scope),
                           OPT_TEXT("include", &o->include),
                           OPT_TEXT("exclude", &o->exclude),
                           OPT_LIST("rename", &r.rename_texts),
                           OPT_FLAG("reshape", &o->reshape),
                           OPT_FLAG("existing-only", &o->existing_only),
                           OPT_FLAG("ignore-missing", &o->ignore_missing),
                           OPT_FLAG("dry-run", &o->dry_run)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(&r);
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status == CLI_DONE)
        status = run(&r);
    pick_release_renames(&r.renames);
    return status;
}
