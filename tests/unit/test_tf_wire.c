/* test_tf_wire.c - fields of the index that come as another type than theirs are passed over, as protobuf
 * does, and those that come as theirs are believed only where they can be. */
#include "../support/memory.h"
#include "../support/tf_case.h"

#define F32  "\x08\1"
#define GOOD ITEM("", TF_HEADER)
#define NINE "\x09\x09\x09\x09\x09\x09\x09\x09\x09"

/* ---- passed over */

/* Each field of a header as each type that it is not. */
#define ODD_HEADER                           \
    "\x0d\x09\0\0\0\x0a\1x\x09"              \
    "\x09\0\0\0\0\0\0\0"    /* shards */     \
    "\x15\x09\0\0\0\x12\1x" /* endianness */ \
    "\x18\1\x1d\1\0\0\0"    /* version */

/* Inside of its version; a bad consumer that is not this one, alone and in a list. */
#define ODD_VERSION "\x0a\1x\x0d\x09\0\0\0\x12\1x\x15\x09\0\0\0\x1d\1\0\0\0\x18\2\x1a\2\3\4"

START_TEST(a_header_is_read_without_fields_of_other_types)
{
    static const tf_item headers[] = {
        ITEM("", ODD_HEADER TF_HEADER),
        ITEM("", TF_HEADER ODD_HEADER),
        ITEM("", "\x08\1\x1a\x1d" ODD_VERSION "\x08\1"),
        ITEM("", "\x08\1\x1a\x1d\x08\1" ODD_VERSION),
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const tf_item items[] = {headers[i], ITEM("w", F32 "\x12\0\x28\4")};
        tf_write_items(path, items, 2, 4096);
        ck_assert_msg(open_it(path) == VARSDB_OK, "header %zu: %s", i, varsdb_reader_errmsg(reader));
        ck_assert_uint_eq(varsdb_reader_count(reader), 1);
    }
}
END_TEST

/* A bad consumer is told even when others follow it. */
START_TEST(a_header_that_excludes_this_reader_is_refused_wherever_it_says_so)
{
    static const tf_item headers[] = {
        ITEM("", "\x08\1\x1a\4\x18\1\x18\2"),
        ITEM("", "\x08\1\x1a\4\x1a\2\1\2"),
        ITEM("", "\x08\1\x1a\6\x18\2\x1a\2\3\1"),
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const tf_item items[] = {headers[i], ITEM("w", F32 "\x12\0\x28\4")};
        tf_write_items(path, items, 2, 4096);
        check_refused(VARSDB_FORMAT, "not 1");
    }
}
END_TEST

/* A float of 2 by 1, and fields that are none of an entry among those that are. */
START_TEST(an_entry_is_read_without_fields_of_other_types)
{
    static const char odd[] = "\x0a\1x\x0d\x09\0\0\0"   /* dtype */
                              "\x10\x09\x15\x09\0\0\0"  /* shape */
                              "\x1a\1x\x22\1x\x2a\1x"   /* shard, offset, bytes */
                              "\x30\x09\x32\1x\x38\x09" /* checksum, slices */
                              "\x12\x0d"                /* a shape */
                              "\x10\x09\x18\0\x1a\1x"   /* ... its dimensions, and that it is not unknown */
                              "\x22\4name";             /* ... */
    const int64_t dims[] = {2, 1};
    const float data[] = {1.5f, -2};
    vdb_buf value = {0};
    vdb_buf_append(&value, odd, sizeof odd - 1);
    tf_print_entry(&value, 1, (varsdb_shape){2, dims}, 0, data, 8);
    const tf_item items[] = {GOOD, {"w", 1, value.data, value.size}};
    tf_write_items(path, items, 2, 4096);
    file_write(shard, data, 8);
    ck_assert_msg(open_it(path) == VARSDB_OK, "%s", varsdb_reader_errmsg(reader));
    float got[2];
    const varsdb_tensor_info *t = varsdb_reader_tensor(reader, 0);
    ck_assert(t->dtype == VARSDB_FLOAT32 && t->shape.rank == 2 && t->shape.dims[0] == 2);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 8), VARSDB_OK);
    ck_assert_mem_eq(got, data, 8);
    vdb_buf_release(&value);
}
END_TEST

/* ---- not believed */

