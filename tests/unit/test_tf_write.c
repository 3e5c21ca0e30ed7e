/* test_tf_write.c - checkpoints written: their bytes, where tensors go, and every dtype there and back. */
#include "../support/tf_files.h"
#include "byte_order.h"
#include "mem.h"

static vdb_error error;
static test_folder folder;
static char path[PATH_BYTES];
static varsdb_reader *reader;

static void setup(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "p.index", path);
    reader = NULL;
}

static void teardown(void)
{
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static int from_memory(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const char *const *data = payload;
    if (!data[tag])
        return vdb_fail(&error, VARSDB_CORRUPT, "the source failed");
    memcpy(buffer, data[tag] + offset, bytes);
    return VARSDB_OK;
}

static int write_it(vdb_output_tensor *tensors, size_t count, const char **data, uint64_t most)
{
    const vdb_writing w = {.path = path,
                           .tensors = tensors,
                           .count = count,
                           .source = from_memory,
                           .payload = data,
                           .max_shard_bytes = most};
    return vdb_format_tensorflow.write(&error, &w);
}

static void check_file(const char *name, const void *wanted, size_t wanted_bytes)
{
    char where[PATH_BYTES];
    size_t bytes;
    char *data = file_read(folder_path(&folder, name, where), &bytes);
    ck_assert_msg(bytes == wanted_bytes && memcmp(data, wanted, bytes) == 0, "%s", name);
    free(data);
}

static void check_state(const char *text)
{
    check_file("checkpoint", text, strlen(text));
}

static void check_read(size_t i, const char *name, const void *wanted, size_t bytes)
{
    char *got = malloc(bytes + 1);
    const varsdb_tensor_info *t = varsdb_reader_tensor(reader, i);
    ck_assert_str_eq(t->name, name);
    ck_assert_uint_eq(t->bytes, bytes);
    ck_assert_msg(varsdb_reader_read(reader, i, 0, got, bytes) == VARSDB_OK, "%s",
                  varsdb_reader_errmsg(reader));
    ck_assert(memcmp(got, wanted, bytes) == 0);
    free(got);
}

static void reopen(void)
{
    varsdb_close_reader(reader);
    ck_assert_msg(varsdb_open_reader(path, &reader) == VARSDB_OK, "%s", varsdb_reader_errmsg(reader));
}

/* Worked out by hand from the description; the checksums are those of RFC 3720's vectors and of nothing. */
START_TEST(written_files_have_the_layout_of_the_description)
{
    static const char index[] = "\0\0\6\x08\1\x1a\2\x08\1"
                                "\0\1\x0d"
                                "b\x08\4\x12\4\x12\2\x08\x20\x28\x20\x35";
    const int64_t dims[] = {32}, none[] = {0, 3};
    char zeros[32] = {0};
    const char *data[] = {zeros, ""};
    size_t bytes;
    vdb_output_tensor tensors[] = {{"c", VARSDB_FLOAT32, {2, none}, 0, 1, NULL},
                                   {"b", VARSDB_UINT8, {1, dims}, 32, 0, NULL}};
    ck_assert_int_eq(write_it(tensors, 2, data, 0), VARSDB_OK);
    ck_assert_uint_eq(folder_count(&folder), 3);
    check_file("p.data-00000-of-00001", zeros, 32);
    check_state("model_checkpoint_path: \"p\"\nall_model_checkpoint_paths: \"p\"\n# written by varsdb\n");
    char *got = file_read(path, &bytes);
    ck_assert(bytes > sizeof index && memcmp(got, index, 11) == 0);
    ck_assert_mem_eq(got + 12, index + 12, sizeof index - 13);
    ck_assert_uint_eq(vdb_get_little_endian(got + sizeof index - 1, 4), vdb_crc32c_mask(0x8a9136aa));
    free(got);
    reopen();
    check_read(0, "b", zeros, 32);
    ck_assert_int_eq(varsdb_reader_tensor(reader, 1)->shape.dims[1], 3);
}
END_TEST

/* The dtypes of TensorFlow that a registry has. */
static const varsdb_dtype dtypes[] = {
    VARSDB_FLOAT32,     VARSDB_FLOAT64,       VARSDB_INT32,           VARSDB_UINT8,          VARSDB_INT16,
    VARSDB_INT8,        VARSDB_COMPLEX64,     VARSDB_INT64,           VARSDB_BOOL,           VARSDB_BFLOAT16,
    VARSDB_UINT16,      VARSDB_COMPLEX128,    VARSDB_FLOAT16,         VARSDB_UINT32,         VARSDB_UINT64,
    VARSDB_FLOAT8_E5M2, VARSDB_FLOAT8_E4M3FN, VARSDB_FLOAT8_E4M3FNUZ, VARSDB_FLOAT8_E5M2FNUZ};

START_TEST(every_dtype_comes_back)
{
    const int64_t three[] = {3}, none[] = {16, 0, 18};
    char bytes[48];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(dtypes[_i] == VARSDB_BOOL ? i & 1 : i * 5);
    const size_t one = (size_t)varsdb_dtype_bits(dtypes[_i]) / 8;
    const char *data[] = {bytes, bytes, ""};
    vdb_output_tensor tensors[] = {{"vector", dtypes[_i], {1, three}, 3 * one, 0, NULL},
                                   {"scalar", dtypes[_i], {0, NULL}, one, 1, NULL},
                                   {"none", dtypes[_i], {3, none}, 0, 2, NULL}};
    ck_assert_int_eq(write_it(tensors, 3, data, 0), VARSDB_OK);
    reopen();
    check_read(0, "none", "", 0);
    check_read(1, "scalar", bytes, one);
    check_read(2, "vector", bytes, 3 * one);
    ck_assert_int_eq(varsdb_reader_tensor(reader, 2)->dtype, dtypes[_i]);
}
END_TEST

static void put_string(vdb_buf *out, size_t bytes)
{
    void *room;
    for (int i = 0; i < 8; i++) {
        char byte = (char)(unsigned char)((uint64_t)bytes >> (8 * i));
        vdb_buf_append(out, &byte, 1);
    }
    vdb_buf_extend(out, bytes, &room);
    memset(room, (int)(bytes % 251), bytes);
}

START_TEST(strings_of_all_lengths_come_back)
{
    static const size_t lengths[] = {0, 1, 127, 128, 16383, 16384, 70000, 0, 3000000, 0};
    const int64_t ten[] = {10}, none[] = {0};
    vdb_buf all = {0}, one = {0}, empty = {0};
    for (int i = 0; i < 10; i++)
        put_string(&all, lengths[i]);
    put_string(&one, 5);
    put_string(&empty, 0);
    const char *data[] = {all.data, one.data, empty.data, ""};
    vdb_output_tensor tensors[] = {{"all", VARSDB_STRING, {1, ten}, all.size, 0, NULL},
                                   {"one", VARSDB_STRING, {0, NULL}, one.size, 1, NULL},
                                   {"empty", VARSDB_STRING, {0, NULL}, empty.size, 2, NULL},
                                   {"none", VARSDB_STRING, {1, none}, 0, 3, NULL}};
    ck_assert_int_eq(write_it(tensors, 4, data, 0), VARSDB_OK);
    reopen();
    check_read(0, "all", all.data, all.size);
    check_read(1, "empty", empty.data, empty.size);
    check_read(2, "none", "", 0);
    check_read(3, "one", one.data, one.size);
    vdb_buf_release(&all);
    vdb_buf_release(&one);
    vdb_buf_release(&empty);
}
END_TEST

START_TEST(strings_that_are_none_are_refused)
{
    const char *data[] = {"\5\0\0\0\0\0\0\0abc"};
    vdb_output_tensor tensors[] = {{"s", VARSDB_STRING, {0, NULL}, 11, 0, NULL}};
    ck_assert_int_eq(write_it(tensors, 1, data, 0), VARSDB_INVALID);
    ck_assert_uint_eq(folder_count(&folder), 0);
}
END_TEST

/* ---- Where tensors go ------------------------------------------------------ */

static vdb_output_tensor byte_tensors(vdb_output_tensor out[3], const char *a, const char *b, const char *c)
{
    static const int64_t two[] = {2};
    const char *const json[] = {a, b, c}, *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++)
        out[i] = (vdb_output_tensor){names[i], VARSDB_UINT8, {1, two}, 2, i, json[i]};
    return out[0];
}

