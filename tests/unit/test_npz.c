/* test_npz.c - archives of NumPy's arrays: stored and deflated, right ones and hostile ones, there and back.
 */
#include "../support/memory.h"
#include "../support/npys.h"
#include "../support/zips.h"
#include "format/crc32.h"
#include "format/format.h"

#ifndef VARSDB_OMIT_ZLIB
#include <zlib.h>
#endif

static test_folder folder;
static char path[PATH_BYTES], other[PATH_BYTES], registry[PATH_BYTES], header[NPY_HEADER_BYTES];
static varsdb_reader *reader;
static varsdb *db;

static void *kept[64];
static size_t kept_count;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "a.npz", path);
    folder_path(&folder, "b.npz", other);
    folder_path(&folder, "r.db", registry);
    reader = NULL;
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
}

static void teardown(void)
{
    varsdb_close_reader(reader);
    varsdb_close(db);
    folder_remove(&folder);
    while (kept_count)
        free(kept[--kept_count]);
}

static void *keep(void *memory)
{
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_lt(kept_count, sizeof kept / sizeof *kept);
    return kept[kept_count++] = memory;
}

/* A member with an array; its memory is kept until the test is over. */
static zip_piece array(const char *name, const char *descr, bool fortran, const char *shape, const void *data,
                       size_t bytes)
{
    size_t all;
    const void *made = keep(npy_make(1, npy_header(descr, fortran, shape, header), data, bytes, &all));
    return (zip_piece){.name = name, .data = made, .data_bytes = all, .crc = vdb_crc32(0, made, all)};
}

#ifndef VARSDB_OMIT_ZLIB
/* The same, deflated. */
static zip_piece deflated(zip_piece p)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, p.data_bytes);
    unsigned char *packed = keep(malloc(room));
    z.next_in = (unsigned char *)(uintptr_t)p.data;
    z.avail_in = (uInt)p.data_bytes;
    z.next_out = packed;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    p.bytes = (uint32_t)p.data_bytes;
    p.data = packed;
    p.data_bytes = z.total_out;
    p.method = 8;
    deflateEnd(&z);
    return p;
}
#endif

static int open_pieces(const zip_piece *pieces, size_t count)
{
    zip_maker z;
    zip_make(&z, pieces, count, "", false);
    file_write(path, z.data, z.bytes);
    free(z.data);
    varsdb_close_reader(reader);
    return varsdb_open_reader(path, &reader);
}

static void refused(int rc, int code, const char *said)
{
    const char *text = varsdb_reader_errmsg(reader);
    ck_assert_msg(rc == code && strstr(text, said), "%d: '%s' does not say '%s'", rc, text, said);
}

static int read_whole(size_t i, void *out)
{
    return varsdb_reader_read(reader, i, 0, out, varsdb_reader_tensor(reader, i)->bytes);
}

/* ---- What is accepted --------------------------------------------------- */

START_TEST(arrays_are_listed_in_the_order_of_the_file_and_others_are_named)
{
    char got[256] = "";
    const zip_piece pieces[] = {array("z/w.npy", ">i2", false, "(2,)", "\0\1\0\2", 4),
                                {.name = "readme.txt", .data = "x", .data_bytes = 1},
                                array("a.npy", "|u1", false, "()", "\7", 1),
                                {.name = "folder/"}};
    ck_assert_int_eq(open_pieces(pieces, 4), VARSDB_OK);
    ck_assert_str_eq(varsdb_reader_format(reader), "npz");
    ck_assert_uint_eq(varsdb_reader_count(reader), 2);
    ck_assert_str_eq(varsdb_reader_tensor(reader, 0)->name, "z/w");
    ck_assert_str_eq(varsdb_reader_tensor(reader, 1)->name, "a");
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->shape.dims[0], 2);
    ck_assert_int_eq(read_whole(0, got), VARSDB_OK);
    ck_assert_mem_eq(got, "\1\0\2\0", 4);
    const char *other_member = varsdb_reader_passed_over(reader, NULL);
    ck_assert_str_eq(other_member, "readme.txt");
    other_member = varsdb_reader_passed_over(reader, other_member);
    ck_assert_str_eq(other_member, "folder/");
    ck_assert_ptr_null(varsdb_reader_passed_over(reader, other_member));
}
END_TEST

