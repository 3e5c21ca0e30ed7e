/* test_tf_layout.c - where tensors of a checkpoint go: as they were where that can be, and else back to back,
 * but never one into another. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "format/tf_layout.h"
#include "rng.h"

Suite *test_tf_layout_suite(void);

#define MOST 40

/* ---- what is said of a tensor */

static const struct {
    const char *json;
    bool placed;
    uint64_t shard, offset;
    unsigned dtype;
} said[] = {
    {NULL, false, 0, 0, 6},
    {"", false, 0, 0, 6},
    {"[1]", false, 0, 0, 6},
    {"{}", false, 0, 0, 6},
    {"{\"shard\":2,\"offset\":70}", true, 2, 70, 6},
    {"{\"offset\":70,\"shard\":255}", true, 255, 70, 6},
    {"{\"shard\":256,\"offset\":70}", false, 0, 0, 6}, /* more than are written */
    {"{\"shard\":2}", false, 0, 0, 6},
    {"{\"offset\":70}", false, 0, 0, 6},
    {"{\"shard\":-1,\"offset\":70}", false, 0, 0, 6},
    {"{\"shard\":2,\"offset\":0.5}", false, 0, 0, 6},
    {"{\"shard\":\"2\",\"offset\":70}", false, 0, 0, 6},
    {"{\"shard\":2,\"offset\":[70]}", false, 0, 0, 6},
    {"{\"sh\\u0061rd\":2,\"offset\":70}", false, 0, 0, 6}, /* as nobody writes it */
    {"{\"shxrd\":2,\"offset\":70}", false, 0, 0, 6},
    {"{\"shard\":2,\"offset\":70,\"dtype\":\"DT_QINT8\"}", true, 2, 70, 11},
    {"{\"shard\":2,\"offset\":70,\"dtype\":\"DT_INT8\"}", true, 2, 70, 6},
    {"{\"shard\":2,\"offset\":70,\"dtype\":\"DT_FLOAT\"}", true, 2, 70, 6}, /* it is another by now */
    {"{\"shard\":2,\"offset\":70,\"dtype\":\"DT_NONE\"}", true, 2, 70, 6},
    {"{\"shard\":2,\"offset\":70,\"dtype\":7}", true, 2, 70, 6},
    {"{\"slices\":[[{\"shard\":9}]],\"shard\":2,\"offset\":70}", true, 2, 70, 6},
};

START_TEST(a_place_is_recalled_where_it_is_told_whole)
{
    const vdb_output_tensor t = {.name = "t", .dtype = VARSDB_INT8, .json = said[_i].json};
    vdb_tf_place p = {.tensor = &t, .dtype = 6};
    vdb_tf_place_recall(&p);
    ck_assert_int_eq(p.placed, said[_i].placed);
    ck_assert_uint_eq(p.dtype, said[_i].dtype);
    if (p.placed)
        ck_assert(p.shard_before == said[_i].shard && p.offset_before == said[_i].offset);
}
END_TEST

/* A number that ends early is another one. */
START_TEST(half_a_text_places_nothing)
{
    static const char whole[] = "{\"shard\":2,\"offset\":70}";
    for (size_t n = 0; n < sizeof whole - 2; n++) {
        char half[sizeof whole];
        const vdb_output_tensor t = {.name = "t", .dtype = VARSDB_INT8, .json = half};
        vdb_tf_place p = {.tensor = &t};
        memcpy(half, whole, n);
        half[n] = '\0';
        vdb_tf_place_recall(&p);
        ck_assert_msg(!p.placed, "%s", half);
    }
}
END_TEST

/* ---- where they go */

static vdb_error error;
static vdb_output_tensor tensors[MOST];
static vdb_tf_place places[MOST];
static char names[MOST][8];

static vdb_tf_place *place(size_t i, bool placed, uint64_t shard, uint64_t offset, uint64_t stored)
{
    snprintf(names[i], sizeof names[i], "t%02zu", i);
    tensors[i] = (vdb_output_tensor){.name = names[i], .dtype = VARSDB_INT8};
    places[i] = (vdb_tf_place){.tensor = &tensors[i],
                               .placed = placed,
                               .shard_before = shard,
                               .offset_before = offset,
                               .stored = stored};
    return &places[i];
}

