/* test_tf_hostile.c - indexes that lie, with checksums that do not, are refused in little memory. */
#include "../support/memory.h"
#include "../support/tf_case.h"

static void write_pair(const tf_item *header, const tf_item *entry)
{
    const tf_item both[] = {*header, *entry};
    tf_write_items(path, both, 2, 4096);
}

/* ---- Tables -------------------------------------------------------------- */

static const struct {
    const char *block;
    size_t bytes;
    unsigned char type;
    const char *handle;
    size_t handle_bytes;
    const char *said;
} tables[] = {
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 2, NULL, 0, "unknown way"},
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 1, NULL, 0, "Snappy"},
    {"\0\0\6" TF_HEADER "\0\0\0\0\xff\xff\xff\xff", 17, 0, NULL, 0, "restarts"},
    {"\1\0\0", 3, 0, NULL, 0, "restarts"},
    {"\1\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, NULL, 0, "half a key"},
    {"\0\0\x16" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, NULL, 0, "ends behind"},
    {"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\6" TF_HEADER "\0\0\0\0\1\0\0\0", 26, 0, NULL, 0,
     "ends behind"},
    {"\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1" TF_HEADER "\0\0\0\0\1\0\0\0", 27, 0, NULL, 0,
     "ends behind"},
    {"\0\0\6" TF_HEADER "\2\1\0a\0\0\0\0\1\0\0\0", 21, 0, NULL, 0, "shares more"},
    {"\0\0\6" TF_HEADER "\0\1\4b\x08\4\x12\0\0\1\4a\x08\4\x12\0\0\0\0\0\1\0\0\0", 33, 0, NULL, 0, ""},
    {"\0\0\6" TF_HEADER "\0\0\0\0\0\0\0\1\0\0\0", 20, 0, NULL, 0, "ascend"},
    {"\0\1\6k" TF_HEADER "\0\0\0\0\1\0\0\0", 18, 0, NULL, 0, "not the index"},
    {"", 0, 0, NULL, 0, "restarts"},
    {"\0\0\0\0\0\0\0\0", 8, 0, NULL, 0, ""},
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, "\x80", 1, "place is none"},
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 11, "outside"},
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\xff\1", 12,
     "outside"},
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, "\0\x7f", 2, "outside"},
    {"\0\0\6" TF_HEADER "\0\0\0\0\1\0\0\0", 17, 0, "\1\x10", 2, "checksum"},
};

START_TEST(hostile_table_with_right_checksums_is_refused)
{
    tf_table_raw(path, tables[_i].block, tables[_i].bytes, tables[_i].type, tables[_i].handle,
                 tables[_i].handle_bytes);
    check_refused(VARSDB_FORMAT, tables[_i].said);
    ck_assert_int_lt(memory_peak(), (int64_t)200 << 20);
}
END_TEST

/* A key of 60,000 bytes, shared by all that follow in three bytes each. */
START_TEST(keys_that_share_much_do_not_take_much_memory)
{
    enum {
        LONG = 60000
    };
    vdb_buf block = {0};
    char *key = malloc(LONG);
    memset(key, 'a', LONG);
    vdb_buf_append(&block, "\0\0\6" TF_HEADER, 9);
    vdb_tf_put_varint(&block, 0);
    vdb_tf_put_varint(&block, LONG);
    vdb_tf_put_varint(&block, 6);
    vdb_buf_append(&block, key, LONG);
    vdb_buf_append(&block, "\x08\4\x12\0\x28\1", 6);
    for (int i = 0; i < 5000; i++) {
        vdb_tf_put_varint(&block, (uint64_t)LONG + (uint64_t)i);
        vdb_buf_append(&block, "\1\6b\x08\4\x12\0\x28\1", 9);
    }
    vdb_buf_append(&block, "\0\0\0\0\1\0\0\0", 8);
    tf_table_raw(path, block.data, block.size, 0, NULL, 0);
    free(key);
    check_refused(VARSDB_FORMAT, "much more memory");
    ck_assert_int_lt(memory_peak(), (int64_t)400 << 20);
    vdb_buf_release(&block);
}
END_TEST

