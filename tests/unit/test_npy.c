/* test_npy.c - NumPy's arrays: every dtype in both orders of bytes and of dimensions; hostile headers. */
#include <stdbool.h>

#include "../support/memory.h"
#include "../support/npys.h"
#include "../support/sanitized.h"

static test_folder folder;
static char path[PATH_BYTES], header[NPY_HEADER_BYTES];
static varsdb_reader *reader;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "layer.w.npy", path);
    reader = NULL;
}

static void teardown(void)
{
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static int open_file(void)
{
    varsdb_close_reader(reader);
    return varsdb_open_reader(path, &reader);
}

static int open_made(int version, const char *text, const void *data, size_t bytes)
{
    npy_write(path, version, text, data, bytes);
    return open_file();
}

static void opened(int version, const char *text, const void *data, size_t bytes)
{
    int rc = open_made(version, text, data, bytes);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, varsdb_reader_errmsg(reader));
}

static void refused(int rc, int code, const char *said)
{
    const char *text = varsdb_reader_errmsg(reader);
    ck_assert_msg(rc == code && strstr(text, said), "%d: '%s' does not say '%s'", rc, text, said);
}

/* ---- Dtypes and headers ------------------------------------------------- */

START_TEST(every_dtype_is_read_in_both_orders_of_bytes)
{
    size_t bytes = npy_dtypes[_i].bytes, unit = npy_dtypes[_i].unit, all = 3 * bytes;
    unsigned char little[48], big[48], got[48];
    char descr[8];
    for (size_t i = 0; i < all; i++)
        little[i] = _i == 0 ? i % 2 : (unsigned char)(7 * i + 1);
    for (size_t i = 0; i < all; i++)
        big[i] = little[i - i % unit + unit - 1 - i % unit];
    for (int order = 0; order < 4; order++) {
        if (order == 2 && bytes > 1)
            continue;
        snprintf(descr, sizeof descr, "%c%s", "<>|="[order], npy_dtypes[_i].descr);
        opened(1, npy_header(descr, false, "(3,)", header), order == 1 ? big : little, all);
        const varsdb_tensor_info *t = varsdb_reader_tensor(reader, 0);
        ck_assert_str_eq(t->name, "layer.w");
        ck_assert_str_eq(varsdb_dtype_name(t->dtype), npy_dtypes[_i].ours);
        ck_assert_uint_eq(t->bytes, all);
        for (size_t from = 0; from < all; from++) { /* any range, also within a number */
            memset(got, 0xee, sizeof got);
            ck_assert_int_eq(varsdb_reader_read(reader, 0, from, got, all - from), VARSDB_OK);
            ck_assert_mem_eq(got, little + from, all - from);
        }
    }
}
END_TEST

static const struct {
    int version;
    const char *header;
    int rank;
} accepted[] = {
    {1, "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }          \n", 2},
    {2, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", 1},
    {3, "{'shape':(2,),'fortran_order':False,'descr':'<i2'}", 1},
    {1, "{\"descr\":\"<i2\", \"fortran_order\" :True, \"shape\": ( 1 , 2 )}\n", 2},
    {1, "{'descr': '<i2', 'fortran_order': False, 'shape': (2L,), }\n", 1},
    {2, "{'descr': '<i2', 'fortran_order': False, 'shape': (1L, 2L), }\n", 2},
};

START_TEST(headers_of_every_age_are_read)
{
    opened(accepted[_i].version, accepted[_i].header, "abcd", 4);
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->shape.rank, accepted[_i].rank);
}
END_TEST

START_TEST(rank_0_and_dimensions_of_0_are_legal)
{
    int64_t got = 0;
    opened(1, npy_header(">i8", false, "()", header), "\1\2\3\4\5\6\7\10", 8);
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->shape.rank, 0);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, &got, 8), VARSDB_OK);
    ck_assert_int_eq(got, 0x0102030405060708);
    opened(1, npy_header("<f4", true, "(3, 0, 2)", header), "", 0);
    ck_assert_uint_eq(varsdb_reader_tensor(reader, 0)->bytes, 0);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, &got, 0), VARSDB_OK);
}
END_TEST

