/* test_pytorch.c - files of PyTorch, made byte by byte, are read as the tensors that they say, or refused. */
#include "../support/memory.h"
#include "../support/torches.h"
#include "buf.h"

static test_folder folder;
static char path[PATH_BYTES];
static varsdb_reader *reader;
static zip_maker pickle;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "file.pt", path);
}

static void forget(void)
{
    varsdb_close_reader(reader);
    reader = NULL;
    free(pickle.data);
    pickle = (zip_maker){0};
}

static void teardown(void)
{
    forget();
    folder_remove(&folder);
}

static int open_file(void)
{
    varsdb_close_reader(reader);
    return varsdb_open_reader(path, &reader);
}

static void check_opened(void)
{
    ck_assert_msg(open_file() == VARSDB_OK, "%s", varsdb_reader_errmsg(reader));
    ck_assert_str_eq(varsdb_reader_format(reader), "pytorch");
}

static void check_refused(int code, const char *said)
{
    ck_assert_int_eq(open_file(), code);
    ck_assert_msg(strstr(varsdb_reader_errmsg(reader), said) != NULL, "'%s' is not in: %s", said,
                  varsdb_reader_errmsg(reader));
}

/* ---- Dtypes ------------------------------------------------------------- */

static const struct {
    const char *type, *dtype, *ours;
    unsigned bytes, parts; /* of an element, numbers in it */
} crosswalk[] = {
    {"FloatStorage", NULL, "float32", 4, 1},
    {"DoubleStorage", NULL, "float64", 8, 1},
    {"HalfStorage", NULL, "float16", 2, 1},
    {"BFloat16Storage", NULL, "bfloat16", 2, 1},
    {"LongStorage", NULL, "int64", 8, 1},
    {"IntStorage", NULL, "int32", 4, 1},
    {"ShortStorage", NULL, "int16", 2, 1},
    {"CharStorage", NULL, "int8", 1, 1},
    {"ByteStorage", NULL, "uint8", 1, 1},
    {"BoolStorage", NULL, "bool", 1, 1},
    {"ComplexFloatStorage", NULL, "complex64", 8, 2},
    {"ComplexDoubleStorage", NULL, "complex128", 16, 2},
    {NULL, "uint16", "uint16", 2, 1},
    {NULL, "uint32", "uint32", 4, 1},
    {NULL, "uint64", "uint64", 8, 1},
    {NULL, "float8_e4m3fn", "float8_e4m3fn", 1, 1},
    {NULL, "float8_e5m2", "float8_e5m2", 1, 1},
    {NULL, "float8_e4m3fnuz", "float8_e4m3fnuz", 1, 1},
    {NULL, "float8_e5m2fnuz", "float8_e5m2fnuz", 1, 1},
    {NULL, "float8_e8m0fnu", "float8_e8m0", 1, 1},
    {NULL, "complex64", "complex64", 8, 2},
    {NULL, "bfloat16", "bfloat16", 2, 1},
};
#define DTYPES ((int)(sizeof crosswalk / sizeof *crosswalk))

/* Three elements of which the last two are in the tensor; byte i of the storage is i, or 1 of bools. */
static void check_dtype(int i, const char *order)
{
    unsigned bytes = crosswalk[i].bytes, number = bytes / crosswalk[i].parts;
    unsigned char data[48], got[32], expected[32];
    torch_view view = {.name = "t",
                       .type = crosswalk[i].type,
                       .dtype = crosswalk[i].dtype,
                       .items = crosswalk[i].dtype ? 3 * bytes : 3,
                       .offset = 1,
                       .rank = 1,
                       .dims = {2},
                       .strides = {1}};
    for (unsigned k = 0; k < 3 * bytes; k++)
        data[k] = (unsigned char)(bytes == 1 ? 1 : k);
    for (unsigned k = 0; k < 2 * bytes; k++)
        expected[k] =
            data[bytes + (order && *order == 'b' ? k / number * number + number - 1 - k % number : k)];
    torch_pickle(&pickle, &view, 1, NULL);
    torch_archive(path, &pickle, data, 3 * bytes, order);
    check_opened();
    const varsdb_tensor_info *t = varsdb_reader_tensor(reader, 0);
    ck_assert_str_eq(varsdb_dtype_name(t->dtype), crosswalk[i].ours);
    ck_assert_uint_eq(t->bytes, 2 * bytes);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 2 * bytes), VARSDB_OK);
    ck_assert_mem_eq(got, expected, 2 * bytes);
    if (!order) { /* of old they are little-endian always */
        torch_legacy(path, &pickle, data, (uint64_t)view.items, 3 * bytes);
        check_opened();
        ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 2 * bytes), VARSDB_OK);
        ck_assert_mem_eq(got, expected, 2 * bytes);
    }
    forget();
}

