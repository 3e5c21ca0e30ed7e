/* test_downgrade.c - files that this library must not use are refused by name, and stay as they are. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../support/opened.h" /* before the names that hosted.h takes */

#include "../support/hosted.h"
#include "../support/shell.h"
#include "engine_sqlite.h"
#include "migrate.h"

Suite *test_downgrade_suite(void);

#define NEWEST "(SELECT max(number) FROM varsdb_schema_migrations)"

/* ---- a file of its own */

static const struct {
    const char *sql; /* %lld: the newest number that is known, plus `beyond` */
    int64_t beyond;
    int code;
    const char *says;
} files[] = {
    {"PRAGMA user_version=%lld", 1, VARSDB_TOONEW, "upgrade varsdb"},
    {"PRAGMA user_version=%lld", 1000, VARSDB_TOONEW, "upgrade varsdb"},
    {"PRAGMA user_version=2147483647", 0, VARSDB_TOONEW, "schema 2147483647"},
    {"PRAGMA user_version=0", 0, VARSDB_NOTDB, "no varsdb schema (number 0)"},
    {"PRAGMA user_version=-1", 0, VARSDB_NOTDB, "no varsdb schema (number -1)"},
    {"PRAGMA user_version=-2147483648", 0, VARSDB_NOTDB, "no varsdb schema (number -2147483648)"},
    {"PRAGMA application_id=0", 0, VARSDB_NOTDB, "not a varsdb registry"},
    {"PRAGMA application_id=1986294321", 0, VARSDB_NOTDB, "not a varsdb registry"}, /* "vdr1" */
    {"PRAGMA application_id=-1986294320", 0, VARSDB_NOTDB, "not a varsdb registry"},
    {"PRAGMA application_id=252006674; PRAGMA user_version=%lld", 1, VARSDB_NOTDB, "not a varsdb registry"},
    {"UPDATE varsdb_schema_migrations SET checksum = replace(checksum, substr(checksum, 64), 'x')", 0,
     VARSDB_CORRUPT, "record of migration 1 "},
    {"UPDATE varsdb_schema_migrations SET checksum = checksum || '0'", 0, VARSDB_CORRUPT, "migration 1 "},
    {"UPDATE varsdb_schema_migrations SET name = '0001-other.sql' WHERE number = 1", 0, VARSDB_CORRUPT,
     "migration 1 "},
    {"UPDATE varsdb_schema_migrations SET number = -1 WHERE number = 1", 0, VARSDB_CORRUPT, "migration 1 "},
    {"DELETE FROM varsdb_schema_migrations WHERE number = " NEWEST, 0, VARSDB_CORRUPT, "migration "},
    {"INSERT INTO varsdb_schema_migrations SELECT number + 1, name, checksum, library, applied_at "
     "FROM varsdb_schema_migrations WHERE number = " NEWEST,
     0, VARSDB_CORRUPT, "migration "},
    {"UPDATE varsdb_registry SET format = format + 1", 0, VARSDB_CORRUPT, "registry"},
    {"DROP TABLE varsdb_schema_migrations", 0, VARSDB_CORRUPT, "varsdb_schema_migrations is missing"},
};

#define FILES ((int)(sizeof files / sizeof *files))

static void stock(const char *text)
{
    char said[1024];
    int status = shell_sqlite(path, text, said, sizeof said);
    ck_assert_msg(status == 0, "%s: %s", text, said);
}

static void set_up_file(void)
{
    temp_make(&dir);
    temp_file(&dir, "run.db", path);
    varsdb *made = opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    got(made, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    varsdb_close(made);
}

static void tear_down_file(void)
{
    temp_remove(&dir);
}

static void refused_as_it_is(unsigned flags, int code, const char *word)
{
    char names[256], names_after[256], sum[65], sum_after[65];
    varsdb *none = NULL;
    temp_names(&dir, names, sizeof names);
    shell_sha256(path, sum);
    expect(none, code, varsdb_open(path, VARSDB_OPEN(.flags = flags), &none));
    says(none, word);
    says(none, path);
    varsdb_close(none);
    temp_names(&dir, names_after, sizeof names_after);
    shell_sha256(path, sum_after);
    ck_assert_str_eq(names, names_after);
    ck_assert_str_eq(sum, sum_after);
}

/* Nothing says of a newer file that it may be read, so it may not. */
START_TEST(it_is_refused_for_writing_and_for_reading_and_left_as_it_is)
{
    static const unsigned flags[] = {0, VARSDB_CREATE_FILE, VARSDB_READ_ONLY,
                                     VARSDB_READ_ONLY | VARSDB_IMMUTABLE};
    char text[512];
    const int i = _i / 2;
    int64_t newest = vdb_migrations[vdb_migration_count - 1].number;
    if (_i % 2)
        stock("PRAGMA journal_mode=DELETE");
    sqlite3_snprintf(sizeof text, text, files[i].sql, newest + files[i].beyond);
    stock(text);
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
        refused_as_it_is(flags[f], files[i].code, files[i].says);
}
END_TEST

/* ---- in a database of a host's, whose own numbers are its own */

static const struct {
    int64_t format;
    int code;
    const char *says;
} hosted[] = {
    {1, VARSDB_TOONEW, "upgrade varsdb"},
    {1000, VARSDB_TOONEW, "upgrade varsdb"},
    {-1000, VARSDB_NOTDB, "no varsdb schema"},
};

static void set_up_host(void)
{
    hosted_open();
    made("w");
    varsdb_close(db);
    db = NULL;
}

START_TEST(a_hosts_registry_is_refused_and_left_as_it_is)
{
    char text[128];
    snprintf(text, sizeof text, "UPDATE varsdb_registry SET format = format + %lld",
             (long long)hosted[_i].format);
    sql(text);
    int64_t changes = sqlite3_total_changes64(host);
    for (unsigned f = 0; f < 2; f++) {
        expect(db, hosted[_i].code,
               varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = f ? VARSDB_READ_ONLY : 0), NULL, &db));
        says(db, hosted[_i].says);
        varsdb_close(db);
        db = NULL;
    }
    ck_assert_int_eq(sqlite3_total_changes64(host), changes);
    ck_assert_int_ne(sqlite3_get_autocommit(host), 0);
}
END_TEST

Suite *test_downgrade_suite(void)
{
    Suite *suite = suite_create("downgrade");
    TCase *tc = tcase_create("files");
    tcase_add_checked_fixture(tc, set_up_file, tear_down_file);
    tcase_add_loop_test(tc, it_is_refused_for_writing_and_for_reading_and_left_as_it_is, 0, 2 * FILES);
    suite_add_tcase(suite, tc);
    tc = tcase_create("hosts");
    tcase_add_checked_fixture(tc, set_up_host, hosted_close);
    tcase_add_loop_test(tc, a_hosts_registry_is_refused_and_left_as_it_is, 0,
                        (int)(sizeof hosted / sizeof *hosted));
    suite_add_tcase(suite, tc);
    return suite;
}
