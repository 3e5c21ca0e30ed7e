/* cmd_export.c - varsdb export: variables to a tensor file. */
#include "cli.h"
#include "pick.h"

static int understand(cli *c, pick_filter *pick, const char *include, const char *names,
                      varsdb_export_options *to)
{
    static const char *const words[] = {"original", "registry", NULL};
    if (include && pick->filter.match)
        return cli_fail(c, CLI_USAGE, "give one of --match and --include");
    if (include)
        pick->filter.match = include;
    /* Local variables stay out unless they are asked for. */
    if (!pick->filter.collection)
        pick->filter.collection = VARSDB_GLOBAL;
    int status = names ? pick_word(c, "--names", names, words, &to->registry_names) : CLI_DONE;
    return status == CLI_DONE ? pick_tidy(c, pick) : status;
}

int cmd_export(cli *c, int argc, char **argv)
{
    pick_filter pick = {0};
    varsdb_export_options to = {.size = sizeof to, .filter = &pick.filter};
    const char *include = NULL, *names = NULL;
    int64_t count;
    const opt options[] = {OPT_TEXT("collection", &pick.filter.collection),
                           OPT_TEXT("scope", &pick.filter.scope),
                           OPT_TEXT("match", &pick.filter.match),
                           OPT_TEXT("name", &pick.filter.glob),
                           OPT_TEXT("include", &include),
                           OPT_TEXT("exclude", &pick.filter.exclude),
                           OPT_TEXT("format", &to.format),
                           OPT_TEXT("names", &names)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(c, &pick, include, names, &to);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    if (varsdb_export(c->db, c->args[1], &to, &count) != VARSDB_OK)
        return cli_fail_db(c);
    cli_note("exported %lld variables to %s", (long long)count, c->args[1]);
    return CLI_DONE;
}