#define D(rest) "{'descr': '<i2', 'fortran_order': False, 'shape': " rest
static const struct {
    const char *header;
    int code;
    const char *said;
} bad[] = {
    {"", VARSDB_FORMAT, "dict in braces"},
    {"[]", VARSDB_FORMAT, "dict in braces"},
    {"{}", VARSDB_FORMAT, "no 'descr'"},
    {"{'descr': '<i2', 'shape': (2,)}", VARSDB_FORMAT, "no 'fortran_order'"},
    {"{'descr': '<i2', 'fortran_order': False}", VARSDB_FORMAT, "no 'shape'"},
    {"{'descr': '<i2', 'descr': '<i2'}", VARSDB_FORMAT, "'descr' twice"},
    {D("(2,), 'x': 1}"), VARSDB_FORMAT, "'x', which is unknown"},
    {D("(2,)"), VARSDB_FORMAT, "is expected"},
    {D("(2,)} x"), VARSDB_FORMAT, "nothing more"},
    {D("(2,) 'x'"), VARSDB_FORMAT, "comma or the dict's end"},
    {D("(2)}"), VARSDB_FORMAT, "comma in a shape of one"},
    {D("2}"), VARSDB_FORMAT, "shape in parentheses"},
    {D("[2]}"), VARSDB_FORMAT, "shape in parentheses"},
    {D("(,)}"), VARSDB_FORMAT, "whole number"},
    {D("(-2,)}"), VARSDB_FORMAT, "whole number"},
    {D("(+2,)}"), VARSDB_FORMAT, "whole number"},
    {D("(02,)}"), VARSDB_FORMAT, "whole number"},
    {D("(True, 2)}"), VARSDB_FORMAT, "whole number"},
    {D("(None,)}"), VARSDB_FORMAT, "whole number"},
    {D("(0x2,)}"), VARSDB_FORMAT, "comma or the shape's end"},
    {D("(2_0,)}"), VARSDB_FORMAT, "comma or the shape's end"},
    {D("((2,),)}"), VARSDB_FORMAT, "whole number"},
    {D("(np.int64(2),)}"), VARSDB_FORMAT, "np.int64"},
    {D("(281474976710657,)}"), VARSDB_FORMAT, "above 2^48"},
    {D("(99999999999999999999999999,)}"), VARSDB_FORMAT, "above 2^48"},
    {D("(281474976710656, 281474976710656, 0)}"), VARSDB_FORMAT, ""},
    {D("(65536, 65536)}"), VARSDB_FORMAT, "truncated"},
    {D("(3,)}"), VARSDB_FORMAT, "truncated"},
    {D("(1,)}"), VARSDB_FORMAT, "2 bytes follow"},
    {"{'descr': '<i\\x32', ", VARSDB_FORMAT, "quoted dtype"},
    {"{'descr': <i2, ", VARSDB_FORMAT, "quoted dtype"},
    {"{'descr': '<i2', 'fortran_order': 0, ", VARSDB_FORMAT, "True or False"},
    {"{'descr': [('a', '<i4'", VARSDB_FORMAT, "end of the fields"},
};

START_TEST(bad_header_is_refused_and_says_why)
{
    refused(open_made(1, bad[_i].header, "abcd", 4), bad[_i].code, bad[_i].said);
    ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), path));
}
END_TEST

static const struct {
    const char *descr, *said;
} foreign[] = {
    {"'|O'", "Python objects"},
    {"'|O8'", "Python objects"},
    {"'<U2'", "texts"},
    {"'|S5'", "texts"},
    {"'|V2'", "bfloat16"},
    {"'<V2'", "bfloat16"},
    {"'<M8[ns]'", "dates"},
    {"'<m8[s]'", "dates"},
    {"'<f16'", "differs"},
    {"'<c32'", "differs"},
    {"'bfloat16'", "'bfloat16'"},
    {"'<f1'", "differs"},
    {"''", "varsdb does not have"},
    {"[('a', '<i4'), ('b', '<f8', (2,))]", "structured"},
    {"('<i4', (2,))", "structured"},
};

START_TEST(dtype_that_varsdb_lacks_is_refused_by_what_it_is)
{
    snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': False, 'shape': (1,), }\n",
             foreign[_i].descr);
    refused(open_made(1, header, "abcd", 4), VARSDB_UNSUPPORTED, foreign[_i].said);
}
END_TEST

START_TEST(bad_bool_is_refused_by_its_place)
{
    char got[3];
    opened(1, npy_header("|b1", false, "(3,)", header), "\0\1\2", 3);
    refused(varsdb_reader_read(reader, 0, 0, got, 3), VARSDB_FORMAT, "element 2 is byte 0x02");
}
END_TEST

START_TEST(what_the_header_claims_takes_no_memory)
{
    static const unsigned char claims[][12] = {
        {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xff, 0xff, 0xff, 0xff},
        {0x93, 'N', 'U', 'M', 'P', 'Y', 3, 0, 0xff, 0xff, 0xff, 0x7f},
        {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0xff, 0xff, 0, 0},
        {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0x10, 0x27, 0, 0},
        {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 3, 0, 0, 0},
        {0x93, 'N', 'U', 'M', 'P', 'Y', 4, 0, 2, 0, '{', '}'},
        {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 1, 2, 0, '{', '}'},
    };
    int64_t before = memory_peak();
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        for (size_t bytes = 6; bytes <= sizeof claims[i]; bytes++) {
            file_write(path, claims[i], bytes);
            ck_assert_int_eq(open_file(), VARSDB_FORMAT);
        }
    ck_assert_int_lt(memory_peak() - before, 4 << 20);
}
END_TEST