START_TEST(an_empty_archive_is_no_tensors)
{
    ck_assert_int_eq(open_pieces(NULL, 0), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), 0);
}
END_TEST

/* ---- What is refused ---------------------------------------------------- */

START_TEST(other_archives_are_said_to_be_others)
{
    const zip_piece document = {.name = "word/document.xml"};
    refused(open_pieces(&document, 1), VARSDB_FORMAT, "no array of NumPy's");
}
END_TEST

START_TEST(a_wrong_checksum_is_found_when_the_member_was_read)
{
    char got[8];
    zip_piece p = array("a.npy", "|u1", false, "(4,)", "1234", 4);
    p.crc ^= 1;
    ck_assert_int_eq(open_pieces(&p, 1), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 3), VARSDB_OK);
    refused(varsdb_reader_read(reader, 0, 3, got, 1), VARSDB_FORMAT, "its checksum is");
    refused(varsdb_reader_read(reader, 0, 0, got, 4), VARSDB_FORMAT, "its checksum is");
    p = array("a.npy", ">u2", true, "(2, 2)", "12345678", 8);
    p.crc ^= 1;
    ck_assert_int_eq(open_pieces(&p, 1), VARSDB_OK);
    refused(varsdb_reader_read(reader, 0, 0, got, 2), VARSDB_FORMAT, "its checksum is");
}
END_TEST

START_TEST(sizes_that_do_not_agree_are_refused_before_anything_is_read)
{
    zip_piece p = array("a.npy", "|u1", false, "(4,)", "123", 3);
    refused(open_pieces(&p, 1), VARSDB_FORMAT, "member 'a.npy': its shape and dtype take 4 bytes");
    p = array("a.npy", "|u1", false, "(4,)", "12345", 5);
    refused(open_pieces(&p, 1), VARSDB_FORMAT, "1 byte follows");
    p = (zip_piece){.name = "a.npy", .data = "not NumPy's", .data_bytes = 11};
    refused(open_pieces(&p, 1), VARSDB_FORMAT, "member 'a.npy'");
    p = (zip_piece){.name = "a.npy"};
    refused(open_pieces(&p, 1), VARSDB_FORMAT, "member 'a.npy'");
    p = array("\xff.npy", "|u1", false, "(1,)", "1", 1);
    refused(open_pieces(&p, 1), VARSDB_FORMAT, "UTF-8");
}
END_TEST

START_TEST(a_member_packed_in_another_way_is_listed_and_not_read)
{
    zip_piece pieces[] = {array("a.npy", "|u1", false, "(1,)", "1", 1),
                          array("b.npy", "|u1", false, "(1,)", "2", 1)};
    char got[1];
    pieces[0].method = 12;
    ck_assert_int_eq(open_pieces(pieces, 2), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->dtype, VARSDB_DTYPE_NOT_SAID);
    refused(varsdb_reader_read(reader, 0, 0, got, 0), VARSDB_UNSUPPORTED, "compressed");
    ck_assert_int_eq(read_whole(1, got), VARSDB_OK);
}
END_TEST

START_TEST(what_no_registry_can_have_is_refused_unless_it_is_left_out)
{
    const zip_piece pieces[] = {array("ok.npy", "|u1", false, "(1,)", "1", 1),
                                array("text.npy", "<U1", false, "(2,)", "a\0\0\0b\0\0\0", 8)};
    const varsdb_variable *v = NULL;
    ck_assert_int_eq(open_pieces(pieces, 2), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), 2);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "tensor 'text': it holds texts"));
    ck_assert_int_eq(varsdb_find_variable(db, "ok", &v), VARSDB_NOTFOUND);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.dry_run = 1)), VARSDB_UNSUPPORTED);
    int rc = varsdb_import(db, path, VARSDB_IMPORT(.exclude = "^text$"));
    if (rc != VARSDB_UNSUPPORTED || !strstr(varsdb_errmsg(db), "regular expression"))
        ck_assert_int_eq(varsdb_find_variable(db, "ok", &v), VARSDB_OK);
}
END_TEST

