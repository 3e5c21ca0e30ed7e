/* test_verify.c - the check of a registry: the call, what it says, and what is no damage. */
#include <stdlib.h>
#include <string.h>

#include "../support/faulty.h"
#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/rowsql.h"

Suite *test_verify_suite(void);

#define BIG 600000 /* several chunks */

static registry r;
static found f;

static void open_registry(void)
{
    registry_open(&r);
}

static void open_rich(void)
{
    registry_open(&r);
    rich_fill(r.db, BIG);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* Verifies what is there after the SQL, and takes it back. */
static void after(const char *sql, bool quick)
{
    ok(r.db, varsdb_begin(r.db));
    rowsql_run(r.db, "%s", sql);
    found_verify(r.db, quick, &f);
    ok(r.db, varsdb_rollback(r.db));
}

START_TEST(what_the_library_wrote_is_whole)
{
    found_verify(r.db, _i, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    registry_reopen(&r);
    found_verify(r.db, _i, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}
END_TEST

START_TEST(quick_leaves_out_the_bytes)
{
    const char *rot = "UPDATE varsdb_chunks SET data = flipped(data, 1000) WHERE id = 2;"
                      "UPDATE varsdb_tensors SET inline = flipped(inline) WHERE length(inline) > 4";
    after(rot, true);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    after(rot, false);
    ck_assert_int_gt(f.count, 1);
}
END_TEST

/* ---- what a finding says */

START_TEST(a_rotten_chunk_names_variable_snapshots_and_position)
{
    after("UPDATE varsdb_chunks SET data = flipped(data, 1000) WHERE id ="
          " (SELECT chunk_id FROM varsdb_tensor_chunks WHERE position = 2 AND tensor_id ="
          "  (SELECT tensor_id FROM varsdb_variables WHERE name = 'table'))",
          false);
    ck_assert_msg(f.count == 1, "%s", found_print(&f));
    ck_assert_str_eq(f.at[0].kind, "hash");
    ck_assert_str_eq(f.at[0].name_space, "main");
    ck_assert_str_eq(f.at[0].variable, "big/table");
    ck_assert_str_eq(f.at[0].snapshot, "first");
    ck_assert_int_eq(f.at[0].chunk, 2);
    ck_assert_str_eq(
        f.at[0].text,
        "variable big/table in namespace main, as it is and in snapshot first and 1 more snapshot: "
        "chunk 2 of its value does not match its hash; assign it again");
}
END_TEST

START_TEST(a_rotten_value_names_a_snapshot_that_has_another_one)
{
    after("UPDATE varsdb_tensors SET inline = flipped(inline) WHERE id ="
          " (SELECT v.tensor_id FROM varsdb_variables v WHERE v.name = 'b')",
          false);
    ck_assert_msg(f.count == 1, "%s", found_print(&f));
    ck_assert_str_eq(
        f.at[0].text,
        "variable net/layer/b in namespace main, as it is and in snapshot #2: its value does not "
        "match its hash; assign it again, or restore it from snapshot first, which has another "
        "value");
    ck_assert_int_eq(f.at[0].chunk, -1);
}
END_TEST

START_TEST(a_rotten_value_of_a_snapshot_alone_names_it)
{
    after("UPDATE varsdb_tensors SET inline = flipped(inline) WHERE id IN"
          " (SELECT w.tensor_id FROM varsdb_states w WHERE w.name = 'net/layer/b'"
          "  EXCEPT SELECT v.tensor_id FROM varsdb_variables v)",
          false);
    ck_assert_msg(f.count == 1, "%s", found_print(&f));
    ck_assert_str_eq(f.at[0].text,
                     "variable net/layer/b in namespace main, as snapshot first has it: its value "
                     "does not match its hash; drop the snapshot, or take the file from a backup");
    ck_assert_str_eq(f.at[0].snapshot, "first");
}
END_TEST

START_TEST(all_that_share_a_rotten_value_are_counted)
{
    after("UPDATE varsdb_tensors SET inline = flipped(inline) WHERE id ="
          " (SELECT v.tensor_id FROM varsdb_variables v WHERE v.name = 'other_twin')",
          false);
    ck_assert_msg(f.count == 1, "%s", found_print(&f));
    ck_assert_msg(found_says(&f, "hash", "variable net/twin and 1 more variable in namespace main"), "%s",
                  found_print(&f));
}
END_TEST

START_TEST(many_that_share_a_rotten_value_are_counted_in_the_plural)
{
    got(r.db, "net/triplet", VARSDB_WITH(.shape = VARSDB_SHAPE(7), .initializer = "zeros"));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.keep_last = 9), NULL));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.keep_last = 9), NULL));
    const char *rot = "UPDATE varsdb_tensors SET inline = flipped(inline) WHERE id ="
                      " (SELECT tensor_id FROM varsdb_states WHERE name = 'net/twin' LIMIT 1);"
                      "UPDATE varsdb_states SET digest = digest + 1 WHERE name = 'net/layer/w'";
    after(rot, false);
    ck_assert_msg(found_says(&f, "hash",
                             "variable net/twin and 2 more variables in namespace main, as it is and in "
                             "snapshot first and 3 more snapshots: its value does not match"),
                  "%s", found_print(&f));
    ck_assert_msg(found_says(&f, "digest", "as snapshot first and 3 more snapshots has it"), "%s",
                  found_print(&f));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "net/twin", NULL)));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "net/other_twin", NULL)));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "net/triplet", NULL)));
    after(rot, false);
    ck_assert_msg(found_says(&f, "hash",
                             "as snapshot first and 3 more snapshots has it: its value does not "
                             "match its hash; drop these snapshots"),
                  "%s", found_print(&f));
}
END_TEST