START_TEST(every_truncation_is_refused_and_every_changed_byte_is_survived)
{
    size_t bytes;
    int accepted_ones = 0;
    unsigned char got[48];
    unsigned char *all = npy_make(1, npy_header(">i4", true, "(3, 4)", header),
                                  "0123456789abcdef0123456789abcdef0123456789abcdef", 48, &bytes);
    for (size_t i = 0; i < bytes; i++) {
        file_write(path, all, i);
        accepted_ones += open_file() != VARSDB_FORMAT;
    }
    ck_assert_int_eq(accepted_ones, 0);
    for (size_t i = 0; i < bytes * 8; i++) {
        all[i / 8] ^= (unsigned char)(1 << i % 8);
        file_write(path, all, bytes);
        int rc = open_file();
        if (rc == VARSDB_OK && varsdb_reader_tensor(reader, 0)->bytes == sizeof got)
            rc = varsdb_reader_read(reader, 0, 0, got, sizeof got);
        accepted_ones += rc != VARSDB_OK && rc != VARSDB_FORMAT && rc != VARSDB_UNSUPPORTED;
        all[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    ck_assert_int_eq(accepted_ones, 0);
    free(all);
}
END_TEST

/* ---- Fortran order ------------------------------------------------------ */

typedef struct grid {
    int rank;
    int64_t dims[5];
    const char *shape;
} grid;

static int64_t elements_of(const grid *g)
{
    int64_t n = 1;
    for (int i = 0; i < g->rank; i++)
        n *= g->dims[i];
    return n;
}

/* The place in C order of what is at place f in Fortran's. */
static int64_t c_place(const grid *g, int64_t f)
{
    int64_t index[5], c = 0;
    for (int i = 0; i < g->rank; i++) {
        index[i] = f % g->dims[i];
        f /= g->dims[i];
    }
    for (int i = 0; i < g->rank; i++)
        c = c * g->dims[i] + index[i];
    return c;
}

static const grid grids[] = {
    {1, {7}, "(7,)"},
    {2, {3, 4}, "(3, 4)"},
    {2, {1, 5}, "(1, 5)"},
    {3, {2, 3, 4}, "(2, 3, 4)"},
    {3, {3, 1, 2}, "(3, 1, 2)"},
    {4, {2, 3, 2, 3}, "(2, 3, 2, 3)"},
    {5, {2, 3, 1, 2, 3}, "(2, 3, 1, 2, 3)"},
};

/* Every element is its own place in C order. */
START_TEST(fortran_order_of_one_to_five_dimensions_is_turned_into_c_order)
{
    const grid *g = &grids[_i];
    size_t n = (size_t)elements_of(g);
    uint32_t data[64], got[64];
    for (size_t f = 0; f < n; f++)
        data[f] = (uint32_t)c_place(g, (int64_t)f);
    opened(1, npy_header("<u4", true, g->shape, header), data, n * 4);
    int wrong = 0;
    for (size_t from = 0; from <= n; from++)
        for (size_t to = from; to <= n; to++) {
            ck_assert_int_eq(varsdb_reader_read(reader, 0, from * 4, got, (to - from) * 4), VARSDB_OK);
            for (size_t i = from; i < to; i++)
                wrong += got[i - from] != i;
        }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

/* Larger than a window in every way: rows far apart and near, rows larger than a window. */
static const grid large[] = {
    {2, {20, 300000}, "(20, 300000)"},       {2, {3000, 2000}, "(3000, 2000)"},
    {2, {300000, 20}, "(300000, 20)"},       {2, {3, 2200000}, "(3, 2200000)"},
    {3, {2, 3, 1100000}, "(2, 3, 1100000)"}, {5, {1, 30, 20, 100, 100}, "(1, 30, 20, 100, 100)"},
};

START_TEST(fortran_order_of_any_size_takes_a_few_mib)
{
    enum {
        PIECE = 1 << 16
    };
    const grid *g = &large[_i];
    uint32_t n = (uint32_t)elements_of(g), wrong = 0;
    static uint32_t piece[PIECE];
    npy_write(path, 1, npy_header(">u4", true, g->shape, header), NULL, 0);
    FILE *file = fopen(path, "ab");
    ck_assert_ptr_nonnull(file);
    for (uint32_t f = 0; f < n; f += PIECE) {
        uint32_t count = n - f < PIECE ? n - f : PIECE;
        for (uint32_t i = 0; i < count; i++)
            piece[i] = __builtin_bswap32((uint32_t)c_place(g, f + i));
        ck_assert_uint_eq(fwrite(piece, 4, count, file), count);
    }
    ck_assert_int_eq(fclose(file), 0);
    int64_t before = memory_peak();
    ck_assert_int_eq(open_file(), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_tensor(reader, 0)->bytes, 4ull * n);
    for (uint32_t c = 0; c < n; c += PIECE) {
        uint32_t count = n - c < PIECE ? n - c : PIECE;
        ck_assert_int_eq(varsdb_reader_read(reader, 0, 4ull * c, piece, 4 * count), VARSDB_OK);
        for (uint32_t i = 0; i < count; i++)
            wrong += piece[i] != c + i;
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_int_lt(memory_peak() - before, 8 << 20);
}
END_TEST

/* ---- Writing ------------------------------------------------------------ */

/* What numpy.save writes, from the description of the format: the text, the room for a first dimension of 21
 * digits, then spaces so that the data begins at a multiple of 64. */
static const struct {
    const char *descr, *shape, *begin;
    size_t bytes;
} saved[] = {
    {"<f4", "(2, 3)", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24},
    {"|b1", "(1,)", "{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", 1},
    {"<c16", "()", "{'descr': '<c16', 'fortran_order': False, 'shape': (), }", 16},
    {"<i8", "(0, 123456)", "{'descr': '<i8', 'fortran_order': False, 'shape': (0, 123456), }", 0},
};

static int export_file(varsdb *db, const char *to)
{
    int64_t count;
    return varsdb_export(db, to, NULL, &count);
}

START_TEST(what_is_written_is_what_numpy_writes)
{
    static const char zeros[64];
    char text[NPY_HEADER_BYTES], registry[PATH_BYTES], to[PATH_BYTES];
    varsdb *db;
    folder_path(&folder, "r.db", registry);
    folder_path(&folder, "out.npy", to);
    npy_write(path, 2, npy_header(saved[_i].descr, false, saved[_i].shape, header), zeros, saved[_i].bytes);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_OK);
    ck_assert_msg(export_file(db, to) == VARSDB_OK, "%s", varsdb_errmsg(db));
    varsdb_close(db);
    size_t used = strlen(saved[_i].begin), bytes, expected_bytes;
    memset(text, ' ', sizeof text);
    memcpy(text, saved[_i].begin, used);
    used += saved[_i].shape[1] == ')' ? 0 : 20; /* the first dimensions here have one digit */
    while ((10 + used + 1) % 64)
        used++;
    memcpy(text + used, "\n", 2);
    unsigned char *expected = npy_make(1, text, zeros, saved[_i].bytes, &expected_bytes);
    char *got = file_read(to, &bytes);
    ck_assert_uint_eq(bytes, expected_bytes);
    ck_assert_mem_eq(got, expected, bytes);
    free(got);
    free(expected);
}
END_TEST

START_TEST(an_npy_is_one_array_of_a_dtype_that_numpy_has)
{
    char registry[PATH_BYTES], to[PATH_BYTES];
    const varsdb_variable *v;
    varsdb *db;
    folder_path(&folder, "r.db", registry);
    folder_path(&folder, "out.npy", to);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    ck_assert_int_eq(varsdb_get_variable(db, "half",
                                         VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_BFLOAT16),
                                         NULL, &v),
                     VARSDB_OK);
    ck_assert_int_eq(export_file(db, to), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'half' (bfloat16)"));
    ck_assert_int_eq(varsdb_get_variable(db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v),
                     VARSDB_OK);
    ck_assert_int_eq(export_file(db, to), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), ".npz"));
    ck_assert_int_ne(access(to, F_OK), 0);
    varsdb_close(db);
}
END_TEST

#define LOOP(t, test, list) tcase_add_loop_test(t, test, 0, (int)(sizeof(list) / sizeof *(list)))

Suite *test_npy_suite(void);
Suite *test_npy_suite(void)
{
    Suite *s = suite_create("npy");
    TCase *t = tcase_create("npy");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    LOOP(t, every_dtype_is_read_in_both_orders_of_bytes, npy_dtypes);
    LOOP(t, headers_of_every_age_are_read, accepted);
    tcase_add_test(t, rank_0_and_dimensions_of_0_are_legal);
    LOOP(t, bad_header_is_refused_and_says_why, bad);
    LOOP(t, dtype_that_varsdb_lacks_is_refused_by_what_it_is, foreign);
    tcase_add_test(t, bad_bool_is_refused_by_its_place);
    tcase_add_test(t, what_the_header_claims_takes_no_memory);
    tcase_add_test(t, every_truncation_is_refused_and_every_changed_byte_is_survived);
    LOOP(t, fortran_order_of_one_to_five_dimensions_is_turned_into_c_order, grids);
    LOOP(t, fortran_order_of_any_size_takes_a_few_mib, large);
    LOOP(t, what_is_written_is_what_numpy_writes, saved);
    tcase_add_test(t, an_npy_is_one_array_of_a_dtype_that_numpy_has);
    suite_add_tcase(s, t);
    return s;
}
