/* cmd_export.c - varsdb export: variables to a tensor file. */
#include <stdio.h>

#include "cli.h"
#include "nearby.h"
#include "pick.h"
#include "progress.h"
#include "snapshot.h"
#include "vocabulary.h"

static const char *const name_words[] = {"original", "registry", NULL};

static int understand(cli *c, pick_filter *pick, const char *include, const char *names,
                      varsdb_export_options *to)
{
    if (include && pick->filter.match)
        return cli_fail(c, CLI_USAGE, "give one of --match and --include");
    if (include)
        pick->filter.match = include;
    /* Local variables stay out unless they are asked for. */
    if (!pick->filter.collection)
        pick->filter.collection = VARSDB_GLOBAL;
    int status = names ? pick_word(c, "--names", names, name_words, &to->registry_names) : CLI_DONE;
    return status == CLI_DONE ? pick_tidy(c, pick) : status;
}

/* The formats are the library's to know.  It looks for one before it looks at the variables, so
 * that where an export of none finds none, the format was understood. */
static bool knows_format(cli *c, const char *path, const char *format)
{
    static const varsdb_filter none = {.size = sizeof none, .glob = ""};
    int rc = varsdb_export(c->db, path, VARSDB_EXPORT(.format = format, .filter = &none), NULL);
    return rc != VARSDB_UNSUPPORTED;
}

static int fail_export(cli *c, const char *format, bool by_default)
{
    char message[OPT_MESSAGE_BYTES], reason[NEARBY_REASON_MAX], near[SUGGEST_TEXT_MAX];
    int failed = varsdb_errcode(c->db);
    if (failed != VARSDB_UNSUPPORTED && failed != VARSDB_NOTFOUND)
        return cli_fail_db(c);
    snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
    if (failed == VARSDB_NOTFOUND)
        return cli_fail(c, CLI_NO, "%s%s%s%s", message, *nearby_reason(c, reason) ? "; " : "", reason,
                        by_default ? " (those in GLOBAL are taken unless --collection is given)" : "");
    int status = knows_format(c, c->args[1], format) ? CLI_FAILED : CLI_USAGE;
    return cli_fail(c, status, "%s%s", message,
                    format ? suggest_among(near, format, vocabulary_formats) : "");
}

static int write_file(cli *c, const varsdb_export_options *to, bool by_default)
{
    int64_t count;
    c->left = "nothing was written";
    if (varsdb_export(c->db, c->args[1], to, &count) != VARSDB_OK)
        return fail_export(c, to->format, by_default);
    cli_note("exported %lld variable%s to %s", (long long)count, count == 1 ? "" : "s", c->args[1]);
    return CLI_DONE;
}

int cmd_export(cli *c, int argc, char **argv)
{
    pick_filter pick = {0};
    varsdb_export_options to = {.size = sizeof to, .filter = &pick.filter, .progress = progress_report};
    const char *include = NULL, *names = NULL, *at = NULL, *shard_text = NULL;
    opt_list rename_texts = {0};
    pick_renames renames = {0};
    const opt options[] = {OPT_TEXT("collection", &pick.filter.collection),
                           OPT_TEXT("scope", &pick.filter.scope),
                           OPT_TEXT("match", &pick.filter.match),
                           OPT_TEXT("name", &pick.filter.glob),
                           OPT_TEXT("include", &include),
                           OPT_TEXT("exclude", &pick.filter.exclude),
                           OPT_WORD("format", vocabulary_written_formats, &to.format),
                           OPT_WORD("names", name_words, &names),
                           OPT_LIST("rename", &rename_texts),
                           OPT_TEXT("max-shard-size", &shard_text),
                           OPT_TEXT("at", &at)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    bool by_default = !pick.filter.collection;
    if (status == CLI_DONE)
        status = understand(c, &pick, include, names, &to);
    if (status == CLI_DONE && shard_text)
        status = pick_bytes(c, "--max-shard-size", shard_text, &to.max_shard_bytes);
    if (status == CLI_DONE)
        status = pick_all_renames(c, &rename_texts, &renames);
    to.renames = renames.items;
    to.rename_count = renames.count;
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status == CLI_DONE && at)
        status = snapshot_find(c, at, &to.snapshot);
    if (status == CLI_DONE)
        status = write_file(c, &to, by_default);
    pick_release_renames(&renames);
    return status;
}