static int lay_out(size_t count, uint64_t most, const char *shards_json, int64_t *shards)
{
    vdb_metadata pair = {(char *)(uintptr_t) "num_shards", (char *)(uintptr_t)shards_json};
    const vdb_writing w = {.tensors = tensors,
                           .count = count,
                           .metadata = &pair,
                           .metadata_count = shards_json ? 1 : 0,
                           .max_shard_bytes = most};
    return vdb_tf_layout(&error, places, &w, shards);
}

static bool meet(const vdb_tf_place *a, const vdb_tf_place *b)
{
    return a->shard == b->shard && a->stored && b->stored && a->offset < b->offset + (int64_t)b->stored &&
           b->offset < a->offset + (int64_t)a->stored;
}

static bool as_before(size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (places[i].shard != (int64_t)places[i].shard_before ||
            places[i].offset != (int64_t)places[i].offset_before)
            return false;
    return true;
}

static void check_apart(size_t count, int64_t shards)
{
    for (size_t i = 0; i < count; i++) {
        ck_assert(places[i].shard >= 0 && places[i].shard < shards && places[i].offset >= 0);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(!meet(&places[i], &places[k]), "%s and %s share bytes", places[i].tensor->name,
                          places[k].tensor->name);
    }
}

START_TEST(no_two_tensors_share_bytes_wherever_they_were)
{
    uint32_t w[4];
    int kept = 0;
    for (uint64_t round = 0; round < 3000; round++) {
        int64_t shards = 0;
        vdb_philox(vdb_philox_key_of_seed(7), round, 0, w);
        const size_t count = 1 + w[0] % MOST;
        const uint64_t most = w[1] % 4 ? 0 : 1 + w[2] % 300;
        const bool crowded = w[3] % 2;
        for (size_t i = 0; i < count; i++) {
            vdb_philox(vdb_philox_key_of_seed(8), round, i, w);
            const uint64_t span = crowded ? 50 : 100;
            place(i, w[0] % 500 != 0, w[1] % 3, i * 100 + w[2] % span, w[3] % span);
        }
        ck_assert_int_eq(lay_out(count, most, NULL, &shards), VARSDB_OK);
        check_apart(count, shards);
        kept += as_before(count);
    }
    ck_assert_int_gt(kept, 500);
    ck_assert_int_lt(kept, 2500);
}
END_TEST

START_TEST(places_that_cannot_be_again_are_given_up)
{
    static const struct {
        uint64_t first, first_bytes, second, second_bytes;
        bool kept;
    } pairs[] = {
        {0, 10, 10, 10, true},
        {0, 11, 10, 10, false},                /* it grew into the other */
        {0, 0, 0, 10, true},                   /* nothing is anywhere */
        {10, 10, 20, 10, true},                /* a gap */
        {0, 10, 10 + 65536, 10, true},         /* as large as gaps may be */
        {0, 10, 10 + 65536 + 3, 10, false},    /* and larger than an eighth of the data */
        {0, 800, 800 + 65536 + 100, 10, true}, /* no larger than that */
        {0, 800, 800 + 65536 + 102, 10, false},
        {0, 10, INT64_MAX, 1, false}, /* ends behind what a file can have */
        {0, 10, (uint64_t)INT64_MAX + 1, 1, false},
        {0, 10, 10, UINT64_MAX - 5, false},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int64_t shards = 0;
        place(0, true, 0, pairs[i].first, pairs[i].first_bytes);
        place(1, true, 0, pairs[i].second, pairs[i].second_bytes);
        int rc = lay_out(2, 0, NULL, &shards);
        if (rc == VARSDB_OK)
            ck_assert_msg(as_before(2) == pairs[i].kept, "pair %zu", i);
        else
            ck_assert_msg(rc == VARSDB_UNSUPPORTED && !pairs[i].kept && pairs[i].second_bytes > INT64_MAX,
                          "pair %zu: %s", i, error.text);
    }
}
END_TEST

