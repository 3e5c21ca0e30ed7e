/*
 * test_save_schedule.c - two saves, somebody who deletes, and a garbage collection, interleaved at random:
 * each goes from read to lock to commit as a seed says, all of them over chunks that they have in common.
 *
 * Chunks have 4 KiB and a save's short transactions two of them, so that each save has three of those and
 * a last one.
 */
#include <check.h>
#include <inttypes.h>

#include "../support/actor.h"
#include "../support/opened.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"
#include "../support/tensor_files.h"
#include "../support/turns.h"

Suite *test_save_schedule_suite(void);

#define CHUNK   4096
#define INLINE  64
#define CHUNKS  6
#define BYTES   (CHUNKS * CHUNK)
#define BATCHES 4
#define RUNS    FEWER(500, 50)

/* Each letter is a chunk.  The two savers have one in common with each other and with what replaces (s),
 * with what is deleted (d), with what is replaced (r) and with garbage (g), which nothing else has; and one
 * with their own old value. */
#define OLD_A    "abcefk"
#define SAVED_A  "Asdrga"
#define OLD_B    "hijlmn"
#define SAVED_B  "sBgdrh"
#define DELETED  "dDDEFG"
#define REPLACED "rRRSTU"
#define REPLACES "WVXYZs"
#define GARBAGE  "gHIJKL"

static test_folder folder;
static char template[PATH_BYTES], path[PATH_BYTES];

/* ---- contents */

static void fill(const char *letters, unsigned char *out)
{
    for (int i = 0; i < CHUNKS; i++)
        for (size_t k = 0; k < CHUNK; k++)
            out[(size_t)i * CHUNK + k] = (unsigned char)((unsigned char)letters[i] * 7u + k % 101);
}

static const varsdb_variable *create(varsdb *db, const char *name, const char *letters)
{
    unsigned char value[BYTES];
    const varsdb_variable *v = NULL;
    fill(letters, value);
    int rc = varsdb_get_variable(db, name,
                                 VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(BYTES),
                                             .value = value, .value_bytes = BYTES),
                                 NULL, &v);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(db));
    return v;
}

static const varsdb_variable *found_variable(varsdb *db, const char *name)
{
    const varsdb_variable *v = NULL;
    int rc = varsdb_find_variable(db, name, &v);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(db));
    return v;
}

static void has(varsdb *db, const char *name, const char *letters, const char *when)
{
    unsigned char expected[BYTES], there[BYTES];
    int rc = varsdb_read(db, found_variable(db, name), there, BYTES);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", when, varsdb_errmsg(db));
    fill(letters, expected);
    ck_assert_msg(memcmp(there, expected, BYTES) == 0, "%s: %s has other bytes", when, name);
}

/* ---- the registry that every run begins with */

static sqlite3 *stock; /* a connection that is not ours */

