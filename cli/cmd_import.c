/* cmd_import.c - varsdb import: tensor files into the registry, all of them or nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "misfit.h"
#include "pick.h"
#include "progress.h"
#include "shape.h"
#include "tally.h"

#define OUTCOMES (VARSDB_PASSED_OVER + 1)

typedef struct import {
    cli *c;
    varsdb_import_options options;
    varsdb_snapshot_options snapshot;
    int as_snapshot;
    int64_t step;
    const char *conflict_text, *names_text, *step_text;
    opt_list rename_texts;
    pick_renames renames;
    char scope[PICK_NAME_MAX];
    out_rows rows;
    bool lists;
    const char *path;      /* of the file that is being read */
    varsdb_reader *reader; /* the same, to tell what it has; NULL: not yet asked */
    const char *words[OUTCOMES];
    int64_t counts[OUTCOMES];
} import;

static const char *const outcome_words[OUTCOMES] = {
    [VARSDB_IMPORTED] = "imported",       [VARSDB_REPLACED] = "replaced", [VARSDB_SKIPPED] = "skipped",
    [VARSDB_MISSING] = "missing",         [VARSDB_EXTRA] = "extra",       [VARSDB_MISMATCHED] = "mismatched",
    [VARSDB_PASSED_OVER] = "passed over",
};

/* ---- What the outcome alone does not tell */

static const varsdb_tensor_info *find_in_file(import *i, const char *file_name)
{
    if (!i->reader && varsdb_open_reader(i->path, &i->reader) != VARSDB_OK)
        return NULL;
    const varsdb_tensor_info *tensor;
    for (size_t n = 0; (tensor = varsdb_reader_tensor(i->reader, n)); n++)
        if (strcmp(tensor->name, file_name) == 0)
            return tensor;
    return NULL;
}

static void print_mismatch(import *i, const char *name, const char *file_name)
{
    const varsdb_tensor_info *there = find_in_file(i, file_name);
    const varsdb_variable *here = NULL;
    char text[MISFIT_TEXT_MAX], shape[SHAPE_TEXT_MAX] = "";
    /* Under --names full the file has it by another name, which is not known here. */
    if (!there || varsdb_find_variable(i->c->db, name, &here) != VARSDB_OK) {
        out_text(&i->rows, "the file has another shape or dtype");
        return;
    }
    shape_print(shape, &there->shape);
    misfit_print(text, here, varsdb_dtype_name(there->dtype), shape);
    out_text(&i->rows, text);
}

static void print_reason(import *i, varsdb_outcome outcome, const char *name, const char *file_name)
{
    switch (outcome) {
    case VARSDB_SKIPPED:
        out_text(&i->rows, "it is here, and --on-conflict skips it");
        break;
    case VARSDB_MISSING:
        out_text(&i->rows, "the file has none");
        break;
    case VARSDB_EXTRA:
        out_text(&i->rows, "none here, and --existing-only makes none");
        break;
    case VARSDB_MISMATCHED:
        print_mismatch(i, name, file_name);
        break;
    case VARSDB_PASSED_OVER:
        out_text(&i->rows, "no tensor of the file");
        break;
    default:
        out_null(&i->rows);
    }
}

/* ---- */

static int report(void *payload, varsdb_outcome outcome, const char *name, const char *file_name)
{
    import *i = payload;
    i->counts[outcome]++;
    if (!i->lists)
        return 0;
    out_text(&i->rows, i->words[outcome]);
    out_text(&i->rows, name);
    out_text(&i->rows, file_name);
    print_reason(i, outcome, name, file_name);
    return !out_alive(&i->rows);
}

static int understand_snapshot(import *i)
{
    varsdb_snapshot_options *o = &i->snapshot;
    int status = CLI_DONE;
    if (!i->as_snapshot && (o->name || o->metadata || o->replace || i->step_text || i->options.step_from))
        return cli_fail(i->c, CLI_USAGE,
                        "--name, --step, --step-from, --meta and --replace go with --as-snapshot");
    if (i->step_text && i->options.step_from)
        return cli_fail(i->c, CLI_USAGE, "give one of --step and --step-from");
    if (o->name && i->c->count > 2)
        return cli_fail(i->c, CLI_USAGE, "--name is of one snapshot, and %zu files are given",
                        i->c->count - 1);
    if (i->step_text)
        status = pick_integer(i->c, "--step", i->step_text, &i->step);
    if (i->step_text)
        o->step = &i->step;
    if (i->as_snapshot)
        i->options.as_snapshot = o;
    return status;
}

static const char *const conflict_words[] = {"error", "skip", "replace", NULL};
static const char *const name_words[] = {"raw", "full", NULL};