/* ---- Deflated ----------------------------------------------------------- */

#ifndef VARSDB_OMIT_ZLIB

START_TEST(deflated_members_are_read_forth_and_back)
{
    enum {
        COUNT = 200000
    };
    static uint32_t data[COUNT], got[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        data[i] = i * i;
    const zip_piece pieces[] = {deflated(array("a.npy", "<u4", false, "(200000,)", data, sizeof data)),
                                deflated(array("b.npy", "<u4", true, "(2, 100000)", data, sizeof data))};
    ck_assert_int_eq(open_pieces(pieces, 2), VARSDB_OK);
    for (size_t at = 0; at < sizeof data; at += 70000)
        ck_assert_int_eq(varsdb_reader_read(reader, 0, at, (char *)got + at,
                                            sizeof data - at < 70000 ? sizeof data - at : 70000),
                         VARSDB_OK);
    ck_assert_mem_eq(got, data, sizeof data);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 400000, got, 8), VARSDB_OK);
    ck_assert_mem_eq(got, data + 100000, 8);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 40, got, 8), VARSDB_OK);
    ck_assert_mem_eq(got, data + 10, 8);
    ck_assert_int_eq(read_whole(1, got), VARSDB_OK);
    int wrong = 0;
    for (size_t i = 0; i < COUNT; i++)
        wrong += got[i] != data[i % 100000 * 2 + i / 100000];
    ck_assert_int_eq(wrong, 0);
}
END_TEST

/* Element (i, j) of an array of ROWS x COLUMNS, in Fortran order more than is put in order in memory. */
enum {
    ROWS = 1100,
    COLUMNS = 1200,
    LARGE = ROWS * COLUMNS * 4
};

static uint32_t element(uint32_t salt, uint32_t i, uint32_t j)
{
    return (salt ^ i) * 2654435761u + j;
}

static zip_piece large(const char *name, uint32_t salt)
{
    char shape[32];
    uint32_t *data = malloc(LARGE);
    for (uint32_t j = 0; j < COLUMNS; j++)
        for (uint32_t i = 0; i < ROWS; i++)
            data[j * ROWS + i] = element(salt, i, j);
    snprintf(shape, sizeof shape, "(%d, %d)", ROWS, COLUMNS);
    zip_piece p = deflated(array(name, "<u4", true, shape, data, LARGE));
    free(data);
    return p;
}

/* Where temporary files are to be; NULL: where they were before. */
static void set_place(const char *place)
{
    static char before[PATH_BYTES];
    static bool known, given;
    if (!known) {
        known = true;
        given = getenv("TMPDIR") != NULL;
        snprintf(before, sizeof before, "%s", given ? getenv("TMPDIR") : "");
    }
    if (place || given)
        ck_assert_int_eq(setenv("TMPDIR", place ? place : before, 1), 0);
    else
        unsetenv("TMPDIR");
}

static void check_row(size_t tensor, uint32_t salt, uint32_t i)
{
    uint32_t got[COLUMNS];
    int wrong = 0;
    ck_assert_msg(varsdb_reader_read(reader, tensor, (uint64_t)i * sizeof got, got, sizeof got) == VARSDB_OK,
                  "%s", varsdb_reader_errmsg(reader));
    for (uint32_t j = 0; j < COLUMNS; j++)
        wrong += got[j] != element(salt, i, j);
    ck_assert_int_eq(wrong, 0);
}

