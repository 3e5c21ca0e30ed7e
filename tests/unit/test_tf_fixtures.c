/* test_tf_fixtures.c - real checkpoints: imported, refused, and exported again with the same bytes. */
#include "../support/count.h"
#include "../support/expected.h"
#include "../support/tf_files.h"

#define KIND "tf-bundle/"

static test_folder folder;
static char registry[PATH_BYTES];
static varsdb *db;

static void setup(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "r.db", registry);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
}

static void teardown(void)
{
    varsdb_close(db);
    folder_remove(&folder);
}

static void import_one(const char *path)
{
    varsdb_close(db);
    unlink(registry);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    ck_assert_msg(varsdb_import(db, path, NULL) == VARSDB_OK, "%s: %s", path, varsdb_errmsg(db));
}

START_TEST(index_whose_shard_is_missing_is_listed_and_not_imported)
{
    char root[PATH_BYTES], path[PATH_BYTES * 2];
    varsdb_reader *r;
    if (!fixtures_folder("tf-bundle", root))
        return;
    snprintf(path, sizeof path, "%s/lingvo_lenet_index_only/lenet_test_model.index", root);
    ck_assert_int_eq(varsdb_open_reader(path, &r), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(r), 23);
    ck_assert_str_eq(varsdb_reader_tensor(r, 0)->name, "beta1_power");
    varsdb_close_reader(r);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT()), VARSDB_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "lenet_test_model.data-00000-of-00001"));
    ck_assert_int_eq(count_variables(db, NULL), 0);
}
END_TEST

START_TEST(first_version_is_refused_by_name)
{
    char root[PATH_BYTES], path[PATH_BYTES * 2];
    if (!fixtures_folder("tf-bundle", root))
        return;
    snprintf(path, sizeof path, "%s/bad_v1_checkpoint/export-00000-of-00001", root);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT()), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "checkpoint of version 1"));
}
END_TEST

/* ---- The same bytes again ----------------------------------------------- */

/* The second byte of a raw block is the length of the empty key; of a compressed one it is not 0. */
static int is_raw(const char *index)
{
    return index[0] == '\0' && index[1] == '\0';
}

static int compared, snappy;

static void same_file(const char *one, const char *other)
{
    size_t bytes, other_bytes;
    char *a = file_read(one, &bytes), *b = file_read(other, &other_bytes);
    ck_assert_msg(bytes == other_bytes && memcmp(a, b, bytes) == 0, "%s was %s", other, one);
    free(a);
    free(b);
}

/* Written from what was read of it, an entry has the same bytes, whatever its block is compressed by. */
static int rewrite_entry(void *payload, const void *key, size_t key_bytes, const void *value, size_t bytes)
{
    vdb_error e;
    vdb_buf again = {0};
    vdb_tf_entry entry;
    vdb_tf_header header;
    if (key_bytes) {
        ck_assert_int_eq(vdb_tf_read_entry(&e, value, bytes, &entry), VARSDB_OK);
        varsdb_shape shape = vdb_dims_shape(&entry.dims);
        ck_assert_int_eq(vdb_tf_write_entry(&again, &entry, &shape), VARSDB_OK);
    } else {
        ck_assert_int_eq(vdb_tf_read_header(&e, value, bytes, &header), VARSDB_OK);
        ck_assert_int_eq(vdb_tf_write_header(&again, header.shards), VARSDB_OK);
    }
    ck_assert(again.size == bytes && memcmp(again.data, value, bytes) == 0);
    vdb_buf_release(&again);
    ++*(int *)payload;
    return key ? VARSDB_OK : VARSDB_CORRUPT;
}

static void rewrite_entries(const char *prefix, expectation what)
{
    char path[PATH_BYTES * 3];
    vdb_error e;
    vdb_input in;
    int count = 0;
    snprintf(path, sizeof path, "%s.index", prefix);
    if (what != EXPECT_ACCEPT && access(path, F_OK) != 0)
        return;
    ck_assert_int_eq(vdb_input_open(&e, path, &in), VARSDB_OK);
    ck_assert_int_eq(vdb_tf_table_each(&e, &in, rewrite_entry, &count), VARSDB_OK);
    ck_assert_int_gt(count, 1);
    vdb_input_close(&in);
}

static void export_again(const char *prefix, expectation what)
{
    char path[PATH_BYTES * 3], again[PATH_BYTES], name[64];
    size_t bytes;
    if (what != EXPECT_ACCEPT)
        return;
    import_one(prefix);
    folder_path(&folder, "again", again);
    strcat(again, ".index");
    ck_assert_msg(varsdb_export(db, again, VARSDB_EXPORT(), NULL) == VARSDB_OK, "%s", varsdb_errmsg(db));
    snprintf(path, sizeof path, "%s.index", prefix);
    char *index = file_read(path, &bytes);
    if (is_raw(index)) {
        same_file(path, again);
        compared++;
    } else {
        snappy++;
    }
    free(index);
    for (int count = 1; count <= 2; count++)
        for (int shard = 0; shard < count; shard++) {
            snprintf(path, sizeof path, "%s.data-%05d-of-%05d", prefix, shard, count);
            snprintf(name, sizeof name, "again.data-%05d-of-%05d", shard, count);
            if (access(path, F_OK) == 0)
                same_file(path, folder_path(&folder, name, again));
        }
}

START_TEST(real_checkpoints_are_written_again_byte_for_byte)
{
    if (expected_each(KIND, export_again) == 0)
        return;
    ck_assert_int_ge(compared, 15);
    ck_assert_int_ge(snappy, 6);
    expected_each(KIND, rewrite_entries);
}
END_TEST

Suite *test_tf_fixtures_suite(void);
Suite *test_tf_fixtures_suite(void)
{
    Suite *s = suite_create("tf_fixtures");
    TCase *t = tcase_create("tf_fixtures");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, index_whose_shard_is_missing_is_listed_and_not_imported);
    tcase_add_test(t, first_version_is_refused_by_name);
    tcase_add_test(t, real_checkpoints_are_written_again_byte_for_byte);
    suite_add_tcase(s, t);
    return s;
}
