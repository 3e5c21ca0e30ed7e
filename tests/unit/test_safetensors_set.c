/* test_safetensors_set.c - sets of safetensors files: written with an index, read by it. */
#include <check.h>
#include <sys/resource.h>

#include "../support/registry.h"
#include "../support/tensor_files.h"

Suite *test_safetensors_set_suite(void);

static registry r, other;
static char index_path[PATH_BYTES];

static void setup(void)
{
    registry_open(&r);
    registry_open(&other);
    temp_file(&r.dir, "m.safetensors.index.json", index_path);
}

static void teardown(void)
{
    registry_close(&r);
    registry_close(&other);
}

static char *in_folder(const char *name)
{
    static char paths[4][PATH_BYTES];
    static unsigned turn;
    return temp_file(&r.dir, name, paths[turn++ % 4]);
}

static void write_index(const char *text)
{
    file_write(index_path, text, strlen(text));
}

/* One file with a tensor a of uint8 [2], the other with b and c. */
static void write_shards(void)
{
    safetensors_write(in_folder("one.safetensors"),
                      "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_"
                      "offsets\":[0,2]}}",
                      "\1\2", 2);
    safetensors_write(in_folder("two.safetensors"),
                      "{\"c\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},"
                      "\"b\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[1,5]}}",
                      "\3\4\0\5\0", 5);
}

/* A limit that is small, as others are for a set of thousands of files. */
START_TEST(a_set_of_any_size_has_few_files_open)
{
    struct rlimit before, less;
    int64_t count = 0;
    for (int i = 0; i < 60; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%02d", i);
        got(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "ones"));
    }
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    less = before;
    less.rlim_cur = 40;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &less), 0);
    int rc = varsdb_export(r.db, in_folder("x.safetensors"), VARSDB_EXPORT(.max_shard_bytes = 16), &count);
    setrlimit(RLIMIT_NOFILE, &before);
    ok(r.db, rc);
    ck_assert_int_eq(count, 60);
    ok(other.db, varsdb_import(other.db, in_folder("x.safetensors.index.json"), NULL));
}
END_TEST

static void refused(const char *text, int code, const char *said)
{
    char *before = registry_dump(&r);
    write_index(text);
    expect(r.db, code, varsdb_import(r.db, index_path, NULL));
    says(r.db, said);
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}

START_TEST(tensors_come_from_the_files_that_have_them)
{
    char got[4];
    const varsdb_variable *v;
    write_shards();
    write_index("\n{ \"metadata\": {\"total_size\": 1e99, \"x\": [[{}]]}, \"weight_map\": {\"b\": "
                "\"two.safetensors\","
                "\"a\": \"one.safetensors\", \"c\": \"two.safetensors\"}}\n");
    ok(r.db, varsdb_import(r.db, index_path, NULL));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, dtype, shape, min, max FROM variables ORDER BY name"),
                     "a|uint8|[2]|1|2\nb|int16|[2]|4|5\nc|uint8|[]|3|3");
    ck_assert_str_eq(registry_sql(&r, "SELECT value FROM attributes WHERE owner = 'namespace'"),
                     "{\"format\":\"pt\"}");
    ok(r.db, varsdb_find_variable(r.db, "b", &v));
    ok(r.db, varsdb_read(r.db, v, got, 4));
    ck_assert_mem_eq(got, "\4\0\5\0", 4);
}
END_TEST

START_TEST(files_of_a_set_may_be_links)
{
    char blob[TEMP_PATH_BYTES], link[TEMP_PATH_BYTES];
    write_shards();
    temp_file(&r.dir, "two.safetensors", link);
    temp_file(&r.dir, "blob", blob);
    ck_assert_int_eq(rename(link, blob), 0);
    ck_assert_int_eq(symlink("blob", link), 0);
    write_index("{\"weight_map\":{\"c\":\"two.safetensors\"}}");
    ok(r.db, varsdb_import(r.db, index_path, NULL));
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(symlink("/etc/passwd", link), 0);
    refused("{\"weight_map\":{\"c\":\"two.safetensors\"}}", VARSDB_FORMAT, "two.safetensors");
}
END_TEST