START_TEST(large_deflated_arrays_in_fortran_order_are_read_forth_and_back)
{
    zip_piece pieces[] = {large("a.npy", 1), large("b.npy", 2)};
    set_place(folder.path);
    ck_assert_int_eq(open_pieces(pieces, 2), VARSDB_OK);
    size_t before = folder_count(&folder);
    for (uint32_t i = 0; i < ROWS; i += 100) {
        check_row(0, 1, i);
        check_row(0, 1, ROWS - 1 - i);
    }
    check_row(1, 2, 7);
    check_row(0, 1, 8);
    check_row(1, 2, ROWS - 1);
    ck_assert_uint_eq(folder_count(&folder), before); /* it has no name */
    pieces[0].crc ^= 1;
    uint32_t got;
    ck_assert_int_eq(open_pieces(pieces, 2), VARSDB_OK);
    refused(varsdb_reader_read(reader, 0, 0, &got, 4), VARSDB_FORMAT, "its checksum is");
    refused(varsdb_reader_read(reader, 0, 4, &got, 4), VARSDB_FORMAT, "its checksum is");
    check_row(1, 2, 7);
    set_place(NULL);
}
END_TEST

START_TEST(a_place_for_temporary_files_is_asked_for_by_name)
{
    zip_piece p = large("a.npy", 1);
    uint32_t got;
    set_place("/nowhere/at/all");
    ck_assert_int_eq(open_pieces(&p, 1), VARSDB_OK);
    refused(varsdb_reader_read(reader, 0, 0, &got, 4), VARSDB_CANTOPEN, "'/nowhere/at/all' (TMPDIR");
    set_place(folder.path);
    check_row(0, 1, 7);
    set_place(NULL);
}
END_TEST

START_TEST(a_deflated_member_gives_exactly_what_it_says)
{
    char got[64];
    zip_piece p = deflated(array("a.npy", "|u1", false, "(64,)", header, 64)), q = p;
    ck_assert_int_eq(open_pieces(&p, 1), VARSDB_OK);
    ck_assert_int_eq(read_whole(0, got), VARSDB_OK);
    q.data_bytes -= 4; /* its end is missing */
    ck_assert_int_eq(open_pieces(&q, 1), VARSDB_OK);
    refused(read_whole(0, got), VARSDB_FORMAT, "shorter");
    q = p;
    q.data_bytes += 1; /* something follows it */
    unsigned char *more = keep(malloc(q.data_bytes));
    memcpy(more, p.data, p.data_bytes);
    more[p.data_bytes] = 0;
    q.data = more;
    ck_assert_int_eq(open_pieces(&q, 1), VARSDB_OK);
    refused(read_whole(0, got), VARSDB_FORMAT, "longer");
    q = p;
    q.crc ^= 0x80000000u;
    ck_assert_int_eq(open_pieces(&q, 1), VARSDB_OK);
    refused(read_whole(0, got), VARSDB_FORMAT, "its checksum is");
    q = p;
    q.bytes = (uint32_t)p.data_bytes * 1032 + 65 + 1032;
    refused(open_pieces(&q, 1), VARSDB_FORMAT, "cannot become");
    static const unsigned char nonsense[] = {0xff, 0xff, 0xff, 0xff};
    q = (zip_piece){.name = "a.npy", .data = nonsense, .data_bytes = 4, .bytes = 200, .method = 8};
    refused(open_pieces(&q, 1), VARSDB_FORMAT, "damaged");
}
END_TEST

/* It inflates to 64 MiB, and says that it has 4 bytes, or all of them. */
START_TEST(a_bomb_is_stopped_where_its_header_ends_and_takes_no_memory)
{
    enum {
        BYTES = 64 << 20
    };
    char got[4], shape[32];
    char *zeros = calloc(1, BYTES);
    snprintf(shape, sizeof shape, "(%d,)", BYTES);
    zip_piece honest = deflated(array("a.npy", "|u1", false, shape, zeros, BYTES));
    zip_piece bomb = deflated(array("b.npy", "|u1", false, "(4,)", zeros, BYTES));
    free(zeros);
    bomb.bytes -= BYTES - 4;
    int64_t before = memory_peak();
    ck_assert_int_eq(open_pieces(&bomb, 1), VARSDB_OK);
    refused(read_whole(0, got), VARSDB_FORMAT, "longer");
    ck_assert_int_eq(open_pieces(&honest, 1), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, BYTES - 4, got, 4), VARSDB_OK);
    ck_assert_mem_eq(got, "\0\0\0\0", 4);
    ck_assert_int_lt(memory_peak() - before, 4 << 20);
}
END_TEST

