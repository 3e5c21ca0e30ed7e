/* test_giant.c - a tensor above 4 GiB needs no more memory than any other: actor_giant.c. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "../support/actor.h"
#include "../support/sanitized.h"
#include "../support/tensor_files.h"

Suite *test_giant_suite(void);

#define CEILING     ((long long)64 << 20)
#define EXPORT_ROOM ((uint64_t)6 << 30)

static bool has_room(const char *directory)
{
    struct statvfs at;
    return statvfs(directory, &at) == 0 && (uint64_t)at.f_bavail * at.f_frsize > EXPORT_ROOM;
}

START_TEST(a_tensor_above_4_gib_goes_through_everything_in_64_mib)
{
    actor a;
    test_folder folder;
    char path[PATH_BYTES], out[PATH_BYTES], line[ACTOR_LINE_BYTES];
    long long bytes = -1;
    folder_make(&folder);
    folder_path(&folder, "giant.db", path);
    folder_path(&folder, "giant.safetensors", out);
    bool room = has_room(folder.path);
    if (!room)
        printf("giant: the export of 4 GiB is left out: there are not 6 GiB of disk\n");
    const char *arguments[] = {"actor_giant", path, room ? out : "-", NULL};
    ck_assert(actor_start(&a, arguments));
    ck_assert(actor_receive(&a, line));
    ck_assert_msg(sscanf(line, "ok %lld", &bytes) == 1, "%s", line);
    ck_assert_int_eq(actor_finish(&a), 0);
    printf("giant: %.1f MiB beside the caller's buffer\n", (double)bytes / (1 << 20));
    ck_assert_int_le(bytes, CEILING);
    folder_remove(&folder);
}
END_TEST

Suite *test_giant_suite(void)
{
    Suite *suite = suite_create("giant");
    TCase *tc = tcase_create("giant");
    tcase_set_timeout(tc, 600);
    /* What it measures is the sanitizer's there, and its code runs in other tests. */
    if (!SANITIZED)
        tcase_add_test(tc, a_tensor_above_4_gib_goes_through_everything_in_64_mib);
    suite_add_tcase(suite, tc);
    return suite;
}