static const struct {
    tf_item entry;
    int code;
    const char *said;
} entries[] = {
    /* a dimension of 2^48 + 1 */
    {ITEM("w", F32 "\x12\x0a\x12\x08\x08\x81\x80\x80\x80\x80\x80\x40"), VARSDB_FORMAT, "0 to 2^48"},
    /* one whose size is no number is 0, so there must be no bytes */
    {ITEM("w", F32 "\x12\5\x12\3\x0a\1x\x28\4"), VARSDB_FORMAT, "take 0 bytes, but it has 4"},
    {ITEM("w", F32 "\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), VARSDB_FORMAT, "-1 bytes from 0 on"},
    /* 2^48 by 2^14 doubles */
    {ITEM("w", "\x08\2\x12\x10\x12\x08\x08\x80\x80\x80\x80\x80\x80\x40\x12\4\x08\x80\x80\1"), VARSDB_FORMAT,
     "'w'"},
    /* strings: none take no bytes, some do */
    {ITEM("w", "\x08\7\x12\4\x12\2\x08\3"), VARSDB_FORMAT, "3 strings take more than the 0 bytes"},
    {ITEM("w", "\x08\7\x12\4\x12\2\x08\1\x28\3"), VARSDB_FORMAT, "1 strings take more than the 3 bytes"},
    /* a slice from 1 on that does not say how much */
    {ITEM("w", F32 "\x12\4\x12\2\x08\2\x3a\4\x0a\2\x08\1"), VARSDB_FORMAT, "a slice of it"},
    /* fields of a slice of other types: it is all of it, which is not in the index */
    {ITEM("w", F32 "\x12\4\x12\2\x08\2\x3a\x0a\x08\1\x0a\6\x0a\1x\x12\1x"), VARSDB_FORMAT,
     "not in the index"},
};

START_TEST(an_entry_that_cannot_be_is_refused_in_words)
{
    const tf_item items[] = {GOOD, entries[_i].entry};
    tf_write_items(path, items, 2, 4096);
    file_write(shard, NINE, 9);
    check_refused(entries[_i].code, entries[_i].said);
    ck_assert_int_lt(memory_peak(), (int64_t)200 << 20);
}
END_TEST

START_TEST(no_strings_are_none)
{
    const tf_item items[] = {GOOD, ITEM("w", "\x08\7\x12\4\x12\2\x08\0\x35\0\0\0\0")};
    tf_write_items(path, items, 2, 4096);
    file_write(shard, "", 0);
    ck_assert_msg(open_it(path) == VARSDB_OK, "%s", varsdb_reader_errmsg(reader));
    ck_assert_uint_eq(varsdb_reader_tensor(reader, 0)->bytes, 0);
}
END_TEST

/* More than one of 4,096 slices costs two bytes. */
START_TEST(a_tensor_of_too_many_slices_is_refused)
{
    vdb_buf value = {0};
    vdb_buf_append(&value, F32, 2);
    for (int i = 0; i < 4097; i++)
        vdb_buf_append(&value, "\x3a\0", 2);
    const tf_item items[] = {GOOD, {"w", 1, value.data, value.size}};
    tf_write_items(path, items, 2, 4096);
    check_refused(VARSDB_FORMAT, "4097 slices; at most 4096");
    vdb_buf_release(&value);
}
END_TEST

/* ---- a slice that is there and is another */

/* w of [2] in two slices; the second entry of the index is what is told to be its first. */
static void write_with_slice(const vdb_buf *slice)
{
    const vdb_tf_extent first = {0, 1};
    vdb_buf key = {0};
    vdb_tf_slice_key(&key, "w", 1, 1, &first);
    const tf_item items[] = {GOOD,
                             {key.data, key.size, slice->data, slice->size},
                             ITEM("w", "\x08\4\x12\4\x12\2\x08\2\x3a\4\x0a\2\x10\1")};
    tf_write_items(path, items, 3, 4096);
    file_write(shard, NINE, 9);
    vdb_buf_release(&key);
}

START_TEST(a_slice_of_another_type_than_its_tensor_is_refused)
{
    static const int64_t one[] = {1, 1}, two[] = {2};
    static const struct {
        unsigned dtype;
        varsdb_shape shape;
        size_t bytes;
        const char *more;
    } others[] = {
        {6, {1, one}, 1, ""},                   /* another dtype of the same size */
        {4, {2, one}, 1, ""},                   /* another rank */
        {4, {0, NULL}, 1, ""},                  /* and another */
        {4, {1, two}, 2, ""},                   /* another shape */
        {4, {1, one}, 1, "\x3a\4\x0a\2\x10\1"}, /* in slices itself */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        vdb_buf slice = {0};
        tf_print_entry(&slice, others[i].dtype, others[i].shape, 0, NINE, others[i].bytes);
        vdb_buf_append_text(&slice, others[i].more);
        write_with_slice(&slice);
        check_refused(VARSDB_FORMAT, "another dtype or shape");
        vdb_buf_release(&slice);
    }
}
END_TEST

/* ---- tables that are none */

static const struct {
    const char *block;
    size_t bytes;
    const char *said;
} blocks[] = {
#define BLOCK(text) text, sizeof(text) - 1
    {BLOCK("\x80\0\0\0\0\1\0\0\0"), "ends behind"}, /* a number that does not end */
    {BLOCK("\0\x80\0\0\0\0\1\0\0\0"), "ends behind"},
    {BLOCK("\0\0\x80\0\0\0\0\1\0\0\0"), "ends behind"},
    {BLOCK("\0\0\6" TF_HEADER "\0\2\6zz\x08\4\x12\0\x28\1\0\0\0\0\1\0\0\0"), "belong behind it"},
};

START_TEST(a_block_that_is_none_is_refused)
{
    tf_table_raw(path, blocks[_i].block, blocks[_i].bytes, 0, NULL, 0);
    check_refused(VARSDB_FORMAT, blocks[_i].said);
}
END_TEST

/* A key may have 64 KiB. */
START_TEST(a_key_without_end_is_refused)
{
    vdb_buf block = {0};
    vdb_buf_append(&block, "\0\0\6" TF_HEADER, 9);
    vdb_tf_put_varint(&block, 0);
    vdb_tf_put_varint(&block, VDB_TF_TABLE_KEY_MAX + 1);
    vdb_tf_put_varint(&block, 6);
    for (size_t i = 0; i <= VDB_TF_TABLE_KEY_MAX; i++)
        vdb_buf_append(&block, "a", 1);
    vdb_buf_append(&block, "\x08\4\x12\0\x28\1\0\0\0\0\1\0\0\0", 14);
    tf_table_raw(path, block.data, block.size, 0, NULL, 0);
    check_refused(VARSDB_FORMAT, "a key of the index has more than");
    vdb_buf_release(&block);
}
END_TEST

START_TEST(an_end_that_names_no_block_is_refused)
{
    for (size_t good = 0; good < 4; good++) { /* so many numbers before those that do not end */
        unsigned char end[48];
        memset(end, 0x80, sizeof end);
        memset(end, 0, good);
        memcpy(end + 40, VDB_TF_TABLE_MAGIC, 8);
        file_write(path, end, sizeof end);
        check_refused(VARSDB_FORMAT, "name no block");
    }
}
END_TEST

Suite *test_tf_wire_suite(void);
Suite *test_tf_wire_suite(void)
{
    Suite *s = suite_create("tf_wire");
    TCase *t = tcase_create("tf_wire");
#define COUNT(of) ((int)(sizeof of / sizeof *of))
    tcase_add_checked_fixture(t, tf_case_open, tf_case_close);
    tcase_add_test(t, a_header_is_read_without_fields_of_other_types);
    tcase_add_test(t, a_header_that_excludes_this_reader_is_refused_wherever_it_says_so);
    tcase_add_test(t, an_entry_is_read_without_fields_of_other_types);
    tcase_add_loop_test(t, an_entry_that_cannot_be_is_refused_in_words, 0, COUNT(entries));
    tcase_add_test(t, no_strings_are_none);
    tcase_add_test(t, a_tensor_of_too_many_slices_is_refused);
    tcase_add_test(t, a_slice_of_another_type_than_its_tensor_is_refused);
    tcase_add_loop_test(t, a_block_that_is_none_is_refused, 0, COUNT(blocks));
    tcase_add_test(t, a_key_without_end_is_refused);
    tcase_add_test(t, an_end_that_names_no_block_is_refused);
    suite_add_tcase(s, t);
    return s;
}
