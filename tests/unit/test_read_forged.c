/*
 * test_read_forged.c - rows of a rich registry as only a stranger would write them, with digests that fit:
 * whatever reads such a row says which it is, and nothing is handed out, written or made of it.
 */
#include <stdio.h>
#include <stdlib.h>

#define BIG 150000 /* three chunks */
#include "../support/forged.h"

Suite *test_read_forged_suite(void);

#define SAID_BYTES 8192

static char said[SAID_BYTES]; /* by all that failed */

/* Who reads then has seen nothing before. */
static void forge(const char *sql)
{
    rowsql_forge(r.db, sql);
    varsdb_close(r.db);
}

/* Damage is told as damage; what it hides is not there. */
static void hear(const char *call, int rc)
{
    if (rc == VARSDB_OK)
        return;
    ck_assert_msg(rc == VARSDB_CORRUPT || rc == VARSDB_NOTFOUND || rc == VARSDB_UNINITIALIZED, "%s: %s: %s",
                  call, varsdb_errname(rc), varsdb_errmsg(r.db));
    size_t at = strlen(said);
    snprintf(said + at, sizeof said - at, "%s: %s: %s\n", call, varsdb_errname(rc), varsdb_errmsg(r.db));
}
#define HEAR(call) hear(#call, call)

static int any_variable(void *payload, const varsdb_variable_info *info)
{
    return (void)payload, !info->name;
}

static int any_part(void *payload, const varsdb_part *part)
{
    return (void)payload, part->count < 1;
}

static int any_difference(void *payload, const varsdb_difference *d)
{
    return (void)payload, !d->name;
}

static int any_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    return (void)payload, (void)names, (void)values, columns == 0;
}

static void read_present(void)
{
    const varsdb_variable *v;
    static float all[BIG];
    int64_t part;
    HEAR(varsdb_list_variables(r.db, NULL, any_variable, NULL));
    int rc = varsdb_find_variable(r.db, "net/layer/w", &v);
    hear("find w", rc);
    if (rc == VARSDB_OK)
        HEAR(varsdb_read(r.db, v, all, 48));
    rc = varsdb_find_part(r.db, "cut/p/part_0", &v, &part);
    hear("find a part", rc);
    if (rc == VARSDB_OK) {
        HEAR(varsdb_list_parts(r.db, v, any_part, NULL));
        HEAR(varsdb_read_part(r.db, v, part, all, 48));
        HEAR(varsdb_describe(r.db, v, any_variable, NULL));
    }
    rc = varsdb_find_variable(r.db, "big/table", &v);
    hear("find the table", rc);
    if (rc == VARSDB_OK) {
        HEAR(varsdb_read_range(r.db, v, BIG * 2, all, 4));
        HEAR(varsdb_read(r.db, v, all, sizeof all));
    }
    HEAR(varsdb_query(r.db, "SELECT name, mean, dtype FROM variables", any_row, NULL));
}

static void read_past(void)
{
    char out[TEMP_PATH_BYTES];
    static float all[BIG];
    int64_t id = 1;
    temp_file(&r.dir, "out.safetensors", out);
    HEAR(varsdb_find_snapshot(r.db, "first", &id));
    HEAR(varsdb_list_snapshot_variables(r.db, id, NULL, any_variable, NULL));
    HEAR(varsdb_read_range_at(r.db, id, "net/layer/w", 0, all, 48));
    HEAR(varsdb_read_range_at(r.db, id, "big/table", 0, all, sizeof all));
    HEAR(varsdb_diff(r.db, id, 0, NULL, any_difference, NULL));
    HEAR(varsdb_export(r.db, out, VARSDB_EXPORT(.snapshot = id, .filter = VARSDB_FILTER(.scope = "net")),
                       NULL));
    HEAR(varsdb_restore(r.db, id, VARSDB_RESTORE(.dry_run = 1)));
}

/* Whether that was done, which changes the registry. */
static bool restore_one(void)
{
    int rc = varsdb_restore(r.db, 1, VARSDB_RESTORE(.include = "net/layer/w", .ignore_missing = 1));
    hear("restore", rc);
    return rc == VARSDB_OK;
}

#define V     "UPDATE varsdb_variables SET "
#define W     " WHERE name = 'w'"
#define S     "UPDATE varsdb_states SET "
#define SW    " WHERE name = 'net/layer/w'"
#define T     "UPDATE varsdb_tensors SET "
#define OF(x) " WHERE id = (SELECT tensor_id FROM varsdb_variables WHERE name = '" x "')"

