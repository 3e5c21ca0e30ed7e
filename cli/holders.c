/* holders.c - see holders.h. */
#include "holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "sqltext.h"

typedef struct holders {
    sink *to;
    const char *hash;
    int64_t seen;
} holders;

static void print_value(sink *to, const varsdb_value *value)
{
    print_visible(to, value->text, value->bytes);
}

static int print_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    holders *h = payload;
    const char *hash = values[4].text ? values[4].text : "";
    (void)columns;
    (void)names;
    if (h->seen++ >= HOLDERS_SHOWN)
        return 0;
    sink_text(h->to, "snapshot     #");
    print_value(h->to, &values[0]);
    if (values[1].text) {
        sink_text(h->to, " \"");
        print_value(h->to, &values[1]);
        sink_char(h->to, '"');
    }
    if (values[2].text) {
        sink_text(h->to, " step ");
        print_value(h->to, &values[2]);
    }
    if (values[3].text) {
        sink_text(h->to, "  ");
        print_value(h->to, &values[3]);
    }
    sink_text(h->to, strcmp(hash, h->hash) == 0 ? "  the present value\n"
                     : *hash                    ? "  another value\n"
                                                : "  no value yet\n");
    return h->to->error;
}

int holders_print(cli *c, const char *name, const char *hash)
{
    holders h = {.to = &c->out, .hash = hash};
    char *space = NULL, *literal = NULL, *query = NULL;
    bool whole =
        sqltext_literal(&space, varsdb_namespace(c->db)) == 0 && sqltext_literal(&literal, name) == 0 &&
        asprintf(
            &query,
            "SELECT v.snapshot_id, v.snapshot, v.step, "
            "(SELECT s.created_at FROM snapshots s WHERE s.id = v.snapshot_id), v.hash "
            "FROM snapshot_variables v WHERE v.namespace = %s AND v.name = %s ORDER BY v.snapshot_id DESC",
            space, literal) >= 0;
    int rc = whole ? varsdb_query(c->db, query, print_row, &h) : VARSDB_OK;
    free(space);
    free(literal);
    if (!whole)
        return cli_fail_memory(c);
    free(query);
    if (rc != VARSDB_OK)
        return c->out.error ? CLI_FAILED : cli_fail_db(c);
    if (h.seen > HOLDERS_SHOWN)
        sink_printf(&c->out, "snapshot     and %lld more (varsdb log tells of all)\n",
                    (long long)(h.seen - HOLDERS_SHOWN));
    return CLI_DONE;
}
