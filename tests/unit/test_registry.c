/* test_registry.c - what varsdb_open takes and what it refuses, untouched. */
#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/shell.h"
#include "../support/temp.h"
#include "engine_sqlite.h"
#include "internal.h"
#include "migrate.h"

Suite *test_registry_suite(void);

static temp_dir dir;
static char path[TEMP_PATH_BYTES];
static varsdb *db;

static void setup(void)
{
    temp_make(&dir);
    temp_file(&dir, "run.db", path);
    db = NULL;
}

static void teardown(void)
{
    varsdb_close(db);
    temp_remove(&dir);
}

static void sql(const char *text)
{
    char said[4096];
    int status = shell_sqlite(path, text, said, sizeof said);
    ck_assert_msg(status == 0, "%s: %s", text, said);
}

static void make_registry(void)
{
    const varsdb_variable *v;
    db = opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    ok(db, varsdb_get_variable(db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v));
    varsdb_close(db);
    db = NULL;
}

/* Opening fails with the code and one line that has `word` in it; the file, if there is one,
 * and the directory are as before; the handle serves for nothing but being closed. */
static void refused_with(const varsdb_open_options *options, int code, const char *word)
{
    char names[1024], names_after[1024], sum[65] = "", sum_after[65] = "";
    struct stat at;
    const varsdb_variable *v = NULL;
    bool file = stat(path, &at) == 0 && S_ISREG(at.st_mode);
    temp_names(&dir, names, sizeof names);
    if (file)
        shell_sha256(path, sum);
    int rc = varsdb_open(path, options, &db);
    ck_assert_msg(rc == code, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
    ck_assert_int_eq(varsdb_errcode(db), code);
    ck_assert_msg(*varsdb_errmsg(db) && !strchr(varsdb_errmsg(db), '\n'), "'%s'", varsdb_errmsg(db));
    says(db, word);
    ck_assert_int_eq(varsdb_get_variable(db, "w", NULL, NULL, &v), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_begin(db), VARSDB_MISUSE);
    ck_assert_ptr_null(v);
    varsdb_close(db);
    db = NULL;
    temp_names(&dir, names_after, sizeof names_after);
    ck_assert_str_eq(names, names_after);
    if (file)
        shell_sha256(path, sum_after);
    ck_assert_str_eq(sum, sum_after);
}

static void refused(int code, const char *word)
{
    refused_with(NULL, code, word);
    refused_with(VARSDB_OPEN(.flags = VARSDB_READ_ONLY), code, word);
    struct stat at;
    if (lstat(path, &at) == 0)
        refused_with(VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), code, word);
}

/* ---- other things at the path */

START_TEST(a_missing_file_is_not_made_unless_asked_for)
{
    refused(VARSDB_CANTOPEN, "run.db");
    refused_with(VARSDB_OPEN(.flags = VARSDB_READ_ONLY | VARSDB_CREATE_FILE), VARSDB_CANTOPEN, "run.db");
}
END_TEST

START_TEST(a_missing_directory_is_named)
{
    temp_file(&dir, "no/such/run.db", path);
    refused_with(VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), VARSDB_CANTOPEN, "no/such");
}
END_TEST

START_TEST(a_directory_is_refused)
{
    ck_assert_int_eq(mkdir(path, 0777), 0);
    refused(VARSDB_CANTOPEN, "directory");
}
END_TEST

START_TEST(a_fifo_is_refused_without_waiting_for_a_writer)
{
    ck_assert_int_eq(mkfifo(path, 0666), 0);
    refused(VARSDB_CANTOPEN, "regular");
}
END_TEST

START_TEST(a_link_to_nothing_is_refused)
{
    ck_assert_int_eq(symlink("nothing", path), 0);
    refused(VARSDB_CANTOPEN, "run.db");
}
END_TEST

START_TEST(an_empty_file_is_refused)
{
    temp_write(path, "", 0);
    refused(VARSDB_NOTDB, "empty");
}
END_TEST

START_TEST(a_text_file_is_refused)
{
    static char text[70000];
    memset(text, 'x', sizeof text);
    static const size_t sizes[] = {1, 99, 100, 512, sizeof text};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        temp_write(path, text, sizes[i]);
        refused(VARSDB_NOTDB, "run.db");
    }
}
END_TEST

