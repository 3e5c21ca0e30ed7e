/* test_gc.c - garbage goes, its space goes back to the file system, and nothing else goes. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/faulty.h"
#include "../support/registry.h"
#include "session.h"
#include "transaction.h"

Suite *test_gc_suite(void);

#define MIB (1 << 20)

static registry r;
static unsigned char bytes[8 * MIB];

/* No two KiB of it are alike, so that nothing is deduplicated. */
static void fill(unsigned seed)
{
    uint32_t x = seed * 2654435761U + 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        x = x * 1664525U + 1013904223U;
        bytes[i] = (unsigned char)(x >> 24);
    }
}

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static void variable(const char *name, unsigned seed, int64_t size)
{
    fill(seed);
    got(r.db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(size), .dtype = VARSDB_UINT8, .value = bytes,
                    .value_bytes = (size_t)size));
}

static void run(const char *sql)
{
    ck_assert_str_eq(registry_sql(&r, sql), "");
}

static int64_t count(const char *table)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return registry_number(&r, sql);
}

/* A hash over all rows. */
static void sum(char out[128])
{
    snprintf(out, 128, "%s", registry_sql(&r, ".sha3sum varsdb_%"));
    ck_assert_uint_gt(strlen(out), 32);
}

static int64_t file_size(void)
{
    struct stat at;
    ck_assert_int_eq(stat(r.path, &at), 0);
    return at.st_size;
}

static void check_whole(void)
{
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_variables WHERE tensor_id NOT IN"
                                      " (SELECT id FROM varsdb_tensors)),"
                                      "(SELECT count(*) FROM varsdb_tensor_chunks WHERE chunk_id NOT IN"
                                      " (SELECT id FROM varsdb_chunks))"),
                     "0|0");
}

typedef struct heard {
    char text[1024];
    int64_t bytes;
} heard;

static int hear(void *payload, const varsdb_holder *h)
{
    heard *out = payload;
    size_t at = strlen(out->text);
    ck_assert_uint_eq(h->size, sizeof *h);
    out->bytes = h->bytes;
    snprintf(out->text + at, sizeof out->text - at, "%s@%s:%lld ", h->program, h->host, (long long)h->pid);
    return 0;
}

static varsdb_garbage collect(const varsdb_upkeep_options *options)
{
    varsdb_garbage g;
    heard none = {0};
    ok(r.db, varsdb_collect_garbage(r.db, options, hear, &none, &g));
    ck_assert_str_eq(none.text, "");
    return g;
}

/* ---- what goes and what stays */

START_TEST(where_there_is_no_garbage_nothing_changes)
{
    variable("a", 1, 100);
    variable("b", 2, 2 * MIB);
    char before[128], after[128];
    sum(before);
    varsdb_garbage g = collect(NULL);
    ck_assert_int_eq(g.chunks + g.tensors + g.states + g.sessions + g.bytes + g.held_bytes, 0);
    sum(after);
    ck_assert_str_eq(before, after);
}
END_TEST

/* Variables a (inline) and b (chunks) go, c stays and shares chunks with b; of the snapshots 1 is gone,
 * and its states 1 (tensor 100, inline) and 2 (tensor of c); state 3 is of snapshot 2; and there is a list
 * of a tensor that is gone, and chunks of nobody. */
