/* Tests of growable bytes. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "varsdb.h"

Suite *test_buf_suite(void);

START_TEST(appends_end_in_nul)
{
    vdb_buf b = {0};
    ck_assert_int_eq(vdb_buf_append(&b, "ab\0c", 4), VARSDB_OK);
    ck_assert_int_eq(vdb_buf_append_text(&b, "de"), VARSDB_OK);
    ck_assert_int_eq(vdb_buf_printf(&b, "-%d", 42), VARSDB_OK);
    ck_assert_uint_eq(b.size, 9);
    ck_assert_mem_eq(b.data, "ab\0cde-42", 10);
    vdb_buf_release(&b);
    ck_assert_ptr_null(b.data);
    ck_assert_uint_eq(b.size, 0);
}
END_TEST

START_TEST(growing_keeps_what_is_there)
{
    vdb_buf b = {0};
    for (unsigned i = 0; i < 100000; i++) {
        unsigned char c = (unsigned char)(i * 31 >> 3);
        ck_assert_int_eq(vdb_buf_append(&b, &c, 1), VARSDB_OK);
    }
    ck_assert_uint_eq(b.size, 100000);
    for (unsigned i = 0; i < 100000; i++)
        if ((unsigned char)b.data[i] != (unsigned char)(i * 31 >> 3))
            ck_abort_msg("byte %u changed", i);
    ck_assert_int_eq(b.data[100000], 0);
    vdb_buf_release(&b);
}
END_TEST

START_TEST(printf_longer_than_the_room)
{
    vdb_buf b = {0};
    ck_assert_int_eq(vdb_buf_append_text(&b, "x"), VARSDB_OK);
    ck_assert_int_eq(vdb_buf_printf(&b, "%0500d", 7), VARSDB_OK);
    ck_assert_uint_eq(b.size, 501);
    ck_assert_uint_eq(strspn(b.data + 1, "0"), 499);
    ck_assert_str_eq(b.data + 500, "7");
    vdb_buf_release(&b);
}
END_TEST

START_TEST(extend_counts_and_hands_out_the_place)
{
    vdb_buf b = {0};
    void *at = NULL;
    ck_assert_int_eq(vdb_buf_append_text(&b, "head"), VARSDB_OK);
    ck_assert_int_eq(vdb_buf_extend(&b, 3, &at), VARSDB_OK);
    ck_assert_ptr_eq(at, b.data + 4);
    memcpy(at, "xyz", 3);
    ck_assert_str_eq(b.data, "headxyz");
    vdb_buf_release(&b);
}
END_TEST

START_TEST(impossible_sizes_are_refused_and_change_nothing)
{
    vdb_buf b = {0};
    void *at = NULL;
    ck_assert_int_eq(vdb_buf_append_text(&b, "kept"), VARSDB_OK);
    ck_assert_int_eq(vdb_buf_extend(&b, SIZE_MAX, &at), VARSDB_NOMEM);
    ck_assert_int_eq(vdb_buf_extend(&b, SIZE_MAX / 2, &at), VARSDB_NOMEM);
    ck_assert_int_eq(vdb_buf_extend(&b, SIZE_MAX / 2 - 6, &at), VARSDB_NOMEM);
    ck_assert_ptr_null(at);
    ck_assert_uint_eq(b.size, 4);
    ck_assert_str_eq(b.data, "kept");
    vdb_buf_release(&b);
}
END_TEST

START_TEST(reset_keeps_the_memory_and_detach_gives_it_away)
{
    vdb_buf b = {0};
    vdb_buf_reset(&b);
    ck_assert_ptr_null(vdb_buf_detach(&b));
    ck_assert_int_eq(vdb_buf_append_text(&b, "first"), VARSDB_OK);
    char *before = b.data;
    vdb_buf_reset(&b);
    ck_assert_str_eq(b.data, "");
    ck_assert_int_eq(vdb_buf_append_text(&b, "second"), VARSDB_OK);
    ck_assert_ptr_eq(b.data, before);
    char *mine = vdb_buf_detach(&b);
    ck_assert_str_eq(mine, "second");
    ck_assert_ptr_null(b.data);
    ck_assert_uint_eq(b.room, 0);
    vdb_free(mine);
}
END_TEST

START_TEST(empty_appends_are_appends)
{
    vdb_buf b = {0};
    ck_assert_int_eq(vdb_buf_append(&b, NULL, 0), VARSDB_OK);
    ck_assert_uint_eq(b.size, 0);
    ck_assert_str_eq(b.data, "");
    vdb_buf_release(&b);
}
END_TEST

Suite *test_buf_suite(void)
{
    Suite *s = suite_create("buf");
    TCase *t = tcase_create("buf");
    tcase_add_test(t, appends_end_in_nul);
    tcase_add_test(t, growing_keeps_what_is_there);
    tcase_add_test(t, printf_longer_than_the_room);
    tcase_add_test(t, extend_counts_and_hands_out_the_place);
    tcase_add_test(t, impossible_sizes_are_refused_and_change_nothing);
    tcase_add_test(t, reset_keeps_the_memory_and_detach_gives_it_away);
    tcase_add_test(t, empty_appends_are_appends);
    suite_add_tcase(s, t);
    return s;
}
