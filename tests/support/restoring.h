/*
 * restoring.h - restores that write down what they report, for tests.
 */
#ifndef TESTS_RESTORING_H
#define TESTS_RESTORING_H

#include <stdbool.h>
#include <stdlib.h>

#include "picture.h"

#define RESTORING_BYTES 4096

/* One line for each name: "restored a <- b", or without the arrow where the names are the same, or
 * "missing a" where there is no second. */
static inline int restoring_report(void *payload, varsdb_restore_outcome outcome, const char *name,
                                   const char *snapshot_name)
{
    static const char *const words[] = {"restored", "recreated", "missing", "extra", "misfit", "untouched"};
    char *out = payload;
    size_t at = strlen(out);
    bool same = !snapshot_name || strcmp(name, snapshot_name) == 0;
    ck_assert_int_eq(!snapshot_name,
                     outcome == VARSDB_RESTORE_MISSING || outcome == VARSDB_RESTORE_UNTOUCHED);
    snprintf(out + at, RESTORING_BYTES - at, "%s%s %s%s%s", at ? "\n" : "", words[outcome], name,
             same ? "" : " <- ", same ? "" : snapshot_name);
    return 0;
}

/* Restores, expects that result and that a dry run before it gives the same and changes nothing, and
 * gives back what was reported.  After a failure nothing is changed. */
static inline const char *restoring(int expected, int64_t id, const varsdb_restore_options *options)
{
    static char out[RESTORING_BYTES];
    char dry[RESTORING_BYTES] = "";
    varsdb_restore_options o = *options;
    char *before = registry_dump(&r);
    o.report = restoring_report;
    o.payload = dry;
    o.dry_run = 1;
    expect(r.db, expected, varsdb_restore(r.db, id, &o));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    out[0] = '\0';
    o.payload = out;
    o.dry_run = 0;
    expect(r.db, expected, varsdb_restore(r.db, id, &o));
    ck_assert_str_eq(dry, out);
    audit(&r);
    free(after);
    if (expected != VARSDB_OK) {
        after = registry_dump(&r);
        ck_assert_str_eq(before, after);
        free(after);
    }
    free(before);
    return out;
}

#endif