/* ---- Headers and entries -------------------------------------------------- */

static const struct {
    tf_item header, entry;
    int code;
    const char *said;
} entries[] = {
#define GOOD ITEM("", TF_HEADER)
#define F32  "\x08\1"
    {ITEM("", "\x1a\2\x08\1"), ITEM("w", F32), VARSDB_FORMAT, "0 shards"},
    {ITEM("", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), ITEM("w", F32), VARSDB_FORMAT, "-1 shards"},
    {ITEM("", "\x08\xff\xff\xff\xff\7"), ITEM("w", F32), VARSDB_FORMAT, "2147483647 shards"},
    {ITEM("", "\x08\1\x10\2"), ITEM("w", F32), VARSDB_FORMAT, "order of bytes"},
    {ITEM("", "\x08\1\x1a\2\x10\2"), ITEM("w", F32), VARSDB_FORMAT, "version"},
    {ITEM("", "\x08\1\x1a\2\x18\1"), ITEM("w", F32), VARSDB_FORMAT, "not 1"},
    {ITEM("", "\x08\1\x1a\3\x1a\1\1"), ITEM("w", F32), VARSDB_FORMAT, "not 1"},
    {ITEM("", "\x08\1\x1a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), ITEM("w", F32), VARSDB_FORMAT,
     "version -1"},
    {ITEM("", "\x0a\2\x08\1"), ITEM("w", F32), VARSDB_FORMAT, "checkpoint of version 1"},
    {ITEM("", "\x08"), ITEM("w", F32), VARSDB_FORMAT, "header"},
    {GOOD, ITEM("w", ""), VARSDB_FORMAT, "dtype is given as 0"},
    {GOOD, ITEM("w", "\x08\x4d"), VARSDB_FORMAT, "'w': its dtype is given as 77"},
    {GOOD, ITEM("w", "\x08\x65"), VARSDB_FORMAT, "reference"},
    {GOOD, ITEM("w", "\x08\x15\x12\0"), VARSDB_UNSUPPORTED, "'w': its dtype DT_VARIANT"},
    {GOOD, ITEM("w", "\x08\x14\x12\0"), VARSDB_UNSUPPORTED, "'w': its dtype DT_RESOURCE"},
    {GOOD, ITEM("w", "\x08\x1d\x12\0"), VARSDB_UNSUPPORTED, "'w': its dtype DT_INT4"},
    {GOOD, ITEM("w", F32 "\x0b"), VARSDB_FORMAT, "damaged"},     /* a group */
    {GOOD, ITEM("w", F32 "\0\1"), VARSDB_FORMAT, "damaged"},     /* field 0 */
    {GOOD, ITEM("w", F32 "\x12\5"), VARSDB_FORMAT, "damaged"},   /* a length past the end */
    {GOOD, ITEM("w", F32 "\x35\1\2"), VARSDB_FORMAT, "damaged"}, /* half a checksum */
    {GOOD, ITEM("w", F32 "\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), VARSDB_FORMAT, "damaged"},
    {GOOD, ITEM("w", F32 "\x12\2\x18\1"), VARSDB_FORMAT, "unknown"},
    {GOOD, ITEM("w", F32 "\x12\x0d\x12\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), VARSDB_FORMAT,
     "dimension 0 is -1"},
    {GOOD, ITEM("w", F32 "\x18\1\x28\4"), VARSDB_FORMAT, "shard 1 of 1"},
    {GOOD, ITEM("w", F32 "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\x28\4"), VARSDB_FORMAT, "shard -1"},
    {GOOD, ITEM("w", F32 "\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\x28\4"), VARSDB_FORMAT, "from -1 on"},
    {GOOD, ITEM("w", F32 "\x20\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x28\4"), VARSDB_FORMAT, "its place"},
    {GOOD, ITEM("w", F32 "\x12\0\x28\5"), VARSDB_FORMAT, "take 4 bytes, but it has 5"},
    {GOOD, ITEM("w", F32 "\x12\0"), VARSDB_FORMAT, "take 4 bytes, but it has 0"},
    /* 2^32 by 2^32, by 0 */
    {GOOD, ITEM("w", F32 "\x12\x12\x12\6\x08\x80\x80\x80\x80\x10\x12\6\x08\x80\x80\x80\x80\x10\x12\0"),
     VARSDB_FORMAT, "'w'"},
    {GOOD, ITEM("w", F32 "\x12\2\x12\0"), VARSDB_FORMAT, "checksum of its no bytes"},
    /* 2^40 strings in five bytes */
    {GOOD, ITEM("w", "\x08\7\x12\x0a\x12\x08\x08\x80\x80\x80\x80\x80\x20\x28\5"), VARSDB_FORMAT, "'w'"},
    {GOOD, ITEM("w", "\x08\7\x12\0\x28\4"), VARSDB_FORMAT, "1 strings take more"},
    {GOOD, ITEM("w\xff", F32 "\x12\0\x28\4"), VARSDB_FORMAT, "UTF-8"},
    {GOOD, ITEM("w\0x", F32 "\x12\0\x28\4"), VARSDB_FORMAT, "UTF-8"},
    /* slices: none of it in the index; a rank too many; strings */
    {GOOD, ITEM("w", F32 "\x12\4\x12\2\x08\1\x3a\2\x0a\0"), VARSDB_FORMAT, "'w': a slice of it is not in"},
    {GOOD, ITEM("w", F32 "\x12\4\x12\2\x08\1\x3a\4\x0a\0\x0a\0"), VARSDB_FORMAT, "more than its 1 dim"},
    {GOOD, ITEM("w", F32 "\x12\4\x12\2\x08\1\x3a\0"), VARSDB_FORMAT, "0 dimensions in place of 1"},
    {GOOD, ITEM("w", "\x08\7\x12\4\x12\2\x08\1\x3a\2\x0a\0"), VARSDB_UNSUPPORTED, "strings in slices"},
};

START_TEST(hostile_entry_is_refused_and_says_why)
{
    write_pair(&entries[_i].header, &entries[_i].entry);
    file_write(shard, "12345678", 8);
    check_refused(entries[_i].code, entries[_i].said);
    ck_assert_int_lt(memory_peak(), (int64_t)200 << 20);
}
END_TEST

START_TEST(three_hundred_dimensions_are_refused)
{
    vdb_buf value = {0};
    vdb_buf_append(&value, F32 "\x12\xd8\4", 5);
    for (int i = 0; i < 150; i++)
        vdb_buf_append(&value, "\x12\2\x08\1", 4);
    const tf_item items[] = {GOOD, {"w", 1, value.data, value.size}};
    tf_write_items(path, items, 2, 4096);
    check_refused(VARSDB_FORMAT, "more than 64 dimensions");
    vdb_buf_release(&value);
}
END_TEST

Suite *test_tf_hostile_suite(void);
Suite *test_tf_hostile_suite(void)
{
    Suite *s = suite_create("tf_hostile");
    TCase *t = tcase_create("tf_hostile");
    tcase_add_checked_fixture(t, tf_case_open, tf_case_close);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, hostile_table_with_right_checksums_is_refused, 0,
                        (int)(sizeof tables / sizeof *tables));
    tcase_add_test(t, keys_that_share_much_do_not_take_much_memory);
    tcase_add_loop_test(t, hostile_entry_is_refused_and_says_why, 0, (int)(sizeof entries / sizeof *entries));
    tcase_add_test(t, three_hundred_dimensions_are_refused);
    suite_add_tcase(s, t);
    return s;
}