START_TEST(a_truncated_registry_is_refused)
{
    make_registry();
    ck_assert_int_eq(truncate(path, 5 * VDB_PAGE_BYTES), 0);
    refused(VARSDB_CORRUPT, "run.db");
    ck_assert_int_eq(truncate(path, VDB_PAGE_BYTES + 77), 0);
    refused(VARSDB_CORRUPT, "run.db");
    ck_assert_int_eq(truncate(path, 60), 0);
    refused(VARSDB_NOTDB, "run.db");
}
END_TEST

START_TEST(other_databases_are_refused_in_every_journal_mode)
{
    sql("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    refused(VARSDB_NOTDB, "not a varsdb registry");
    sql("PRAGMA journal_mode=WAL; INSERT INTO t VALUES (2)");
    refused(VARSDB_NOTDB, "not a varsdb registry");
    sql("PRAGMA application_id=252006674");
    refused(VARSDB_NOTDB, "not a varsdb registry");
}
END_TEST

START_TEST(a_registry_without_a_schema_is_refused)
{
    char text[64];
    snprintf(text, sizeof text, "PRAGMA application_id=%d; CREATE TABLE t (a)", VDB_APPLICATION_ID);
    sql(text);
    refused(VARSDB_NOTDB, "run.db");
}
END_TEST

START_TEST(a_newer_registry_is_refused_with_both_numbers)
{
    static const int beyond[] = {1, 1000};
    int64_t newest = vdb_migrations[vdb_migration_count - 1].number;
    make_registry();
    for (size_t i = 0; i < 2; i++) {
        char text[64];
        snprintf(text, sizeof text, "PRAGMA user_version=%lld", (long long)newest + beyond[i]);
        sql(text);
        snprintf(text, sizeof text, "schema %lld", (long long)newest + beyond[i]);
        refused(VARSDB_TOONEW, text);
    }
}
END_TEST

static int leave_log(void *payload)
{
    (void)payload;
    sqlite3 *other;
    if (sqlite3_open(path, &other) != SQLITE_OK ||
        sqlite3_exec(other, "PRAGMA wal_autocheckpoint=0; CREATE TABLE later (a)", NULL, NULL, NULL) !=
            SQLITE_OK)
        return 1;
    return 0; /* and _exit: the log stays */
}

START_TEST(a_newer_registry_with_a_log_keeps_its_log)
{
    make_registry();
    sql("PRAGMA user_version=1001");
    ck_assert_int_eq(child_run(leave_log, NULL), 0);
    char names[256];
    temp_names(&dir, names, sizeof names);
    ck_assert_ptr_nonnull(strstr(names, "run.db-wal"));
    refused(VARSDB_TOONEW, "upgrade");
}
END_TEST

/* ---- a header that a loss of power tore */

static int leave_log_with_first_page(void *payload)
{
    static char value[4 * VDB_PAGE_BYTES];
    const varsdb_variable *v;
    (void)payload;
    varsdb *one = opened(path, NULL);
    return varsdb_get_variable(one, "torn",
                               VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(sizeof value),
                                           .value = value, .value_bytes = sizeof value),
                               NULL, &v);
}

static void tear_header(void)
{
    char garbage[512];
    memset(garbage, 0x5a, sizeof garbage);
    int fd = open(path, O_WRONLY);
    ck_assert_int_eq(pwrite(fd, garbage, sizeof garbage, 0), sizeof garbage);
    close(fd);
}

static void check_torn_registry(unsigned flags, const char *name)
{
    const varsdb_variable *v;
    found f;
    db = opened(path, VARSDB_OPEN(.flags = flags));
    ok(db, varsdb_find_variable(db, name, &v));
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    varsdb_close(db);
    db = NULL;
}

START_TEST(a_header_torn_by_a_checkpoint_is_recovered_from_the_log)
{
    make_registry();
    ck_assert_int_eq(child_run(leave_log_with_first_page, NULL), VARSDB_OK);
    tear_header();
    check_torn_registry(VARSDB_READ_ONLY, "torn");
    check_torn_registry(0, "torn");
    check_torn_registry(0, "w");
}
END_TEST

