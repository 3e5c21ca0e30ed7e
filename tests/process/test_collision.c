/*
 * test_collision.c - what the store does when hashes do collide: actor_collider.c cuts them down to 6 bits.
 */
#include <check.h>
#include <inttypes.h>

#include "../support/actor.h"
#include "../support/registry.h"
#include "../support/rowsql.h"
#include "../support/tensor_files.h"

Suite *test_collision_suite(void);

#define RUNS  4
#define STEPS "600"

/* Every byte comes back, equal bytes are stored once, and what rotted is never mended by a twin. */
START_TEST(values_whose_hashes_collide_are_told_apart)
{
    actor a;
    test_folder folder;
    char path[PATH_BYTES], seed[32], line[ACTOR_LINE_BYTES];
    long long collisions = 0;
    folder_make(&folder);
    folder_path(&folder, "collision.db", path);
    test_random r = {test_seed("collision") + (uint64_t)_i};
    snprintf(seed, sizeof seed, "%" PRIu64, random_next(&r));
    const char *arguments[] = {"actor_collider", path, seed, STEPS, NULL};
    ck_assert(actor_start(&a, arguments));
    ck_assert(actor_receive(&a, line));
    ck_assert_msg(sscanf(line, "done %lld", &collisions) == 1, "%s", line);
    ck_assert_int_eq(actor_finish(&a), 0);
    ck_assert_int_ge(collisions, 3); /* at a time, whatever is written over meanwhile */
    folder_remove(&folder);
}
END_TEST

/* A state's row that has another's hash, as somebody could make it by choosing names. */
START_TEST(a_state_with_the_hash_of_another_is_not_taken_for_it)
{
    registry r;
    registry_open(&r);
    got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "ones"));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "a"), NULL));
    ok(r.db, varsdb_begin(r.db));
    rowsql_install(r.db);
    rowsql_run(r.db, "UPDATE varsdb_states SET name = 'another'");
    rowsql_refit(r.db, "varsdb_states");
    ok(r.db, varsdb_commit(r.db));
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "b"), NULL));
    says(r.db, "variable v");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_snapshots"), 1);
    registry_close(&r);
}
END_TEST

Suite *test_collision_suite(void)
{
    Suite *suite = suite_create("collision");
    TCase *tc = tcase_create("collision");
    tcase_add_loop_test(tc, values_whose_hashes_collide_are_told_apart, 0, RUNS);
    tcase_add_test(tc, a_state_with_the_hash_of_another_is_not_taken_for_it);
    suite_add_tcase(suite, tc);
    return suite;
}
