/* cmd_snapshot_rm.c - varsdb snapshot-rm and snapshot-pin: all snapshots that are named, or none. */
#include <stdlib.h>

#include "cli.h"
#include "snapshot.h"

typedef int (*change)(varsdb *db, int64_t id);

static int drop(varsdb *db, int64_t id)
{
    return varsdb_drop_snapshot(db, id);
}

static int pin(varsdb *db, int64_t id)
{
    return varsdb_pin_snapshot(db, id, 1);
}

static int unpin(varsdb *db, int64_t id)
{
    return varsdb_pin_snapshot(db, id, 0);
}

/* All are found before the first is deleted, which may be what "latest" means. */
static int find_all(cli *c, int64_t *ids, size_t *count)
{
    int status = CLI_DONE;
    for (size_t i = 1; i < c->count && status == CLI_DONE; i++) {
        int64_t id = 0;
        bool again = false;
        status = snapshot_find(c, c->args[i], &id);
        for (size_t k = 0; k < *count; k++)
            again |= ids[k] == id;
        if (status == CLI_DONE && !again)
            ids[(*count)++] = id;
    }
    return status;
}

static int change_all(cli *c, const int64_t *ids, size_t count, change apply)
{
    int status = CLI_DONE;
    for (size_t i = 0; i < count && status == CLI_DONE; i++)
        if (apply(c->db, ids[i]) != VARSDB_OK)
            status = cli_fail_db(c);
    if (status == CLI_DONE && varsdb_commit(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    return status;
}

static int run(cli *c, change apply, const char *done)
{
    int64_t *ids = malloc(c->count * sizeof *ids);
    size_t count = 0;
    if (!ids)
        return cli_fail_memory(c);
    int status = cli_open(c, 0);
    if (status == CLI_DONE && varsdb_begin(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status == CLI_DONE)
        status = find_all(c, ids, &count);
    if (status == CLI_DONE)
        status = change_all(c, ids, count, apply);
    for (size_t i = 0; status == CLI_DONE && i < count; i++)
        sink_printf(&c->out, "%s snapshot #%lld\n", done, (long long)ids[i]);
    free(ids);
    return status;
}

int cmd_snapshot_rm(cli *c, int argc, char **argv)
{
    int status = cli_parse(c, argc, argv, NULL, 0);
    return status == CLI_DONE ? run(c, drop, "deleted") : status;
}

int cmd_snapshot_pin(cli *c, int argc, char **argv)
{
    int off = 0;
    const opt options[] = {OPT_FLAG("unpin", &off)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    return status == CLI_DONE ? run(c, off ? unpin : pin, off ? "unpinned" : "pinned") : status;
}