static void make_garbage(void)
{
    variable("c", 3, 2 * MIB);
    variable("b", 3, 5 * MIB);
    variable("a", 1, 1000);
    run("DELETE FROM varsdb_collection_members WHERE variable_id IN"
        " (SELECT id FROM varsdb_variables WHERE name <> 'c');"
        "DELETE FROM varsdb_variables WHERE name <> 'c';"
        "INSERT INTO varsdb_tensors (id, hash, bytes, dtype, discriminator, chunk_count, chunks_digest,"
        " digest, inline) VALUES (100, zeroblob(16), 7, 'uint8', 0, 0, 0, 0, zeroblob(7));"
        "INSERT INTO varsdb_states SELECT i, CAST(printf('%016d', i) AS BLOB), 1, 1, 'v', 'uint8', '[1]', 1,"
        " 1, 'zeros', NULL, NULL, NULL, NULL, '[]', t, 0 FROM (SELECT 1 AS i, 100 AS t UNION ALL SELECT 2,"
        " (SELECT tensor_id FROM varsdb_variables) UNION ALL SELECT 3, NULL);"
        "INSERT INTO varsdb_snapshots VALUES (2, 1, 1, NULL, NULL, NULL, 0, 1, 1, 1, 1, 0, 0);"
        "INSERT INTO varsdb_snapshot_items VALUES (1, 1), (1, 2), (1, 3), (2, 3);"
        "INSERT INTO varsdb_chunks VALUES (1001, zeroblob(16), 3, 0, 0, zeroblob(3)),"
        " (1002, zeroblob(16), 4, 0, 0, zeroblob(4));"
        "INSERT INTO varsdb_tensor_chunks VALUES (200, 0, 1001, 0);"
        "INSERT INTO varsdb_attributes VALUES ('variable', 99, 'k', '1', 0), ('snapshot', 1, 'k', '1', 0),"
        " ('namespace', 9, 'k', '1', 0), ('namespace', 1, 'k', '1', 0), ('snapshot', 2, 'k', '1', 0),"
        " ('file', 1, 'k', '1', 0)");
}

static void check_garbage_gone(void)
{
    ck_assert_str_eq(
        registry_sql(
            &r, "SELECT (SELECT group_concat(name) FROM varsdb_variables),"
                "(SELECT count(*) FROM varsdb_tensors),"
                "(SELECT sum(bytes) FROM varsdb_chunks), (SELECT count(DISTINCT tensor_id) FROM "
                "varsdb_tensor_chunks),"
                "(SELECT group_concat(id) FROM varsdb_states), (SELECT count(*) FROM varsdb_snapshot_items),"
                "(SELECT group_concat(owner_kind || owner_id) FROM varsdb_attributes)"),
        "c|1|2097152|1|3|1|file1,namespace1,snapshot2");
    check_whole();
    ok(r.db, varsdb_read_range(r.db, got(r.db, "c", NULL), 0, bytes, 2 * MIB));
}

START_TEST(all_that_nothing_refers_to_goes_and_is_counted)
{
    make_garbage();
    int64_t chunks = count("varsdb_chunks");
    varsdb_garbage g = collect(NULL);
    check_garbage_gone();
    ck_assert_uint_eq(g.size, sizeof g);
    ck_assert_int_eq(g.chunks, chunks - count("varsdb_chunks"));
    ck_assert_int_eq(g.tensors, 3); /* of a, of b, 100 */
    ck_assert_int_eq(g.states, 2);
    ck_assert_int_eq(g.bytes, 3 * MIB + 1000 + 7 + 3 + 4);
    ck_assert_int_eq(g.held_bytes, 0);
    g = collect(NULL);
    ck_assert_int_eq(g.chunks + g.tensors + g.states + g.sessions + g.bytes, 0);
}
END_TEST

START_TEST(a_dry_run_counts_the_same_and_writes_nothing)
{
    make_garbage();
    run("INSERT INTO varsdb_sessions VALUES (1, 5, 'p', 'elsewhere', 1, '', 0);"
        "INSERT INTO varsdb_pins VALUES (1, 1001), (1, 1002), (3, 1002)");
    char before[128], after[128];
    sum(before);
    int64_t size = file_size();
    varsdb_garbage dry = collect(VARSDB_UPKEEP(.dry_run = 1));
    sum(after);
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(file_size(), size);
    varsdb_garbage real = collect(NULL);
    check_garbage_gone();
    ck_assert_int_eq(dry.file_bytes, 0);
    dry.file_bytes = real.file_bytes;
    ck_assert_mem_eq(&dry, &real, sizeof dry);
    ck_assert_int_eq(real.sessions, 1);
    ck_assert_int_eq(count("varsdb_pins"), 0);
}
END_TEST

/* ---- the file */