START_TEST(every_dtype_is_known_in_each_byte_order)
{
    check_dtype(_i, NULL);
    check_dtype(_i, "little");
    check_dtype(_i, "big");
}
END_TEST

/* ---- Views -------------------------------------------------------------- */

#define ITEMS 5040

static const torch_view views[] = {
    {.rank = 0},
    {.rank = 0, .offset = ITEMS - 1},
    {.rank = 1, .dims = {ITEMS}, .strides = {1}},
    {.rank = 2, .dims = {70, 72}, .strides = {72, 1}},
    {.rank = 2, .dims = {72, 70}, .strides = {1, 72}},
    {.rank = 2, .dims = {5, 7}, .strides = {13, 3}, .offset = 11},
    {.rank = 3, .dims = {4, 5, 6}, .strides = {1, 24, 4}},
    {.rank = 3, .dims = {4, 5, 6}, .strides = {6, 24, 1}, .offset = 100},
    {.rank = 4, .dims = {3, 1, 4, 5}, .strides = {7, 1000, 300, 2}},
    {.rank = 4, .dims = {2, 3, 4, 5}, .strides = {0, 5, 0, 1}},
    {.rank = 3, .dims = {100, 3, 100}, .strides = {0, 1, 0}},
    {.rank = 1, .dims = {100}, .strides = {50}},
    {.rank = 3, .dims = {2, 0, 4}, .strides = {4, 4, 1}, .offset = ITEMS},
    {.rank = 6, .dims = {2, 3, 2, 3, 2, 3}, .strides = {1, 2, 6, 12, 36, 72}},
    {.rank = 2, .dims = {100, 10}, .strides = {3, 1}}, /* elements overlap */
};
#define VIEWS ((int)(sizeof views / sizeof *views))

/* Element i of the storage is i: what a view has is the place of each of its elements. */
static int32_t place_of(const torch_view *v, uint64_t i)
{
    int64_t at = v->offset;
    for (int k = v->rank - 1; k >= 0; k--) {
        at += (int64_t)(i % (uint64_t)v->dims[k]) * v->strides[k];
        i /= (uint64_t)v->dims[k];
    }
    return (int32_t)at;
}

/* Reads all in pieces of `piece` bytes, and counts wrong elements. */
static void check_places(const torch_view *v, size_t piece)
{
    const varsdb_tensor_info *t = varsdb_reader_tensor(reader, 0);
    uint64_t wrong = 0, elements = 1;
    for (int k = 0; k < v->rank; k++)
        elements *= (uint64_t)v->dims[k];
    ck_assert_uint_eq(t->bytes, elements * 4);
    ck_assert_int_eq(t->shape.rank, v->rank);
    unsigned char *got = malloc(t->bytes + 1);
    ck_assert_ptr_nonnull(got);
    for (uint64_t at = 0; at < t->bytes; at += piece)
        ck_assert_int_eq(varsdb_reader_read(reader, 0, at, got + at,
                                            t->bytes - at < piece ? (size_t)(t->bytes - at) : piece),
                         VARSDB_OK);
    for (uint64_t i = 0; i < elements; i++) {
        int32_t value;
        memcpy(&value, got + i * 4, 4);
        wrong += value != place_of(v, i);
    }
    free(got);
    ck_assert_uint_eq(wrong, 0);
}

