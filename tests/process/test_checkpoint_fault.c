/*
 * test_checkpoint_fault.c - memory is out, the disk fails, or others have a lock, at every moment of a
 * checkpoint that copies beside writers first.
 */
#include <check.h>
#include <stdio.h>

#include "../support/audit.h"
#include "../support/fault.h"
#include "../support/registry.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_checkpoint_fault_suite(void);

static registry r;

static void setup(void)
{
    fault_install();
    registry_open(&r);
}

static void teardown(void)
{
    registry_close(&r);
}

/* What a sibling of ours locked, it gave back: another connection writes at once, and then it goes on. */
static void check_unlocked(vdb_sqlite *s, varsdb *other, int moment)
{
    char value[32];
    const varsdb_variable *v;
    snprintf(value, sizeof value, "[%d]", moment);
    ck_assert(!s->guard || sqlite3_get_autocommit(s->guard));
    ok(other, varsdb_find_variable(other, "w", &v));
    ok(other, varsdb_assign_json(other, v, value));
}

static int checkpoint_failing_at(fault_kind kind, int moment, bool *failed)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    s->log.frames = 1000000; /* as if much were to be copied, beside writers first */
    s->log.copied = 0;
    fault_arm_for(kind, moment, moment % 2);
    int rc = vdb_checkpoint_run(s, false);
    *failed = fault_happened();
    fault_disarm();
    return rc;
}

START_TEST(a_checkpoint_that_fails_anywhere_keeps_no_lock_and_can_be_repeated)
{
    static const fault_kind kinds[] = {FAULT_ALLOCATION, FAULT_READ,     FAULT_SHORT_READ, FAULT_WRITE,
                                       FAULT_SYNC,       FAULT_SHM_LOCK, FAULT_SHM_BUSY};
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    varsdb *other = registry_another(&r);
    int failures = 0;
    bool failed = true;
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    ok(other, varsdb_set_timeout(other, -1));
    for (int moment = 0; failed; moment++) {
        int rc = checkpoint_failing_at(kinds[_i], moment, &failed);
        ck_assert_msg(rc == VARSDB_OK || rc == VARSDB_NOMEM || rc == VARSDB_IO || rc == VARSDB_BUSY, "%d: %s",
                      moment, varsdb_errmsg(r.db));
        failures += rc != VARSDB_OK;
        check_unlocked(s, other, moment);
    }
    ck_assert((failures > 0) == (kinds[_i] != FAULT_SHORT_READ)); /* what is read again is no failure */
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    ck_assert_int_eq(s->log.copied, s->log.frames);
    varsdb_close(other);
    audit(&r);
}
END_TEST

Suite *test_checkpoint_fault_suite(void)
{
    Suite *suite = suite_create("checkpoint_fault");
    TCase *t = tcase_create("faults");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_checkpoint_that_fails_anywhere_keeps_no_lock_and_can_be_repeated, 0, 7);
    suite_add_tcase(suite, t);
    return suite;
}