START_TEST(a_rotten_piece_of_garbage_is_told_too)
{
    after("UPDATE varsdb_chunks SET data = flipped(data) WHERE id = (SELECT chunk_id FROM "
          "varsdb_pins)",
          false);
    ck_assert_msg(f.count == 1 && found_says(&f, "hash", "which no value has: it does not match its hash"),
                  "%s", found_print(&f));
    ck_assert_str_eq(f.at[0].variable, "");
}
END_TEST

START_TEST(every_finding_is_told)
{
    after("UPDATE varsdb_variables SET site = 'elsewhere'", false);
    ck_assert_int_eq(f.count, registry_number(&r, "SELECT count(*) FROM varsdb_variables"));
    ck_assert_str_eq(f.at[0].text,
                     "variable net/layer/w in namespace main: its row does not match its digest; "
                     "take the file from a backup");
}
END_TEST

START_TEST(control_characters_of_a_damaged_name_do_not_reach_the_terminal)
{
    after("UPDATE varsdb_variables SET name = char(27) || '[2Jw' WHERE name = 'steps'", false);
    ck_assert_msg(found_says(&f, "digest", "variable ?[2Jw in namespace main"), "%s", found_print(&f));
}
END_TEST

/* ---- what is no damage */

START_TEST(garbage_is_no_damage)
{
    after("UPDATE varsdb_variables SET tensor_id = NULL, bytes = 0 WHERE dtype = 'string';"
          "DELETE FROM varsdb_snapshots; DELETE FROM varsdb_attributes WHERE owner_kind = 'snapshot';"
          "DELETE FROM varsdb_pins; DELETE FROM varsdb_sessions;"
          "UPDATE varsdb_variables SET digest = row_digest(id, uid, scope_id, name, dtype, shape, elements,"
          " bytes, initializer, seed, regularizer, constraint_text, partitioner, partition_axis,"
          " partition_count, tensor_id, version, created_at, updated_at, origin_id, site, members_digest)",
          false);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}
END_TEST

START_TEST(a_stranger_s_tables_are_no_damage)
{
    registry_sql(&r, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text); INSERT INTO notes VALUES (1, 'x');"
                     "CREATE VIEW noted AS SELECT text FROM notes");
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}
END_TEST

static void check_whole(const char *after_what)
{
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 0, "after %s: %s", after_what, found_print(&f));
}