START_TEST(tensors_go_where_they_were)
{
    const char *data[] = {"aA", "bB", "cC"};
    vdb_output_tensor t[3];
    byte_tensors(t, "{\"shard\":1,\"offset\":3}", "{\"shard\":0,\"offset\":0}",
                 "{\"offset\":0,\"x\":[1],\"shard\":1}");
    ck_assert_int_eq(write_it(t, 3, data, 0), VARSDB_OK);
    check_file("p.data-00000-of-00002", "bB", 2);
    check_file("p.data-00001-of-00002", "cC\0aA", 5);
    reopen();
    check_read(0, "a", "aA", 2);
    check_read(2, "c", "cC", 2);
}
END_TEST

static const char *const elsewhere[][3] = {
    {NULL, NULL, NULL},
    {"{\"shard\":0,\"offset\":0}", "{\"shard\":0,\"offset\":2}", NULL},
    {"{\"shard\":0,\"offset\":0}", "{\"shard\":0,\"offset\":1}", "{\"shard\":0,\"offset\":3}"},
    {"{\"shard\":0,\"offset\":0}", "{\"shard\":0,\"offset\":2}", "{\"shard\":0,\"offset\":99999999999}"},
    {"{\"shard\":0,\"offset\":0}", "{\"shard\":99999,\"offset\":0}", "{\"shard\":0,\"offset\":2}"},
    {"[", "{\"shard\":-1,\"offset\":\"\"}", "nonsense"},
};

