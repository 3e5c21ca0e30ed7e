/* test_tf_bundle.c - checkpoints made by hand: what is read, what is refused, and how they are found. */
#include "../support/tf_case.h"
#include <sys/stat.h>

START_TEST(table_of_many_blocks_is_read_in_order)
{
    enum {
        COUNT = 500
    };
    tf_table_file f;
    char name[32];
    unsigned char data[COUNT];
    for (int size = 1; size <= 4096; size *= 4) {
        tf_table_open(&f, path, (size_t)size);
        tf_table_put(&f, "", 0, TF_HEADER, 6);
        for (int i = 0; i < COUNT; i++) {
            vdb_buf value = {0};
            data[i] = (unsigned char)(i * 7);
            tf_print_entry(&value, 4, (varsdb_shape){0, NULL}, i, data, 1);
            snprintf(name, sizeof name, "%s%05d", i < 250 ? "a/long/name/" : "\xc3\xbf", i);
            tf_table_put(&f, name, strlen(name), value.data, value.size);
            vdb_buf_release(&value);
        }
        tf_table_close(&f);
        file_write(shard, data, COUNT);
        ck_assert_int_eq(open_it(path), VARSDB_OK);
        ck_assert_uint_eq(varsdb_reader_count(reader), COUNT);
        int wrong = 0;
        for (size_t i = 0; i < COUNT; i++) {
            unsigned char byte = 0;
            wrong += varsdb_reader_read(reader, i, 0, &byte, 1) != VARSDB_OK || byte != data[i];
        }
        ck_assert_int_eq(wrong, 0);
    }
}
END_TEST

#define GOOD ITEM("", TF_HEADER)

/* ---- Slices --------------------------------------------------------------- */

/* w is [[0,1,2],[10,11,12]] in uint16, its columns 0 and 1:3 apart, in either order of bytes. */
static void write_sliced(const char *header, size_t header_bytes, const void *data, const char *extents,
                         size_t extents_bytes)
{
    const int64_t all[] = {2, 3}, left[] = {2, 1}, right[] = {2, 2};
    const vdb_tf_extent left_x[] = {{0, -1}, {0, 1}}, right_x[] = {{0, -1}, {1, 2}};
    vdb_buf key[2] = {{0}}, value[3] = {{0}};
    vdb_tf_slice_key(&key[0], "w", 1, 2, left_x);
    vdb_tf_slice_key(&key[1], "w", 1, 2, right_x);
    tf_print_entry(&value[0], 17, (varsdb_shape){2, left}, 0, data, 4);
    tf_print_entry(&value[1], 17, (varsdb_shape){2, right}, 4, data, 8);
    const vdb_tf_entry whole = {.dtype = 17};
    const varsdb_shape shape = {2, all};
    vdb_tf_write_entry(&value[2], &whole, &shape);
    vdb_buf_append(&value[2], extents, extents_bytes);
    const tf_item items[] = {{"", 0, header, header_bytes},
                             {key[0].data, key[0].size, value[0].data, value[0].size},
                             {key[1].data, key[1].size, value[1].data, value[1].size},
                             {"w", 1, value[2].data, value[2].size}};
    tf_write_items(path, items, 4, 4096);
    file_write(shard, data, 12);
    for (int i = 0; i < 3; i++)
        vdb_buf_release(&value[i]);
    vdb_buf_release(&key[0]);
    vdb_buf_release(&key[1]);
}

#define LEFT  "\x3a\6\x0a\0\x0a\2\x10\1"
#define RIGHT "\x3a\x08\x0a\0\x0a\4\x08\1\x10\2"
static const unsigned char sliced_little[] = {0, 0, 10, 0, 1, 0, 2, 0, 11, 0, 12, 0};
static const unsigned char sliced_big[] = {0, 0, 0, 10, 0, 1, 0, 2, 0, 11, 0, 12};
static const unsigned char sliced_whole[] = {0, 0, 1, 0, 2, 0, 10, 0, 11, 0, 12, 0};

START_TEST(partitioned_variable_is_put_together)
{
    unsigned char got[12];
    const char *header = _i ? TF_HEADER_BIG : TF_HEADER;
    write_sliced(header, _i ? 8 : 6, _i ? sliced_big : sliced_little, LEFT RIGHT, 18);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), 1);
    ck_assert_str_eq(varsdb_reader_tensor(reader, 0)->name, "w");
    ck_assert_uint_eq(varsdb_reader_tensor(reader, 0)->bytes, 12);
    for (size_t from = 0; from < 12; from++)
        for (size_t bytes = 0; bytes <= 12 - from; bytes++) {
            memset(got, 0xee, sizeof got);
            ck_assert_int_eq(varsdb_reader_read(reader, 0, from, got, bytes), VARSDB_OK);
            ck_assert(memcmp(got, sliced_whole + from, bytes) == 0);
        }
}
END_TEST