static void make_view(const torch_view *from, bool big, bool legacy, int32_t items)
{
    torch_view view = *from;
    unsigned char *data = malloc((size_t)items * 4);
    ck_assert_ptr_nonnull(data);
    view.name = "t";
    view.type = "IntStorage";
    view.items = items;
    for (int32_t i = 0; i < items; i++)
        for (int k = 0; k < 4; k++)
            data[i * 4 + k] = (unsigned char)((uint32_t)i >> 8 * (big ? 3 - k : k));
    torch_pickle(&pickle, &view, 1, NULL);
    if (legacy)
        torch_legacy(path, &pickle, data, (uint64_t)items, (size_t)items * 4);
    else
        torch_archive(path, &pickle, data, (size_t)items * 4, big ? "big" : "little");
    free(data);
    check_opened();
}

START_TEST(strided_elements_come_in_c_order)
{
    for (int kind = 0; kind < 3; kind++) {
        make_view(&views[_i], kind == 1, kind == 2, ITEMS);
        check_places(&views[_i], 1 << 20);
        check_places(&views[_i], 7); /* elements are cut */
        forget();
    }
}
END_TEST

/* 32 MB, transposed; in blocks, through a window. */
START_TEST(large_strided_tensor_takes_little_memory)
{
    static const torch_view large[] = {
        {.rank = 2, .dims = {2000, 4000}, .strides = {1, 2000}},
        {.rank = 3, .dims = {2, 1999, 1000}, .strides = {1, 2, 4001}, .offset = 3},
        {.rank = 1, .dims = {2000}, .strides = {4000}},
    };
    for (size_t i = 0; i < 3; i++) {
        make_view(&large[i], false, false, 8000000);
        int64_t before = memory_peak();
        unsigned char piece[4096];
        for (uint64_t at = 0, all = varsdb_reader_tensor(reader, 0)->bytes; at < all; at += sizeof piece) {
            size_t bytes = all - at < sizeof piece ? (size_t)(all - at) : sizeof piece;
            ck_assert_int_eq(varsdb_reader_read(reader, 0, at, piece, bytes), VARSDB_OK);
        }
        ck_assert_int_lt(memory_peak() - before, (int64_t)8 << 20);
        check_places(&large[i], 1 << 20);
        forget();
    }
}
END_TEST

/* ---- Names and metadata ------------------------------------------------- */

static vdb_buf kept;

static int keep_pair(void *payload, const char *key, const char *json)
{
    vdb_buf *out = payload;
    return vdb_buf_printf(out, "%s=%s;", key, json) != VARSDB_OK;
}

START_TEST(names_are_the_way_and_the_rest_is_metadata)
{
    torch_view view = {.type = "FloatStorage", .items = 2, .rank = 1, .dims = {2}, .strides = {1}};
    float data[2] = {1.5f, -2};
    zip_put(&pickle, "\x80\x02}(", 4);
    torch_text(&pickle, "epoch");
    torch_put(&pickle, "K\3");
    torch_text(&pickle, "model");
    torch_put(&pickle, "ccollections\nOrderedDict\n)R(");
    torch_text(&pickle, "a.weight");
    torch_tensor(&pickle, &view);
    torch_text(&pickle, "tied");
    view.parameter = true;
    torch_tensor(&pickle, &view);
    torch_text(&pickle, "note");
    torch_text(&pickle, "x");
    torch_put(&pickle, "uK\5](");
    torch_tensor(&pickle, &view);
    torch_put(&pickle, "(K\7N");
    torch_tensor(&pickle, &view);
    torch_put(&pickle, "te");
    torch_text(&pickle, "groups");
    torch_put(&pickle, "]}");
    torch_text(&pickle, "lr");
    zip_put(&pickle, "G\x3f\xe0\0\0\0\0\0\0sau.", 13);
    torch_archive(path, &pickle, data, sizeof data, NULL);
    check_opened();
    static const char *const names[] = {"model.a.weight", "model.tied", "5.0", "5.1.2"};
    ck_assert_uint_eq(varsdb_reader_count(reader), 4);
    for (size_t i = 0; i < 4; i++) {
        float got[2];
        ck_assert_str_eq(varsdb_reader_tensor(reader, i)->name, names[i]);
        ck_assert_int_eq(varsdb_reader_read(reader, i, 0, got, sizeof got), VARSDB_OK);
        ck_assert_mem_eq(got, data, sizeof data);
    }
    ck_assert_int_eq(varsdb_reader_metadata(reader, keep_pair, &kept), VARSDB_OK);
    ck_assert_str_eq(kept.data, "epoch=3;model.note=\"x\";5.1.0=7;5.1.1=null;groups=[{\"lr\":0.5}];");
    vdb_buf_release(&kept);
}
END_TEST

