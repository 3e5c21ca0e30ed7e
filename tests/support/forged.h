/*
 * forged.h - rows of a rich registry as only a stranger would write them, with digests that fit, and what
 * varsdb_verify must say of each.
 */
#ifndef TESTS_FORGED_H
#define TESTS_FORGED_H

#include "registry.h"
#include "rich.h"
#include "rowsql.h"

#ifndef BIG
#define BIG 600000 /* several chunks */
#endif

static registry r;
static found f;

static void open_rich(void)
{
    registry_open(&r);
    rich_fill(r.db, BIG);
}

static void close_registry(void)
{
    registry_close(&r);
}

typedef struct forged_row {
    const char *sql, *kind, *says;
} forged_row;

/* In the transaction that is open. */
static inline void forged_is_found(const forged_row *row)
{
    rowsql_run(r.db, "%s", row->sql);
    rowsql_refit_all(r.db);
    found_verify(r.db, false, &f);
    ck_assert_msg(found_says(&f, row->kind, row->says), "%s:\nno %s with '%s' in\n%s", row->sql, row->kind,
                  row->says, found_print(&f));
}

#endif