START_TEST(slices_without_a_whole_are_passed_over)
{
    const int64_t half[] = {1};
    const vdb_tf_extent at[] = {{0, 1}, {1, 1}};
    vdb_buf key[2] = {{0}}, value[2] = {{0}};
    for (int i = 0; i < 2; i++) {
        vdb_tf_slice_key(&key[i], "u", 1, 1, &at[i]);
        tf_print_entry(&value[i], 17, (varsdb_shape){1, half}, 2 * i, &sliced_little[2 * i], 2);
    }
    const tf_item items[] = {{"", 0, TF_HEADER, 6},
                             {key[0].data, key[0].size, value[0].data, value[0].size},
                             {key[1].data, key[1].size, value[1].data, value[1].size},
                             {"w", 1, value[0].data, value[0].size}};
    tf_write_items(path, items, 4, 4096);
    file_write(shard, sliced_little, 4);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), 1);
    ck_assert_str_eq(varsdb_reader_passed_over(reader, NULL), "u");
    ck_assert_ptr_null(varsdb_reader_passed_over(reader, varsdb_reader_passed_over(reader, NULL)));
    for (int i = 0; i < 2; i++) {
        vdb_buf_release(&key[i]);
        vdb_buf_release(&value[i]);
    }
}
END_TEST

START_TEST(damaged_slice_names_its_place)
{
    unsigned char data[12], got[12];
    memcpy(data, sliced_little, 12);
    write_sliced(TF_HEADER, 6, data, LEFT RIGHT, 18);
    data[11] ^= 1;
    file_write(shard, data, 12);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 12), VARSDB_FORMAT);
    check_says("tensor 'w': bytes 4 to 12 of shard 'p.data-00000-of-00001': they do not have the checksum");
}
END_TEST

static const struct {
    const char *extents;
    size_t bytes;
    const char *said;
} lies[] = {
    {LEFT, 8, "2 elements together, but it has 6"},
    {LEFT LEFT, 16, "overlap"},
    {RIGHT RIGHT, 20, "overlap"},
    {LEFT "\x3a\x11\x0a\0\x0a\x0d\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\x10\1", 27, "not in the index"},
    {"\x3a\x06\x0a\0\x0a\2\x10\4", 8, "not in the index"},
};

START_TEST(slices_that_lie_are_refused)
{
    write_sliced(TF_HEADER, 6, sliced_little, lies[_i].extents, lies[_i].bytes);
    check_refused(VARSDB_FORMAT, lies[_i].said);
    check_says("tensor 'w'");
}
END_TEST

/* The slice is in the index under what the tensor says, and reaches out of it. */
START_TEST(slices_outside_of_the_tensor_are_refused)
{
    static const vdb_tf_extent outside[] = {{-1, 1}, {2, 1}, {0, 0}, {1, INT64_MAX}, {INT64_MAX, 1}};
    const int64_t two[] = {2}, one[] = {1};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        vdb_buf key = {0}, value = {0}, whole = {0}, extent = {0};
        vdb_tf_slice_key(&key, "w", 1, 1, &outside[i]);
        tf_print_entry(&value, 4, (varsdb_shape){1, one}, 0, "a", 1);
        const vdb_tf_entry e = {.dtype = 4};
        const varsdb_shape shape = {1, two};
        vdb_tf_write_entry(&whole, &e, &shape);
        vdb_tf_put_varint(&extent, 8);
        vdb_tf_put_varint(&extent, (uint64_t)outside[i].start);
        vdb_tf_put_varint(&extent, 16);
        vdb_tf_put_varint(&extent, (uint64_t)outside[i].length);
        vdb_buf_append(&whole, "\x3a", 1);
        vdb_tf_put_varint(&whole, extent.size + 2);
        vdb_buf_append(&whole, "\x0a", 1);
        vdb_tf_put_varint(&whole, extent.size);
        vdb_buf_append(&whole, extent.data, extent.size);
        const tf_item items[] = {
            GOOD, {key.data, key.size, value.data, value.size}, {"w", 1, whole.data, whole.size}};
        tf_write_items(path, items, 3, 4096);
        check_refused(VARSDB_FORMAT, "a slice of it has");
        vdb_buf_release(&key);
        vdb_buf_release(&value);
        vdb_buf_release(&whole);
        vdb_buf_release(&extent);
    }
}
END_TEST