#endif

START_TEST(every_truncation_is_refused_and_every_changed_byte_is_survived)
{
    zip_piece pieces[] = {array("a.npy", ">u2", true, "(2, 2)", "12345678", 8),
                          array("b.npy", "|u1", false, "(4,)", "1234", 4)};
    zip_maker z;
    char got[8];
    int wrong = 0;
#ifndef VARSDB_OMIT_ZLIB
    pieces[1] = deflated(pieces[1]);
#endif
    zip_make(&z, pieces, 2, "", true);
    for (size_t i = 0; i < z.bytes; i++) {
        file_write(path, z.data, i);
        varsdb_close_reader(reader);
        wrong += varsdb_open_reader(path, &reader) != VARSDB_FORMAT;
    }
    ck_assert_int_eq(wrong, 0);
    for (size_t i = 0; i < z.bytes * 8; i++) {
        z.data[i / 8] ^= (unsigned char)(1 << i % 8);
        file_write(path, z.data, z.bytes);
        varsdb_close_reader(reader);
        int rc = varsdb_open_reader(path, &reader);
        for (size_t n = 0; rc == VARSDB_OK && n < varsdb_reader_count(reader); n++)
            if (varsdb_reader_tensor(reader, n)->bytes <= sizeof got)
                rc = read_whole(n, got);
        wrong += rc != VARSDB_OK && rc != VARSDB_FORMAT && rc != VARSDB_UNSUPPORTED;
        z.data[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    ck_assert_int_eq(wrong, 0);
    free(z.data);
}
END_TEST

/* ---- There and back ----------------------------------------------------- */

static void import_file(const char *file)
{
    ck_assert_msg(varsdb_import(db, file, NULL) == VARSDB_OK, "%s", varsdb_errmsg(db));
}

static void export_file(const char *file)
{
    int64_t count;
    ck_assert_msg(varsdb_export(db, file, NULL, &count) == VARSDB_OK, "%s", varsdb_errmsg(db));
}

START_TEST(every_dtype_comes_out_as_it_went_in_and_twice_the_same)
{
    static const char *const names[] = {"n/0.npy", "n/1.npy", "n/2.npy", "n/3.npy",       "n/4.npy",
                                        "n/5.npy", "n/6.npy", "n/7.npy", "n/8.npy",       "n/9.npy",
                                        "n/a.npy", "n/b.npy", "n/c.npy", "n/\xc3\xa9.npy"};
    zip_piece pieces[NPY_DTYPES];
    unsigned char data[32], got[32];
    char descr[8];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 5 + 1);
    for (int i = 0; i < NPY_DTYPES; i++) {
        snprintf(descr, sizeof descr, "<%s", npy_dtypes[i].descr);
        pieces[i] =
            array(names[i], descr, false, "(2, 1)", i ? (const void *)data : "\0\1", 2 * npy_dtypes[i].bytes);
    }
    ck_assert_int_eq(open_pieces(pieces, NPY_DTYPES), VARSDB_OK);
    import_file(path);
    export_file(other);
    varsdb_close_reader(reader);
    ck_assert_int_eq(varsdb_open_reader(other, &reader), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), NPY_DTYPES);
    for (int i = 0; i < NPY_DTYPES; i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(reader, (size_t)i);
        ck_assert_str_eq(varsdb_dtype_name(t->dtype), npy_dtypes[i].ours);
        ck_assert_int_eq(t->shape.rank, 2);
        ck_assert_int_eq(read_whole((size_t)i, got), VARSDB_OK);
        ck_assert_mem_eq(got, i ? (const void *)data : "\0\1", t->bytes);
    }
    size_t bytes, bytes_again;
    char *once = file_read(other, &bytes);
    export_file(other);
    char *again = file_read(other, &bytes_again);
    ck_assert_uint_eq(bytes, bytes_again);
    ck_assert_mem_eq(once, again, bytes);
    free(once);
    free(again);
}
END_TEST