static int understand(import *i)
{
    static const varsdb_conflict conflicts[] = {VARSDB_CONFLICT_ERROR, VARSDB_CONFLICT_SKIP,
                                                VARSDB_CONFLICT_REPLACE};
    int status = CLI_DONE, word = 0, name = 0;
    if (i->conflict_text)
        status = pick_word(i->c, "--on-conflict", i->conflict_text, conflict_words, &word);
    i->options.on_conflict = conflicts[word];
    if (status == CLI_DONE && i->names_text)
        status = pick_word(i->c, "--names", i->names_text, name_words, &name);
    i->options.names = name_words[name];
    if (status == CLI_DONE)
        status = pick_all_renames(i->c, &i->rename_texts, &i->renames);
    i->options.renames = i->renames.items;
    i->options.rename_count = i->renames.count;
    if (status == CLI_DONE && i->options.separator && !*i->options.separator)
        status = cli_fail(i->c, CLI_USAGE, "--sep is empty; a separator such as . is accepted");
    if (status == CLI_DONE && i->options.scope) {
        status = pick_scope(i->c, i->options.scope, i->scope);
        i->options.scope = *i->scope ? i->scope : NULL;
    }
    if (i->options.collection)
        i->options.collection = pick_collection(i->options.collection);
    if (status == CLI_DONE)
        status = understand_snapshot(i);
    memcpy(i->words, outcome_words, sizeof i->words);
    if (i->options.existing_only)
        i->words[VARSDB_REPLACED] = "matched"; /* what is assigned is what matched */
    i->lists = i->options.dry_run || i->options.existing_only || cli_lists(i->c);
    i->options.report = report;
    i->options.progress = progress_report;
    i->options.payload = i;
    i->options.site = "varsdb import";
    return status;
}

/* One transaction around all files.  On failure closing the registry rolls it back. */
static int import_files(import *i)
{
    cli *c = i->c;
    bool several = c->count > 2;
    int rc = several ? varsdb_begin(c->db) : VARSDB_OK;
    for (size_t n = 1; n < c->count && rc == VARSDB_OK; n++) {
        i->path = c->args[n];
        rc = varsdb_import(c->db, i->path, &i->options);
        varsdb_close_reader(i->reader);
        i->reader = NULL;
    }
    if (rc == VARSDB_OK && several)
        rc = varsdb_commit(c->db);
    return rc;
}

static tally_of tally(const import *i)
{
    bool dry_run = i->options.dry_run;
    return (tally_of){i->counts, i->words, OUTCOMES, VARSDB_IMPORTED, !dry_run, dry_run};
}

static int run(import *i)
{
    static const char *const names[] = {"outcome", "name", "file_name", "reason"};
    cli *c = i->c;
    c->style.at_once = true;
    if (i->lists)
        out_begin(&i->rows, &c->out, c->format, names, COUNT_OF(names));
    if (i->lists && !out_alive(&i->rows))
        return cli_end_rows(c, &i->rows, VARSDB_OK);
    int rc = import_files(i);
    if (rc == VARSDB_EXISTS)
        cli_fail_db_hint(c, rc, " (see --on-conflict)");
    if (i->lists && rc == VARSDB_MISMATCH && out_alive(&i->rows))
        return tally_end_refused(c, &i->rows, tally(i));
    if (i->lists)
        return cli_end_rows(c, &i->rows, rc);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

/* A new registry appears whole or not at all, and in a dry run not. */
static int run_new(import *i)
{
    cli *c = i->c;
    c->left = "nothing was made";
    c->style.db = NULL; /* it answers no queries yet; --where asks a registry of its own */
    int status = cli_open(c, VARSDB_BUILD);
    if (status == CLI_DONE)
        status = run(i);
    if (status == CLI_DONE && !i->options.dry_run && varsdb_publish(c->db) != VARSDB_OK)
        status = cli_fail_db_hint(c, VARSDB_EXISTS, "; nothing was imported");
    return status;
}

int cmd_import(cli *c, int argc, char **argv)
{
import i = {.c = c, .options.size = sizeof i.options, .snapshot.size = sizeof i.snapshot };
    varsdb_import_options *o = &i.options;
    struct stat st;
    const opt options[] = {OPT_TEXT("scope", &o->scope),
                           OPT_TEXT("collection", &o->collection),
                           OPT_FLAG("model", &o->model),
                           OPT_TEXT("trainable", &o->trainable),
                           OPT_TEXT("include", &o->include),
                           OPT_TEXT("exclude", &o->exclude),
                           OPT_LIST("rename", &i.rename_texts),
                           OPT_TEXT("sep", &o->separator),
                           OPT_WORD("names", name_words, &i.names_text),
                           OPT_WORD("on-conflict", conflict_words, &i.conflict_text),
                           OPT_FLAG("existing-only", &o->existing_only),
                           OPT_FLAG("as-snapshot", &i.as_snapshot),
                           OPT_TEXT("name", &i.snapshot.name),
                           OPT_TEXT("step", &i.step_text),
                           OPT_TEXT("step-from", &o->step_from),
                           OPT_TEXT("meta", &i.snapshot.metadata),
                           OPT_FLAG("replace", &i.snapshot.replace),
                           OPT_FLAG("dry-run", &o->dry_run)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(&i);
    /* Where nothing may be created a registry is none either: opening says that it does not exist. */
    if (status == CLI_DONE && !o->existing_only && stat(c->args[0], &st) != 0 && errno == ENOENT) {
        status = run_new(&i);
    } else if (status == CLI_DONE) {
        status = cli_open(c, 0);
        if (status == CLI_DONE)
            status = run(&i);
    }
    if (status == CLI_DONE)
        tally_note(c, tally(&i));
    pick_release_renames(&i.renames);
    return status;
}
