/* test_host.c - a registry on a host's connection: in its file, its transactions, beside its tables. */
#include <stdlib.h>

#include "../support/child.h"
#include "../support/hosted.h"

Suite *test_host_suite(void);

/* ---- what it looks like */

START_TEST(tables_and_views_are_beside_the_hosts)
{
    made("w");
    ck_assert_int_eq(number("PRAGMA application_id"), 77);
    ck_assert_int_eq(number("PRAGMA user_version"), 5);
    ck_assert_int_eq(number("SELECT mine FROM variables"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_global_variables WHERE name = 'w' AND mean = 1"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_collections"), 2);
    ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name LIKE 'vars_%'"),
                     15);
    ck_assert_int_eq(
        number("SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE 'vars_%'"), 1);
    ck_assert_int_eq(number("PRAGMA quick_check") == 0, 1); /* "ok" as a number */
    whole(db);
    varsdb_close(db);
    db = on("main", 0);
    ck_assert_int_eq(find(db, "w"), VARSDB_OK);
}
END_TEST

START_TEST(every_view_works_under_its_new_name)
{
    sqlite3_stmt *names;
    int count = 0;
    made("w");
    ok(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    ck_assert_int_eq(
        sqlite3_prepare_v2(host, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1, &names, NULL),
        SQLITE_OK);
    for (; sqlite3_step(names) == SQLITE_ROW; count++) {
        char text[256];
        snprintf(text, sizeof text, "SELECT count(*) FROM \"%s\"",
                 (const char *)sqlite3_column_text(names, 0));
        ck_assert_int_ge(number(text), 0);
    }
    sqlite3_finalize(names);
    ck_assert_int_eq(count, 16);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_snapshot_variables"), 1);
}
END_TEST

START_TEST(a_database_without_a_registry_is_left_alone_unless_asked)
{
    varsdb *none;
    sqlite3 *empty = NULL;
    ck_assert_int_eq(sqlite3_open(":memory:", &empty), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(empty, "main", NULL, NULL, &none), VARSDB_NOTDB);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(none), "VARSDB_CREATE_FILE"));
    varsdb_close(none);
    ck_assert_int_eq(
        varsdb_open_on(empty, "elsewhere", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
        VARSDB_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(none), "elsewhere"));
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(empty, "temp", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
                     VARSDB_NOTFOUND);
    varsdb_close(none);
    ck_assert_int_eq(sqlite3_total_changes(empty), 0);
    ck_assert_int_eq(sqlite3_close(empty), SQLITE_OK);
}
END_TEST

START_TEST(wrong_arguments_are_named)
{
    varsdb *none;
    ck_assert_int_eq(varsdb_open_on(NULL, NULL, NULL, NULL, &none), VARSDB_MISUSE);
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(host, NULL, NULL, NULL, NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = VARSDB_BUILD), NULL, &none),
                     VARSDB_INVALID);
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(host, NULL, VARSDB_OPEN(.timeout_ms = 5), NULL, &none), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(none), "busy timeout"));
    varsdb_close(none);
    expect(db, VARSDB_MISUSE, varsdb_set_timeout(db, 7));
    expect(db, VARSDB_UNSUPPORTED, varsdb_checkpoint(db));
    expect(db, VARSDB_UNSUPPORTED, varsdb_backup(db, other_path, NULL));
}
END_TEST

/* ---- making it */

