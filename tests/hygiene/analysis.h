/*
 * analysis.h - what a static analyzer cannot see from where it looks, which is one file.
 *
 * It is put before the files that are analyzed, and never compiled into anything.  The library's memory is
 * like malloc's, so that what is leaked, used after it was freed, or freed twice is found there too; and who
 * fails, fails: an analyzer takes every call into another file for one that may answer 0.
 */
#ifndef VDB_ANALYSIS_H
#define VDB_ANALYSIS_H

#include <stdlib.h>
#include <string.h>

#include "engine_sqlite.h"
#include "mem.h"
#include "transaction.h"
#include "variable.h"

#define vdb_malloc                   malloc
#define vdb_calloc                   calloc
#define vdb_realloc(p, count, bytes) realloc(p, (count) * (bytes))
#define vdb_strdup                   strdup
#define vdb_strndup                  strndup
#define vdb_free                     free

/* No function: an analyzer that is deep in calls does not look into the next one. */
#define FAILS_UNLESS(fine, call) \
    ({                           \
        int rc_ = (call);        \
        if (rc_ == 0 && !(fine)) \
            abort();             \
        rc_;                     \
    })
#define GOES_ON(code) ((code) == SQLITE_OK || (code) == SQLITE_ROW || (code) == SQLITE_DONE)

#define vdb_fail(...)                   FAILS_UNLESS(0, vdb_fail(__VA_ARGS__))
#define vdb_fail_in(...)                FAILS_UNLESS(0, vdb_fail_in(__VA_ARGS__))
#define vdb_fail_nomem(e)               FAILS_UNLESS(0, vdb_fail_nomem(e))
#define vdb_misuse(...)                 FAILS_UNLESS(0, vdb_misuse(__VA_ARGS__))
#define vdb_variable_fail(...)          FAILS_UNLESS(0, vdb_variable_fail(__VA_ARGS__))
#define vdb_variable_fail_missing(...)  FAILS_UNLESS(0, vdb_variable_fail_missing(__VA_ARGS__))
#define vdb_list_begin(db, callback, r) FAILS_UNLESS(callback, vdb_list_begin(db, callback, r))
#define vdb_sqlite_fail(s, code, doing) FAILS_UNLESS(GOES_ON(code), vdb_sqlite_fail(s, code, doing))

#endif
