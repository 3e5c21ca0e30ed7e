/*
 * test_flips.c - damage of every kind at every place of a small registry's file: each bit, each byte, each
 * length, each page.  Whatever it is, it is refused or found, or changes nothing that is read.
 *
 * One in VARSDB_TEST_ONE_IN places is tried (others each time; VARSDB_TEST_SEED repeats them), by as many
 * processes as there are processors.  "make check-flips" tries all.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../support/actor.h"
#include "../support/child.h"
#include "../support/flips.h"
#include "../support/registry.h"
#include "../support/sanitized.h"

Suite *test_flips_suite(void);

#define BIG      2000 /* elements: some chunks' worth of the small pages */
#define PAGE     1024
#define CHILDREN 16
#define ONE_IN   FEWER(80, 800)

static registry r;
static int one_in, children;
static uint64_t seed;

typedef struct tally {
    long tried, refused, seen, unread;
} tally;
static tally *tallies; /* of each child, shared with it */

static int given(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text && atoi(text) > 0 ? atoi(text) : otherwise;
}

/* Pages of 1 KiB instead of 16, so that most of the file means something. */
static void repack(void)
{
    char sql[128];
    snprintf(sql, sizeof sql,
             "PRAGMA journal_mode=DELETE; PRAGMA page_size=%d; VACUUM; PRAGMA journal_mode=WAL", PAGE);
    registry_sql(&r, sql);
}