START_TEST(the_file_is_shorter_by_what_is_said)
{
    variable("keep", 1, MIB);
    ok(r.db, varsdb_checkpoint(r.db));
    int64_t small = file_size();
    for (unsigned i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof name, "v%u", i);
        variable(name, 10 + i, 8 * MIB);
    }
    ok(r.db, varsdb_checkpoint(r.db));
    int64_t large = file_size();
    ck_assert_int_gt(large, small + 32 * MIB);
    run("DELETE FROM varsdb_variables WHERE name LIKE 'v%'");
    varsdb_garbage g = collect(NULL);
    ck_assert_int_eq(g.file_bytes, large - file_size());
    ck_assert_int_lt(file_size(), small + MIB);
    ck_assert_int_eq(registry_number(&r, "PRAGMA freelist_count"), 0);
    check_whole();
}
END_TEST

START_TEST(a_file_without_auto_vacuum_is_left_as_long_as_it_is)
{
    variable("v", 1, 4 * MIB);
    varsdb_close(r.db);
    ck_assert_str_eq(registry_sql(&r, "PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=NONE; VACUUM"),
                     "delete");
    ck_assert_int_eq(registry_number(&r, "PRAGMA auto_vacuum"), 0);
    r.db = registry_another(&r);
    run("DELETE FROM varsdb_variables");
    varsdb_garbage g = collect(NULL);
    ck_assert_int_eq(g.bytes, 4 * MIB);
    ck_assert_int_eq(g.file_bytes, 0);
    ck_assert_int_gt(registry_number(&r, "PRAGMA freelist_count"), 200);
    check_whole();
}
END_TEST

START_TEST(a_reader_keeps_the_file_long_and_is_named)
{
    heard h = {0};
    varsdb_garbage g;
    varsdb *other = registry_another(&r);
    variable("v", 1, 8 * MIB);
    ok(r.db, varsdb_checkpoint(r.db));
    int64_t size = file_size();
    ok(other, varsdb_begin_read(other));
    run("DELETE FROM varsdb_variables");
    ok(r.db, varsdb_collect_garbage(r.db, NULL, hear, &h, &g));
    ck_assert_str_eq(h.text, "a reader@:0 ");
    ck_assert_int_gt(h.bytes, 0);
    ck_assert_int_eq(g.file_bytes, 0);
    ck_assert_int_eq(file_size(), size);
    ok(other, varsdb_rollback(other));
    varsdb_close(other);
    g = collect(NULL);
    ck_assert_int_eq(g.file_bytes, size - file_size());
    ck_assert_int_gt(g.file_bytes, 7 * MIB);
}
END_TEST

/* ---- saves in flight */

/* What a save in flight has: a session, and pins of two chunks, one of which somebody uses. */
static int begin_save(varsdb *db, int64_t *session)
{
    int64_t uid;
    vdb_write w;
    int rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(db, &w, vdb_session_insert(db, session, &uid));
    return rc;
}

START_TEST(what_a_save_in_flight_holds_stays_and_is_told)
{
    heard h = {0};
    char expected[512], host[256] = "";
    varsdb_garbage g;
    int64_t session = 0;
    varsdb *saver;
    ok(r.db, varsdb_open(r.path, VARSDB_OPEN(.program = "saver"), &saver));
    variable("v", 1, MIB);
    ok(saver, begin_save(saver, &session));
    run("INSERT INTO varsdb_chunks VALUES (1001, zeroblob(16), 300, 0, 0, zeroblob(300)),"
        " (1002, zeroblob(16), 4, 0, 0, zeroblob(4));"
        "INSERT INTO varsdb_pins SELECT id, 1001 FROM varsdb_sessions;"
        "INSERT INTO varsdb_pins SELECT id, (SELECT min(id) FROM varsdb_chunks) FROM varsdb_sessions");
    ok(r.db, varsdb_collect_garbage(r.db, NULL, hear, &h, &g));
    ck_assert_int_eq(gethostname(host, sizeof host - 1), 0);
    snprintf(expected, sizeof expected, "saver@%.255s:%d ", host, (int)getpid());
    ck_assert_str_eq(h.text, expected);
    ck_assert_int_eq(h.bytes, 300);
    ck_assert_int_eq(g.held_bytes, 300);
    ck_assert_int_eq(g.chunks, 1);
    ck_assert_int_eq(g.sessions, 0);
    ck_assert_int_eq(count("varsdb_pins"), 2);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_chunks WHERE id = 1001"), 1);
    varsdb_close(saver);
    run("DELETE FROM varsdb_sessions");
    g = collect(NULL);
    ck_assert_int_eq(g.chunks, 1);
    ck_assert_int_eq(g.held_bytes, 0);
    ck_assert_int_eq(count("varsdb_pins"), 0);
    check_whole();
}
END_TEST

