/* cmd_scope.c - varsdb scope: the persistent defaults of a scope. */
#include <string.h>

#include "cli.h"
#include "nearby.h"
#include "pick.h"
#include "vocabulary.h"

static int set_defaults(cli *c, const char *scope, varsdb_scope_defaults *defaults, const char *dtype)
{
    char near[SUGGEST_TEXT_MAX];
    int status = CLI_DONE;
    if (dtype && !*dtype)
        defaults->dtype = VARSDB_DTYPE_CLEAR;
    else if (dtype)
        status = pick_dtype(c, dtype, &defaults->dtype);
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status == CLI_DONE && varsdb_set_scope_defaults(c->db, scope, defaults) != VARSDB_OK)
        status = cli_fail_db_hint(c, VARSDB_INVALID, nearby_initializer(defaults->initializer, near));
    return status;
}

typedef struct listing {
    out_rows rows;
    const char *scope;
} listing;

static int print_scope(void *payload, const varsdb_scope_info *info)
{
    listing *l = payload;
    out_rows *o = &l->rows;
    if (strcmp(info->name, l->scope) != 0)
        return 0;
    out_text(o, info->name);
    out_text(o, info->defaults.initializer);
    out_text(o, info->defaults.regularizer);
    out_text(o, info->defaults.dtype ? varsdb_dtype_name(info->defaults.dtype) : NULL);
    out_text(o, info->defaults.partitioner);
    out_int(o, info->variables);
    out_int(o, info->elements);
    out_int(o, info->bytes);
    return 0;
}

static int show_scope(cli *c, const char *scope)
{
    static const char *const names[] = {"name",        "initializer", "regularizer", "dtype",
                                        "partitioner", "variables",   "elements",    "bytes"};
    listing l = {.scope = scope};
    char shown[CLI_SHOWN_MAX], near[SUGGEST_TEXT_MAX];
    int status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    if (!pick_scope_exists(c, scope))
        return cli_fail(c, CLI_NO, "there is no scope %s%s", cli_shown(shown, scope),
                        nearby_scope(c, scope, near));
    out_begin(&l.rows, &c->out, c->format, names, COUNT_OF(names));
    return cli_end_rows(c, &l.rows, varsdb_list_scopes(c->db, scope, print_scope, &l));
}

int cmd_scope(cli *c, int argc, char **argv)
{
    varsdb_scope_defaults defaults = {0};
    const char *dtype = NULL;
    char scope[PICK_NAME_MAX];
    const opt options[] = {OPT_WORD("init", vocabulary_initializers, &defaults.initializer),
                           OPT_TEXT("regularizer", &defaults.regularizer),
                           OPT_TEXT("partitioner", &defaults.partitioner),
                           OPT_WORD("dtype", vocabulary_dtypes, &dtype)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = pick_scope(c, c->args[1], scope);
    if (status != CLI_DONE)
        return status;
    bool sets = dtype || defaults.initializer || defaults.regularizer || defaults.partitioner;
    if (sets && c->immutable)
        return cli_fail(c, CLI_USAGE, "scope: --immutable only reads; defaults cannot be set with it");
    if (sets)
        return set_defaults(c, scope, &defaults, dtype);
    return show_scope(c, scope);
}
