/*
 * test_verify_forged.c - rows that cannot be, although all their digests fit: by a fault of a program,
 * or by a stranger's hand.
 */
#include <stdio.h>
#include <string.h>

#include "../support/forged.h"

Suite *test_verify_forged_suite(void);

#define V       "UPDATE varsdb_variables SET "
#define W       " WHERE name = 'w' AND shape = '[4,3]'"
#define S       "UPDATE varsdb_states SET "
#define SW      " WHERE name = 'net/layer/w'"
#define T       "UPDATE varsdb_tensors SET "
#define OF(x)   " WHERE id = (SELECT tensor_id FROM varsdb_variables WHERE name = '" x "')"
#define LAST(x) " position = (SELECT max(position) FROM varsdb_tensor_chunks WHERE" LIST(x) ") AND" LIST(x)
#define LIST(x) " tensor_id = (SELECT tensor_id FROM varsdb_variables WHERE name = '" x "')"

static const forged_row forged[] = {
    /* variables */
    {V "scope_id = 999" W, "reference", "its scope is missing"},
    {V "origin_id = 999" W, "reference", "variable net/layer/w in namespace main: who made it is missing"},
    {V "tensor_id = 999" W, "reference", "variable net/layer/w in namespace main: its value is missing"},
    {V "name = 'a/b'" W, "reference", "no variable can have that name"},
    {V "name = ''" W, "reference", "no variable can have that name"},
    {V "dtype = 'float31'" W, "reference", "its dtype is none"},
    {V "dtype = 'int32'" W, "reference", "its value has another dtype"},
    {V "shape = '[4,'" W, "reference", "its shape is none"},
    {V "shape = '[4,4]'" W, "reference", "not as many elements as its shape says"},
    {V "elements = 13" W, "reference", "not as many elements as its shape says"},
    {V "bytes = 47" W, "reference", "not as many bytes as its dtype and shape say"},
    {V "bytes = 52, elements = 13, shape = '[13]'" W, "reference", "its value has another number of bytes"},
    {V "bytes = bytes + 1 WHERE name = 'text'", "reference", "its value has another number of bytes"},
    {V "elements = 5, shape = '[5]', bytes = bytes - 8 WHERE name = 'text'", "reference",
     "variable kinds/text: it says to have 5 strings, and its value has 4"},
    {V "bytes = -1 WHERE name = 'later_text'", "reference", "not as many bytes"},
    {V "version = 0" W, "reference", "its version cannot be"},
    {V "version = -1 WHERE name = 'later'", "reference", "its version cannot be"},
    {V "partition_axis = NULL WHERE name = 'p'", "reference", "cut/p in namespace main: its partition"},
    {V "partition_axis = 2 WHERE name = 'p'", "reference", "cannot be cut as its partition says"},
    {V "partition_axis = -1 WHERE name = 'p'", "reference", "cannot be cut as its partition says"},
    {V "partition_count = 6 WHERE name = 'p'", "reference", "cannot be cut as its partition says"},
    {V "partition_count = 0 WHERE name = 'p'", "reference", "cannot be cut as its partition says"},
    {V "partitioner = 'by_hand' WHERE name = 'p'", "reference", "its partition is not wholly there"},
    {V "partitioner = 'fixed_size(2,0)'" W, "reference", "its partition is not wholly there"},
    {"UPDATE varsdb_scopes SET name = 'p', parent_id = (SELECT id FROM varsdb_scopes WHERE path = 'cut'),"
     " path = 'cut/p' WHERE path = 'big';" V "name = 'part_1' WHERE name = 'blank'",
     "reference", "variable cut/p in namespace main: its part 1 and another variable have one name"},
    /* memberships */
    {"DELETE FROM varsdb_collections WHERE name = 'favourites'", "reference",
     "variable net/layer/w in namespace main: a collection that it is in is missing"},
    {"UPDATE varsdb_collection_members SET collection_id = (SELECT id FROM varsdb_collections WHERE"
     " namespace_id = 2 AND name = 'variables'), position = 100 WHERE variable_id ="
     " (SELECT id FROM varsdb_variables WHERE name = 'twin') AND collection_id ="
     " (SELECT id FROM varsdb_collections WHERE namespace_id = 1 AND name = 'variables')",
     "reference", "net/twin in namespace main: it is in collection variables of another namespace"},
    {"DELETE FROM varsdb_collection_members WHERE collection_id = (SELECT id FROM varsdb_collections WHERE"
     " namespace_id = 1 AND name = 'variables') AND variable_id = (SELECT id FROM varsdb_variables " W ")",
     "reference", "it is in collection model_variables, but not in variables"},
    {"DELETE FROM varsdb_variables WHERE name = 'steps'", "reference",
     "collection local_variables in namespace main: its member 0 is missing"},
    {"UPDATE varsdb_collections SET namespace_id = 99 WHERE name = 'favourites'", "reference",
     "collection favourites: its namespace is missing"},
    {"UPDATE varsdb_collections SET name = 'a//b' WHERE name = 'favourites'", "reference",
     "no collection can have that name"},
    /* scopes and namespaces */
    {"UPDATE varsdb_scopes SET namespace_id = 99 WHERE path = 'kinds'", "reference",
     "scope 'kinds' in namespace ?: its namespace is missing"},
    {"UPDATE varsdb_scopes SET parent_id = 99 WHERE path = 'kinds'", "reference", "its parent is missing"},
    {"UPDATE varsdb_scopes SET parent_id = NULL WHERE path = 'kinds'", "reference",
     "no parent, and is no root"},
    {"UPDATE varsdb_scopes SET parent_id = id WHERE path = 'kinds'", "reference",
     "its path is not its parent's followed by its name"},
    {"UPDATE varsdb_scopes SET parent_id = (SELECT id FROM varsdb_scopes WHERE namespace_id = 2 AND path = "
     "'')"
     " WHERE path = 'kinds'",
     "reference", "its parent is in another namespace"},
    {"UPDATE varsdb_scopes SET path = 'kind' WHERE path = 'kinds'", "reference",
     "its path is not its parent's"},
    {"UPDATE varsdb_scopes SET name = 'kind' WHERE path = 'kinds'", "reference",
     "its path is not its parent's"},
    {"UPDATE varsdb_scopes SET path = 'net-layer' WHERE path = 'net/layer'", "reference",
     "its path is not its parent's"},
    {"UPDATE varsdb_scopes SET initializer = 'magic(1)' WHERE path = 'net'", "reference",
     "its default initializer is none"},
    {"UPDATE varsdb_scopes SET regularizer = 'l3(1)' WHERE path = 'net'", "reference",
     "its default regularizer is none"},
    {"UPDATE varsdb_scopes SET partitioner = 'halves' WHERE path = 'cut'", "reference",
     "its default partitioner is none"},
    {"UPDATE varsdb_scopes SET dtype = 'real' WHERE path = 'cut'", "reference", "its default dtype is none"},
    {"DELETE FROM varsdb_scopes WHERE namespace_id = 2 AND path = ''", "reference",
     "namespace other: its root scope is missing"},
    {"UPDATE varsdb_namespaces SET name = 'a' || char(10) WHERE id = 2", "reference",
     "no namespace can have that name"},
    /* tensors, their rows */
    {T "hash = x'00'" OF("twin"), "reference", "the hash of its value is none"},
    {T "hash = flipped(hash)" OF("twin"), "hash", "net/twin and 1 more variable in namespace main"},
    {T "hash = flipped(hash)" OF("table"), "hash", "though each chunk matches its own"},
    {T "bytes = bytes + 4" OF("twin"), "reference", "its value has more or fewer bytes than its row says"},
    {T "bytes = bytes + 1" OF("table"), "reference", "its value holds a part of an element"},
    {T "bytes = bytes - 4" OF("table"), "reference", "of its value has not the size"},
    {T "bytes = -4" OF("twin"), "reference", "the size of its value cannot be"},
    {T "bytes = 9223372036854775804" OF("table"), "reference", "the size of its value cannot be"},
    {T "dtype = 'float33'" OF("twin"), "reference", "the dtype of its value is none"},
    {T "dtype = 'int32'" OF("twin"), "reference", "its value has another dtype"},
    {T "discriminator = -1" OF("twin"), "reference", "an impossible discriminator"},
    {T "inline = NULL" OF("twin"), "reference", "its value is missing"},
    {T "inline = x'00'" OF("table"), "reference", "not as many chunks as its size asks for"},
    {T "chunk_count = 4" OF("table"), "reference", "not as many chunks as its size asks for"},
    {T "chunk_count = 1" OF("twin"), "reference", "not as many chunks as its size asks for"},
    {T "chunk_count = -1" OF("twin"), "reference", "not as many chunks as its size asks for"},
    {T "inline = x'0002', hash = bytes_hash(x'0002')" OF("flag"), "reference", "neither 0 nor 1"},
    {T "inline = CAST(x'ff' || substr(inline, 2) AS BLOB),"
       " hash = bytes_hash(CAST(x'ff' || substr(inline, 2) AS BLOB))" OF("text"),
     "reference", "a string of its value reaches beyond the end"},
    {T "bytes = bytes + 3, inline = CAST(inline || x'000000' AS BLOB),"
       " hash = bytes_hash(CAST(inline || x'000000' AS BLOB))" OF("text"),
     "reference", "a string of its value reaches beyond the end"}, /* a part of its length */
    /* statistics */
    {T "min = 0.25" OF("twin"), "statistics", "its stored min is not that of its value, which is whole"},
    {T "min = 0" OF("twin"), "statistics", "stored min"},
    {T "max = 18446744073709551614" OF("unsigned"), "statistics", "stored max"},
    {T "max = '18446744073709551614'" OF("unsigned"), "statistics", "stored max"},
    {T "max = 126" OF("signed"), "statistics", "stored max"},
    {T "min = NULL" OF("table"), "statistics", "big/table in namespace main"},
    {T "mean = mean * 1.0000000000000003" OF("table"), "statistics", "stored mean"},
    {T "std = std * 1.0000000000000003" OF("table"), "statistics", "stored std"},
    {T "l2_norm = 5.1" OF("complex"), "statistics", "stored l2_norm"},
    {T "zeros = 6" OF("twin"), "statistics", "stored zeros"},
    {T "nans = 2" OF("special"), "statistics", "stored nans"},
    {T "pos_infs = 0" OF("special"), "statistics", "stored pos_infs"},
    {T "neg_infs = 0" OF("special"), "statistics", "stored neg_infs"},
    {T "mean = 0.0" OF("nan"), "statistics", "stored mean"},
    {T "zeros = 0" OF("text"), "statistics", "stored zeros"},
    {T "zeros = 2" OF("nibbles"), "statistics", "kinds/nibbles"},
    /* lists and chunks */
    {"DELETE FROM varsdb_tensor_chunks WHERE position = 1 AND" LIST("table"), "reference",
     "chunks, and says it has "},
    {"DELETE FROM varsdb_tensor_chunks WHERE" LAST("table"), "reference", "chunks, and says it has "},
    {"UPDATE varsdb_tensor_chunks SET position = 77 WHERE" LAST("table"), "reference",
     "chunk 77 of its value is not where it should be"},
    {"UPDATE varsdb_tensor_chunks SET chunk_id = 777 WHERE position = 1 AND" LIST("table"), "reference",
     "chunk 1 of its value is missing"},
    {"UPDATE varsdb_tensor_chunks SET chunk_id = (SELECT chunk_id FROM varsdb_tensor_chunks WHERE"
     " position = 0 AND" LIST("table") ") WHERE position = 1 AND" LIST("table"),
     "hash", "its value does not match its hash, though each chunk matches its own"},
    {"UPDATE varsdb_tensor_chunks SET chunk_id = (SELECT chunk_id FROM varsdb_tensor_chunks WHERE" LAST(
         "table") ") WHERE position = 1 AND" LIST("table"),
     "reference", "chunk 1 of its value has not the size that it should have"},
    {"UPDATE varsdb_chunks SET hash = flipped(hash) WHERE bytes > 100000", "hash",
     "chunk 0 of its value does not match its hash"},
    {"UPDATE varsdb_chunks SET id = 0, data = flipped(data) WHERE id = 1;"
     "UPDATE varsdb_tensor_chunks SET chunk_id = 0 WHERE chunk_id = 1",
     "hash", "chunk 0 of its value does not match its hash"},
    {"UPDATE varsdb_chunks SET hash = x'01' WHERE id = 1", "reference",
     "more or fewer bytes than its row says"},
    {"UPDATE varsdb_chunks SET data = CAST(data || x'00' AS BLOB) WHERE id = 1", "reference",
     "more or fewer bytes than its row says"},
    {"UPDATE varsdb_chunks SET bytes = bytes - 1 WHERE id = 1", "reference",
     "more or fewer bytes than its row says"},
    {"UPDATE varsdb_chunks SET discriminator = -1 WHERE id = 1", "reference", "a chunk of its value"},
    {"UPDATE varsdb_chunks SET data = x'' WHERE id = 1", "reference",
     "more or fewer bytes than its row says"},
    {"UPDATE varsdb_chunks SET bytes = 8000000, data = zeroblob(8000000) WHERE id = 1", "reference",
     "more or fewer bytes than its row says"},
    /* states and snapshots */
    {S "tensor_id = 999" SW, "reference",
     "variable net/layer/w in namespace main as snapshot first and 1 more snapshot has it: its value is "
     "missing"},
    {S "name = 'a//b'" SW, "reference", "no variable can have that name"},
    {S "dtype = 'none'" SW, "reference", "its dtype is none"},
    {S "shape = '4,3'" SW, "reference", "its shape is none"},
    {S "elements = 11" SW, "reference", "not as many elements"},
    {S "bytes = 47" SW, "reference", "not as many bytes"},
    {S "collections = '[1]'" SW, "reference", "its collections are no list of names"},
    {S "collections = '[\"a\"'" SW, "reference", "its collections are no list of names"},
    {S "collections = '{}'" SW, "reference", "its collections are no list of names"},
    {S "elements = 5, shape = '[5]', bytes = bytes - 8 WHERE name = 'kinds/text'", "reference",
     "kinds/text: it says to have 5 strings"},
    {"DELETE FROM varsdb_states WHERE name = 'net/layer/w'", "reference",
     "snapshot first in namespace main: one of its variables is missing"},
    {"DELETE FROM varsdb_snapshot_items WHERE snapshot_id = 2 AND state_id = 1", "count",
     "snapshot #2 in namespace main: it has 19 variables, and says it has 20"},
    {"UPDATE varsdb_snapshots SET variables = 3 WHERE id = 1", "count", "says it has 3"},
    {"UPDATE varsdb_snapshots SET bytes = 3 WHERE id = 1", "count", "bytes, and it says 3"},
    {"UPDATE varsdb_snapshots SET namespace_id = 99 WHERE id = 1", "reference", "its namespace is missing"},
    {"UPDATE varsdb_snapshots SET name = '' WHERE id = 1", "reference", "no snapshot can have that name"},
    {"UPDATE varsdb_snapshots SET metadata = '{' WHERE id = 1", "reference", "its metadata is not JSON"},
    {"UPDATE varsdb_snapshots SET pinned = 2 WHERE id = 1", "reference", "neither pinned nor not"},
    /* attributes, pins */
    {"UPDATE varsdb_attributes SET owner_id = 999 WHERE owner_kind = 'variable'", "reference",
     "attribute unit of variable 999: there is no such variable"},
    {"UPDATE varsdb_attributes SET owner_id = 999 WHERE owner_kind = 'snapshot'", "reference",
     "attribute note of snapshot 999: there is no such snapshot"},
    {"UPDATE varsdb_attributes SET owner_id = 999 WHERE owner_kind = 'namespace'", "reference",
     "attribute purpose of namespace 999: there is no such namespace"},
    {"UPDATE varsdb_attributes SET owner_kind = 'scope' WHERE owner_kind = 'variable'", "reference",
     "there is no such scope"},
    {"UPDATE varsdb_attributes SET value = 'metre' WHERE owner_kind = 'variable'", "reference",
     "attribute unit of variable net/layer/w: its value is not JSON"},
    {"DELETE FROM varsdb_sessions", "reference", "the session is missing"},
    {"UPDATE varsdb_pins SET chunk_id = 999", "reference",
     "a pin of session 1 on piece 999: the piece is missing"},
    /* the registry itself */
    {"UPDATE varsdb_schema_migrations SET checksum = 'x'", "reference", "migration 1 is recorded as 1"},
    {"DELETE FROM varsdb_schema_migrations", "reference", "they should be one number"},
    {"INSERT INTO varsdb_schema_migrations SELECT max(number) + 1, name, checksum, library, applied_at FROM"
     " varsdb_schema_migrations",
     "reference", "they should be one number"},
    {"UPDATE varsdb_registry SET format = 9, digest = row_digest(id, uuid, 9, inline_bytes, chunk_bytes,"
     " created_at)",
     "reference", "they should be one number"},
    {"UPDATE varsdb_registry SET chunk_bytes = 8192, digest = row_digest(id, uuid, format, inline_bytes, "
     "8192,"
     " created_at)",
     "reference", "the sizes by which values are cut changed"},
    {"DELETE FROM varsdb_registry", "structure", "the registry's own row is missing"},
    {"DELETE FROM varsdb_names_version", "structure", "the names version is missing"},
    {"PRAGMA user_version = 7", "reference", "they should be one number"},
};

