/* cmd_migrate.c - varsdb migrate: brings an older registry to the schema of today. */
#include <stdlib.h>
#include <time.h>

#include "cli.h"

typedef struct schema {
    int64_t began; /* milliseconds since 1970: what was applied from then on is news */
    int64_t before, now;
} schema;

static int see_migration(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    schema *s = payload;
    (void)columns, (void)names;
    int64_t number = strtoll(values[0].text, NULL, 10), applied_at = strtoll(values[1].text, NULL, 10);
    s->now = number;
    if (applied_at < s->began)
        s->before = number;
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void report(cli *c, const schema *s, bool upgraded)
{
    static const char *const names[] = {"before", "now"};
    out_rows o;
    if (c->format != OUT_AUTO) {
        out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
        o.single = true;
        out_int(&o, s->before);
        out_int(&o, s->now);
        cli_end_rows(c, &o, VARSDB_OK);
    } else if (upgraded) {
        sink_printf(&c->out, "schema %lld upgraded to %lld\n", (long long)s->before, (long long)s->now);
    } else {
        sink_printf(&c->out, "schema %lld, up to date\n", (long long)s->now);
    }
}

/* Opening for writing upgrades; opening for reading tells whether that is to be done. */
static bool is_old(cli *c)
{
    varsdb *db;
    unsigned flags = VARSDB_READ_ONLY | (c->allow_network ? VARSDB_ALLOW_NETWORK : 0);
    bool old = varsdb_open(c->args[0], VARSDB_OPEN(.flags = flags), &db) == VARSDB_READONLY;
    varsdb_close(db);
    return old;
}

int cmd_migrate(cli *c, int argc, char **argv)
{
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status != CLI_DONE)
        return status;
    schema s = {.began = now_ms()};
    bool old = is_old(c);
    status = cli_open(c, 0);
    if (status != CLI_DONE)
        return status;
    if (!old)
        s.began = INT64_MAX;
    if (varsdb_query(c->db, "SELECT number, applied_at FROM varsdb_schema_migrations ORDER BY number",
                     see_migration, &s) != VARSDB_OK)
        return cli_fail_db(c);
    report(c, &s, old);
    return CLI_DONE;
}