/* ---- Bytes ---------------------------------------------------------------- */

/* Elements of the other order of bytes, one complex64 (1+2i) and one int64. */
START_TEST(big_endian_is_turned_around)
{
    static const unsigned char stored[] = {0x3f, 0x80, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    static const unsigned char wanted[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 8, 7, 6, 5, 4, 3, 2, 1};
    unsigned char got[16];
    vdb_buf value[2] = {{0}};
    tf_print_entry(&value[0], 8, (varsdb_shape){0, NULL}, 0, stored, 8);
    tf_print_entry(&value[1], 9, (varsdb_shape){0, NULL}, 8, stored, 8);
    const tf_item items[] = {ITEM("", TF_HEADER_BIG),
                             {"c", 1, value[0].data, value[0].size},
                             {"i", 1, value[1].data, value[1].size}};
    tf_write_items(path, items, 3, 4096);
    file_write(shard, stored, sizeof stored);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 8), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 1, 0, got + 8, 3), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 1, 3, got + 11, 5), VARSDB_OK);
    ck_assert_mem_eq(got, wanted, 16);
    vdb_buf_release(&value[0]);
    vdb_buf_release(&value[1]);
}
END_TEST

static void write_floats(void)
{
    const int64_t three[] = {3};
    vdb_buf value = {0};
    tf_print_entry(&value, 1, (varsdb_shape){1, three}, 0, "abcdefghijkl", 12);
    const tf_item items[] = {GOOD, {"w", 1, value.data, value.size}};
    tf_write_items(path, items, 2, 4096);
    file_write(shard, "abcdefghijkl", 12);
    vdb_buf_release(&value);
}

START_TEST(damage_is_found_before_the_last_byte_and_names_its_place)
{
    char got[12];
    write_floats();
    file_write(shard, "abcdefghijkL", 12);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    for (size_t at = 0; at < 9; at += 3)
        ck_assert_int_eq(varsdb_reader_read(reader, 0, at, got, 3), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 9, got, 3), VARSDB_FORMAT);
    check_says("tensor 'w': bytes 0 to 12 of shard 'p.data-00000-of-00001'");
    /* out of order the whole is looked at first */
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 4, got, 1), VARSDB_FORMAT);
}
END_TEST

START_TEST(shard_that_is_short_missing_a_link_or_a_fifo_is_refused)
{
    char got[12], elsewhere[PATH_BYTES];
    write_floats();
    file_write(shard, "abcdefghijk", 11);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 12), VARSDB_FORMAT);
    check_says("it has 11 bytes; it is truncated");
    unlink(shard);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 12), VARSDB_CANTOPEN);
    check_says("shard 'p.data-00000-of-00001' is missing");
    folder_path(&folder, "elsewhere", elsewhere);
    file_write(elsewhere, "abcdefghijkl", 12);
    ck_assert_int_eq(symlink("elsewhere", shard), 0);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 12), VARSDB_CANTOPEN);
    check_says("symbolic link");
    unlink(shard);
    ck_assert_int_eq(mkfifo(shard, 0600), 0);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 12), VARSDB_CANTOPEN);
    check_says("not a regular file");
}
END_TEST

/* Two strings, "a" and "": lengths 1 and 0, their checksum, one byte. */
static size_t make_strings(unsigned char out[16], uint32_t *crc)
{
    static const unsigned char lengths[] = {1, 0, 0, 0, 0, 0, 0, 0};
    uint32_t sum = vdb_crc32c(0, lengths, 8), masked = vdb_crc32c_mask(sum);
    out[0] = 1;
    out[1] = 0;
    for (int i = 0; i < 4; i++)
        out[2 + i] = (unsigned char)(masked >> (8 * i));
    out[6] = 'a';
    *crc = vdb_crc32c_mask(vdb_crc32c(sum, out + 2, 5));
    return 7;
}