START_TEST(what_cannot_be_is_found_though_its_digests_fit)
{
    ok(r.db, varsdb_begin(r.db));
    forged_is_found(&forged[_i]);
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

/* A state is found by its hash, which its digest covers too. */
START_TEST(a_state_whose_hash_is_not_that_of_its_columns_is_found)
{
    static const char *const hashes[] = {"flipped(hash)", "substr(hash, 2)", "CAST(hash AS TEXT)"};
    ok(r.db, varsdb_begin(r.db));
    rowsql_loosen(r.db);
    rowsql_run(r.db, "UPDATE varsdb_states SET hash = %s WHERE name = 'net/layer/w'", hashes[_i]);
    rowsql_refit(r.db, "varsdb_states");
    found_verify(r.db, true, &f);
    ck_assert_msg(found_says(&f, "hash",
                             "variable net/layer/w in namespace main as snapshot first and 1 more snapshot "
                             "has it: its row does not match its hash"),
                  "%s", found_print(&f));
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

/* The digests of all rows that carry one. */
static const char *all_digests(void)
{
    return rowsql_text(
        r.db, "SELECT group_concat(digest) FROM (SELECT digest FROM varsdb_namespaces UNION ALL"
              " SELECT digest FROM varsdb_scopes UNION ALL"
              " SELECT digest FROM varsdb_variables UNION ALL SELECT digest FROM varsdb_tensors UNION ALL"
              " SELECT digest FROM varsdb_tensor_chunks UNION ALL SELECT digest FROM varsdb_chunks UNION"
              " ALL SELECT digest FROM varsdb_collections UNION ALL SELECT digest FROM varsdb_snapshots"
              " UNION ALL SELECT digest FROM varsdb_states UNION ALL SELECT digest FROM"
              " varsdb_attributes)");
}

START_TEST(refitting_alone_changes_nothing)
{
    ok(r.db, varsdb_begin(r.db));
    const char *before = all_digests();
    rowsql_refit_all(r.db);
    ck_assert_str_eq(before, all_digests());
    ck_assert_uint_gt(strlen(before), 1000);
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

START_TEST(an_index_that_misses_a_row_is_found_but_not_quickly)
{
    ok(r.db, varsdb_begin(r.db));
    rowsql_run(r.db, "DELETE FROM varsdb_variables WHERE name = 'w'");
    ok(r.db, varsdb_rollback(r.db));
    /* An index that is another one for a while. */
    varsdb_close(r.db);
    char sql[1024];
    snprintf(
        sql, sizeof sql, "%s",
        "PRAGMA writable_schema=ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, '(scope_id, name)', '(scope_id, initializer, name)')"
        " WHERE name = 'varsdb_variables_name'");
    registry_sql(&r, sql);
    registry_sql(&r, "REINDEX varsdb_variables_name");
    registry_sql(&r, "PRAGMA writable_schema=ON;"
                     "UPDATE sqlite_schema SET sql = replace(sql, '(scope_id, initializer, name)',"
                     " '(scope_id, name)') WHERE name = 'varsdb_variables_name'");
    r.db = registry_another(&r);
    found_verify(r.db, false, &f);
    ck_assert_msg(found_says(&f, "structure", "varsdb_variables_name"), "%s", found_print(&f));
    found_verify(r.db, true, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}
END_TEST

START_TEST(a_view_that_lies_is_found)
{
    registry_sql(&r, "DROP VIEW local_variables; CREATE VIEW local_variables AS SELECT 1 AS id");
    found_verify(r.db, true, &f);
    ck_assert_msg(f.count == 1 &&
                      found_says(&f, "structure", "view local_variables is not as varsdb makes it"),
                  "%s", found_print(&f));
}
END_TEST

START_TEST(a_view_that_is_missing_is_found)
{
    registry_sql(&r, "DROP VIEW local_variables");
    found_verify(r.db, true, &f);
    ck_assert_msg(f.count == 1 && found_says(&f, "structure", "the view local_variables is missing"), "%s",
                  found_print(&f));
}
END_TEST

START_TEST(a_trigger_on_a_table_of_ours_is_found)
{
    registry_sql(&r, "CREATE TRIGGER spy AFTER INSERT ON varsdb_variables BEGIN SELECT 1; END");
    found_verify(r.db, true, &f);
    ck_assert_msg(f.count == 1 && found_says(&f, "structure", "trigger spy is not as varsdb makes it"), "%s",
                  found_print(&f));
}
END_TEST

Suite *test_verify_forged_suite(void)
{
    Suite *suite = suite_create("verify_forged");
    TCase *t = tcase_create("rich");
    tcase_add_checked_fixture(t, open_rich, close_registry);
    tcase_add_loop_test(t, what_cannot_be_is_found_though_its_digests_fit, 0,
                        (int)(sizeof forged / sizeof *forged));
    tcase_add_loop_test(t, a_state_whose_hash_is_not_that_of_its_columns_is_found, 0, 3);
    tcase_add_test(t, refitting_alone_changes_nothing);
    tcase_add_test(t, an_index_that_misses_a_row_is_found_but_not_quickly);
    tcase_add_test(t, a_view_that_lies_is_found);
    tcase_add_test(t, a_view_that_is_missing_is_found);
    tcase_add_test(t, a_trigger_on_a_table_of_ours_is_found);
    suite_add_tcase(suite, t);
    return suite;
}
