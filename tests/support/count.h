/* count.h - how many variables there are, as a list has them. */
#ifndef TESTS_COUNT_H
#define TESTS_COUNT_H

#include <check.h>

#include "varsdb.h"

static inline int count_one(void *payload, const varsdb_variable_info *info)
{
    ++*(int *)payload;
    return info == NULL;
}

/* In a collection; NULL: all. */
static inline int count_variables(varsdb *db, const char *collection)
{
    int count = 0;
    int rc = varsdb_list_variables(db, VARSDB_FILTER(.collection = collection), count_one, &count);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
    return count;
}

#endif
