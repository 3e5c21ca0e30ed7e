/* cmd_get.c - varsdb get, model, local: get a variable, or create it. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "nearby.h"
#include "pick.h"
#include "print.h"
#include "shape.h"
#include "vocabulary.h"

typedef struct request {
    const char *shape_text, *dtype_text, *reuse_text;
    int trainable, not_trainable;
    opt_list collections;
    int64_t dims[VARSDB_RANK_MAX];
    varsdb_shape shape;
    varsdb_variable_options options;
} request;

typedef int (*getter)(varsdb *, const char *, const varsdb_variable_options *, int *,
                      const varsdb_variable **);

static getter getter_of(const cli_command *command)
{
    if (strcmp(command->name, "model") == 0)
        return varsdb_model_variable;
    return strcmp(command->name, "local") == 0 ? varsdb_local_variable : varsdb_get_variable;
}

static const char *const reuse_words[] = {"auto", "create", "require", NULL};

static int understand(cli *c, request *r)
{
    static const varsdb_reuse reuses[] = {VARSDB_AUTO, VARSDB_CREATE, VARSDB_REQUIRE};
    int status = CLI_DONE, word;
    if (r->shape_text) {
        status = pick_shape(c, r->shape_text, &r->shape.rank, r->dims);
        r->shape.dims = r->dims;
        r->options.shape = &r->shape;
    }
    if (status == CLI_DONE && r->dtype_text)
        status = pick_dtype(c, r->dtype_text, &r->options.dtype);
    if (status == CLI_DONE && r->reuse_text) {
        status = pick_word(c, "--reuse", r->reuse_text, reuse_words, &word);
        if (status == CLI_DONE)
            r->options.reuse = reuses[word];
    }
    if (status == CLI_DONE && r->trainable && r->not_trainable)
        status = cli_fail(c, CLI_USAGE, "give one of --trainable and --no-trainable");
    r->options.trainable = r->trainable ? VARSDB_YES : r->not_trainable ? VARSDB_NO : VARSDB_NOT_SAID;
    if (status == CLI_DONE && r->trainable && getter_of(c->command) == varsdb_local_variable)
        status = cli_fail(c, CLI_USAGE, "local: --trainable is not accepted; a local variable never is");
    for (size_t i = 0; i < r->collections.count; i++)
        r->collections.items[i] = pick_collection(r->collections.items[i]);
    r->options.collections = r->collections.count ? r->collections.items : NULL;
    return status;
}

static void report(cli *c, int created, const varsdb_variable *variable)
{
    static const char *const names[] = {"outcome", "name", "id", "dtype", "shape"};
    const char *outcome = created ? "created" : "reused", *name = varsdb_variable_name(variable);
    const char *dtype = varsdb_dtype_name(varsdb_variable_dtype(variable));
    char shape[SHAPE_TEXT_MAX];
    shape_print(shape, varsdb_variable_shape(variable));
    if (c->format == OUT_AUTO) {
        sink_printf(&c->out, "%s ", outcome);
        print_visible(&c->out, name, strlen(name));
        sink_printf(&c->out, " %s ", dtype);
        sink_text(&c->out, shape);
        sink_char(&c->out, '\n');
        return;
    }
    out_rows o;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_text(&o, outcome);
    out_text(&o, name);
    out_int(&o, varsdb_variable_id(variable));
    out_text(&o, dtype);
    out_raw(&o, shape);
    cli_end_rows(c, &o, VARSDB_OK);
}

/* The message first: it lives until the next call on the handle. */
static int fail_get(cli *c, const char *initializer)
{
    char message[OPT_MESSAGE_BYTES], near[SUGGEST_TEXT_MAX];
    if (varsdb_errcode(c->db) != VARSDB_NOTFOUND)
        return cli_fail_db_hint(c, VARSDB_INVALID, nearby_initializer(initializer, near));
    snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
    return cli_fail(c, CLI_NO, "%s%s", message, nearby_variable(c, c->args[1], near));
}

int cmd_get(cli *c, int argc, char **argv)
{
    request r = {.options.size = sizeof r.options};
    char site[32];
    int created;
    const varsdb_variable *variable;
    const opt options[] = {OPT_TEXT("shape", &r.shape_text),
                           OPT_WORD("dtype", vocabulary_dtypes, &r.dtype_text),
                           OPT_WORD("init", vocabulary_initializers, &r.options.initializer),
                           OPT_TEXT("value", &r.options.value_json),
                           OPT_FLAG("trainable", &r.trainable),
                           OPT_FLAG("no-trainable", &r.not_trainable),
                           OPT_LIST("collection", &r.collections),
                           OPT_TEXT("regularizer", &r.options.regularizer),
                           OPT_TEXT("partitioner", &r.options.partitioner),
                           OPT_WORD("reuse", reuse_words, &r.reuse_text)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(c, &r);
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status != CLI_DONE)
        return status;
    snprintf(site, sizeof site, "varsdb %s", c->command->name);
    r.options.site = site;
    if (getter_of(c->command)(c->db, c->args[1], &r.options, &created, &variable) != VARSDB_OK)
        return fail_get(c, r.options.initializer);
    report(c, created, variable);
    return CLI_DONE;
}
