/* cmd_sql.c - varsdb sql: one query over the views. */
#include <stdio.h>

#include "cli.h"
#include "nearby.h"

typedef struct listing {
    cli *c;
    out_rows rows;
    bool begun;
} listing;

static void print_value(out_rows *o, const varsdb_value *value)
{
    switch (value->kind) {
    case VARSDB_SQL_INTEGER:
    case VARSDB_SQL_REAL:
        out_number(o, value->text, value->bytes);
        break;
    case VARSDB_SQL_TEXT:
        out_bytes(o, value->text, value->bytes);
        break;
    case VARSDB_SQL_BLOB:
        out_blob(o, value->text, value->bytes);
        break;
    default:
        out_null(o);
    }
}

static int print_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    listing *l = payload;
    if (!l->begun)
        out_begin(&l->rows, &l->c->out, l->c->format, names, columns);
    l->begun = true;
    for (size_t i = 0; i < columns; i++)
        print_value(&l->rows, &values[i]);
    return !out_wants_more(&l->rows);
}

int cmd_sql(cli *c, int argc, char **argv)
{
    listing l = {.c = c};
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    int rc = varsdb_query(c->db, c->args[1], print_row, &l);
    /* Without a row the columns are not known: nothing to head, and in JSON an empty array. */
    if (!l.begun)
        out_begin(&l.rows, &c->out, c->format, NULL, 0);
    if (rc != VARSDB_OK && out_alive(&l.rows)) {
        char message[OPT_MESSAGE_BYTES], near[SUGGEST_TEXT_MAX];
        snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
        cli_fail_db_hint(c, varsdb_errcode(c->db), nearby_in_query(message, near));
    }
    return cli_end_rows(c, &l.rows, rc);
}