START_TEST(whatever_the_library_does_leaves_it_whole)
{
    char copy[TEMP_PATH_BYTES];
    const int64_t step = 30;
    ok(r.db, varsdb_rename_variable(r.db, got(r.db, "net/twin", NULL), "moved/twin"));
    check_whole("renaming");
    const varsdb_variable *beyond = got(r.db, "cut/p/part_7", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    const varsdb_variable *nearly = got(r.db, "cut/p/part_x", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    check_whole("names that are nearly those of parts");
    ok(r.db, varsdb_delete_variable(r.db, beyond)); /* the snapshot that is restored has no such */
    ok(r.db, varsdb_delete_variable(r.db, nearly));
    ok(r.db, varsdb_uncollect(r.db, "favourites", got(r.db, "net/layer/w", NULL)));
    check_whole("taking out of a collection");
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.step = &step), NULL));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "big/table", NULL)));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "kinds/text", NULL)));
    check_whole("deleting");
    ok(r.db, varsdb_restore(r.db, 1, VARSDB_RESTORE(.existing_only = 0)));
    check_whole("restoring");
    ok(r.db, varsdb_drop_snapshot(r.db, 1));
    check_whole("dropping a snapshot");
    ok(r.db, varsdb_delete_namespace(r.db, "other"));
    check_whole("deleting a namespace");
    ok(r.db, varsdb_backup(r.db, temp_file(&r.dir, "copy.db", copy), NULL));
    check_whole("a backup");
    ok(r.db, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    check_whole("collecting garbage");
    varsdb *other;
    ck_assert_int_eq(varsdb_open(copy, NULL, &other), VARSDB_OK);
    found_verify(other, false, &f);
    varsdb_close(other);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}
END_TEST

/* ---- the call */

static int stop_at(void *payload, const varsdb_finding *finding)
{
    (void)finding;
    return --*(int *)payload == 0;
}

START_TEST(a_callback_stops_it)
{
    int left = 2;
    ok(r.db, varsdb_begin(r.db));
    rowsql_run(r.db, "UPDATE varsdb_variables SET site = 'elsewhere'");
    expect(r.db, VARSDB_CANCELLED, varsdb_verify(r.db, NULL, stop_at, &left));
    ck_assert_int_eq(left, 0);
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_verify(r.db, NULL, stop_at, &left));
}
END_TEST

typedef struct heard {
    varsdb *db;
    int calls, stop; /* at this call */
    bool structure, rows, tensors;
    uint64_t done, total;
} heard;

static int hear(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    heard *h = payload;
    expect(h->db, VARSDB_MISUSE, varsdb_list_namespaces(h->db, NULL, NULL));
    h->structure |= strcmp(doing, "structure") == 0;
    h->rows |= strcmp(doing, "rows") == 0;
    if (strcmp(doing, "tensors") == 0) {
        ck_assert(h->tensors ? done >= h->done : done == 0);
        ck_assert_uint_le(done, total);
        h->tensors = true;
        h->done = done;
        h->total = total;
    }
    return ++h->calls == h->stop;
}

START_TEST(progress_tells_how_many_bytes_there_are)
{
    heard h = {.db = r.db};
    found none = {0};
    got(r.db, "big/more", VARSDB_WITH(.shape = VARSDB_SHAPE(5 << 20), .initializer = "random_normal(0,1)"));
    ok(r.db, varsdb_verify(r.db, VARSDB_UPKEEP(.progress = hear, .payload = &h), found_keep, &none));
    ck_assert(h.structure && h.rows && h.tensors);
    ck_assert_int_eq((int64_t)h.total, registry_number(&r, "SELECT sum(bytes) FROM varsdb_tensors"));
    ck_assert_uint_gt(h.done, 8 << 20);
}
END_TEST

START_TEST(quick_progress_reads_no_tensors)
{
    heard h = {.db = r.db};
    found none = {0};
    ok(r.db,
       varsdb_verify(r.db, VARSDB_UPKEEP(.quick = 1, .progress = hear, .payload = &h), found_keep, &none));
    ck_assert(h.structure && h.rows && !h.tensors);
}
END_TEST

START_TEST(progress_stops_it_wherever_it_is)
{
    heard all = {.db = r.db};
    found none = {0};
    ok(r.db, varsdb_verify(r.db, VARSDB_UPKEEP(.progress = hear, .payload = &all), found_keep, &none));
    for (int i = 1; i <= all.calls; i++) {
        heard h = {.db = r.db, .stop = i};
        expect(r.db, VARSDB_CANCELLED,
               varsdb_verify(r.db, VARSDB_UPKEEP(.progress = hear, .payload = &h), found_keep, &none));
        ck_assert_int_eq(h.calls, i);
        ck_assert_int_eq(none.count, 0);
    }
    ok(r.db, varsdb_verify(r.db, NULL, found_keep, &none));
}
END_TEST

/* ---- many small rows, of which none takes long */