START_TEST(a_name_that_is_taken_is_told_and_nothing_made)
{
    varsdb *none;
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_open(":memory:", &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "CREATE TABLE vars_scopes (a)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(other, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
                     VARSDB_EXISTS);
    says(none, "vars_scopes");
    varsdb_close(none);
    sqlite3 *mine = host;
    host = other;
    ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema"), 1);
    host = mine;
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST

/* A range of paths in UTF-16 is not what begins with a scope's name. */
START_TEST(texts_in_utf_16_are_refused)
{
    varsdb *none;
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_open(":memory:", &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "PRAGMA encoding='UTF-16le'; CREATE TABLE a (b)", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(other, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
                     VARSDB_UNSUPPORTED);
    says(none, "UTF-16le");
    varsdb_close(none);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST

START_TEST(a_foreign_table_that_is_called_like_ours_is_told)
{
    varsdb *none;
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_open(":memory:", &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "CREATE TABLE varsdb_mine (b)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(other, NULL, NULL, NULL, &none), VARSDB_NOTDB);
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(other, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
                     VARSDB_EXISTS);
    says(none, "varsdb_mine");
    varsdb_close(none);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST

START_TEST(without_its_watch_nothing_is_written)
{
    const varsdb_variable *v = made("v");
    ck_assert_int_eq(sqlite3_drop_modules(host, NULL), SQLITE_OK);
    sql("CREATE TABLE another (a)"); /* after which statements are prepared anew */
    expect(db, VARSDB_MISUSE, varsdb_assign_json(db, v, "[1,2,3]"));
    says(db, "sqlite3_drop_modules");
    ck_assert_int_eq(version_of(db, v), 1);
}
END_TEST

/* Eight processes find no registry in the file, and all want one. */
static int create_and_get(void *payload)
{
    const varsdb_variable *v;
    varsdb *mine;
    sqlite3 *connection;
    (void)payload;
    if (sqlite3_open(other_path, &connection) != SQLITE_OK ||
        sqlite3_busy_timeout(connection, 30000) != SQLITE_OK)
        return 1;
    if (varsdb_open_on(connection, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &mine) != VARSDB_OK)
        return fprintf(stderr, "host: %s\n", varsdb_errmsg(mine)), 2;
    if (varsdb_get_variable(mine, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v) != VARSDB_OK)
        return fprintf(stderr, "host: %s\n", varsdb_errmsg(mine)), 3;
    varsdb_close(mine);
    return sqlite3_close(connection) == SQLITE_OK ? 0 : 4;
}

START_TEST(racing_creators_make_one)
{
    pid_t children[8];
    sqlite3 *connection;
    ck_assert_int_eq(sqlite3_open(other_path, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(connection);
    for (int i = 0; i < 8; i++)
        children[i] = child_start(create_and_get, NULL);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(child_wait(children[i]), 0);
    ck_assert_int_eq(sqlite3_open(other_path, &connection), SQLITE_OK);
    sqlite3 *mine = host;
    host = connection;
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM varsdb_registry"), 1);
    host = mine;
    sqlite3_close(connection);
}
END_TEST

/* ---- large values, snapshots */

#define LARGE (3 * VDB_CHUNK_BYTES + 77)

static void large_values(const char *before, const char *after)
{
    unsigned char *bytes = malloc(LARGE), *back = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 4096);
    db->save_bytes = VDB_CHUNK_BYTES;
    sql(before);
    const varsdb_variable *v = got(
        db, "large", VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_UINT8, .initializer = "none"));
    ok(db, varsdb_assign(db, v, bytes, LARGE));
    ok(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    ok(db, varsdb_assign_slice(
               db, v, VARSDB_SLICE(.rank = 1, .begin = VARSDB_INDEX(5), .size = VARSDB_INDEX(3)), "abc", 3));
    varsdb_writer *w;
    ok(db, varsdb_open_writer(db, v, &w));
    for (size_t at = 0; at < LARGE; at += LARGE / 4 + 1)
        ok(db, varsdb_append(w, bytes + at, LARGE - at < LARGE / 4 + 1 ? LARGE - at : LARGE / 4 + 1));
    ok(db, varsdb_finish(w));
    varsdb_close_writer(w);
    sql(after);
    ok(db, varsdb_read(db, v, back, LARGE));
    ck_assert(memcmp(bytes, back, LARGE) == 0);
    int64_t id;
    ok(db, varsdb_find_snapshot(db, "s", &id));
    ok(db, varsdb_restore(db, id, NULL));
    ck_assert_int_eq(version_of(db, v), 4);
    ok(db, varsdb_collect_garbage(db, NULL, NULL, NULL, NULL));
    ck_assert_int_eq(number("SELECT count(*) FROM varsdb_sessions"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM varsdb_pins"), 0);
    whole(db);
    free(bytes);
    free(back);
}

START_TEST(large_values_go_in_and_out)
{
    large_values(_i ? "BEGIN" : "SELECT 1", _i ? "COMMIT" : "SELECT 1");
}
END_TEST

/* ---- where else it can be */

START_TEST(an_attached_registry_keeps_its_views)
{
    varsdb *file;
    char text[TEMP_PATH_BYTES + 64];
    ck_assert_int_eq(varsdb_open(other_path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &file), VARSDB_OK);
    got(file, "theirs", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    varsdb_close(file);
    snprintf(text, sizeof text, "ATTACH '%s' AS \"my \"\"vars\"", other_path);
    sql(text);
    varsdb *attached = on("my \"vars", 0);
    got(attached, "ours", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    made("main");
    ck_assert_int_eq(number("SELECT count(*) FROM \"my \"\"vars\".variables"), 2);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 1);
    sql("BEGIN");
    got(attached, "undone", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    sql("ROLLBACK");
    ck_assert_int_eq(find(attached, "undone"), VARSDB_NOTFOUND);
    whole(attached);
    varsdb_close(attached);
    ck_assert_int_eq(varsdb_open(other_path, NULL, &file), VARSDB_OK);
    ck_assert_int_eq(find(file, "ours"), VARSDB_OK);
    varsdb_close(file);
}
END_TEST

START_TEST(it_can_be_made_in_an_attached_database_and_in_memory)
{
    sql("ATTACH ':memory:' AS mem");
    varsdb *memory = on("mem", VARSDB_CREATE_FILE);
    got(memory, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(100000), .initializer = "ones"));
    ck_assert_int_eq(number("SELECT sum(elements) FROM mem.vars_variables WHERE mean = 1"), 100000);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 0);
    whole(memory);
    varsdb_close(memory);
}
END_TEST

START_TEST(a_registry_file_as_the_main_database_works_beside_the_library)
{
    varsdb *file, *hosted;
    sqlite3 *connection;
    ck_assert_int_eq(varsdb_open(other_path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &file), VARSDB_OK);
    ck_assert_int_eq(sqlite3_open(other_path, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "CREATE TABLE mine (a)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(connection, NULL, NULL, NULL, &hosted), VARSDB_OK);
    got(hosted, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    ck_assert_int_eq(find(file, "a"), VARSDB_OK);
    ok(file, varsdb_rename_variable(file, got(file, "a", NULL), "b"));
    ck_assert_int_eq(find(hosted, "a"), VARSDB_NOTFOUND);
    ck_assert_int_eq(find(hosted, "b"), VARSDB_OK);
    whole(hosted);
    varsdb_close(hosted);
    sqlite3_close(connection);
    varsdb_close(file);
}
END_TEST

/* ---- what the host's settings weaken */

static unsigned weaknesses(sqlite3 *connection, const char *schema)
{
    unsigned weak = 12345;
    varsdb *out;
    int rc = varsdb_open_on(connection, schema, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &weak, &out);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(out));
    varsdb_close(out);
    return weak;
}

START_TEST(weak_settings_are_reported)
{
    const unsigned bug = strstr(varsdb_engine_version(), "guarded") ? VARSDB_HOST_UNGUARDED : 0;
    ck_assert_uint_eq(weaknesses(host, "main"), bug);
    sql("PRAGMA wal_autocheckpoint=0");
    ck_assert_uint_eq(weaknesses(host, "main"), 0);
    sql("PRAGMA synchronous=NORMAL");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_DURABLE);
    sql("PRAGMA synchronous=FULL; PRAGMA busy_timeout=0");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NO_TIMEOUT);
    sql("PRAGMA busy_timeout=100; PRAGMA journal_mode=TRUNCATE");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_WAL);
    sql("PRAGMA journal_mode=DELETE");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_WAL | VARSDB_HOST_NOT_DURABLE);
    sql("PRAGMA synchronous=EXTRA");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_WAL);
    sql("PRAGMA journal_mode=MEMORY");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_WAL | VARSDB_HOST_NOT_DURABLE);
    sql("PRAGMA journal_mode=WAL; ATTACH ':memory:' AS m");
    ck_assert_uint_eq(weaknesses(host, "m"), VARSDB_HOST_IN_MEMORY);
    for (unsigned bit = 1; bit <= VARSDB_HOST_IN_MEMORY; bit *= 2)
        ck_assert_int_gt((int)strlen(varsdb_host_weakness_text(bit)), 20);
    ck_assert_str_eq(varsdb_host_weakness_text(0), "");
}
END_TEST

/* What the host set is as it was, whatever was done. */
START_TEST(nothing_of_the_connection_is_changed)
{
    sql("PRAGMA wal_autocheckpoint=123; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-777; PRAGMA "
        "foreign_keys=ON");
    varsdb_close(db);
    db = on(NULL, 0);
    large_values("SELECT 1", "SELECT 1");
    ck_assert_int_eq(number("PRAGMA wal_autocheckpoint"), 123);
    ck_assert_int_eq(number("PRAGMA synchronous"), 1);
    ck_assert_int_eq(number("PRAGMA cache_size"), -777);
    ck_assert_int_eq(number("PRAGMA busy_timeout"), 10000);
    ck_assert_int_eq(number("PRAGMA foreign_keys"), 1);
    ck_assert_int_eq(number("PRAGMA application_id"), 77);
}
END_TEST

Suite *test_host_suite(void)
{
    Suite *suite = suite_create("host");
    TCase *t = tcase_create("host");
    tcase_add_checked_fixture(t, hosted_open, hosted_close);
    tcase_add_test(t, tables_and_views_are_beside_the_hosts);
    tcase_add_test(t, every_view_works_under_its_new_name);
    tcase_add_test(t, a_database_without_a_registry_is_left_alone_unless_asked);
    tcase_add_test(t, wrong_arguments_are_named);
    tcase_add_test(t, a_name_that_is_taken_is_told_and_nothing_made);
    tcase_add_test(t, texts_in_utf_16_are_refused);
    tcase_add_test(t, a_foreign_table_that_is_called_like_ours_is_told);
    tcase_add_test(t, without_its_watch_nothing_is_written);
    tcase_add_test(t, racing_creators_make_one);
    tcase_add_loop_test(t, large_values_go_in_and_out, 0, 2);
    tcase_add_test(t, an_attached_registry_keeps_its_views);
    tcase_add_test(t, it_can_be_made_in_an_attached_database_and_in_memory);
    tcase_add_test(t, a_registry_file_as_the_main_database_works_beside_the_library);
    tcase_add_test(t, weak_settings_are_reported);
    tcase_add_test(t, nothing_of_the_connection_is_changed);
    suite_add_tcase(suite, t);
    return suite;
}