static int count_passed_over(void *payload, varsdb_outcome outcome, const char *name, const char *file_name)
{
    if (outcome == VARSDB_PASSED_OVER) {
        ck_assert_str_eq(name, "b");
        ck_assert_str_eq(file_name, "b");
        ++*(int *)payload;
    }
    return 0;
}

START_TEST(a_tensor_that_the_index_leaves_out_is_passed_over_and_told)
{
    int passed_over = 0;
    varsdb_reader *reader;
    write_shards();
    write_index("{\"weight_map\":{\"c\":\"two.safetensors\"}}");
    ok(r.db,
       varsdb_import(r.db, index_path, VARSDB_IMPORT(.report = count_passed_over, .payload = &passed_over)));
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM variables"), "c");
    ck_assert_int_eq(passed_over, 1);
    ck_assert_int_eq(varsdb_open_reader(index_path, &reader), VARSDB_OK);
    ck_assert_str_eq(varsdb_reader_passed_over(reader, NULL), "b");
    ck_assert_ptr_null(varsdb_reader_passed_over(reader, varsdb_reader_passed_over(reader, NULL)));
    varsdb_close_reader(reader);
}
END_TEST

START_TEST(what_is_wrong_is_told_and_nothing_is_imported)
{
    write_shards();
    refused("{\"weight_map\":{\"a\":\"three.safetensors\"}}", VARSDB_CANTOPEN, "three.safetensors");
    refused("{\"weight_map\":{\"d\":\"one.safetensors\"}}", VARSDB_FORMAT, "'d' is not in 'one.safetensors'");
    refused("{\"weight_map\":{\"a\":\"one.safetensors\",\"z\":\"two.safetensors\"}}", VARSDB_FORMAT,
            "'z' is not in 'two.safetensors'");
    refused("{\"weight_map\":{\"a\":\"/etc/passwd\"}}", VARSDB_FORMAT, "no plain name");
    refused("{\"weight_map\":{\"a\":\"../one.safetensors\"}}", VARSDB_FORMAT, "no plain name");
    refused("{\"weight_map\":{\"a\":\"..\"}}", VARSDB_FORMAT, "no plain name");
    refused("{\"weight_map\":{\"a\":\"\"}}", VARSDB_FORMAT, "is empty");
    refused("{\"weight_map\":{\"a\":\"x\\u0000\"}}", VARSDB_FORMAT, "NUL");
    refused("{\"weight_map\":{\"a\":{\"file\":\"one.safetensors\"}}}", VARSDB_FORMAT, "something else");
    refused("{\"weight_map\":{\"a\":\"one.safetensors\",\"a\":\"one.safetensors\"}}", VARSDB_FORMAT, "twice");
    refused("{\"weight_map\":{\"a\":\"one.safetensors\"},\"weight_map\":{}}", VARSDB_FORMAT, "twice");
    refused("{\"weight_map\":{}}", VARSDB_FORMAT, "names no tensor");
    refused("{\"metadata\":{}}", VARSDB_FORMAT, "missing");
    refused("{\"weight_map\":[]}", VARSDB_FORMAT, "no object");
    refused("{\"weight_map\":{\"a\":\"one.safetensors\"}", VARSDB_FORMAT, "");
    refused("{\"weight_map\":{\"a\":\"one.safetensors\"}}x", VARSDB_FORMAT, "");
    refused("{\"weight_map\":{\"a\":\"m.safetensors.index.json\"}}", VARSDB_FORMAT, "");
    file_write(in_folder("bad.safetensors"), "\3\0\0\0\0\0\0\0{}x", 11);
    refused("{\"weight_map\":{\"a\":\"bad.safetensors\"}}", VARSDB_FORMAT, "bad.safetensors");
}
END_TEST

START_TEST(a_tensor_in_two_files_is_refused)
{
    write_shards();
    safetensors_write(in_folder("three.safetensors"),
                      "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},"
                      "\"d\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[1,2]}}",
                      "\1\2", 2);
    refused("{\"weight_map\":{\"a\":\"one.safetensors\",\"d\":\"three.safetensors\"}}", VARSDB_FORMAT,
            "'a' is in 'three.safetensors' too");
}
END_TEST