START_TEST(strings_are_read_with_their_lengths_before_them)
{
    static const unsigned char wanted[] = {1, 0, 0, 0, 0, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0, 0};
    const int64_t two[] = {2};
    unsigned char data[16], got[17];
    vdb_tf_entry e = {.dtype = 7};
    vdb_buf value = {0};
    e.bytes = (int64_t)make_strings(data, &e.crc);
    const varsdb_shape shape = {1, two};
    vdb_tf_write_entry(&value, &e, &shape);
    const tf_item items[] = {GOOD, {"s", 1, value.data, value.size}};
    tf_write_items(path, items, 2, 4096);
    file_write(shard, data, 7);
    ck_assert_int_eq(open_it(path), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_tensor(reader, 0)->bytes, 17);
    for (size_t from = 17; from-- > 0;)
        for (size_t bytes = 1; bytes <= 17 - from; bytes++) {
            ck_assert_int_eq(varsdb_reader_read(reader, 0, from, got, bytes), VARSDB_OK);
            ck_assert(memcmp(got, wanted + from, bytes) == 0);
        }
    for (int i = 0; i < 7; i++) { /* each byte is under a checksum */
        data[i] ^= 1;
        file_write(shard, data, 7);
        int rc = open_it(path);
        ck_assert_int_eq(rc, i < 6 ? VARSDB_FORMAT : VARSDB_OK);
        if (rc == VARSDB_OK)
            ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 17), VARSDB_FORMAT);
        check_says("tensor 's'");
        data[i] ^= 1;
    }
    vdb_buf_release(&value);
}
END_TEST

START_TEST(every_truncation_and_every_changed_byte_is_refused)
{
    char got[12];
    size_t bytes;
    write_floats();
    char *whole = file_read(path, &bytes);
    for (size_t cut = 0; cut < bytes; cut++) {
        file_write(path, whole, cut);
        ck_assert_int_eq(open_it(path), VARSDB_FORMAT);
    }
    for (size_t i = 0; i < bytes; i++) {
        whole[i] ^= 0x21;
        file_write(path, whole, bytes);
        int rc = open_it(path);
        if (rc == VARSDB_OK) /* of what nothing refers to: the block of blocks of metadata, and zeros */
            ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 12), VARSDB_OK);
        else
            ck_assert_int_eq(rc, VARSDB_FORMAT);
        whole[i] ^= 0x21;
    }
    free(whole);
}
END_TEST

/* ---- What people name ------------------------------------------------------ */

static void check_found(const char *name)
{
    char named[PATH_BYTES];
    int rc = open_it(*name ? folder_path(&folder, name, named) : folder.path);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", name, varsdb_reader_errmsg(reader));
    ck_assert_str_eq(varsdb_reader_format(reader), "tensorflow");
    ck_assert_uint_eq(varsdb_reader_count(reader), 1);
}

static void write_text(const char *name, const char *text)
{
    char where[PATH_BYTES];
    file_write(folder_path(&folder, name, where), text, strlen(text));
}

START_TEST(any_of_the_set_may_be_named)
{
    write_floats();
    write_text("p.meta", "a graph");
    check_found("p");
    check_found("p.index");
    check_found("p.data-00000-of-00001");
    check_found("p.meta");
    check_found("");
    write_text("checkpoint", "# x\nother: { model_checkpoint_path: \"q\" } all_model_checkpoint_paths: 'q'\n"
                             "model_checkpoint_path: \"\\160\"\n");
    check_found("checkpoint");
    check_found("");
    write_text("checkpoint", "model_checkpoint_path: \"/somewhere/else/p\"");
    check_found("checkpoint");
}
END_TEST

START_TEST(state_file_that_leads_nowhere_says_where)
{
    static const char *const texts[] = {"model_checkpoint_path: \"/gone/model-7\"",
                                        "model_checkpoint_path: \"../model-7\""};
    char where[PATH_BYTES];
    folder_path(&folder, "checkpoint", where);
    for (int i = 0; i < 2; i++) {
        write_text("checkpoint", texts[i]);
        ck_assert_int_eq(open_it(where), VARSDB_CANTOPEN);
        check_says("model-7.index");
    }
    write_text("x.data-00000-of-00002", "x");
    ck_assert_int_eq(open_it(folder_path(&folder, "x.data-00000-of-00002", where)), VARSDB_CANTOPEN);
    check_says("x.index");
}
END_TEST

