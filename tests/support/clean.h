/* clean.h - varsdb_verify finds nothing, or the test fails and says what it found. */
#ifndef TESTS_CLEAN_H
#define TESTS_CLEAN_H

#include <check.h>

#include "varsdb.h"

static inline int clean_finding(void *payload, const varsdb_finding *finding)
{
    ck_abort_msg("%s: %s", (const char *)payload, finding->text);
    return 0;
}

/* `what` is for the message. */
static inline void check_clean_of(varsdb *db, const char *what)
{
    int rc = varsdb_verify(db, NULL, clean_finding, (void *)(uintptr_t)what);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s: %s", what, varsdb_errname(rc), varsdb_errmsg(db));
}

static inline void check_clean(varsdb *db)
{
    check_clean_of(db, varsdb_path(db));
}

#endif