static int begin_save_and_die(void *payload)
{
    varsdb *db;
    int64_t session;
    (void)payload;
    if (varsdb_open(r.path, NULL, &db) != VARSDB_OK)
        return 1;
    return begin_save(db, &session) == VARSDB_OK ? 0 : 2;
}

START_TEST(what_a_dead_process_held_goes)
{
    ck_assert_int_eq(child_run(begin_save_and_die, NULL), 0);
    ck_assert_int_eq(count("varsdb_sessions"), 1);
    if (access("/proc/self/stat", R_OK) != 0) /* then only a minute tells */
        run("UPDATE varsdb_sessions SET heartbeat_at = 0");
    run("INSERT INTO varsdb_chunks VALUES (1001, zeroblob(16), 300, 0, 0, zeroblob(300));"
        "INSERT INTO varsdb_pins SELECT id, 1001 FROM varsdb_sessions");
    varsdb_garbage g = collect(NULL);
    ck_assert_int_eq(g.sessions, 1);
    ck_assert_int_eq(g.chunks, 1);
    ck_assert_int_eq(g.bytes, 300);
    ck_assert_str_eq(registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_sessions),"
                                      "(SELECT count(*) FROM varsdb_pins),"
                                      "(SELECT count(*) FROM varsdb_chunks)"),
                     "0|0|0");
}
END_TEST

START_TEST(a_chunk_that_two_saves_hold_counts_once_in_all_and_for_each)
{
    heard h = {0};
    varsdb_garbage g;
    int64_t session = 0;
    ok(r.db, begin_save(r.db, &session));
    ok(r.db, begin_save(r.db, &session));
    ck_assert_int_eq(count("varsdb_sessions"), 2);
    run("INSERT INTO varsdb_chunks VALUES (1001, zeroblob(16), 300, 0, 0, zeroblob(300));"
        "INSERT INTO varsdb_pins SELECT id, 1001 FROM varsdb_sessions");
    for (int dry = 0; dry < 2; dry++) {
        h = (heard){0};
        ok(r.db, varsdb_collect_garbage(r.db, VARSDB_UPKEEP(.dry_run = dry), hear, &h, &g));
        ck_assert_int_eq(g.held_bytes, 300);
        ck_assert_int_eq(h.bytes, 300);
        ck_assert_ptr_nonnull(strchr(strchr(h.text, '@') + 1, '@'));
    }
}
END_TEST

/* ---- stopping, failing */

typedef struct stopper {
    int left;
    bool stopped;
} stopper;

static int stop(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    stopper *s = payload;
    ck_assert_str_ne(doing, "");
    ck_assert(total == 0 || done <= total);
    ck_assert_int_eq(varsdb_checkpoint(r.db), VARSDB_MISUSE); /* not from here */
    s->stopped = s->left-- == 0;
    return s->stopped;
}

START_TEST(stopping_anywhere_leaves_a_whole_registry)
{
    int n = 0;
    make_garbage();
    for (stopper s = {.stopped = true}; s.stopped; n++) {
        s = (stopper){.left = n};
        varsdb_garbage g = {.chunks = -1};
        int rc = varsdb_collect_garbage(r.db, VARSDB_UPKEEP(.progress = stop, .payload = &s), NULL, NULL, &g);
        check_result(r.db, rc, s.stopped ? VARSDB_CANCELLED : VARSDB_OK, "gc", __FILE__, __LINE__);
        ck_assert_int_eq(g.chunks == -1, s.stopped);
        check_whole();
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, varsdb_rollback(r.db));
    }
    ck_assert_int_gt(n, 8);
    check_garbage_gone();
}
END_TEST

