/* snapshot.c - see snapshot.h. */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>

#include "nearby.h"
#include "print.h"

int snapshot_find(cli *c, const char *selector, int64_t *out)
{
    char message[OPT_MESSAGE_BYTES], near[SUGGEST_TEXT_MAX];
    int rc = varsdb_find_snapshot(c->db, selector, out);
    if (rc == VARSDB_OK)
        return CLI_DONE;
    if (rc != VARSDB_NOTFOUND)
        return cli_fail_db(c);
    snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
    return cli_fail(c, CLI_NO, "%s%s", message, nearby_snapshot(c, selector, near));
}

typedef struct search {
    int64_t id;
    bool found;
    varsdb_snapshot_cb callback;
    void *payload;
} search;

static int compare_id(void *payload, const varsdb_snapshot_info *info)
{
    search *s = payload;
    if (info->id != s->id)
        return 0;
    s->found = true;
    s->callback(s->payload, info);
    return 1;
}

int snapshot_describe(cli *c, int64_t id, varsdb_snapshot_cb callback, void *payload)
{
    search s = {.id = id, .callback = callback, .payload = payload};
    int rc = varsdb_list_snapshots(c->db, compare_id, &s);
    if (s.found)
        return CLI_DONE;
    if (rc != VARSDB_OK)
        return cli_fail_db(c);
    return cli_fail(c, CLI_NO, "snapshot #%lld was deleted meanwhile", (long long)id);
}

void snapshot_print(sink *to, const varsdb_snapshot_info *info)
{
    sink_printf(to, "snapshot #%lld", (long long)info->id);
    if (info->has_step)
        sink_printf(to, " step %lld", (long long)info->step);
    if (info->name) {
        sink_text(to, " \"");
        print_visible(to, info->name, strlen(info->name));
        sink_char(to, '"');
    }
}

void snapshot_print_step(out_rows *o, const varsdb_snapshot_info *info)
{
    if (info->has_step)
        out_int(o, info->step);
    else
        out_null(o);
}