static void open_small(void)
{
    if (access("/dev/shm", W_OK | X_OK) == 0) /* nothing here is about the disk */
        setenv("TMPDIR", "/dev/shm", 1);
    registry_open(&r);
    rich_fill(r.db, BIG);
    varsdb_close(r.db);
    r.db = NULL;
    repack();
    one_in = given("VARSDB_TEST_ONE_IN", ONE_IN);
    children = given("VARSDB_TEST_JOBS", (int)sysconf(_SC_NPROCESSORS_ONLN));
    children = children < CHILDREN ? children : CHILDREN;
    tallies =
        mmap(NULL, CHILDREN * sizeof *tallies, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(tallies != MAP_FAILED);
}

static void close_small(void)
{
    munmap(tallies, CHILDREN * sizeof *tallies);
    temp_remove(&r.dir);
}

/* ---- kinds of damage; each is done to the image, judged, and undone */

static void flip_bit(flips *f, size_t at)
{
    f->image[at / 8] ^= (unsigned char)(1 << at % 8);
    flips_judge(f, f->bytes, "byte %zu bit %zu", at / 8, at % 8);
    f->image[at / 8] ^= (unsigned char)(1 << at % 8);
}

/* Each byte as 0 and as 255. */
static void set_byte(flips *f, size_t at)
{
    unsigned char *byte = &f->image[at / 2], before = *byte;
    *byte = at % 2 ? 0xff : 0;
    if (*byte != before)
        flips_judge(f, f->bytes, "byte %zu is %u", at / 2, *byte);
    *byte = before;
}

static void cut(flips *f, size_t at)
{
    flips_judge(f, at, "cut at byte %zu", at);
}

static void clear_page(flips *f, size_t at)
{
    unsigned char kept[PAGE], *page = &f->image[at * PAGE];
    memcpy(kept, page, PAGE);
    memset(page, 0, PAGE);
    if (memcmp(kept, page, PAGE) != 0)
        flips_judge(f, f->bytes, "page %zu is cleared", at + 1);
    memcpy(page, kept, PAGE);
}

static void swap(unsigned char *a, unsigned char *b)
{
    unsigned char kept[PAGE];
    memcpy(kept, a, PAGE);
    memcpy(a, b, PAGE);
    memcpy(b, kept, PAGE);
}

static void swap_pages(flips *f, size_t at)
{
    size_t pages = f->bytes / PAGE, a = at / pages, b = at % pages;
    unsigned char *x = &f->image[a * PAGE], *y = &f->image[b * PAGE];
    if (a >= b || memcmp(x, y, PAGE) == 0)
        return;
    swap(x, y);
    flips_judge(f, f->bytes, "pages %zu and %zu are exchanged", a + 1, b + 1);
    swap(x, y);
}

/* A page as another one is. */
static void copy_page(flips *f, size_t at)
{
    size_t pages = f->bytes / PAGE, a = at / pages, b = at % pages;
    unsigned char kept[PAGE], *x = &f->image[a * PAGE];
    memcpy(kept, x, PAGE);
    memcpy(x, &f->image[b * PAGE], PAGE);
    if (memcmp(kept, x, PAGE) != 0)
        flips_judge(f, f->bytes, "page %zu is as page %zu", a + 1, b + 1);
    memcpy(x, kept, PAGE);
}

static const struct kind {
    const char *name;
    void (*damage)(flips *f, size_t at);
    enum {
        BITS,
        TWICE_BYTES,
        BYTES,
        PAGES,
        PAIRS
    } places;
    int oftener; /* than other kinds, which have more places */
} kinds[] = {
    {"a bit is flipped", flip_bit, BITS, 1},
    {"a byte is 0 or 255", set_byte, TWICE_BYTES, 1},
    {"the file is cut", cut, BYTES, 1},
    {"a page is cleared", clear_page, PAGES, 80},
    {"pages are exchanged", swap_pages, PAIRS, 4},
    {"a page is another", copy_page, PAIRS, 4},
};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

static size_t places_of(const struct kind *k, const flips *f)
{
    size_t pages = f->bytes / PAGE;
    const size_t places[] = {f->bytes * 8, f->bytes * 2, f->bytes, pages, pages * pages};
    return places[k->places];
}

/* ---- all places, shared among children */

typedef struct share {
    const struct kind *kind;
    int child;
} share;

/* Which places are tried depends on the seed alone, not on how many children share them. */
static int damage_all(void *payload)
{
    const share *s = payload;
    char path[TEMP_PATH_BYTES];
    flips f, own;
    int every = one_in / s->kind->oftener;
    flips_begin(&f, r.path);
    own = f;
    snprintf(own.path, sizeof own.path, "%s",
             temp_file(&r.dir, (const char[]){'c', (char)('a' + s->child), 0}, path));
    size_t places = places_of(s->kind, &f);
    for (size_t at = 0; at < places; at++) {
        test_random choice = {seed ^ (at * 0x9e3779b97f4a7c15u)};
        if (at % (size_t)children != (size_t)s->child ||
            (every > 1 && random_below(&choice, (uint64_t)every) != 0))
            continue;
        s->kind->damage(&own, at);
        tallies[s->child].tried++;
    }
    tallies[s->child].refused = own.refused;
    tallies[s->child].seen = own.seen;
    tallies[s->child].unread = own.unread;
    flips_end(&f);
    return 0;
}

START_TEST(damage_is_refused_or_found_or_nowhere)
{
    const struct kind *kind = &kinds[_i];
    pid_t pids[CHILDREN];
    share shares[CHILDREN];
    tally all = {0};
    int failed = 0;
    seed = test_seed(kind->name);
    for (int i = 0; i < children; i++) {
        shares[i] = (share){kind, i};
        pids[i] = child_start(damage_all, &shares[i]);
    }
    for (int i = 0; i < children; i++) {
        failed += child_wait(pids[i]) != 0;
        all.tried += tallies[i].tried;
        all.refused += tallies[i].refused;
        all.seen += tallies[i].seen;
        all.unread += tallies[i].unread;
    }
    printf("flips: %s: %ld places, %ld refused, %ld found, %ld nowhere\n", kind->name, all.tried, all.refused,
           all.seen, all.unread);
    ck_assert_int_eq(failed, 0);
    ck_assert_int_ge(all.tried, given("VARSDB_TEST_FLOOR", 1));
    ck_assert_int_gt(all.refused + all.seen, 0);
}
END_TEST

Suite *test_flips_suite(void)
{
    Suite *suite = suite_create("flips");
    TCase *t = tcase_create("flips");
    tcase_add_checked_fixture(t, open_small, close_small);
    tcase_set_timeout(t, 7200);
    tcase_add_loop_test(t, damage_is_refused_or_found_or_nowhere, 0, KINDS);
    suite_add_tcase(suite, t);
    return suite;
}
