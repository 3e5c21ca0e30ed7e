/* test_zip.c - archives made by hand are listed; what could be read in two ways is refused. */
#include "../support/memory.h"
#include "../support/zips.h"
#include "format/zip.h"

static vdb_error error;
static test_folder folder;
static char path[PATH_BYTES];
static vdb_zip zip;
static zip_maker made;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "file.zip", path);
    zip = (vdb_zip){0};
    made = (zip_maker){0};
}

static void teardown(void)
{
    vdb_zip_release(&zip);
    free(made.data);
    folder_remove(&folder);
}

static int open_bytes(const void *data, size_t bytes)
{
    vdb_input in;
    file_write(path, data, bytes);
    vdb_zip_release(&zip);
    vdb_error_clear(&error);
    ck_assert_int_eq(vdb_input_open(&error, path, &in), VARSDB_OK);
    int rc = vdb_zip_open(&error, &in, &zip);
    vdb_input_close(&in);
    return rc;
}

static int open_made(void)
{
    return open_bytes(made.data, made.bytes);
}

static void make(const zip_piece *pieces, size_t count)
{
    free(made.data);
    zip_make(&made, pieces, count, "", false);
}

#define MAKE(...)                               \
    do {                                        \
        const zip_piece list[] = {__VA_ARGS__}; \
        make(list, sizeof list / sizeof *list); \
    } while (0)

static void refused(int code, const char *said)
{
    ck_assert_msg(open_made() == code, "%s: '%s'", said, error.text);
    ck_assert_msg(strstr(error.text, said) != NULL, "'%s' does not say '%s'", error.text, said);
    ck_assert_ptr_null(zip.members);
}

static void check_data(const char *name, const char *data)
{
    int i = vdb_zip_find(&zip, name);
    ck_assert_int_ge(i, 0);
    const vdb_zip_member *m = &zip.members[i];
    ck_assert_str_eq(m->name, name);
    ck_assert_uint_eq(m->stored_bytes, strlen(data));
    ck_assert_uint_le(m->offset + m->stored_bytes, made.bytes);
    ck_assert_mem_eq(made.data + m->offset, data, strlen(data));
}

#define DATA(text) .data = text, .data_bytes = sizeof text - 1

/* ---- What is accepted --------------------------------------------------- */

START_TEST(members_are_listed_by_name_with_where_their_data_is)
{
    MAKE({.name = "b/data.pkl", DATA("second")}, {.name = "a", DATA("")},
         {.name = "c", DATA("xyz"), .method = 8, .bytes = 9, .crc = 0xdeadbeef});
    ck_assert_int_eq(open_made(), VARSDB_OK);
    ck_assert_uint_eq(zip.count, 3);
    ck_assert_str_eq(zip.members[0].name, "a");
    ck_assert_str_eq(zip.members[2].name, "c");
    check_data("a", "");
    check_data("b/data.pkl", "second");
    check_data("c", "xyz");
    ck_assert_int_eq(zip.members[2].method, VDB_ZIP_DEFLATED);
    ck_assert_uint_eq(zip.members[2].bytes, 9);
    ck_assert_uint_eq(zip.members[2].crc, 0xdeadbeef);
    ck_assert_int_eq(vdb_zip_find(&zip, "b"), -1);
    ck_assert_int_eq(vdb_zip_find(&zip, ""), -1);
}
END_TEST

START_TEST(sizes_come_from_the_directory_in_zip64_and_with_data_descriptors)
{
    MAKE({.name = "a", DATA("one"), .zip64 = true}, {.name = "b", DATA("three"), .descriptor = true},
         {.name = "c", DATA("seven"), .descriptor = true, .zip64 = true});
    ck_assert_int_eq(open_made(), VARSDB_OK);
    check_data("a", "one");
    check_data("b", "three");
    check_data("c", "seven");
}
END_TEST