START_TEST(file_of_one_tensor_is_called_tensor)
{
    torch_view view = {.type = "ByteStorage", .items = 1};
    zip_put(&pickle, "\x80\x02", 2);
    torch_tensor(&pickle, &view);
    torch_put(&pickle, ".");
    torch_archive(path, &pickle, "x", 1, NULL);
    check_opened();
    ck_assert_str_eq(varsdb_reader_tensor(reader, 0)->name, "tensor");
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->shape.rank, 0);
}
END_TEST

/* ---- What is refused ---------------------------------------------------- */

#define HALF ((int64_t)1 << 62)
#define F4   .type = "FloatStorage", .items = 4

static const struct {
    torch_view view;
    int code;
    const char *said;
} bad[] = {
    {{F4, .rank = 1, .dims = {5}, .strides = {1}}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 1, .dims = {2}, .strides = {4}}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 1, .dims = {3}, .strides = {1}, .offset = 2}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 0, .offset = 4}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 1, .dims = {0}, .strides = {1}, .offset = 5}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 2, .dims = {2, 2}, .strides = {HALF, HALF}}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 3, .dims = {3, 3, 3}, .strides = {HALF, HALF, HALF}}, VARSDB_FORMAT, "beyond the end"},
    {{F4, .rank = 1, .dims = {2}, .strides = {-1}, .offset = 3}, VARSDB_FORMAT, "a stride is -1"},
    {{F4, .rank = 1, .dims = {-2}, .strides = {1}}, VARSDB_FORMAT, "a dimension is -2"},
    {{F4, .rank = 0, .offset = -1}, VARSDB_FORMAT, "its offset is -1"},
    {{F4, .rank = 1, .dims = {HALF}, .strides = {0}}, VARSDB_FORMAT, "281474976710656"},
    {{F4, .rank = 3, .dims = {1 << 30, 1 << 30, 16}, .strides = {0, 0, 0}}, VARSDB_FORMAT, "elements"},
    {{F4, .rank = 1, .dims = {1 << 30}, .strides = {0}}, VARSDB_FORMAT, "strides of 0"},
    {{.type = "FloatStorage", .items = 5}, VARSDB_FORMAT, "has 16 bytes, but the pickle says 20"},
    {{.type = "FloatStorage", .items = 3}, VARSDB_FORMAT, "has 16 bytes, but the pickle says 12"},
    {{.type = "DoubleStorage", .items = 4}, VARSDB_FORMAT, "says 32"},
    {{.type = "FloatStorage", .items = -1}, VARSDB_FORMAT, "size of a storage is -1"},
    {{.type = "FloatStorage", .items = HALF}, VARSDB_FORMAT, "more than can be counted"},
    {{F4, .key = "1"}, VARSDB_FORMAT, "'archive/data/1' is not in the archive"},
    {{F4, .key = "../version"}, VARSDB_FORMAT, "digits"},
    {{F4, .key = ""}, VARSDB_FORMAT, "digits"},
    {{F4, .key = "000000000000000000000"}, VARSDB_FORMAT, "digits"},
    {{.type = "QInt8Storage", .items = 16}, VARSDB_UNSUPPORTED, "'torch.QInt8Storage'"},
    {{.dtype = "complex32", .items = 16}, VARSDB_UNSUPPORTED, "'torch.complex32'"},
    {{.dtype = "Size", .items = 16}, VARSDB_FORMAT, "its dtype is a name"},
    {{.type = "Size", .items = 16}, VARSDB_FORMAT, "storage's type"},
    {{F4, .more = "}X\4\1\1\1"}, VARSDB_FORMAT, "truncated"},
    {{F4, .more = "}K\1K\1s"}, VARSDB_UNSUPPORTED, "resolve_conj"},
    {{F4, .part = "K\1"}, VARSDB_FORMAT, "a part of a storage is named by a number"},
    {{F4, .part = "K\1K\3K\2\x87"}, VARSDB_FORMAT, "goes beyond its end"},
    {{F4, .part = "K\1K\1K\2\x87"}, VARSDB_FORMAT, "said to be a part"},
};