/* As protobuf's text format has it. */
START_TEST(state_file_is_read_however_protobuf_may_write_it)
{
    static const char *const named[] = {
        "model_checkpoint_path:'p'",
        "model_checkpoint_path: \"\\x70\"",
        "model_checkpoint_path: \"\\X70\" # and no more",
        "model_checkpoint_path: '' \"p\"",
        "all < model_checkpoint_path: 'q' > model_checkpoint_path: 'p'",
        "last_preserved_timestamp: 1.5\nmodel_checkpoint_path: \"p\"\nmodel_checkpoint_paths: \"q\"\n",
    };
    static const char *const nowhere[] = {
        "model_checkpoint_path: \"p\\n\"", "model_checkpoint_path: \"p\\000\"",
        "model_checkpoint_path: \"p/\"",   "model_checkpoint_path: \"p\\",
        "model_checkpoint_path: \"p\\q",
    };
    write_floats();
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        write_text("checkpoint", named[i]);
        check_found("checkpoint");
    }
    char where[PATH_BYTES];
    folder_path(&folder, "checkpoint", where);
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        write_text("checkpoint", nowhere[i]);
        ck_assert_msg(open_it(where) == VARSDB_CANTOPEN, "%s", nowhere[i]);
        check_says("is beside it");
    }
}
END_TEST

START_TEST(state_file_that_is_none_is_no_checkpoint)
{
    static char large[2 << 20];
    static const char *const texts[] = {"", "model_checkpoint_pathx: 'p'", "xodel_checkpoint_path: 'p'",
                                        "} model_checkpoint_path: 'p'", "?!"};
    char where[PATH_BYTES];
    write_floats();
    folder_path(&folder, "checkpoint", where);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("checkpoint", texts[i]);
        ck_assert_msg(open_it(where) == VARSDB_FORMAT, "%s", texts[i]);
    }
    memset(large, ' ', sizeof large - 1);
    write_text("checkpoint", large);
    ck_assert_int_eq(open_it(where), VARSDB_FORMAT);
    check_says("too many for the state");
}
END_TEST

START_TEST(file_that_is_named_almost_like_a_shard_is_none)
{
    static const char *const names[] = {"x.data-0000-of-00002",
                                        "x.data-00000-of-2",
                                        "x.data-00000_of-00002",
                                        "x.dota-00000-of-00002",
                                        "00002",
                                        "-of-00002"};
    char where[PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        write_text(names[i], "x");
        ck_assert_msg(open_it(folder_path(&folder, names[i], where)) == VARSDB_FORMAT, "%s", names[i]);
    }
}
END_TEST

START_TEST(folder_may_end_in_slashes_and_hold_a_folder_that_is_named_like_an_index)
{
    char where[PATH_BYTES];
    write_floats();
    ck_assert_int_eq(mkdir(folder_path(&folder, "q.index", where), 0777), 0);
    check_found("//");
    rmdir(where);
}
END_TEST

START_TEST(folder_with_several_checkpoints_wants_one_named)
{
    write_floats();
    write_text("q.index", "x");
    ck_assert_int_eq(open_it(folder.path), VARSDB_CANTOPEN);
    check_says("several");
}
END_TEST

Suite *test_tf_bundle_suite(void);
Suite *test_tf_bundle_suite(void)
{
    Suite *s = suite_create("tf_bundle");
    TCase *t = tcase_create("tf_bundle");
    tcase_add_checked_fixture(t, tf_case_open, tf_case_close);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, table_of_many_blocks_is_read_in_order);
    tcase_add_loop_test(t, partitioned_variable_is_put_together, 0, 2);
    tcase_add_test(t, slices_without_a_whole_are_passed_over);
    tcase_add_test(t, damaged_slice_names_its_place);
    tcase_add_loop_test(t, slices_that_lie_are_refused, 0, (int)(sizeof lies / sizeof *lies));
    tcase_add_test(t, slices_outside_of_the_tensor_are_refused);
    tcase_add_test(t, big_endian_is_turned_around);
    tcase_add_test(t, damage_is_found_before_the_last_byte_and_names_its_place);
    tcase_add_test(t, shard_that_is_short_missing_a_link_or_a_fifo_is_refused);
    tcase_add_test(t, strings_are_read_with_their_lengths_before_them);
    tcase_add_test(t, every_truncation_and_every_changed_byte_is_refused);
    tcase_add_test(t, any_of_the_set_may_be_named);
    tcase_add_test(t, state_file_that_leads_nowhere_says_where);
    tcase_add_test(t, state_file_is_read_however_protobuf_may_write_it);
    tcase_add_test(t, state_file_that_is_none_is_no_checkpoint);
    tcase_add_test(t, file_that_is_named_almost_like_a_shard_is_none);
    tcase_add_test(t, folder_may_end_in_slashes_and_hold_a_folder_that_is_named_like_an_index);
    tcase_add_test(t, folder_with_several_checkpoints_wants_one_named);
    suite_add_tcase(s, t);
    return s;
}
