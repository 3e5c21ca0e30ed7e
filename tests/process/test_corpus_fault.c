/*
 * test_corpus_fault.c - the odd files that fuzzers found, and small ones that have what each format can have,
 * read while memory is out or the disk fails, at one moment after the other: each gives what it gives without
 * that, or says what failed, and nothing is kept.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "../support/fault.h"
#include "../support/held.h"
#include "../support/seen_file.h"
#include "../support/small_files.h"
#include "format/format.h"

Suite *test_corpus_fault_suite(void);

#define MOMENTS_MAX 20000

static const char *const corpora[] = {"gguf", "npy_file", "npz", "pytorch", "safetensors"};
#define CORPORA ((int)(sizeof corpora / sizeof *corpora))

static bool may_say(fault_kind kind, int rc)
{
    return kind == FAULT_CALL ? rc == VARSDB_IO || rc == VARSDB_CANTOPEN : rc == VARSDB_NOMEM;
}

static long fail_everywhere(const char *path, fault_kind kind, int step)
{
    const seen_file normal = seen_of(path, SEEN_IN_PIECES, true);
    const held before = held_now();
    int moment = 0;
    for (bool happened = true; happened; moment += step) {
        fault_arm(kind, moment);
        seen_file is = seen_of(path, SEEN_IN_PIECES, true);
        happened = fault_happened();
        fault_disarm();
        if (is.rc == normal.rc ? is.seen != normal.seen : !may_say(kind, is.rc))
            ck_abort_msg("%s, %s %d: %s, and without it %s", path, fault_name(kind), moment,
                         varsdb_errname(is.rc), varsdb_errname(normal.rc));
        ck_assert_int_lt(moment, MOMENTS_MAX);
    }
    held_check(before, path);
    return moment / step;
}

static long fail_all(const char *corpus, fault_kind kind, int step, int *files)
{
    char folder[512], path[1024];
    long moments = 0;
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", VARSDB_SOURCE_DIR, corpus);
    DIR *d = opendir(folder);
    ck_assert_msg(d != NULL, "there is no %s", folder);
    for (struct dirent *entry; (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        moments += fail_everywhere(path, kind, step);
        ++*files;
    }
    closedir(d);
    return moments;
}

/* _i: the corpus */
START_TEST(odd_files_are_read_or_refused_as_always_or_what_failed_is_told)
{
    int files = 0;
    fault_install();
    long moments = fail_all(corpora[_i], FAULT_ALLOCATION, 1, &files);
    moments += fail_all(corpora[_i], FAULT_CALL, 1, &files);
    printf("fault: corpus of %s: %d files, %ld moments\n", corpora[_i], files / 2, moments);
    ck_assert_int_ge(files / 2, 4);
    ck_assert_int_gt(moments, 3 * files);
}
END_TEST

/* _i: the kind of file */
START_TEST(small_files_of_every_kind_are_read_as_always_or_what_failed_is_told)
{
    char path[PATH_BYTES];
    test_folder folder;
    const small_file *f = &small_files[_i];
    fault_install();
    folder_make_in_memory(&folder);
    f->make(&folder, folder_path(&folder, f->file, path));
    long moments = fail_everywhere(path, FAULT_ALLOCATION, 1), calls = fail_everywhere(path, FAULT_CALL, 1);
    folder_remove(&folder);
    printf("fault: small %s: %ld and %ld moments\n", f->name, moments, calls);
    ck_assert_int_ge(moments, 5);
    ck_assert_int_ge(calls, 3);
}
END_TEST

/* vdb_tensor_source_cb */
static int give(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    (void)tag;
    memcpy(buffer, (const char *)payload + offset, bytes);
    return VARSDB_OK;
}

/* More lengths than are taken at a time, and more bytes than a window has. */
START_TEST(many_strings_are_read_as_always_or_what_failed_is_told)
{
    enum {
        STRINGS = 3000,
        LONGEST = 90
    };
    static unsigned char texts[STRINGS * (8 + LONGEST)];
    const int64_t dims[] = {STRINGS};
    size_t bytes = 0;
    vdb_error e;
    char path[PATH_BYTES];
    test_folder folder;
    fault_install();
    folder_make_in_memory(&folder);
    for (size_t i = 0; i < STRINGS; i++) {
        size_t length = i * i % LONGEST;
        texts[bytes] = (unsigned char)length;
        memset(texts + bytes + 8, (int)('a' + i % 26), length);
        bytes += 8 + length;
    }
    vdb_output_tensor t = {"s", VARSDB_STRING, {1, dims}, bytes, 0, NULL};
    const vdb_writing w = {.path = folder_path(&folder, "m.index", path),
                           .tensors = &t,
                           .count = 1,
                           .source = give,
                           .payload = texts};
    ck_assert_msg(vdb_format_tensorflow.write(&e, &w) == VARSDB_OK, "%s", e.text);
    long calls = fail_everywhere(path, FAULT_CALL, 1), own = fail_everywhere(path, FAULT_OWN, 1);
    folder_remove(&folder);
    printf("fault: many strings: %ld and %ld moments\n", calls, own);
    ck_assert_int_ge(calls, 12);
    ck_assert_int_ge(own, 10);
}
END_TEST

Suite *test_corpus_fault_suite(void)
{
    Suite *suite = suite_create("corpus_fault");
    TCase *tc = tcase_create("corpora");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, odd_files_are_read_or_refused_as_always_or_what_failed_is_told, 0, CORPORA);
    tcase_add_loop_test(tc, small_files_of_every_kind_are_read_as_always_or_what_failed_is_told, 0,
                        small_file_count);
    tcase_add_test(tc, many_strings_are_read_as_always_or_what_failed_is_told);
    suite_add_tcase(suite, tc);
    return suite;
}
