/*
 * test_giant.c - a tensor of more than 4 GiB goes in and out, and no step of it takes more than 64 MiB of
 * memory beside the caller's own (actor_giant.c).
 */
#include <check.h>
#include <sys/statvfs.h>

#include "../support/actor.h"
#include "../support/tensor_files.h"

Suite *test_giant_suite(void);

#define CEILING_KIB  (64 << 10)
#define EXPORT_BYTES ((uint64_t)6 << 30) /* that it takes, and some room */

static test_folder folder;

static void set_up(void)
{
    folder_make(&folder);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

static bool has_room(void)
{
    struct statvfs fs;
    ck_assert_int_eq(statvfs(folder.path, &fs), 0);
    if ((uint64_t)fs.f_bavail * fs.f_frsize >= EXPORT_BYTES)
        return true;
    printf("giant: the export is left out: %s has less than 6 GiB free\n", folder.path);
    return false;
}

/* The sanitizers' own memory would be counted, and it would take minutes. */
static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return true;
#endif
#endif
    return false;
}

START_TEST(more_than_four_gibibytes_take_no_more_than_64_mebibytes)
{
    actor a;
    char registry[PATH_BYTES], file[PATH_BYTES], line[ACTOR_LINE_BYTES], step[64];
    long long ms, kib;
    int steps = 0;
    if (is_sanitized()) {
        printf("giant: left out, since sanitizers take memory of their own\n");
        return;
    }
    folder_path(&folder, "giant.db", registry);
    folder_path(&folder, "giant.safetensors", file);
    const char *arguments[] = {"actor_giant", registry, has_room() ? file : NULL, NULL};
    ck_assert(actor_start(&a, arguments));
    while (actor_receive(&a, line) && sscanf(line, "%63s %lld %lld", step, &ms, &kib) == 3) {
        printf("giant: %s: %lld ms, %lld KiB\n", step, ms, kib);
        ck_assert_msg(kib <= CEILING_KIB, "%s took %lld KiB", step, kib);
        steps++;
    }
    ck_assert_str_eq(line, "done");
    ck_assert_int_ge(steps, 7);
    ck_assert_int_eq(actor_finish(&a), 0);
}
END_TEST

Suite *test_giant_suite(void)
{
    Suite *suite = suite_create("giant");
    TCase *tc = tcase_create("giant");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, more_than_four_gibibytes_take_no_more_than_64_mebibytes);
    suite_add_tcase(suite, tc);
    return suite;
}
