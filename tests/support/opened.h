/* opened.h - a handle that is open, or the test fails and says why. */
#ifndef TEST_OPENED_H
#define TEST_OPENED_H

#include <check.h>

#include "varsdb.h"

static inline varsdb *opened(const char *path, const varsdb_open_options *options)
{
    varsdb *db;
    int rc = varsdb_open(path, options, &db);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s: %s", path, varsdb_errname(rc), varsdb_errmsg(db));
    return db;
}

#endif
