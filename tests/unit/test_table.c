/* test_table.c - the hash table against a plain array. */
#include <check.h>
#include <sqlite3.h>

#include "table.h"
#include "varsdb.h"

#define ITEMS 512

Suite *test_table_suite(void);

static int items[ITEMS];
static vdb_table table;

static void setup(void)
{
    table = (vdb_table){0};
    for (int i = 0; i < ITEMS; i++)
        items[i] = i;
}

static void teardown(void)
{
    vdb_table_release(&table);
}

static bool same_number(const void *item, const void *key)
{
    return *(const int *)item == *(const int *)key;
}

static void *find(uint64_t hash, int number)
{
    return vdb_table_find(&table, hash, same_number, &number);
}

START_TEST(an_empty_table_finds_and_removes_nothing)
{
    ck_assert_ptr_null(find(0, 0));
    vdb_table_remove(&table, 0, &items[0]);
    ck_assert_uint_eq(table.items, 0);
    vdb_table_release(&table);
    ck_assert_ptr_null(table.slots);
}
END_TEST

/* Few hashes, so that items collide and probing wraps around the end. */
START_TEST(random_changes_agree_with_an_array)
{
    bool there[ITEMS] = {false};
    size_t count = 0;
    uint64_t state = 1;
    for (int step = 0; step < 40000; step++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        int i = (int)(state >> 33) % ITEMS;
        uint64_t hash = (uint64_t)i % 37 * 0x10000000000003fu;
        ck_assert_ptr_eq(find(hash, i), there[i] ? &items[i] : NULL);
        if (there[i])
            vdb_table_remove(&table, hash, &items[i]);
        else
            ck_assert_int_eq(vdb_table_add(&table, hash, &items[i]), VARSDB_OK);
        there[i] = !there[i];
        count = there[i] ? count + 1 : count - 1;
        ck_assert_uint_eq(table.items, count);
    }
}
END_TEST

START_TEST(one_hash_for_all_is_slow_but_right)
{
    for (int i = 0; i < ITEMS; i++)
        ck_assert_int_eq(vdb_table_add(&table, 7, &items[i]), VARSDB_OK);
    for (int i = 0; i < ITEMS; i += 2)
        vdb_table_remove(&table, 7, &items[i]);
    for (int i = 0; i < ITEMS; i++)
        ck_assert_ptr_eq(find(7, i), i % 2 ? &items[i] : NULL);
}
END_TEST

START_TEST(equal_keys_under_another_hash_are_not_found)
{
    ck_assert_int_eq(vdb_table_add(&table, 1, &items[5]), VARSDB_OK);
    ck_assert_ptr_null(find(2, 5));
    ck_assert_ptr_eq(find(1, 5), &items[5]);
}
END_TEST

START_TEST(adding_and_removing_for_ever_takes_no_more_room)
{
    for (int step = 0; step < 100000; step++) {
        ck_assert_int_eq(vdb_table_add(&table, (uint64_t)step, &items[0]), VARSDB_OK);
        vdb_table_remove(&table, (uint64_t)step, &items[0]);
    }
    ck_assert_uint_eq(table.items, 0);
    ck_assert_uint_le(table.room, 64);
}
END_TEST

START_TEST(running_out_of_memory_changes_nothing)
{
    for (int i = 0; i < 32; i++)
        ck_assert_int_eq(vdb_table_add(&table, (uint64_t)i, &items[i]), VARSDB_OK);
    vdb_table before = table;
    sqlite3_hard_heap_limit64(1);
    int rc = vdb_table_add(&table, 32, &items[32]);
    sqlite3_hard_heap_limit64(0);
    ck_assert_int_eq(rc, VARSDB_NOMEM);
    ck_assert_mem_eq(&table, &before, sizeof table);
    ck_assert_ptr_eq(find(31, 31), &items[31]);
    ck_assert_ptr_null(find(32, 32));
    ck_assert_int_eq(vdb_table_add(&table, 32, &items[32]), VARSDB_OK);
    ck_assert_ptr_eq(find(32, 32), &items[32]);
}
END_TEST

Suite *test_table_suite(void)
{
    Suite *suite = suite_create("table");
    TCase *tc = tcase_create("table");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_empty_table_finds_and_removes_nothing);
    tcase_add_test(tc, random_changes_agree_with_an_array);
    tcase_add_test(tc, one_hash_for_all_is_slow_but_right);
    tcase_add_test(tc, equal_keys_under_another_hash_are_not_found);
    tcase_add_test(tc, adding_and_removing_for_ever_takes_no_more_room);
    tcase_add_test(tc, running_out_of_memory_changes_nothing);
    suite_add_tcase(suite, tc);
    return suite;
}