#define MANY 9000

typedef struct counted {
    int structure, rows, tensors; /* how often each was told */
    uint64_t most;                /* rows, as they were told */
} counted;

static int count_progress(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    counted *c = payload;
    (void)total;
    c->structure += strcmp(doing, "structure") == 0;
    c->tensors += strcmp(doing, "tensors") == 0;
    if (strcmp(doing, "rows") == 0) {
        c->rows++;
        ck_assert_uint_eq(done % 4096, 0);
        c->most = done > c->most ? done : c->most;
    }
    return 0;
}

static counted count_with(const char *sql)
{
    counted c = {0};
    found none = {0};
    ok(r.db, varsdb_begin(r.db));
    rowsql_run(r.db,
               "WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d)"
               "%s",
               MANY, sql);
    rowsql_refit_all(r.db);
    ok(r.db,
       varsdb_verify(r.db, VARSDB_UPKEEP(.progress = count_progress, .payload = &c), found_keep, &none));
    ok(r.db, varsdb_rollback(r.db));
    return c;
}

/* Attributes are read once, and values with their rows, and then with their bytes. */
START_TEST(progress_is_told_of_many_small_rows_too)
{
    const counted few = count_with("SELECT n FROM k");
    const counted more =
        count_with("INSERT INTO varsdb_attributes SELECT 'namespace', 1, 'k' || n, '1', 0 FROM k");
    const counted values = count_with(
        "INSERT INTO varsdb_tensors SELECT 100000 + n, t.hash, t.bytes, t.dtype, n, t.min, t.max, t.mean,"
        " t.std, t.l2_norm, t.zeros, t.nans, t.pos_infs, t.neg_infs, 0, 0, 0, t.inline"
        " FROM k, varsdb_tensors t WHERE t.id ="
        " (SELECT tensor_id FROM varsdb_variables WHERE name = 'twin')");
    ck_assert_uint_eq(few.most, 0);
    ck_assert_int_eq(more.rows - few.rows, MANY / 4096);
    ck_assert_uint_eq(more.most, 8192);
    ck_assert_int_eq(more.tensors, few.tensors);
    ck_assert_int_eq(values.rows - few.rows, MANY / 4096);
    ck_assert_int_ge(values.tensors - few.tensors, MANY / 4096);
}
END_TEST

static int look_around(void *payload, const varsdb_finding *finding)
{
    varsdb *db = payload;
    const varsdb_variable *v;
    float value[3];
    (void)finding;
    ok(db, varsdb_get_variable(db, "net/layer/b", NULL, NULL, &v));
    ok(db, varsdb_read(db, v, value, sizeof value));
    expect(db, VARSDB_MISUSE, varsdb_assign(db, v, value, sizeof value));
    return 0;
}

START_TEST(a_callback_may_read_and_not_write)
{
    registry_sql(&r, "UPDATE varsdb_origins SET pid = pid + 1");
    expect(r.db, VARSDB_CORRUPT, varsdb_verify(r.db, NULL, look_around, r.db));
    says(r.db, ": 1 problem found");
}
END_TEST