static int leave_hot_journal(void *payload)
{
    sqlite3 *stock;
    (void)payload;
    if (sqlite3_open(path, &stock) != SQLITE_OK)
        return 1;
    return sqlite3_exec(stock,
                        "PRAGMA journal_mode=DELETE; PRAGMA cache_size=2; BEGIN; PRAGMA user_version=1;"
                        "CREATE TABLE t (a); INSERT INTO t SELECT zeroblob(1000000); UPDATE varsdb_variables "
                        "SET name = 'other'",
                        NULL, NULL, NULL) != SQLITE_OK;
}

START_TEST(a_header_torn_without_a_log_is_recovered_from_the_journal)
{
    make_registry();
    ck_assert_int_eq(child_run(leave_hot_journal, NULL), 0);
    tear_header();
    check_torn_registry(0, "w");
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

static int leave_log_of_another(void *payload)
{
    sqlite3 *stock;
    (void)payload;
    if (sqlite3_open(path, &stock) != SQLITE_OK)
        return 1;
    return sqlite3_exec(stock, "PRAGMA journal_mode=WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)", NULL,
                        NULL, NULL) != SQLITE_OK;
}

START_TEST(another_database_with_a_torn_header_keeps_its_log)
{
    char log[TEMP_PATH_BYTES], sum[65], sum_after[65];
    ck_assert_int_eq(child_run(leave_log_of_another, NULL), 0);
    tear_header();
    shell_sha256(temp_file(&dir, "run.db-wal", log), sum);
    refused(VARSDB_NOTDB, "not a varsdb registry");
    shell_sha256(log, sum_after);
    ck_assert_str_eq(sum, sum_after);
}
END_TEST

START_TEST(another_file_keeps_what_is_called_its_log_or_journal)
{
    static const char *const beside[] = {"run.db-wal", "run.db-journal"};
    char text[2048], name[TEMP_PATH_BYTES], names[256];
    memset(text, 'x', sizeof text);
    temp_write(path, text, sizeof text);
    for (size_t i = 0; i < 2; i++)
        temp_write(temp_file(&dir, beside[i], name), text, sizeof text);
    refused(VARSDB_NOTDB, "not an SQLite database");
    temp_names(&dir, names, sizeof names);
    ck_assert_str_eq(names, "run.db run.db-journal run.db-wal ");
}
END_TEST

/* ---- a schema that is not ours */

static void changed(const char *text, const char *word)
{
    unlink(path);
    make_registry();
    sql(text);
    refused(VARSDB_CORRUPT, word);
}

START_TEST(a_trigger_on_a_table_of_ours_is_refused_by_name)
{
    changed("CREATE TRIGGER spy AFTER INSERT ON varsdb_variables BEGIN SELECT 1; END", "trigger spy");
    changed("CREATE TRIGGER spy AFTER INSERT ON VarsDB_variables BEGIN SELECT 1; END", "trigger spy");
}
END_TEST

START_TEST(an_index_added_to_a_table_of_ours_is_refused_by_name)
{
    changed("CREATE INDEX faster ON varsdb_variables (bytes)", "index faster");
}
END_TEST

START_TEST(a_dropped_index_is_refused)
{
    changed("DROP INDEX varsdb_scopes_path", "missing");
    changed("DROP INDEX varsdb_scopes_path", "varsdb_scopes_path");
}
END_TEST

START_TEST(a_dropped_table_is_refused)
{
    changed("DROP TABLE varsdb_pins", "varsdb_pins");
}
END_TEST

START_TEST(an_added_column_is_refused_by_its_table)
{
    changed("ALTER TABLE varsdb_variables ADD COLUMN more TEXT", "table varsdb_variables");
}
END_TEST

START_TEST(a_table_made_otherwise_is_refused_by_name)
{
    changed("DROP TABLE varsdb_pins; CREATE TABLE varsdb_pins (session_id, chunk_id)", "table varsdb_pins");
    changed("CREATE TABLE varsdb_more (a)", "table varsdb_more");
    changed("CREATE TABLE VARSDB_more (a)", "table VARSDB_more");
    changed("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'BLOB')"
            " WHERE name = 'varsdb_scopes'",
            "table varsdb_scopes");
    changed(
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET name = 'vArsdb_pins' WHERE name = 'varsdb_pins'",
        "table vArsdb_pins");
}
END_TEST

START_TEST(a_catalogue_of_nonsense_is_refused)
{
    changed("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = CAST(sql AS BLOB) WHERE name = "
            "'varsdb_scopes'",
            "run.db");
}
END_TEST

START_TEST(things_of_a_host_beside_ours_are_left_alone)
{
    const varsdb_variable *v;
    make_registry();
    sql("CREATE TABLE host (id INTEGER PRIMARY KEY, a TEXT); CREATE INDEX host_a ON host (a);"
        "CREATE VIEW host_view AS SELECT * FROM host; CREATE TABLE log (a);"
        "CREATE TRIGGER host_trigger AFTER INSERT ON host BEGIN INSERT INTO log VALUES (new.a); END;"
        "INSERT INTO host (a) VALUES ('x'); ANALYZE");
    db = opened(path, NULL);
    ok(db, varsdb_get_variable(db, "more", VARSDB_WITH(.shape = VARSDB_SHAPE(3)), NULL, &v));
    ok(db, varsdb_delete_namespace(db, "main"));
    varsdb_close(db);
    db = NULL;
    char said[256];
    shell_sqlite(path, "INSERT INTO host (a) VALUES ('y'); SELECT a FROM host_view; SELECT a FROM log", said,
                 sizeof said);
    ck_assert_str_eq(said, "x\ny\nx\ny");
}
END_TEST

/* ---- the registry's own row */

START_TEST(every_column_of_the_registrys_row_is_under_its_digest)
{
    static const char *const damage[] = {"uuid = CAST(x'00' || substr(uuid, 2) AS BLOB)",
                                         "format = format + 1",
                                         "inline_bytes = inline_bytes + 1",
                                         "chunk_bytes = chunk_bytes - 1",
                                         "created_at = created_at + 1",
                                         "digest = digest - 1"};
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        char text[256];
        snprintf(text, sizeof text, "UPDATE varsdb_registry SET %s", damage[i]);
        changed(text, "registry");
    }
    changed("DELETE FROM varsdb_registry", "missing");
}
END_TEST