static const varsdb_export_options *at_most(uint64_t bytes)
{
    static varsdb_export_options o;
    o = (varsdb_export_options){.size = sizeof o, .max_shard_bytes = bytes};
    return &o;
}

START_TEST(an_export_that_is_too_large_is_a_set_that_can_be_imported)
{
    size_t bytes;
    static const char *const names[] = {"w/3", "w/1", "w/2", "empty"};
    for (int i = 0; i < 3; i++)
        got(r.db, names[i],
            VARSDB_WITH(.shape = VARSDB_SHAPE(10, i + 1), .initializer = "random_normal(0,1)"));
    got(r.db, names[3], VARSDB_WITH(.shape = VARSDB_SHAPE(0, 4), .dtype = VARSDB_INT8));
    ok(r.db, varsdb_export(r.db, in_folder("m.safetensors"), at_most(130), NULL));
    char *text = file_read(index_path, &bytes);
    static const char expected[] =
        "{\n  \"metadata\": {\n    \"total_size\": 240\n  },\n  \"weight_map\": {\n"
        "    \"empty\": \"m-00001-of-00003.safetensors\",\n"
        "    \"w/1\": \"m-00001-of-00003.safetensors\",\n"
        "    \"w/2\": \"m-00002-of-00003.safetensors\",\n"
        "    \"w/3\": \"m-00003-of-00003.safetensors\"\n  }\n}\n";
    ck_assert_uint_eq(bytes, sizeof expected - 1);
    ck_assert_mem_eq(text, expected, bytes);
    free(text);
    ok(other.db, varsdb_import(other.db, index_path, NULL));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, shape, dtype, hash FROM variables ORDER BY name"),
                     registry_sql(&other, "SELECT name, shape, dtype, hash FROM variables ORDER BY name"));
}
END_TEST

START_TEST(an_export_that_fits_is_one_file)
{
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(10), .initializer = "ones"));
    ok(r.db, varsdb_export(r.db, in_folder("m.safetensors"), at_most(40), NULL));
    ck_assert_int_eq(access(in_folder("m.safetensors"), F_OK), 0);
    ck_assert_int_ne(access(index_path, F_OK), 0);
    ok(r.db, varsdb_export(r.db, index_path, NULL, NULL));
    ck_assert_int_eq(access(in_folder("m-00001-of-00001.safetensors"), F_OK), 0);
    ok(other.db, varsdb_import(other.db, index_path, NULL));
}
END_TEST

START_TEST(a_set_that_cannot_be_written_leaves_no_file)
{
    char names[1024], after[1024];
    got(r.db, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(10), .initializer = "ones"));
    got(r.db, "z", VARSDB_WITH(.dtype = VARSDB_STRING, .shape = VARSDB_SHAPE(100)));
    temp_names(&r.dir, names, sizeof names);
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_export(r.db, in_folder("m.safetensors"), at_most(40), NULL));
    says(r.db, "'z' (string)");
    temp_names(&r.dir, after, sizeof after);
    ck_assert_str_eq(names, after);
}
END_TEST

Suite *test_safetensors_set_suite(void)
{
    Suite *suite = suite_create("safetensors_set");
    TCase *tcase = tcase_create("sets");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_set_of_any_size_has_few_files_open);
    tcase_add_test(tcase, tensors_come_from_the_files_that_have_them);
    tcase_add_test(tcase, files_of_a_set_may_be_links);
    tcase_add_test(tcase, a_tensor_that_the_index_leaves_out_is_passed_over_and_told);
    tcase_add_test(tcase, what_is_wrong_is_told_and_nothing_is_imported);
    tcase_add_test(tcase, a_tensor_in_two_files_is_refused);
    tcase_add_test(tcase, an_export_that_is_too_large_is_a_set_that_can_be_imported);
    tcase_add_test(tcase, an_export_that_fits_is_one_file);
    tcase_add_test(tcase, a_set_that_cannot_be_written_leaves_no_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