START_TEST(bad_tensor_is_refused_by_name)
{
    torch_view view = bad[_i].view;
    view.name = "the one";
    torch_pickle(&pickle, &view, 1, NULL);
    torch_archive(path, &pickle, "0123456789abcdef", 16, NULL);
    check_refused(bad[_i].code, bad[_i].said);
    if (bad[_i].code == VARSDB_FORMAT && strcmp(bad[_i].said, "truncated") != 0)
        ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), "'the one'"));
}
END_TEST

START_TEST(two_tensors_of_one_name_are_refused)
{
    torch_view two[] = {{F4, .name = "a"}, {F4, .name = "a"}};
    torch_pickle(&pickle, two, 2, NULL);
    torch_archive(path, &pickle, "0123456789abcdef", 16, NULL);
    check_refused(VARSDB_FORMAT, "'a' is in the file twice");
}
END_TEST

/* A hundred bytes of pickle for each of many names of one large storage: reading all would take hours. */
START_TEST(tied_tensors_may_not_be_many_times_the_file)
{
    enum {
        BYTES = 4 << 20,
        TIMES = 100
    };
    torch_view view = {.type = "ByteStorage", .items = BYTES, .rank = 1, .dims = {BYTES}, .strides = {1}};
    char *data = calloc(1, BYTES);
    ck_assert_ptr_nonnull(data);
    zip_put(&pickle, "\x80\x02](", 4);
    torch_tensor(&pickle, &view);
    zip_put(&pickle, "q\0", 2);
    for (int i = 1; i < TIMES; i++)
        zip_put(&pickle, "h\0", 2);
    torch_put(&pickle, "e.");
    torch_archive(path, &pickle, data, BYTES, NULL);
    check_refused(VARSDB_FORMAT, "64 times");
    free(data);
}
END_TEST

static const struct {
    const char *name, *data;
    unsigned method;
    int code;
    const char *said;
} members[] = {
    {"a/constants.pkl", ")", 0, VARSDB_UNSUPPORTED, "TorchScript"},
    {"a/code/__torch__.py", "", 0, VARSDB_UNSUPPORTED, "TorchScript"},
    {"b/data.pkl", "N.", 0, VARSDB_FORMAT, "'b/data.pkl'"},
    {"a/byteorder", "middle", 0, VARSDB_FORMAT, "'middle'"},
    {"a/byteorder", "", 0, VARSDB_FORMAT, "little or big"},
    {"a/byteorder", "little", 8, VARSDB_UNSUPPORTED, "compressed"},
};

START_TEST(bad_archive_is_refused)
{
    zip_maker z;
    zip_piece pieces[] = {{.name = "a/data.pkl", .data = "\x80\x02}.", .data_bytes = 4},
                          {.name = members[_i].name,
                           .data = members[_i].data,
                           .data_bytes = strlen(members[_i].data),
                           .method = members[_i].method}};
    zip_make(&z, pieces, 2, "", false);
    file_write(path, z.data, z.bytes);
    free(z.data);
    check_refused(members[_i].code, members[_i].said);
}
END_TEST

/* ---- Files of old ------------------------------------------------------- */

static void write_legacy(const torch_view *view, uint64_t items, size_t bytes)
{
    torch_view named = *view;
    named.name = "t";
    forget();
    torch_pickle(&pickle, &named, 1, NULL);
    torch_legacy(path, &pickle, "0123456789abcdefXYZ", items, bytes);
}