START_TEST(zip64_end_records_and_comments_are_read)
{
    const zip_piece pieces[] = {{.name = "a", DATA("one")}, {.name = "b", DATA("two")}};
    zip_make(&made, pieces, 2, "a comment with PK\5\6 in it, and more than twenty-two bytes", true);
    ck_assert_int_eq(open_made(), VARSDB_OK);
    check_data("b", "two");
    free(made.data);
    char comment[65536];
    memset(comment, 'c', sizeof comment - 1);
    comment[sizeof comment - 1] = '\0';
    zip_make(&made, pieces, 2, comment, false);
    ck_assert_int_eq(open_made(), VARSDB_OK);
    check_data("a", "one");
}
END_TEST

START_TEST(an_empty_archive_has_no_members)
{
    make(NULL, 0);
    ck_assert_int_eq(open_made(), VARSDB_OK);
    ck_assert_uint_eq(zip.count, 0);
    ck_assert_int_eq(vdb_zip_find(&zip, "a"), -1);
}
END_TEST

/* ---- What is refused ---------------------------------------------------- */

START_TEST(members_that_cannot_be_read_in_one_way_are_refused_by_name)
{
    MAKE({.name = "secret", DATA("x"), .flags = 1});
    refused(VARSDB_UNSUPPORTED, "member 'secret' is encrypted");
    MAKE({.name = "a", DATA("x")}, {.name = "a", DATA("y")});
    refused(VARSDB_FORMAT, "member 'a' is in the zip archive twice");
    MAKE({.name = "a", DATA("x")}, {.name = "a", .shared = true, DATA("x")});
    refused(VARSDB_FORMAT, "overlaps member 'a'");
    MAKE({.name = "a", .local_name = "b", DATA("x")});
    refused(VARSDB_FORMAT, "member 'a' has another name in its own header");
    MAKE({.name = "a", DATA("x"), .method = 8, .local_method = 12});
    refused(VARSDB_FORMAT, "another method");
    MAKE({.name = "a", DATA("x"), .bytes = 2});
    refused(VARSDB_FORMAT, "two different sizes");
    MAKE({.name = "", DATA("x")});
    refused(VARSDB_FORMAT, "has no name");
    MAKE({.name = "a\0b", .name_bytes = 3, DATA("x")});
    refused(VARSDB_FORMAT, "NUL");
    static const char *const parents[] = {"..", "../a", "a/..", "a/../b", "a\\..\\b"};
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        MAKE({.name = parents[i], DATA("x")});
        refused(VARSDB_FORMAT, "'..' in its name");
    }
    MAKE({.name = "..a/b..c/d..", DATA("x")});
    ck_assert_int_eq(open_made(), VARSDB_OK);
}
END_TEST