START_TEST(scalars_and_empty_ones_come_out)
{
    const zip_piece pieces[] = {array("s.npy", "<f8", false, "()", "12345678", 8),
                                array("e.npy", "<f8", true, "(0, 3)", "", 0)};
    ck_assert_int_eq(open_pieces(pieces, 2), VARSDB_OK);
    import_file(path);
    export_file(other);
    varsdb_close_reader(reader);
    ck_assert_int_eq(varsdb_open_reader(other, &reader), VARSDB_OK);
    ck_assert_str_eq(varsdb_reader_tensor(reader, 0)->name, "e");
    ck_assert_int_eq(varsdb_reader_tensor(reader, 0)->shape.dims[1], 3);
    ck_assert_int_eq(varsdb_reader_tensor(reader, 1)->shape.rank, 0);
}
END_TEST

/* The check value of CRC-32, which its catalogues give. */
START_TEST(checksum_of_123456789_is_cbf43926)
{
    ck_assert_uint_eq(vdb_crc32(0, "123456789", 9), 0xcbf43926);
    ck_assert_uint_eq(vdb_crc32(vdb_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
    ck_assert_uint_eq(vdb_crc32(0, "", 0), 0);
}
END_TEST

START_TEST(checksum_is_the_same_by_instruction_however_it_is_cut)
{
    unsigned char data[400];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * i * 37 + 11);
    for (size_t bytes = 0; bytes <= sizeof data; bytes++)
        ck_assert_uint_eq(vdb_crc32(0, data, bytes), vdb_crc32_plain(0, data, bytes));
    uint32_t whole = vdb_crc32_plain(0, data, sizeof data);
    for (size_t cut = 0; cut <= sizeof data; cut++)
        ck_assert_uint_eq(vdb_crc32(vdb_crc32(0, data, cut), data + cut, sizeof data - cut), whole);
}
END_TEST

Suite *test_npz_suite(void);
Suite *test_npz_suite(void)
{
    Suite *s = suite_create("npz");
    TCase *t = tcase_create("npz");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, arrays_are_listed_in_the_order_of_the_file_and_others_are_named);
    tcase_add_test(t, an_empty_archive_is_no_tensors);
    tcase_add_test(t, other_archives_are_said_to_be_others);
    tcase_add_test(t, a_wrong_checksum_is_found_when_the_member_was_read);
    tcase_add_test(t, sizes_that_do_not_agree_are_refused_before_anything_is_read);
    tcase_add_test(t, a_member_packed_in_another_way_is_listed_and_not_read);
    tcase_add_test(t, what_no_registry_can_have_is_refused_unless_it_is_left_out);
#ifndef VARSDB_OMIT_ZLIB
    tcase_add_test(t, deflated_members_are_read_forth_and_back);
    tcase_add_test(t, large_deflated_arrays_in_fortran_order_are_read_forth_and_back);
    tcase_add_test(t, a_place_for_temporary_files_is_asked_for_by_name);
    tcase_add_test(t, a_deflated_member_gives_exactly_what_it_says);
    tcase_add_test(t, a_bomb_is_stopped_where_its_header_ends_and_takes_no_memory);
#endif
    tcase_add_test(t, every_truncation_is_refused_and_every_changed_byte_is_survived);
    tcase_add_test(t, every_dtype_comes_out_as_it_went_in_and_twice_the_same);
    tcase_add_test(t, scalars_and_empty_ones_come_out);
    tcase_add_test(t, checksum_of_123456789_is_cbf43926);
    tcase_add_test(t, checksum_is_the_same_by_instruction_however_it_is_cut);
    suite_add_tcase(s, t);
    return s;
}
