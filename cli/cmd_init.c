/* cmd_init.c - varsdb init: an empty registry. */
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "pick.h"
#include "print.h"

/* A file is there: whether it is a registry decides what to say. */
static int fail_present(cli *c)
{
    int status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    return cli_fail(c, CLI_NO, "%s: there is a registry already; init only makes new ones", c->args[0]);
}

/* Another process may have made the file or the namespace in the same moment, with its seed. */
static int check_seed(cli *c, const int64_t *asked, int64_t *seed)
{
    if (varsdb_seed(c->db, seed) != VARSDB_OK)
        return cli_fail_db(c);
    if (asked && *asked != *seed)
        return cli_fail(c, CLI_NO, "%s: another process made the registry meanwhile, with seed %lld",
                        c->args[0], (long long)*seed);
    return CLI_DONE;
}

static int create(cli *c, const int64_t *asked)
{
    const char *name_space = cli_namespace(c);
    unsigned flags = VARSDB_CREATE_FILE | (c->allow_network ? (unsigned)VARSDB_ALLOW_NETWORK : 0);
    if (varsdb_open(c->args[0], VARSDB_OPEN(.flags = flags, .seed = asked), &c->db) != VARSDB_OK)
        return cli_fail_db(c);
    if (!name_space || strcmp(name_space, varsdb_namespace(c->db)) == 0)
        return CLI_DONE;
    if (varsdb_create_namespace(c->db, name_space, asked) != VARSDB_OK ||
        varsdb_use_namespace(c->db, name_space) != VARSDB_OK)
        return cli_fail_db(c);
    return CLI_DONE;
}

static void report(cli *c, int64_t seed)
{
    static const char *const names[] = {"outcome", "path", "namespace", "seed", "uuid"};
    if (c->format == OUT_AUTO) {
        sink_text(&c->out, "created ");
        print_visible(&c->out, c->args[0], strlen(c->args[0]));
        sink_printf(&c->out, " seed %lld\n", (long long)seed);
        return;
    }
    out_rows o;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_text(&o, "created");
    out_text(&o, c->args[0]);
    out_text(&o, varsdb_namespace(c->db));
    out_int(&o, seed);
    out_text(&o, varsdb_uuid(c->db));
    cli_end_rows(c, &o, VARSDB_OK);
}

int cmd_init(cli *c, int argc, char **argv)
{
    const char *seed_text = NULL;
    int64_t asked = 0, seed = 0;
    struct stat st;
    const opt options[] = {OPT_TEXT("seed", &seed_text)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE && seed_text)
        status = pick_integer(c, "--seed", seed_text, &asked);
    if (status != CLI_DONE)
        return status;
    if (stat(c->args[0], &st) == 0)
        return fail_present(c);
    status = create(c, seed_text ? &asked : NULL);
    if (status == CLI_DONE)
        status = check_seed(c, seed_text ? &asked : NULL, &seed);
    if (status == CLI_DONE)
        report(c, seed);
    return status;
}
