/*
 * test_verify_loose.c - rows that not even the schema allows, with digests that fit: a stranger took STRICT
 * and NOT NULL out of its text, wrote them, and put it back.  Each is found for what it is, and nothing is
 * read as what it is not.
 */
#include <sqlite3.h>
#include <string.h>

#include "../support/forged.h"

Suite *test_verify_loose_suite(void);

#define V     "UPDATE varsdb_variables SET "
#define S     "UPDATE varsdb_states SET "
#define SW    " WHERE name = 'net/layer/w'"
#define T     "UPDATE varsdb_tensors SET "
#define C     "UPDATE varsdb_chunks SET "
#define P     "UPDATE varsdb_scopes SET "
#define OF(x) " WHERE id = (SELECT tensor_id FROM varsdb_variables WHERE name = '" x "')"
#define HUGE_SHAPE \
    "shape = '[1073741824,2147483648]', elements = 2305843009213693952, bytes = 9223372036854775807"

static const forged_row forged[] = {
    /* variables */
    {V "name = x'61' WHERE name = 'later'", "reference", "no variable can have that name"},
    {V "name = 'a' || char(0) || 'b' WHERE name = 'later'", "reference", "no variable can have that name"},
    {V "name = 'a' || char(10) WHERE name = 'later'", "reference", "no variable can have that name"},
    {V "name = 'a' || char(127) WHERE name = 'later'", "reference", "variable kinds/a? in namespace main"},
    {V "dtype = NULL WHERE name = 'later'", "reference", "its dtype is none"},
    {V "shape = x'5b395d' WHERE name = 'later'", "reference", "its shape is none"},
    {V "shape = '[9223372036854775807,9]' WHERE name = 'later'", "reference", "its shape is none"},
    {V HUGE_SHAPE " WHERE name = 'later'", "reference", "not as many bytes as its dtype and shape say"},
    {V HUGE_SHAPE " WHERE name = 'text'", "reference", "its value has another number of bytes"},
    {V "bytes = 9223372036854775800 WHERE name = 'text'", "reference",
     "its value has another number of bytes"},
    {V "partition_count = NULL WHERE name = 'p'", "reference", "its partition is not wholly there"},
    {V "partition_axis = 'x' WHERE name = 'p'", "reference", "its partition is not wholly there"},
    {V "partitioner = NULL WHERE name = 'p'", "reference", "its partition is not wholly there"},
    {V "partitioner = x'61' WHERE name = 'p'", "reference", "its partition is not wholly there"},
    {"UPDATE varsdb_scopes SET name = 'p', parent_id = (SELECT id FROM varsdb_scopes WHERE path = 'cut'),"
     " path = 'cut/p' WHERE path = 'big';" V "name = x'706172745f31' WHERE name = 'blank'",
     "reference", "variable cut/p/? in namespace main: no variable can have that name"},
    /* scopes, namespaces, collections, attributes */
    {"UPDATE varsdb_namespaces SET name = x'61' WHERE id = 2", "reference",
     "no namespace can have that name"},
    {P "path = x'6b' WHERE path = 'kinds'", "reference", "its path is not its parent's"},
    {P "name = x'6b' WHERE path = 'kinds'", "reference", "its path is not its parent's"},
    {P "name = 'in/ds' WHERE path = 'kinds'", "reference", "its path is not its parent's"},
    {P "path = x'6e6574' WHERE path = 'net' AND namespace_id = 1", "reference",
     "scope 'net/layer' in namespace main: its path is not its parent's"},
    {P "path = 'kinds' || char(10), name = 'kinds' || char(10) WHERE path = 'kinds'", "reference",
     "its path is not its parent's"},
    {P "path = 'ten/layer' WHERE path = 'net/layer'", "reference", "its path is not its parent's"},
    {P "path = 'net/lawyr' WHERE path = 'net/layer'", "reference", "its path is not its parent's"},
    {P "path = x'' WHERE path = '' AND namespace_id = 2", "reference", "it has no parent, and is no root"},
    {P "name = 'root' WHERE path = '' AND namespace_id = 2", "reference", "it has no parent, and is no root"},
    {P "initializer = x'61' WHERE path = 'net'", "reference", "its default initializer is none"},
    {"UPDATE varsdb_collections SET name = x'61' WHERE name = 'favourites'", "reference",
     "no collection can have that name"},
    {"UPDATE varsdb_attributes SET value = x'31' WHERE owner_kind = 'variable'", "reference",
     "its value is not JSON"},
    {"INSERT INTO varsdb_free_chunks SELECT chunk_id FROM varsdb_pins", "reference", "but is in use"},
    {"INSERT OR IGNORE INTO varsdb_free_chunks SELECT chunk_id FROM varsdb_tensor_chunks", "reference",
     "piece 1 is on the list of those to be written over, but is in use"},
    {"INSERT INTO varsdb_free_chunks VALUES (999)", "reference", "but is missing"},
    /* tensors and chunks */
    {T "hash = '0123456789abcdef'" OF("twin"), "reference", "the hash of its value is none"},
    {T "bytes = 'many'" OF("twin"), "reference", "the size of its value cannot be"},
    {T "dtype = 'ggml:Q4_0'" OF("twin"), "reference", "its value holds a part of an element"},
    {T "bytes = 70000, inline = zeroblob(70000)" OF("twin"), "reference", "too large to stand in its row"},
    {T "dtype = 'uint8', inline = NULL, bytes = 1152921504606584832, chunk_count = 4398046511103",
     "reference", "and says it has 4398046511103"},
    {T "max = x'31'" OF("unsigned"), "statistics", "stored max"},
    {T "max = '18446744073709551616184467440737095516'" OF("unsigned"), "statistics", "stored max"},
    {T "max = ''" OF("unsigned"), "statistics", "stored max"},
    {C "hash = '0123456789abcdef' WHERE id = 1", "reference", "more or fewer bytes than its row says"},
    {C "bytes = 'many' WHERE id = 1", "reference", "more or fewer bytes than its row says"},
    {C "bytes = 0 WHERE id = 1", "reference", "more or fewer bytes than its row says"},
    {C "data = NULL WHERE id = 1", "reference", "more or fewer bytes than its row says"},
    {C "bytes = 300000, data = zeroblob(300000) WHERE id = 1", "reference",
     "more or fewer bytes than its row says"},
    /* states and snapshots */
    {S "name = x'61'" SW, "reference", "no variable can have that name"},
    {S "collections = x'5b5d'" SW, "reference", "its collections are no list of names"},
    {S "collections = '!'" SW, "reference", "its collections are no list of names"},
    {S "collections = '[\"a\"] 1'" SW, "reference", "its collections are no list of names"},
    {"UPDATE varsdb_snapshots SET name = x'61' WHERE id = 1", "reference", "no snapshot can have that name"},
    {"UPDATE varsdb_snapshots SET metadata = x'7b7d' WHERE id = 1", "reference", "its metadata is not JSON"},
    /* the registry's own rows */
    {"UPDATE varsdb_registry SET inline_bytes = 8192, digest = row_digest(id, uuid, format, 8192,"
     " chunk_bytes, created_at)",
     "reference", "the sizes by which values are cut changed"},
    {"UPDATE varsdb_schema_migrations SET name = NULL", "reference", "migration 1 is recorded as 1, ?"},
    {"UPDATE varsdb_schema_migrations SET number = 3", "reference", "migration 1 is recorded as 3"},
    {"PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'number     INTEGER PRIMARY"
     " KEY', 'number') WHERE name = 'varsdb_schema_migrations'; PRAGMA writable_schema=RESET",
     "reference", "migration 1 is recorded as 0"}, /* the number is NULL */
};

START_TEST(what_the_schema_forbids_is_found_though_its_digests_fit)
{
    ok(r.db, varsdb_begin(r.db));
    rowsql_loosen(r.db);
    forged_is_found(&forged[_i]);
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

START_TEST(a_looser_schema_alone_is_the_one_thing_found)
{
    ok(r.db, varsdb_begin(r.db));
    rowsql_loosen(r.db);
    rowsql_refit_all(r.db);
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 1 && found_says(&f, "structure", "the catalogue: "), "%s", found_print(&f));
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

Suite *test_verify_loose_suite(void)
{
    Suite *suite = suite_create("verify_loose");
    TCase *t = tcase_create("rich");
    tcase_add_checked_fixture(t, open_rich, close_registry);
    tcase_add_loop_test(t, what_the_schema_forbids_is_found_though_its_digests_fit, 0,
                        (int)(sizeof forged / sizeof *forged));
    tcase_add_test(t, a_looser_schema_alone_is_the_one_thing_found);
    suite_add_tcase(suite, t);
    return suite;
}