START_TEST(old_file_is_held_against_what_it_says)
{
    torch_view all = {F4, .rank = 1, .dims = {4}, .strides = {1}}, other = {F4, .key = "1"};
    write_legacy(&all, 4, 16);
    check_opened();
    write_legacy(&all, 3, 12);
    check_refused(VARSDB_FORMAT, "has 3 elements, but the pickle says 4");
    write_legacy(&all, 4, 15);
    check_refused(VARSDB_FORMAT, "truncated");
    write_legacy(&all, 4, 19);
    check_refused(VARSDB_FORMAT, "3 bytes at the end");
    write_legacy(&other, 4, 16);
    check_refused(VARSDB_FORMAT, "no tensor is in");
}
END_TEST

START_TEST(part_of_a_storage_is_read_from_where_it_begins)
{
    char got[8];
    torch_view part = {F4, .part = "K\1K\1K\2\x87", .rank = 1, .dims = {2}, .strides = {1}};
    write_legacy(&part, 4, 16);
    check_opened();
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 8), VARSDB_OK);
    ck_assert_mem_eq(got, "456789ab", 8);
    part.dims[0] = 3;
    write_legacy(&part, 4, 16);
    check_refused(VARSDB_FORMAT, "beyond the end");
}
END_TEST

/* ---- Damage ------------------------------------------------------------- */

static void read_everything(void)
{
    char piece[64];
    for (size_t i = 0; i < varsdb_reader_count(reader); i++)
        if (varsdb_reader_tensor(reader, i)->bytes >= sizeof piece)
            varsdb_reader_read(reader, i, 0, piece, sizeof piece);
}

static void damage(void)
{
    size_t bytes;
    char *whole = file_read(path, &bytes);
    for (size_t cut = 0; cut < bytes; cut++) {
        file_write(path, whole, cut);
        ck_assert_int_eq(open_file(), VARSDB_FORMAT);
    }
    for (size_t i = 0; i < bytes; i++) {
        char before = whole[i];
        whole[i] = (char)(before ^ 0x21);
        file_write(path, whole, bytes);
        int rc = open_file();
        ck_assert(rc == VARSDB_OK || rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED);
        if (rc == VARSDB_OK)
            read_everything();
        whole[i] = before;
    }
    free(whole);
}

START_TEST(every_truncation_and_every_changed_byte_is_survived)
{
    torch_view two[] = {{F4, .name = "a", .rank = 2, .dims = {2, 2}, .strides = {1, 2}},
                        {F4, .name = "b", .rank = 1, .dims = {40}, .strides = {0}, .parameter = true}};
    torch_pickle(&pickle, two, 2, NULL);
    torch_archive(path, &pickle, "0123456789abcdef", 16, "little");
    damage();
    torch_legacy(path, &pickle, "0123456789abcdef", 4, 16);
    damage();
}
END_TEST

Suite *test_pytorch_suite(void);
Suite *test_pytorch_suite(void)
{
    Suite *s = suite_create("pytorch");
    TCase *t = tcase_create("pytorch");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, every_dtype_is_known_in_each_byte_order, 0, DTYPES);
    tcase_add_loop_test(t, strided_elements_come_in_c_order, 0, VIEWS);
    tcase_add_test(t, large_strided_tensor_takes_little_memory);
    tcase_add_test(t, names_are_the_way_and_the_rest_is_metadata);
    tcase_add_test(t, file_of_one_tensor_is_called_tensor);
    tcase_add_loop_test(t, bad_tensor_is_refused_by_name, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(t, two_tensors_of_one_name_are_refused);
    tcase_add_test(t, tied_tensors_may_not_be_many_times_the_file);
    tcase_add_loop_test(t, bad_archive_is_refused, 0, (int)(sizeof members / sizeof *members));
    tcase_add_test(t, old_file_is_held_against_what_it_says);
    tcase_add_test(t, part_of_a_storage_is_read_from_where_it_begins);
    tcase_add_test(t, every_truncation_and_every_changed_byte_is_survived);
    suite_add_tcase(s, t);
    return s;
}
