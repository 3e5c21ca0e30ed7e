/* test_strided.c - elements at regular distances put in order, against the plain formula for each. */
#include <check.h>
#include <stdlib.h>

#include "../support/memory.h"
#include "format/strided.h"

/* What is read is where it lies: byte i of the source is a hash of i. */
static unsigned char byte_at(uint64_t i)
{
    uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u;
    return (unsigned char)(x >> 56 ^ x >> 31);
}

typedef struct tape {
    uint64_t bytes, at; /* behind what was read last */
    int back;           /* how often it was wound back */
    int calls;
    int fails_at; /* call; 0: none does */
} tape;

static tape source_tape;

static int read_at(vdb_error *e, const void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    tape *t = &source_tape;
    if (payload != &source_tape || offset + bytes > t->bytes || !bytes)
        ck_abort_msg("%zu bytes at %llu are not in the source", bytes, (unsigned long long)offset);
    if (++t->calls == t->fails_at)
        return vdb_fail(e, VARSDB_IO, "as asked for");
    t->back += offset < t->at;
    t->at = offset + bytes;
    for (size_t i = 0; i < bytes; i++)
        ((unsigned char *)buffer)[i] = byte_at(offset + i);
    return VARSDB_OK;
}

typedef struct layout {
    uint64_t dims[4], strides[4], base;
    int rank;
    unsigned item, number;
} layout;

static vdb_strided view_of(const layout *l)
{
    return (vdb_strided){.base = l->base,
                         .item_bytes = l->item,
                         .number_bytes = l->number,
                         .rank = l->rank,
                         .dims = l->dims,
                         .strides = l->strides};
}

static uint64_t elements_of(const layout *l)
{
    uint64_t elements = 1;
    for (int i = 0; i < l->rank; i++)
        elements *= l->dims[i];
    return elements;
}

static uint64_t span_of(const layout *l)
{
    uint64_t last = 0;
    for (int i = 0; i < l->rank; i++)
        last += (l->dims[i] - 1) * l->strides[i];
    return l->base + (last + 1) * l->item;
}

/* Byte i of the tensor, by the formula. */
static unsigned char expected(const layout *l, uint64_t i)
{
    uint64_t rest = i / l->item, within = i % l->item, place = 0;
    for (int axis = l->rank - 1; axis >= 0; axis--) {
        place += rest % l->dims[axis] * l->strides[axis];
        rest /= l->dims[axis];
    }
    uint64_t number = within / l->number, in_number = within % l->number;
    if (l->number > 1)
        within = number * l->number + (l->number - 1 - in_number);
    return byte_at(l->base + place * l->item + within);
}

static void check_bytes(const layout *l, const unsigned char *got, uint64_t offset, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (got[i] != expected(l, offset + i))
            ck_abort_msg("byte %llu is 0x%02x, not 0x%02x", (unsigned long long)(offset + i), got[i],
                         expected(l, offset + i));
}

static const vdb_source source = {.read_at = read_at, .payload = &source_tape};

/* All of it, in pieces of that size. */
static void check_in_pieces(const layout *l, vdb_strided_cache *cache, uint64_t key, size_t piece)
{
    vdb_strided s = view_of(l);
    vdb_error e;
    uint64_t all = elements_of(l) * l->item;
    unsigned char *got = malloc(piece);
    source_tape = (tape){.bytes = span_of(l)};
    for (uint64_t at = 0; at < all; at += piece) {
        size_t bytes = all - at < piece ? (size_t)(all - at) : piece;
        ck_assert_int_eq(vdb_strided_read(&e, &source, &s, cache, key, at, got, bytes), VARSDB_OK);
        check_bytes(l, got, at, bytes);
    }
    free(got);
}

static const layout small[] = {
    {.rank = 0, .item = 8, .number = 8, .base = 3},
    {.rank = 1, .dims = {5}, .strides = {1}, .item = 4, .number = 1, .base = 7},
    {.rank = 1, .dims = {5}, .strides = {1}, .item = 4, .number = 4, .base = 7},
    {.rank = 1, .dims = {5}, .strides = {3}, .item = 2, .number = 1},
    {.rank = 1, .dims = {1}, .strides = {999}, .item = 1, .number = 1},
    {.rank = 2, .dims = {3, 4}, .strides = {1, 3}, .item = 4, .number = 1, .base = 128},
    {.rank = 2, .dims = {3, 4}, .strides = {1, 3}, .item = 16, .number = 8, .base = 80},
    {.rank = 2, .dims = {3, 4}, .strides = {0, 1}, .item = 8, .number = 1},
    {.rank = 2, .dims = {3, 4}, .strides = {1, 0}, .item = 8, .number = 2},
    {.rank = 2, .dims = {3, 4}, .strides = {1, 1}, .item = 1, .number = 1},
    {.rank = 2, .dims = {4, 3}, .strides = {100, 7}, .item = 2, .number = 2, .base = 1},
    {.rank = 2, .dims = {4, 3}, .strides = {100000, 70}, .item = 2, .number = 1},
    {.rank = 3, .dims = {2, 3, 4}, .strides = {1, 2, 6}, .item = 4, .number = 1},
    {.rank = 3, .dims = {2, 1, 4}, .strides = {1, 2, 2}, .item = 4, .number = 1},
    {.rank = 4, .dims = {1, 1, 1, 1}, .strides = {9, 9, 9, 9}, .item = 4, .number = 2},
    {.rank = 4, .dims = {2, 3, 2, 3}, .strides = {3, 36, 18, 6}, .item = 1, .number = 1, .base = 5},
};