START_TEST(any_statement_may_fail)
{
    int n = 0, failed;
    make_garbage();
    run("INSERT INTO varsdb_sessions VALUES (1, 5, 'p', 'elsewhere', 1, '', 0);"
        "INSERT INTO varsdb_pins VALUES (1, 1001), (3, 1002)");
    do {
        faulty_install(r.db);
        faulty_fail(n++);
        int rc = varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL);
        failed = faulty_failed();
        faulty_fail(-1);
        faulty_remove(r.db);
        check_result(r.db, rc, failed ? VARSDB_IO : VARSDB_OK, "gc", __FILE__, __LINE__);
        check_whole();
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, varsdb_rollback(r.db));
    } while (failed);
    ck_assert_int_gt(n, 20);
    check_garbage_gone();
}
END_TEST

static int refuse(void *payload, const varsdb_holder *h)
{
    (void)payload, (void)h;
    return 1;
}

START_TEST(the_list_of_holders_can_be_stopped)
{
    int64_t session;
    ok(r.db, begin_save(r.db, &session));
    run("INSERT INTO varsdb_chunks VALUES (1001, zeroblob(16), 300, 0, 0, zeroblob(300));"
        "INSERT INTO varsdb_pins SELECT id, 1001 FROM varsdb_sessions");
    expect(r.db, VARSDB_CANCELLED, varsdb_collect_garbage(r.db, NULL, refuse, NULL, NULL));
    ok(r.db, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
    varsdb *reader;
    varsdb_garbage g;
    make_garbage();
    expect(r.db, VARSDB_MISUSE, varsdb_collect_garbage(r.db, &(varsdb_upkeep_options){0}, NULL, NULL, NULL));
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    ok(r.db, varsdb_rollback(r.db));
    expect(NULL, VARSDB_MISUSE, varsdb_collect_garbage(NULL, NULL, NULL, NULL, NULL));
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &reader), VARSDB_OK);
    expect(reader, VARSDB_READONLY, varsdb_collect_garbage(reader, NULL, NULL, NULL, NULL));
    ok(reader, varsdb_collect_garbage(reader, VARSDB_UPKEEP(.dry_run = 1), NULL, NULL, &g));
    ck_assert_int_eq(g.tensors, 3);
    varsdb_close(reader);
}
END_TEST

START_TEST(absurd_sizes_are_counted_as_far_as_numbers_go)
{
    int64_t session = 0;
    heard h = {0};
    varsdb_garbage g;
    ok(r.db, begin_save(r.db, &session));
    run("WITH k (i) AS (VALUES (1001), (1002), (1003), (1004), (1005), (1006))"
        "INSERT INTO varsdb_chunks SELECT i, CAST(printf('%016d', i) AS BLOB),"
        " CASE WHEN i % 3 THEN 9223372036854775807 ELSE -5 END, 0, 0, zeroblob(3) FROM k;"
        "INSERT INTO varsdb_pins SELECT s.id, c.id FROM varsdb_sessions s, varsdb_chunks c WHERE c.id < "
        "1004");
    for (int dry = 1; dry >= 0; dry--) {
        ok(r.db, varsdb_collect_garbage(r.db, VARSDB_UPKEEP(.dry_run = dry), hear, &h, &g));
        ck_assert_int_eq(g.chunks, 3);
        ck_assert_int_eq(g.bytes, INT64_MAX);
        ck_assert_int_eq(g.held_bytes, INT64_MAX);
        ck_assert_int_eq(h.bytes, INT64_MAX);
    }
    ck_assert_int_eq(count("varsdb_chunks"), 3);
}
END_TEST