START_TEST(tensors_without_a_place_go_back_to_back_by_name)
{
    const char *data[] = {"aA", "bB", "cC"};
    vdb_output_tensor t[3];
    byte_tensors(t, elsewhere[_i][0], elsewhere[_i][1], elsewhere[_i][2]);
    ck_assert_int_eq(write_it(t, 3, data, 0), VARSDB_OK);
    check_file("p.data-00000-of-00001", "aAbBcC", 6);
}
END_TEST

START_TEST(shards_are_no_larger_than_asked_for)
{
    const char *data[] = {"aA", "bB", "cC"};
    vdb_output_tensor t[3];
    byte_tensors(t, NULL, NULL, NULL);
    ck_assert_int_eq(write_it(t, 3, data, 4), VARSDB_OK);
    check_file("p.data-00000-of-00002", "aAbB", 4);
    check_file("p.data-00001-of-00002", "cC", 2);
    reopen();
    check_read(2, "c", "cC", 2);
}
END_TEST

START_TEST(quantized_integers_stay_what_they_were)
{
    const char *data[] = {"a"};
    vdb_output_tensor t[] = {
        {"q", VARSDB_INT8, {0, NULL}, 1, 0, "{\"dtype\":\"DT_QINT8\",\"shard\":0,\"offset\":0}"}};
    ck_assert_int_eq(write_it(t, 1, data, 0), VARSDB_OK);
    size_t bytes;
    char *index = file_read(path, &bytes);
    ck_assert_mem_eq(index + 9,
                     "\0\1\x0b"
                     "q\x08\x0b",
                     6);
    free(index);
    reopen();
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->dtype, VARSDB_INT8);
}
END_TEST

/* ---- What is refused, and left alone ---------------------------------------- */

START_TEST(what_tensorflow_lacks_is_refused_by_name)
{
    const char *data[] = {"a", "b"};
    vdb_output_tensor t[] = {{"x", VARSDB_FLOAT8_E8M0, {0, NULL}, 1, 0, NULL},
                             {"y", VARSDB_FLOAT4_E2M1, {0, NULL}, 1, 1, NULL}};
    ck_assert_int_eq(write_it(t, 2, data, 0), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "'x' (float8_e8m0), 'y' (float4_e2m1)"));
    vdb_output_tensor nameless[] = {{"", VARSDB_UINT8, {0, NULL}, 1, 0, NULL}};
    ck_assert_int_eq(write_it(nameless, 1, data, 0), VARSDB_UNSUPPORTED);
    ck_assert_uint_eq(folder_count(&folder), 0);
}
END_TEST