/* A field of the one entry, of its local header or of the end record, and what is said of it. */
START_TEST(numbers_that_do_not_fit_the_file_are_refused)
{
    enum {
        LOCAL,
        ENTRY,
        END
    };
    static const struct {
        int where;
        size_t at;
        uint64_t value;
        unsigned bytes;
        const char *said;
    } fields[] = {
        {LOCAL, 0, 0, 4, "no header"},
        {LOCAL, 26, 1, 2, "another name"},
        {LOCAL, 28, 9, 2, "beyond"},
        {LOCAL, 28, 65535, 2, "beyond"},
        {ENTRY, 0, 0, 4, "fewer members"},
        {ENTRY, 20, UINT32_MAX, 4, "zip64 field"},
        {ENTRY, 20, 4000000000u, 4, "two different sizes"},
        {ENTRY, 28, 65535, 2, "beyond the zip archive's directory"},
        {ENTRY, 30, 1, 2, "beyond the zip archive's directory"},
        {ENTRY, 42, 4, 4, "no header"},
        {ENTRY, 42, 4000000000u, 4, "beyond"},
        {ENTRY, 42, UINT32_MAX, 4, "zip64 field"},
        {END, 4, 1, 2, "several parts"},
        {END, 8, 2, 2, "several parts"},
        {END, 12, 46, 4, "does not end"},
        {END, 12, UINT32_MAX, 4, "does not end"},
        {END, 16, 0, 4, "does not end"},
        {END, 16, UINT32_MAX, 4, "does not end"},
        {END, 20, 1, 2, "no end record"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        MAKE({.name = "abc", DATA("12345678")});
        size_t base = fields[i].where == LOCAL ? 0 : fields[i].where == ENTRY ? made.directory : made.end;
        zip_set(&made, base + fields[i].at, fields[i].value, fields[i].bytes);
        refused(strstr(fields[i].said, "parts") ? VARSDB_UNSUPPORTED : VARSDB_FORMAT, fields[i].said);
    }
}
END_TEST

START_TEST(counts_that_do_not_fit_the_directory_are_refused_before_memory_is_taken)
{
    int64_t before = memory_peak();
    for (unsigned count = 0; count <= 65535; count += 65535 / 5) {
        MAKE({.name = "abc", DATA("1")});
        zip_set(&made, made.end + 8, count, 2);
        zip_set(&made, made.end + 10, count, 2);
        refused(VARSDB_FORMAT, "members");
    }
    const zip_piece piece = {.name = "abc", DATA("1")};
    static const struct {
        size_t at; /* in the zip64 record */
        uint64_t value;
        const char *said;
    } fields[] = {
        {4, UINT64_MAX, "no zip64 record"},  {4, 43, "no zip64 record"},
        {24, UINT64_MAX, "do not agree"},    {40, UINT64_MAX, "does not end"},
        {40, 1ull << 62, "does not end"},    {48, UINT64_MAX, "does not end"},
        {64, UINT64_MAX, "not in the file"}, {64, 1, "no zip64 record"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        free(made.data);
        zip_make(&made, &piece, 1, "", true);
        zip_set(&made, made.end - 76 + fields[i].at, fields[i].value, 8);
        refused(VARSDB_FORMAT, fields[i].said);
    }
    free(made.data);
    zip_make(&made, &piece, 1, "", true);
    zip_set(&made, made.end - 76 + 24, UINT64_MAX / 46, 8);
    zip_set(&made, made.end - 76 + 32, UINT64_MAX / 46, 8);
    refused(VARSDB_FORMAT, "cannot have");
    free(made.data);
    zip_make(&made, &piece, 1, "", true);
    zip_set(&made, made.end + 10, 2, 2);
    refused(VARSDB_FORMAT, "do not agree");
    ck_assert_int_lt(memory_peak() - before, 8 << 20);
}
END_TEST

START_TEST(every_truncation_is_refused_and_every_changed_byte_is_survived)
{
    const zip_piece pieces[] = {{.name = "a", DATA("one"), .zip64 = true},
                                {.name = "bc", DATA("three"), .descriptor = true}};
    zip_make(&made, pieces, 2, "end", true);
    int accepted = 0;
    for (size_t bytes = 0; bytes < made.bytes; bytes++)
        accepted += open_bytes(made.data, bytes) != VARSDB_FORMAT;
    ck_assert_int_eq(accepted, 0);
    for (size_t i = 0; i < made.bytes; i++)
        for (int bit = 0; bit < 8; bit++) {
            made.data[i] ^= (unsigned char)(1 << bit);
            int rc = open_made();
            accepted += rc != VARSDB_OK && rc != VARSDB_FORMAT && rc != VARSDB_UNSUPPORTED;
            made.data[i] ^= (unsigned char)(1 << bit);
        }
    ck_assert_int_eq(accepted, 0);
}
END_TEST

/* 200,000 members of one name, in an order that is worst for naive sorting and comparing. */
START_TEST(a_directory_of_many_members_is_read_in_memory_of_its_size)
{
    enum {
        COUNT = 200000,
        LOCAL = 38,
        ENTRY = 54,
        ALL = COUNT * (LOCAL + ENTRY) + 98
    };
    zip_maker z = {.data = malloc(ALL)};
    free(made.data);
    for (int i = 0; i < COUNT; i++) {
        unsigned char *local = z.data + (size_t)i * LOCAL;
        unsigned char *entry = z.data + (size_t)COUNT * LOCAL + (size_t)(COUNT - 1 - i) * ENTRY;
        char name[12];
        snprintf(name, sizeof name, "%08d", i);
        memset(local, 0, LOCAL);
        memset(entry, 0, ENTRY);
        memcpy(local, "PK\3\4", 4);
        memcpy(entry, "PK\1\2", 4);
        local[26] = entry[28] = 8;
        memcpy(local + 30, name, 8);
        memcpy(entry + 46, name, 8);
        for (int b = 0; b < 4; b++)
            entry[42 + b] = (unsigned char)((unsigned)(i * LOCAL) >> (8 * b));
    }
    z.bytes = (size_t)COUNT * (LOCAL + ENTRY);
    z.directory = (size_t)COUNT * LOCAL;
    zip_end64(&z, COUNT, (uint64_t)COUNT * ENTRY);
    zip_put(&z, "PK\5\6\0\0\0\0\377\377\377\377\377\377\377\377\377\377\377\377\0\0", 22);
    made = z;
    int64_t before = memory_peak();
    ck_assert_int_eq(open_made(), VARSDB_OK);
    ck_assert_uint_eq(zip.count, COUNT);
    ck_assert_int_eq(vdb_zip_find(&zip, "00123456"), 123456);
    ck_assert_uint_eq(zip.members[123456].offset, 123456u * LOCAL + LOCAL);
    ck_assert_int_lt(memory_peak() - before, 5ll * COUNT * ENTRY);
}
END_TEST

START_TEST(real_archives_of_pytorch_and_numpy_are_read)
{
    static const struct {
        const char *kind, *file, *member;
        size_t count;
    } files[] = {
        {"pytorch", "burn_linear.pt", "linear/data.pkl", 0},
        {"npy", "numsharp_multi.npz", "a.npy", 2},
        {"npy", "numsharp_compressed.npz", NULL, 0},
        {"npy", "libnpy_test.npz", "unicode.npy", 3},
    };
    char room[PATH_BYTES], file[PATH_BYTES + 64];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *fixtures = fixtures_folder(files[i].kind, room);
        if (!fixtures)
            return;
        snprintf(file, sizeof file, "%s/%s", fixtures, files[i].file);
        size_t bytes;
        char *data = file_read(file, &bytes);
        ck_assert_msg(open_bytes(data, bytes) == VARSDB_OK, "%s: %s", file, error.text);
        free(data);
        ck_assert_uint_gt(zip.count, 0);
        if (files[i].count)
            ck_assert_uint_eq(zip.count, files[i].count);
        if (files[i].member && files[i].count)
            ck_assert_int_ge(vdb_zip_find(&zip, files[i].member), 0);
    }
}
END_TEST

Suite *test_zip_suite(void);
Suite *test_zip_suite(void)
{
    Suite *s = suite_create("zip");
    TCase *t = tcase_create("zip");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, members_are_listed_by_name_with_where_their_data_is);
    tcase_add_test(t, sizes_come_from_the_directory_in_zip64_and_with_data_descriptors);
    tcase_add_test(t, zip64_end_records_and_comments_are_read);
    tcase_add_test(t, an_empty_archive_has_no_members);
    tcase_add_test(t, members_that_cannot_be_read_in_one_way_are_refused_by_name);
    tcase_add_test(t, numbers_that_do_not_fit_the_file_are_refused);
    tcase_add_test(t, counts_that_do_not_fit_the_directory_are_refused_before_memory_is_taken);
    tcase_add_test(t, every_truncation_is_refused_and_every_changed_byte_is_survived);
    tcase_add_test(t, a_directory_of_many_members_is_read_in_memory_of_its_size);
    tcase_add_test(t, real_archives_of_pytorch_and_numpy_are_read);
    suite_add_tcase(s, t);
    return s;
}