static const struct {
    const char *sql, *says;
} forgeries[] = {
    {V "dtype = 'float31'" W, "net/layer/w"},
    {V "shape = '[4,'" W, "net/layer/w"},
    {V "shape = '[4,4]'" W, "net/layer/w"},
    {V "elements = 13" W, "net/layer/w"},
    {V "partition_axis = -1 WHERE name = 'p'", "cut/p has an impossible partition"},
    {V "partition_axis = 9 WHERE name = 'p'", "cut/p has an impossible partition"},
    {V "partition_count = 99 WHERE name = 'p'", "cut/p has an impossible partition"},
    {T "hash = substr(hash, 2)" OF("w"), "net/layer/w is damaged"},
    {T "chunk_count = chunk_count + 1" OF("table"), "big/table is damaged"},
    {T "chunk_count = 0" OF("table"), "big/table"},
    {"UPDATE varsdb_tensor_chunks SET chunk_id = 999"
     " WHERE position = 1",
     "big/table"},
    {"UPDATE varsdb_chunks SET hash = substr(hash, 2)", "big/table"},
    {"UPDATE varsdb_chunks SET bytes = bytes - 1", "big/table"},
    {S "dtype = 'float31'" SW, "impossible dtype or shape"},
    {S "shape = '[4'" SW, "impossible dtype or shape"},
    {S "shape = '{}'" SW, "impossible dtype or shape"},
    {S "elements = 13" SW, "restore: VARSDB_CORRUPT"},
    {S "tensor_id = 999" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "dtype = 'float31'" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "shape = '[4'" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "elements = 13" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = '{}'" SW,
     "the collections of a state are damaged"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = '[1]'" SW,
     "the collections of a state are damaged"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = '[\"a\"'" SW,
     "the collections of a state are damaged"},
    {S "bytes = 13" SW, "restore: VARSDB_CORRUPT"},
    {S "tensor_id = (SELECT tensor_id FROM varsdb_states WHERE name = 'big/table')" SW,
     "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "dtype = 'int32'" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = '[\"a\"] x'" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = '[\"\"]'" SW, "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = '[\"a b\\u0000c\"]'" SW,
     "restore: VARSDB_CORRUPT"},
    {"DELETE FROM varsdb_variables" W ";" S "collections = ''" SW, "the collections of a state are damaged"},
};

/* Of what a restore would write. */
static const char rows[] =
    "SELECT (SELECT group_concat(id || ' ' || version || ' ' || digest) FROM varsdb_variables),"
    "(SELECT group_concat(id || ' ' || digest) FROM varsdb_tensors)";

START_TEST(what_reads_a_forged_row_says_which_it_is)
{
    forge(forgeries[_i].sql);
    ck_assert_int_eq(varsdb_open(r.path, NULL, &r.db), VARSDB_OK);
    char *before = strdup(registry_sql(&r, rows));
    *said = '\0';
    read_present();
    read_past();
    const bool restored = restore_one();
    ck_assert_msg(strstr(said, forgeries[_i].says) != NULL, "%s: it is said\n%s", forgeries[_i].sql, said);
    ck_assert_msg(restored || strcmp(registry_sql(&r, rows), before) == 0,
                  "%s: what could not be restored was", forgeries[_i].sql);
    free(before);
}
END_TEST

/* Sizes by which nothing could be read or cut. */
static const char *const own_rows[] = {"uuid = x'00'", "inline_bytes = -1", "inline_bytes = 1 << 40",
                                       "chunk_bytes = 1", "chunk_bytes = 1 << 40"};

START_TEST(a_registry_whose_own_row_cannot_be_is_not_opened)
{
    char sql[400];
    snprintf(
        sql, sizeof sql,
        "UPDATE varsdb_registry SET %s; UPDATE varsdb_registry SET digest = row_digest(id, uuid, format, "
        "inline_bytes, chunk_bytes, created_at)",
        own_rows[_i]);
    forge(sql);
    ck_assert_int_eq(varsdb_open(r.path, NULL, &r.db), VARSDB_CORRUPT);
    ck_assert_msg(strstr(varsdb_errmsg(r.db), "own row is damaged"), "%s", varsdb_errmsg(r.db));
}
END_TEST

Suite *test_read_forged_suite(void)
{
    Suite *suite = suite_create("read_forged");
    TCase *t = tcase_create("read_forged");
#define COUNT(of) ((int)(sizeof of / sizeof *of))
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_rich, close_registry);
    tcase_add_loop_test(t, what_reads_a_forged_row_says_which_it_is, 0, COUNT(forgeries));
    tcase_add_loop_test(t, a_registry_whose_own_row_cannot_be_is_not_opened, 0, COUNT(own_rows));
    suite_add_tcase(suite, t);
    return suite;
}