START_TEST(the_uuid_is_of_version_4_and_stays)
{
    char uuid[37];
    int version = 0, variant = 0;
    make_registry();
    db = opened(path, NULL);
    snprintf(uuid, sizeof uuid, "%s", varsdb_uuid(db));
    ck_assert_int_eq(sscanf(uuid, "%*8[0-9a-f]-%*4[0-9a-f]-%1x%*3[0-9a-f]-%1x%*3[0-9a-f]-%*12[0-9a-f]",
                            (unsigned *)&version, (unsigned *)&variant),
                     2);
    ck_assert_int_eq(version, 4);
    ck_assert_int_eq(variant & 0xc, 0x8);
    ck_assert_str_eq(varsdb_path(db), path);
    varsdb_close(db);
    db = opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    ck_assert_str_eq(varsdb_uuid(db), uuid);
}
END_TEST

/* ---- arguments */

START_TEST(wrong_arguments_are_misuse)
{
    const varsdb_open_options no_size = {.flags = VARSDB_CREATE_FILE};
    ck_assert_int_eq(varsdb_open(path, NULL, NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_open(NULL, NULL, &db), VARSDB_MISUSE);
    says(db, "path");
    varsdb_close(db);
    ck_assert_int_eq(varsdb_open("", NULL, &db), VARSDB_MISUSE);
    says(db, "path");
    varsdb_close(db);
    ck_assert_int_eq(varsdb_open(path, &no_size, &db), VARSDB_MISUSE);
    says(db, "VARSDB_OPEN");
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(options_that_contradict_are_refused)
{
    refused_with(VARSDB_OPEN(.flags = VARSDB_IMMUTABLE), VARSDB_INVALID, "READ_ONLY");
    refused_with(VARSDB_OPEN(.flags = VARSDB_CREATE_FILE | 0x10000), VARSDB_INVALID, "flags");
    refused_with(VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .reuse = (varsdb_reuse)9), VARSDB_INVALID, "reuse");
    refused_with(VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .in = "a//b"), VARSDB_INVALID, "a//b");
}
END_TEST