START_TEST(there_are_as_many_shards_as_there_were)
{
    static const struct {
        const char *json;
        int64_t shards;
    } told[] = {{NULL, 2}, {"7", 7},   {"1", 2},     {"256", 256}, {"99999", 256},
                {"-3", 2}, {"1.5", 2}, {"\"7\"", 2}, {"", 2},      {"99999999999999999999999", 2}};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        int64_t shards = 0;
        place(0, true, 0, 0, 4);
        place(1, true, 1, 0, 4);
        ck_assert_int_eq(lay_out(2, 0, told[i].json, &shards), VARSDB_OK);
        ck_assert_msg(shards == told[i].shards, "%s: %lld", told[i].json ? told[i].json : "nothing",
                      (long long)shards);
    }
    int64_t none = 0;
    ck_assert_int_eq(lay_out(0, 0, NULL, &none), VARSDB_OK);
    ck_assert_int_eq(none, 1);
}
END_TEST

START_TEST(a_shard_has_no_more_than_asked_for_unless_one_tensor_does)
{
    int64_t shards = 0;
    static const uint64_t stored[] = {60, 40, 1, 150, 99, 0, 2};
    static const int64_t shard[] = {0, 0, 1, 2, 3, 3, 4}, offset[] = {0, 60, 0, 0, 0, 99, 0};
    for (size_t i = 0; i < 7; i++)
        place(i, false, 0, 0, stored[i]);
    ck_assert_int_eq(lay_out(7, 100, NULL, &shards), VARSDB_OK);
    ck_assert_int_eq(shards, 5);
    for (size_t i = 0; i < 7; i++)
        ck_assert(places[i].shard == shard[i] && places[i].offset == offset[i]);
}
END_TEST

START_TEST(what_no_files_could_hold_is_refused)
{
    int64_t shards = 0;
    place(0, false, 0, 0, INT64_MAX);
    place(1, false, 0, 0, 1);
    ck_assert_int_eq(lay_out(2, 0, NULL, &shards), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "more bytes than a file can have"));
    static vdb_output_tensor many[VDB_TF_WRITE_SHARDS_MAX + 1];
    static vdb_tf_place all[VDB_TF_WRITE_SHARDS_MAX + 1];
    for (size_t count = VDB_TF_WRITE_SHARDS_MAX; count <= VDB_TF_WRITE_SHARDS_MAX + 1; count++) {
        for (size_t i = 0; i < count; i++) {
            many[i] = (vdb_output_tensor){.name = "same"};
            all[i] = (vdb_tf_place){.tensor = &many[i], .stored = 8};
        }
        const vdb_writing w = {.tensors = many, .count = count, .max_shard_bytes = 8};
        const bool fits = count <= VDB_TF_WRITE_SHARDS_MAX;
        ck_assert_int_eq(vdb_tf_layout(&error, all, &w, &shards), fits ? VARSDB_OK : VARSDB_UNSUPPORTED);
    }
    ck_assert_ptr_nonnull(strstr(error.text, "it would be 257 shards"));
}
END_TEST

Suite *test_tf_layout_suite(void)
{
    Suite *suite = suite_create("tf_layout");
    TCase *tc = tcase_create("tf_layout");
    tcase_add_loop_test(tc, a_place_is_recalled_where_it_is_told_whole, 0, sizeof said / sizeof *said);
    tcase_add_test(tc, half_a_text_places_nothing);
    tcase_add_test(tc, no_two_tensors_share_bytes_wherever_they_were);
    tcase_add_test(tc, places_that_cannot_be_again_are_given_up);
    tcase_add_test(tc, there_are_as_many_shards_as_there_were);
    tcase_add_test(tc, a_shard_has_no_more_than_asked_for_unless_one_tensor_does);
    tcase_add_test(tc, what_no_files_could_hold_is_refused);
    suite_add_tcase(suite, tc);
    return suite;
}