START_TEST(many_rows_go_in_several_turns)
{
    run("WITH RECURSIVE k (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 7000)"
        "INSERT INTO varsdb_tensors SELECT i, CAST(printf('%016d', i) AS BLOB), 8, 'uint8', 0, 0, 0, 0, 0,"
        " 0, 0, 0, 0, 0, 0, 0, 0, zeroblob(8) FROM k;"
        "INSERT INTO varsdb_states SELECT id, hash, 1, 1, 'v', 'uint8', '[8]', 8, 8, 'zeros', NULL, NULL,"
        " NULL, NULL, '[]', id, 0 FROM varsdb_tensors WHERE id <= 3000;"
        "INSERT INTO varsdb_snapshot_items SELECT 7, id FROM varsdb_states WHERE id <= 1500");
    varsdb_garbage dry = collect(VARSDB_UPKEEP(.dry_run = 1));
    faulty_install(r.db);
    varsdb_garbage g = collect(NULL);
    int commits = faulty_take_counts().commits;
    faulty_remove(r.db);
    ck_assert_int_ge(commits, 8);
    ck_assert_int_eq(g.tensors, 7000);
    ck_assert_int_eq(g.states, 3000);
    ck_assert_int_eq(g.bytes, 56000);
    dry.file_bytes = g.file_bytes;
    ck_assert_mem_eq(&dry, &g, sizeof g);
    ck_assert_int_eq(count("varsdb_tensors") + count("varsdb_states") + count("varsdb_snapshot_items"), 0);
}
END_TEST

/* Rows as only a stranger would write them: a STRICT table keeps out what its columns must not have. */
static void forge(const char *table, const char *rows)
{
    char sql[1024];
    varsdb_close(r.db);
    snprintf(sql, sizeof sql,
             "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, ' STRICT, ', ' ')"
             " WHERE name = '%s'",
             table);
    run(sql);
    snprintf(sql, sizeof sql,
             "INSERT INTO %s %s; PRAGMA writable_schema=ON; UPDATE sqlite_schema"
             " SET sql = replace(sql, ') WITHOUT', ') STRICT, WITHOUT') WHERE name = '%s'",
             table, rows, table);
    run(sql);
    r.db = registry_another(&r);
}

START_TEST(lists_of_what_is_no_number_are_damage_and_do_not_go_on_forever)
{
    static const struct {
        const char *table, *rows;
    } forged[] = {
        {"varsdb_pins", "VALUES ('A', 1)"},
        {"varsdb_snapshot_items", "VALUES ('A', 1)"},
        {"varsdb_tensor_chunks", "VALUES ('A', 0, 1, 0)"},
        {"varsdb_tensor_chunks", "SELECT 99, 'x' || i, 1, 0 FROM k"},
        {"varsdb_snapshot_items", "SELECT 99, 'x' || i FROM k"},
    };
    char rows[256];
    snprintf(rows, sizeof rows, "%s%s",
             *forged[_i].rows == 'V' ? ""
                                     : "WITH RECURSIVE k (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k"
                                       " WHERE i < 9000) ",
             forged[_i].rows);
    forge(forged[_i].table, rows);
    expect(r.db, VARSDB_CORRUPT, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    says(r.db, "no number");
}
END_TEST

Suite *test_gc_suite(void)
{
    Suite *suite = suite_create("gc");
    TCase *t = tcase_create("gc");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, where_there_is_no_garbage_nothing_changes);
    tcase_add_test(t, all_that_nothing_refers_to_goes_and_is_counted);
    tcase_add_test(t, a_dry_run_counts_the_same_and_writes_nothing);
    tcase_add_test(t, the_file_is_shorter_by_what_is_said);
    tcase_add_test(t, a_file_without_auto_vacuum_is_left_as_long_as_it_is);
    tcase_add_test(t, a_reader_keeps_the_file_long_and_is_named);
    tcase_add_test(t, what_a_save_in_flight_holds_stays_and_is_told);
    tcase_add_test(t, what_a_dead_process_held_goes);
    tcase_add_test(t, a_chunk_that_two_saves_hold_counts_once_in_all_and_for_each);
    tcase_add_test(t, stopping_anywhere_leaves_a_whole_registry);
    tcase_add_test(t, any_statement_may_fail);
    tcase_add_test(t, the_list_of_holders_can_be_stopped);
    tcase_add_test(t, wrong_calls_are_refused);
    tcase_add_test(t, absurd_sizes_are_counted_as_far_as_numbers_go);
    tcase_add_test(t, many_rows_go_in_several_turns);
    tcase_add_loop_test(t, lists_of_what_is_no_number_are_damage_and_do_not_go_on_forever, 0, 5);
    suite_add_tcase(suite, t);
    return suite;
}