START_TEST(every_element_comes_from_its_place)
{
    vdb_strided_cache cache = {0};
    for (size_t piece = 1; piece < 40; piece += 3)
        check_in_pieces(&small[_i], &cache, piece, piece);
    vdb_strided_release(&cache);
}
END_TEST

/* Larger than a block or a window in one way and another; each in pieces that do not fit its blocks. */
static const layout large[] = {
    {.rank = 2, .dims = {1500, 1100}, .strides = {1, 1500}, .item = 4, .number = 1, .base = 128},
    {.rank = 2, .dims = {3, 700001}, .strides = {1, 3}, .item = 4, .number = 4},
    {.rank = 2, .dims = {700001, 3}, .strides = {1, 700001}, .item = 4, .number = 1},
    {.rank = 3, .dims = {3, 2, 1048577}, .strides = {2, 1, 6}, .item = 2, .number = 1},
    {.rank = 2, .dims = {40, 100000}, .strides = {100000, 1}, .item = 2, .number = 2},
    {.rank = 2, .dims = {40, 100000}, .strides = {100003, 1}, .item = 2, .number = 1},
    {.rank = 1, .dims = {5000000}, .strides = {1}, .item = 2, .number = 2, .base = 9},
    {.rank = 2, .dims = {4097, 1025}, .strides = {1, 4097}, .item = 1, .number = 1},
};

START_TEST(blocks_and_windows_join_without_a_seam)
{
    vdb_strided_cache cache = {0};
    check_in_pieces(&large[_i], &cache, 1, 999983);
    vdb_strided_release(&cache);
    ck_assert_int_lt(memory_peak(), (int64_t)16 << 20);
}
END_TEST

START_TEST(any_range_can_be_asked_for)
{
    vdb_strided_cache cache = {0};
    vdb_strided s = view_of(&large[_i]);
    vdb_error e;
    uint64_t all = elements_of(&large[_i]) * large[_i].item, x = 1;
    unsigned char got[5000];
    source_tape = (tape){.bytes = span_of(&large[_i])};
    for (int n = 0; n < 40; n++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        uint64_t offset = (x >> 16) % all, bytes = (x >> 40) % sizeof got;
        bytes = bytes < all - offset ? bytes : all - offset;
        ck_assert_int_eq(vdb_strided_read(&e, &source, &s, &cache, 1, offset, got, (size_t)bytes), VARSDB_OK);
        check_bytes(&large[_i], got, offset, (size_t)bytes);
    }
    vdb_strided_release(&cache);
}
END_TEST

/* An archive's member is a tape: to wind it back is to inflate it from the beginning. */
START_TEST(what_fits_a_block_is_read_once_and_forward)
{
    static const layout fortran[] = {
        {.rank = 2, .dims = {1000, 1000}, .strides = {1, 1000}, .item = 4, .number = 1, .base = 128},
        {.rank = 3, .dims = {7, 300, 499}, .strides = {1, 7, 2100}, .item = 4, .number = 4, .base = 128},
        {.rank = 4, .dims = {1, 5, 1, 77777}, .strides = {1, 1, 5, 5}, .item = 8, .number = 1, .base = 80},
        {.rank = 2, .dims = {500000, 2}, .strides = {1, 500000}, .item = 4, .number = 4, .base = 80},
    };
    vdb_strided_cache cache = {0};
    check_in_pieces(&fortran[_i], &cache, 0, 65536);
    ck_assert_int_eq(source_tape.back, 0);
    ck_assert_uint_eq(source_tape.at, span_of(&fortran[_i]));
    ck_assert_int_le(source_tape.calls, 20);
    vdb_strided_release(&cache);
}
END_TEST

START_TEST(two_tensors_share_a_cache_and_are_told_apart)
{
    vdb_strided_cache cache = {0};
    for (int round = 0; round < 3; round++)
        for (uint64_t i = 0; i < 2; i++)
            check_in_pieces(&small[5 + i], &cache, i, 16);
    vdb_strided_release(&cache);
}
END_TEST

/* A read that fails leaves nothing behind that would be believed. */
START_TEST(failed_read_is_told_and_the_next_one_is_right)
{
    const layout *l = &large[0];
    vdb_strided s = view_of(l);
    unsigned char got[64];
    for (int fails_at = 1; fails_at < 20; fails_at += 6) {
        vdb_strided_cache cache = {0};
        vdb_error e;
        source_tape = (tape){.bytes = span_of(l), .fails_at = fails_at};
        ck_assert_int_eq(vdb_strided_read(&e, &source, &s, &cache, 0, 0, got, sizeof got), VARSDB_IO);
        ck_assert_str_eq(e.text, "as asked for");
        ck_assert_int_eq(vdb_strided_read(&e, &source, &s, &cache, 0, 0, got, sizeof got), VARSDB_OK);
        check_bytes(l, got, 0, sizeof got);
        vdb_strided_release(&cache);
    }
}
END_TEST

Suite *test_strided_suite(void);
Suite *test_strided_suite(void)
{
    Suite *s = suite_create("strided");
    TCase *t = tcase_create("strided");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, every_element_comes_from_its_place, 0, (int)(sizeof small / sizeof *small));
    tcase_add_loop_test(t, blocks_and_windows_join_without_a_seam, 0, (int)(sizeof large / sizeof *large));
    tcase_add_loop_test(t, any_range_can_be_asked_for, 0, (int)(sizeof large / sizeof *large));
    tcase_add_loop_test(t, what_fits_a_block_is_read_once_and_forward, 0, 4);
    tcase_add_test(t, two_tensors_share_a_cache_and_are_told_apart);
    tcase_add_test(t, failed_read_is_told_and_the_next_one_is_right);
    suite_add_tcase(s, t);
    return s;
}