static int change_meanwhile(void *payload, const varsdb_finding *finding)
{
    varsdb *other = payload;
    (void)finding;
    ok(other, varsdb_assign_json(other, got(other, "net/layer/b", NULL), "[9,9,9]"));
    got(other, "made/meanwhile", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    return 0;
}

START_TEST(writers_are_neither_blocked_nor_seen)
{
    varsdb *other = registry_another(&r);
    registry_sql(&r, "UPDATE varsdb_origins SET pid = pid + 1");
    expect(r.db, VARSDB_CORRUPT, varsdb_verify(r.db, NULL, change_meanwhile, other));
    says(r.db, ": 1 problem found");
    varsdb_close(other);
}
END_TEST

START_TEST(a_disk_that_fails_is_no_finding)
{
    found none = {0};
    int i = 0;
    faulty_install(r.db);
    for (;; i++) {
        faulty_fail(i);
        int rc = varsdb_verify(r.db, NULL, found_keep, &none);
        if (!faulty_failed())
            break;
        check_result(r.db, rc, VARSDB_IO, "varsdb_verify", __FILE__, __LINE__);
        ck_assert_int_eq(none.count, 0);
    }
    faulty_fail(-1);
    ck_assert_int_gt(i, 15);
    faulty_remove(r.db);
    found_verify(r.db, false, &f);
    ck_assert_int_eq(f.count, 0);
}
END_TEST

#define LARGE (40 << 20) /* more than one transaction of a save */

static int verify_meanwhile(void *payload, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t offset,
                            void *buffer, size_t bytes)
{
    varsdb *other = payload;
    (void)dtype, (void)shape;
    memset(buffer, (int)(offset / bytes), bytes);
    if (offset + bytes < LARGE)
        return VARSDB_OK;
    found_verify(other, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    ck_assert_int_gt(registry_number(&r, "SELECT count(*) FROM varsdb_pins"), 0);
    return VARSDB_OK;
}

START_TEST(a_save_in_flight_is_no_damage)
{
    varsdb *other = registry_another(&r);
    got(r.db, "large",
        VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_UINT8, .fill = verify_meanwhile,
                    .initial_payload = other));
    varsdb_close(other);
    found_verify(r.db, false, &f);
    ck_assert_int_eq(f.count, 0);
}
END_TEST

START_TEST(it_is_misused_without_a_callback_or_a_size)
{
    varsdb_upkeep_options o = {.size = 1};
    expect(r.db, VARSDB_MISUSE, varsdb_verify(r.db, NULL, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_verify(r.db, &o, found_keep, &f));
    ck_assert_int_eq(varsdb_verify(NULL, NULL, found_keep, &f), VARSDB_MISUSE);
}
END_TEST

START_TEST(a_registry_open_for_reading_is_verified)
{
    varsdb *db;
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &db), VARSDB_OK);
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    varsdb_close(db);
}
END_TEST

START_TEST(without_its_names_version_even_beginning_is_a_finding)
{
    registry_sql(&r, "DELETE FROM varsdb_names_version");
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 1 && found_says(&f, "structure", "the names version is missing"), "%s",
                  found_print(&f));
}
END_TEST

Suite *test_verify_suite(void)
{
    Suite *suite = suite_create("verify");
    TCase *t = tcase_create("rich");
    tcase_add_checked_fixture(t, open_rich, close_registry);
    tcase_add_loop_test(t, what_the_library_wrote_is_whole, 0, 2);
    tcase_add_test(t, quick_leaves_out_the_bytes);
    tcase_add_test(t, a_rotten_chunk_names_variable_snapshots_and_position);
    tcase_add_test(t, a_rotten_value_names_a_snapshot_that_has_another_one);
    tcase_add_test(t, a_rotten_value_of_a_snapshot_alone_names_it);
    tcase_add_test(t, all_that_share_a_rotten_value_are_counted);
    tcase_add_test(t, many_that_share_a_rotten_value_are_counted_in_the_plural);
    tcase_add_test(t, a_rotten_piece_of_garbage_is_told_too);
    tcase_add_test(t, every_finding_is_told);
    tcase_add_test(t, control_characters_of_a_damaged_name_do_not_reach_the_terminal);
    tcase_add_test(t, garbage_is_no_damage);
    tcase_add_test(t, a_stranger_s_tables_are_no_damage);
    tcase_add_test(t, whatever_the_library_does_leaves_it_whole);
    tcase_add_test(t, a_callback_stops_it);
    tcase_add_test(t, progress_tells_how_many_bytes_there_are);
    tcase_add_test(t, quick_progress_reads_no_tensors);
    tcase_add_test(t, progress_stops_it_wherever_it_is);
    tcase_add_test(t, progress_is_told_of_many_small_rows_too);
    tcase_add_test(t, a_callback_may_read_and_not_write);
    tcase_add_test(t, writers_are_neither_blocked_nor_seen);
    tcase_add_test(t, a_registry_open_for_reading_is_verified);
    tcase_add_test(t, a_disk_that_fails_is_no_finding);
    tcase_add_test(t, without_its_names_version_even_beginning_is_a_finding);
    suite_add_tcase(suite, t);
    TCase *e = tcase_create("empty");
    tcase_add_checked_fixture(e, open_registry, close_registry);
    tcase_add_loop_test(e, what_the_library_wrote_is_whole, 0, 2);
    tcase_add_test(e, a_save_in_flight_is_no_damage);
    tcase_add_test(e, it_is_misused_without_a_callback_or_a_size);
    suite_add_tcase(suite, e);
    return suite;
}