START_TEST(failure_in_the_middle_leaves_the_old_files)
{
    const char *data[] = {"aA", "bB", "cC"}, *broken[] = {"xX", "yY", NULL};
    vdb_output_tensor t[3];
    byte_tensors(t, NULL, NULL, NULL);
    ck_assert_int_eq(write_it(t, 3, data, 0), VARSDB_OK);
    ck_assert_int_eq(write_it(t, 3, broken, 0), VARSDB_CORRUPT);
    ck_assert_uint_eq(folder_count(&folder), 3);
    check_file("p.data-00000-of-00001", "aAbBcC", 6);
    reopen();
    check_read(2, "c", "cC", 2);
}
END_TEST

START_TEST(state_file_of_others_is_left_alone)
{
    const char *data[] = {"aA", "bB", "cC"};
    char where[PATH_BYTES];
    vdb_output_tensor t[3];
    byte_tensors(t, NULL, NULL, NULL);
    file_write(folder_path(&folder, "checkpoint", where), "model_checkpoint_path: \"x\"\n", 27);
    ck_assert_int_eq(write_it(t, 3, data, 0), VARSDB_OK);
    check_state("model_checkpoint_path: \"x\"\n");
    unlink(where);
    ck_assert_int_eq(write_it(t, 3, data, 0), VARSDB_OK);
    folder_path(&folder, "q\"\xc3\xa9", path); /* a prefix; ours is replaced */
    ck_assert_int_eq(write_it(t, 3, data, 0), VARSDB_OK);
    check_state("model_checkpoint_path: \"q\\\"\\303\\251\"\nall_model_checkpoint_paths: "
                "\"q\\\"\\303\\251\"\n# written by varsdb\n");
    ck_assert_int_eq(varsdb_open_reader(folder.path, &reader), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), 3);
}
END_TEST

/* ---- Blocks ------------------------------------------------------------------ */

/* With tiny blocks the block of blocks has a key for each: one that is shorter where there is room between
 * two names, and behind the last the name cut after the first byte that can be one more. */
START_TEST(keys_between_blocks_are_the_shortest)
{
    static const char *const names[] = {"aaa", "aca", "b", "bx", "d", "\xff\xffm"};
    static const char *const keys[] = {"", "ab", "aca", "b", "c", "e", "\xff\xffn"};
    tf_table_file f;
    size_t bytes;
    tf_table_open(&f, path, 1);
    tf_table_put(&f, "", 0, "v", 1);
    for (size_t i = 0; i < 6; i++)
        tf_table_put(&f, names[i], strlen(names[i]), "v", 1);
    const uint64_t begin = f.table.offset;
    tf_table_close(&f);
    char *all = file_read(path, &bytes);
    const unsigned char *at = (unsigned char *)all + begin + 8 + 5; /* behind the block of no metadata */
    for (size_t i = 0; i < 7; i++) { /* shared (none), bytes of the key, bytes of the place */
        ck_assert_uint_eq(at[0], 0);
        ck_assert_uint_eq(at[1], strlen(keys[i]));
        ck_assert_mem_eq(at + 3, keys[i], at[1]);
        at += 3 + at[1] + at[2];
    }
    free(all);
}
END_TEST

Suite *test_tf_write_suite(void);
Suite *test_tf_write_suite(void)
{
    Suite *s = suite_create("tf_write");
    TCase *t = tcase_create("tf_write");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, written_files_have_the_layout_of_the_description);
    tcase_add_loop_test(t, every_dtype_comes_back, 0, (int)(sizeof dtypes / sizeof *dtypes));
    tcase_add_test(t, strings_of_all_lengths_come_back);
    tcase_add_test(t, strings_that_are_none_are_refused);
    tcase_add_test(t, tensors_go_where_they_were);
    tcase_add_loop_test(t, tensors_without_a_place_go_back_to_back_by_name, 0,
                        (int)(sizeof elsewhere / sizeof *elsewhere));
    tcase_add_test(t, shards_are_no_larger_than_asked_for);
    tcase_add_test(t, quantized_integers_stay_what_they_were);
    tcase_add_test(t, what_tensorflow_lacks_is_refused_by_name);
    tcase_add_test(t, failure_in_the_middle_leaves_the_old_files);
    tcase_add_test(t, state_file_of_others_is_left_alone);
    tcase_add_test(t, keys_between_blocks_are_the_shortest);
    suite_add_tcase(s, t);
    return s;
}