START_TEST(no_handle_is_misuse_and_harmless)
{
    varsdb_close(NULL);
    ck_assert_int_eq(varsdb_begin(NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_errcode(NULL), VARSDB_NOMEM);
    ck_assert_str_ne(varsdb_errmsg(NULL), "");
    ck_assert_str_eq(varsdb_path(NULL), "");
    ck_assert_str_eq(varsdb_uuid(NULL), "");
    ck_assert_int_eq(varsdb_in_transaction(NULL), 0);
}
END_TEST

/* Names that mean something in a URI or to SQLite. */
START_TEST(any_name_of_a_file_will_do)
{
    static const char *const names[] = {"a?b=1#c%20.db", ":memory:", "file:x.db", "sp ace.db",
                                        "\xc3\xa9t\xc3\xa9.db"};
    char here[PATH_MAX];
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    ck_assert_int_eq(chdir(dir.path), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        db = opened(names[i], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
        varsdb_close(db);
        ck_assert_int_eq(access(names[i], F_OK), 0);
        db = opened(names[i], VARSDB_OPEN(.flags = VARSDB_READ_ONLY | VARSDB_IMMUTABLE));
        ck_assert_str_eq(varsdb_path(db), names[i]);
        varsdb_close(db);
        snprintf(path, sizeof path, "//%.200s/%s", dir.path, names[i]);
        db = opened(path, NULL);
        varsdb_close(db);
    }
    db = NULL;
    ck_assert_int_eq(chdir(here), 0);
}
END_TEST

static void add_files(TCase *tc)
{
    tcase_add_test(tc, a_missing_file_is_not_made_unless_asked_for);
    tcase_add_test(tc, a_missing_directory_is_named);
    tcase_add_test(tc, a_directory_is_refused);
    tcase_add_test(tc, a_fifo_is_refused_without_waiting_for_a_writer);
    tcase_add_test(tc, a_link_to_nothing_is_refused);
    tcase_add_test(tc, an_empty_file_is_refused);
    tcase_add_test(tc, a_text_file_is_refused);
    tcase_add_test(tc, a_truncated_registry_is_refused);
    tcase_add_test(tc, other_databases_are_refused_in_every_journal_mode);
    tcase_add_test(tc, a_registry_without_a_schema_is_refused);
    tcase_add_test(tc, a_newer_registry_is_refused_with_both_numbers);
    tcase_add_test(tc, a_newer_registry_with_a_log_keeps_its_log);
    tcase_add_test(tc, a_header_torn_by_a_checkpoint_is_recovered_from_the_log);
    tcase_add_test(tc, a_header_torn_without_a_log_is_recovered_from_the_journal);
    tcase_add_test(tc, another_database_with_a_torn_header_keeps_its_log);
    tcase_add_test(tc, another_file_keeps_what_is_called_its_log_or_journal);
}

static void add_schemas(TCase *tc)
{
    tcase_add_test(tc, a_trigger_on_a_table_of_ours_is_refused_by_name);
    tcase_add_test(tc, an_index_added_to_a_table_of_ours_is_refused_by_name);
    tcase_add_test(tc, a_dropped_index_is_refused);
    tcase_add_test(tc, a_dropped_table_is_refused);
    tcase_add_test(tc, an_added_column_is_refused_by_its_table);
    tcase_add_test(tc, a_table_made_otherwise_is_refused_by_name);
    tcase_add_test(tc, a_catalogue_of_nonsense_is_refused);
    tcase_add_test(tc, things_of_a_host_beside_ours_are_left_alone);
    tcase_add_test(tc, every_column_of_the_registrys_row_is_under_its_digest);
    tcase_add_test(tc, the_uuid_is_of_version_4_and_stays);
}

Suite *test_registry_suite(void)
{
    Suite *suite = suite_create("registry");
    TCase *tc = tcase_create("registry");
    tcase_add_checked_fixture(tc, setup, teardown);
    add_files(tc);
    add_schemas(tc);
    tcase_add_test(tc, wrong_arguments_are_misuse);
    tcase_add_test(tc, options_that_contradict_are_refused);
    tcase_add_test(tc, no_handle_is_misuse_and_harmless);
    tcase_add_test(tc, any_name_of_a_file_will_do);
    suite_add_tcase(suite, tc);
    return suite;
}