static void run_sql(const char *sql)
{
    ck_assert_int_eq(sqlite3_open(path, &stock), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(stock, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(stock));
    sqlite3_close(stock);
}

static int64_t number(const char *sql)
{
    sqlite3_stmt *s;
    ck_assert_msg(sqlite3_prepare_v2(stock, sql, -1, &s, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(stock));
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

/* What a process left that died in the middle of saving: a session, its pins, and their chunks. */
static void leave_garbage(varsdb *db)
{
    const varsdb_variable *g = create(db, "garbage", GARBAGE);
    run_sql("INSERT INTO varsdb_sessions SELECT 1, 1, 'dead', '', 0, '', 0;"
            "INSERT INTO varsdb_pins SELECT DISTINCT 1, chunk_id FROM varsdb_tensor_chunks x "
            "JOIN varsdb_variables v ON v.tensor_id = x.tensor_id WHERE v.name = 'garbage'");
    ck_assert_int_eq(varsdb_delete_variable(db, g), VARSDB_OK);
}

static void set_up(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "template.db", template);
    folder_path(&folder, "schedule.db", path);
    varsdb_close(opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE)));
    ck_assert(small_chunks_make(path, INLINE, CHUNK));
    varsdb *db = opened(path, NULL);
    create(db, "a", OLD_A);
    create(db, "b", OLD_B);
    create(db, "deleted", DELETED);
    create(db, "replaced", REPLACED);
    leave_garbage(db);
    varsdb_close(db);
    file_copy(path, template);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* ---- the four */

static int assign(varsdb *db, const char *name, const char *letters)
{
    unsigned char value[BYTES];
    const varsdb_variable *v;
    fill(letters, value);
    int rc = varsdb_find_variable(db, name, &v);
    return rc == VARSDB_OK ? varsdb_assign(db, v, value, BYTES) : rc;
}

static int save_a(varsdb *db, void *payload)
{
    (void)payload;
    return assign(db, "a", SAVED_A);
}

static int write_b(varsdb *db, void *payload)
{
    unsigned char value[BYTES];
    const varsdb_variable *v;
    varsdb_writer *w = NULL;
    (void)payload;
    fill(SAVED_B, value);
    int rc = varsdb_find_variable(db, "b", &v);
    if (rc == VARSDB_OK)
        rc = varsdb_open_writer(db, v, &w);
    for (size_t at = 0; rc == VARSDB_OK && at < BYTES; at += BYTES / 4)
        rc = varsdb_append(w, value + at, BYTES / 4);
    if (rc == VARSDB_OK)
        rc = varsdb_finish(w);
    varsdb_close_writer(w);
    return rc;
}

static int delete_some(varsdb *db, void *payload)
{
    const varsdb_variable *v;
    (void)payload;
    int rc = varsdb_find_variable(db, "deleted", &v);
    if (rc == VARSDB_OK)
        rc = varsdb_delete_variable(db, v);
    return rc == VARSDB_OK ? assign(db, "replaced", REPLACES) : rc;
}

static int collect(varsdb *db, void *payload)
{
    (void)payload;
    return varsdb_collect_garbage(db, NULL, NULL, NULL, NULL);
}

static void add(turns *t, turns_task task)
{
    varsdb *db = opened(path, NULL);
    db->save_bytes = 2 * CHUNK;
    turns_add(t, db, task, NULL);
}

/* ---- what must be true */

static void nothing(const char *when, const char *sql)
{
    int64_t n = number(sql);
    ck_assert_msg(n == 0, "%s: %lld: %s", when, (long long)n, sql);
}

static void is_whole(varsdb *db, const char *when)
{
    found f = {0};
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s: %s", when, found_print(&f));
    nothing(when,
            "SELECT count(*) FROM varsdb_tensor_chunks WHERE chunk_id NOT IN (SELECT id FROM varsdb_chunks)");
    nothing(when, "SELECT count(*) FROM varsdb_pins WHERE chunk_id NOT IN (SELECT id FROM varsdb_chunks)");
    nothing(when, "SELECT count(*) - count(DISTINCT data) FROM varsdb_chunks");
}

static void check_outcome(const char *when)
{
    const varsdb_variable *v;
    varsdb *db = opened(path, NULL);
    ck_assert_int_eq(sqlite3_open_v2(path, &stock, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    has(db, "a", SAVED_A, when);
    has(db, "b", SAVED_B, when);
    has(db, "replaced", REPLACES, when);
    ck_assert_int_eq(varsdb_find_variable(db, "deleted", &v), VARSDB_NOTFOUND);
    is_whole(db, when);
    nothing(when, "SELECT count(*) FROM varsdb_sessions WHERE program <> 'dead'");
    ck_assert_int_eq(varsdb_collect_garbage(db, NULL, NULL, NULL, NULL), VARSDB_OK);
    nothing(when, "SELECT (SELECT count(*) FROM varsdb_sessions) + (SELECT count(*) FROM varsdb_pins)");
    nothing(when, "SELECT count(*) - 3 FROM varsdb_tensors");
    nothing(when,
            "SELECT count(*) FROM varsdb_chunks WHERE id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks)");
    has(db, "a", SAVED_A, when);
    sqlite3_close(stock);
    varsdb_close(db);
}

/* ---- the schedules */

static unsigned run(uint64_t seed, const char *when)
{
    turns t = {0};
    test_random r = {seed};
    unsigned stops = 0;
    add(&t, save_a);
    add(&t, write_b);
    add(&t, delete_some);
    add(&t, collect);
    ck_assert_msg(turns_start(&t), "%s: somebody did not come to the first stop", when);
    while (!turns_are_over(&t)) {
        /* some go several steps at once, so that others are far behind */
        int i = (int)random_below(&r, TURNS_PLAYERS_MAX);
        for (uint64_t n = 1 + random_below(&r, random_below(&r, 3) ? 3 : 20); n && turns_can_move(&t, i); n--)
            ck_assert_msg(turns_move(&t, i), "%s: a step of player %d did not end", when, i);
    }
    for (int i = 0; i < TURNS_PLAYERS_MAX; i++) {
        ck_assert_msg(t.players[i].rc == VARSDB_OK, "%s: player %d: %s", when, i, t.players[i].message);
        stops += t.players[i].stops;
    }
    turns_end(&t);
    return stops;
}

START_TEST(savers_deleters_and_collectors_in_any_order_lose_nothing)
{
    char when[64];
    unsigned stops = 0;
    test_random seeds = {test_seed("save_schedule: a batch of schedules") + (uint64_t)_i};
    for (int i = 0; i < RUNS; i++) {
        snprintf(when, sizeof when, "batch %d, schedule %d", _i, i);
        file_copy(template, path);
        stops += run(random_next(&seeds), when);
        check_outcome(when);
    }
    printf("save_schedule: batch %d: %d schedules of %u steps on average\n", _i, RUNS, stops / RUNS);
    ck_assert_uint_gt(stops / RUNS, 30);
}
END_TEST

Suite *test_save_schedule_suite(void)
{
    Suite *suite = suite_create("save_schedule");
    TCase *tc = tcase_create("save_schedule");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, savers_deleters_and_collectors_in_any_order_lose_nothing, 0, BATCHES);
    suite_add_tcase(suite, tc);
    return suite;
}
