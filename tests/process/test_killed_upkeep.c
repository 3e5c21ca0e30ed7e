/*
 * test_killed_upkeep.c - keepers (actor_keeper.c) are killed while they save, take and drop snapshots,
 * restore, collect garbage and back up; what was acknowledged is there, and nothing is torn or left over.
 */
#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <time.h>

#include "../support/actor.h"
#include "../support/opened.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "../support/tensor_files.h"
#include "../support/upkeep.h"

Suite *test_killed_upkeep_suite(void);

#define KEEPERS      3
#define ROUNDS       FEWER(4, 1)
#define KILLS        FEWER(50, 10) /* of a round */
#define CLEAN_EVERY  25
#define SIGKILLED    (256 + 9)
#define BEGINNING_MS 60000

static test_folder folder;
static char registry[PATH_BYTES], journals[KEEPERS][PATH_BYTES];

static void set_up(void)
{
    folder_make(&folder);
    folder_path(&folder, "upkeep.db", registry);
    for (int i = 0; i < KEEPERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "journal.%d", i);
        file_write(folder_path(&folder, name, journals[i]), "", 0);
    }
}

static void tear_down(void)
{
    folder_remove(&folder);
}

static void start(actor *a, int keeper, test_random *r)
{
    char text[16], seed[32];
    snprintf(text, sizeof text, "%d", keeper);
    snprintf(seed, sizeof seed, "%" PRIu64, random_next(r));
    const char *arguments[] = {"actor_keeper", registry, journals[keeper], text, seed, NULL};
    ck_assert(actor_start(a, arguments));
}

/* ---- journals */

typedef struct journal {
    keeper_record *records;
    size_t count;
} journal;

static journal journal_read(int keeper)
{
    journal j;
    size_t bytes;
    j.records = (keeper_record *)(void *)file_read(journals[keeper], &bytes);
    j.count = bytes / sizeof *j.records;
    return j;
}

static bool is_done(const journal *j, int64_t step)
{
    for (size_t i = j->count; i-- > 0 && j->records[i].step >= step;)
        if (j->records[i].step == step && j->records[i].kind == KEEPER_DONE)
            return true;
    return false;
}

/* What was acknowledged last, or intended since. */
static bool may_hold(const journal *j, unsigned thing, int64_t number)
{
    bool said = false;
    for (size_t i = j->count; i-- > 0;) {
        const keeper_record *r = &j->records[i];
        if (r->kind != KEEPER_INTENT || r->thing != thing)
            continue;
        said = true;
        if (r->number == number)
            return true;
        if (is_done(j, r->step))
            return false;
    }
    return !said && number == KEEPER_ABSENT;
}

/* The last number that was acknowledged; 0: none was. */
static int64_t last_done(const journal *j, unsigned thing)
{
    for (size_t i = j->count; i-- > 0;)
        if (j->records[i].kind == KEEPER_INTENT && j->records[i].thing == thing &&
            is_done(j, j->records[i].step))
            return j->records[i].number;
    return 0;
}

static bool was_intended(const journal *j, unsigned thing, int64_t number)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->records[i].kind == KEEPER_INTENT && j->records[i].thing == thing &&
            j->records[i].number == number)
            return true;
    return false;
}

/* ---- the dead keeper's values and snapshots */

typedef struct shown {
    int keeper;
    const journal *journal;
    const char *when;
    int64_t there[64], ids[64];
    int64_t numbers[64][THINGS];
    int count;
    int64_t pinned_step;
} shown;

static void check_values(varsdb *db, int keeper, const journal *j, const char *when)
{
    int64_t numbers[THINGS];
    for (unsigned i = 0; i < THINGS; i++) {
        int rc = keeper_read(db, keeper, i, 0, &numbers[i]);
        ck_assert_msg(rc == VARSDB_OK, "%s, keeper %d: %s", when, keeper, varsdb_errmsg(db));
        ck_assert_msg(numbers[i] != KEEPER_TORN, "%s, keeper %d: thing %u is torn", when, keeper, i);
        ck_assert_msg(may_hold(j, i, numbers[i]),
                      "%s, keeper %d: thing %u has %" PRId64 ", which is lost or odd", when, keeper, i,
                      numbers[i]);
    }
    ck_assert_msg(numbers[THING_PAIR] == numbers[THING_PAIR_TOO] || numbers[THING_PAIR_TOO] == KEEPER_ABSENT,
                  "%s, keeper %d: half a pair", when, keeper);
}

static int show(void *payload, const varsdb_snapshot_info *info)
{
    shown *s = payload;
    int64_t step;
    ck_assert_int_lt(s->count, 64);
    ck_assert_msg(keeper_understand(info->metadata, &step, s->numbers[s->count]), "%s: %s", s->when,
                  info->metadata);
    s->ids[s->count] = info->id;
    s->there[s->count++] = info->pinned ? 0 : step;
    if (info->pinned)
        s->pinned_step = step;
    else
        ck_assert_int_eq(strtoll(info->name + 1, NULL, 10), step);
    return 0;
}

static bool is_shown(const shown *s, int64_t number)
{
    for (int i = 0; i < s->count; i++)
        if (s->there[i] == number)
            return true;
    return false;
}

/* Acknowledged snapshots are there unless they were dropped, or enough came after them (pinned ones count).
 */
static void check_presence(const shown *s)
{
    const journal *j = s->journal;
    int after = 0;
    for (int i = 0; i < s->count; i++) {
        int64_t n = s->there[i];
        ck_assert_msg(n == 0 || was_intended(j, THING_SNAPSHOT, n), "%s: snapshot s%" PRId64, s->when, n);
    }
    for (size_t i = j->count; i-- > 0;) {
        const keeper_record *r = &j->records[i];
        if (r->kind != KEEPER_INTENT)
            continue;
        if (r->thing == THING_DROP && is_done(j, r->step))
            ck_assert_msg(!is_shown(s, r->number), "%s: s%" PRId64 " was dropped", s->when, r->number);
        if (r->thing != THING_SNAPSHOT && r->thing != THING_PINNED)
            continue;
        if (r->thing == THING_SNAPSHOT && after < KEEPER_LAST && is_done(j, r->step) &&
            !was_intended(j, THING_DROP, r->number))
            ck_assert_msg(is_shown(s, r->number), "%s, keeper %d: snapshot s%" PRId64 " is lost", s->when,
                          s->keeper, r->number);
        after++;
    }
    ck_assert_msg(s->pinned_step >= last_done(j, THING_PINNED), "%s: an old pinned snapshot", s->when);
}

/* One of them in full. */
static void check_snapshot(varsdb *db, const shown *s, int which)
{
    for (unsigned i = 0; i < THINGS; i++) {
        int64_t number = KEEPER_TORN;
        int rc = keeper_read(db, s->keeper, i, s->ids[which], &number);
        ck_assert_msg(rc == VARSDB_OK, "%s: %s", s->when, varsdb_errmsg(db));
        ck_assert_msg(number == s->numbers[which][i],
                      "%s, keeper %d: thing %u in snapshot %" PRId64 " has %" PRId64 ", not %" PRId64,
                      s->when, s->keeper, i, s->there[which], number, s->numbers[which][i]);
    }
}

static void check_keeper(varsdb *db, int keeper, test_random *r, const char *when)
{
    char space[KEEPER_BYTES];
    journal j = journal_read(keeper);
    shown s = {.keeper = keeper, .journal = &j, .when = when};
    ck_assert_int_eq(varsdb_use_namespace(db, keeper_space(keeper, space)), VARSDB_OK);
    check_values(db, keeper, &j, when);
    ck_assert_msg(varsdb_list_snapshots(db, show, &s) == VARSDB_OK, "%s: %s", when, varsdb_errmsg(db));
    check_presence(&s);
    if (s.count)
        check_snapshot(db, &s, (int)random_below(r, (uint64_t)s.count));
    free(j.records);
}

/* ---- the whole file, and backups */

static void check_clean(varsdb *db, const char *when)
{
    found f = {0};
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s: %s", when, found_print(&f));
}

static int check_backup(const char *path, const char *when)
{
    if (access(path, F_OK) != 0)
        return 0;
    varsdb *db = opened(path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY));
    check_clean(db, when);
    varsdb_close(db);
    ck_assert_int_eq(unlink(path), 0);
    return 1;
}

/* Those of a dead keeper: acknowledged ones are there, others are whole or are not there.  Each is looked at
 * once, and then removed. */
static int check_backups(int keeper, int64_t *seen, const char *when)
{
    journal j = journal_read(keeper);
    int checked = 0;
    for (size_t i = 0; i < j.count; i++) {
        const keeper_record *r = &j.records[i];
        char path[PATH_BYTES + 64];
        if (r->kind != KEEPER_INTENT || r->thing != THING_BACKUP || r->step <= *seen)
            continue;
        snprintf(path, sizeof path, "%s.backup.%d.%" PRId64, registry, keeper, r->step);
        int there = check_backup(path, when);
        ck_assert_msg(there || !is_done(&j, r->step), "%s: %s is lost", when, path);
        checked += there;
        *seen = r->step;
    }
    free(j.records);
    return checked;
}

static void is_answered(const char *sql, const char *answer, const char *when)
{
    char out[ACTOR_LINE_BYTES];
    ck_assert(shell_query(registry, sql, out, sizeof out));
    ck_assert_msg(strcmp(out, answer) == 0, "%s: %s: %s", when, sql, out);
}

/* Nobody is at work: after a garbage collection nothing is left of what was interrupted. */
static void check_nothing_is_left(const char *when)
{
    varsdb *db = opened(registry, NULL);
    int rc = varsdb_collect_garbage(db, NULL, NULL, NULL, NULL);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", when, varsdb_errmsg(db));
    is_answered(
        "SELECT (SELECT count(*) FROM varsdb_sessions), (SELECT count(*) FROM varsdb_pins),"
        "(SELECT count(*) FROM varsdb_chunks WHERE id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks)),"
        "(SELECT count(*) FROM varsdb_tensor_chunks WHERE tensor_id NOT IN (SELECT id FROM varsdb_tensors)),"
        "(SELECT count(*) FROM varsdb_tensors t WHERE NOT EXISTS (SELECT 1 FROM varsdb_variables v WHERE "
        "v.tensor_id = t.id) AND NOT EXISTS (SELECT 1 FROM varsdb_states w WHERE w.tensor_id = t.id)),"
        "(SELECT count(*) FROM varsdb_states WHERE id NOT IN (SELECT state_id FROM varsdb_snapshot_items)),"
        "(SELECT count(*) FROM varsdb_snapshot_items WHERE snapshot_id NOT IN (SELECT id FROM "
        "varsdb_snapshots)),"
        "(SELECT count(*) - count(DISTINCT data) FROM varsdb_chunks)",
        "0|0|0|0|0|0|0|0", when);
    is_answered("PRAGMA integrity_check", "ok", when);
    check_clean(db, when);
    varsdb_close(db);
}

/* What killed backups had not finished lies beside the registry. */
static void remove_unfinished(void)
{
    char pattern[PATH_BYTES + 16];
    glob_t matches;
    snprintf(pattern, sizeof pattern, "%s.backup.*", registry);
    if (glob(pattern, 0, NULL, &matches) == 0)
        for (size_t i = 0; i < matches.gl_pathc; i++)
            unlink(matches.gl_pathv[i]);
    globfree(&matches);
}

/* ---- killing */

typedef struct killing {
    actor keepers[KEEPERS];
    test_random random;
    int64_t backups_seen[KEEPERS];
    int kills, backups;
} killing;

/* A moment to be killed in; nothing waits for it. */
static void let_them_work(test_random *r)
{
    struct timespec moment = {.tv_nsec = (long)(5 + random_below(r, 130)) * 1000000};
    nanosleep(&moment, NULL);
}

/* Nobody is killed before all have what they work on: on a slow machine they would never come to work. */
static void let_them_begin(void)
{
    int64_t deadline = test_now_ms() + BEGINNING_MS;
    for (int i = 0; i < KEEPERS;) {
        journal j = journal_read(i);
        i += last_done(&j, THING_SUM) > 0;
        free(j.records);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        ck_assert_msg(test_now_ms() < deadline, "keeper %d does not come to work", i);
    }
}

/* All that `victims` says, checked, and the others go on meanwhile. */
static void kill_and_check(killing *k, unsigned victims)
{
    char when[64];
    for (int i = 0; i < KEEPERS; i++)
        if (victims >> i & 1) {
            ck_assert_int_eq(actor_kill(&k->keepers[i]), SIGKILLED);
            k->kills++;
        }
    snprintf(when, sizeof when, "after kill %d", k->kills);
    varsdb *db = opened(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    for (int i = 0; i < KEEPERS; i++)
        if (victims >> i & 1) {
            check_keeper(db, i, &k->random, when);
            k->backups += check_backups(i, &k->backups_seen[i], when);
        }
    check_clean(db, when);
    varsdb_close(db);
}

START_TEST(what_was_acknowledged_survives_and_what_was_interrupted_leaves_nothing)
{
    const unsigned all = (1u << KEEPERS) - 1;
    killing k = {.random = {test_seed("killed_upkeep: 50 kills a round") + (uint64_t)_i}};
    int cleaned = 0;
    for (int i = 0; i < KEEPERS; i++)
        start(&k.keepers[i], i, &k.random);
    let_them_begin();
    while (k.kills < KILLS) {
        bool clean = k.kills >= (cleaned + 1) * CLEAN_EVERY;
        unsigned victims = clean ? all : 1 + (unsigned)random_below(&k.random, all);
        let_them_work(&k.random);
        kill_and_check(&k, victims);
        if (clean) {
            check_nothing_is_left("now and then");
            remove_unfinished();
            cleaned++;
        }
        for (int i = 0; i < KEEPERS; i++)
            if (victims >> i & 1)
                start(&k.keepers[i], i, &k.random);
    }
    kill_and_check(&k, all);
    check_nothing_is_left("in the end");
    for (int i = 0; i < KEEPERS; i++) {
        journal j = journal_read(i);
        ck_assert_msg(last_done(&j, THING_LARGE) > 0, "keeper %d never came to work", i);
        free(j.records);
    }
    printf("killed_upkeep: round %d: %d kills, %d backups\n", _i, k.kills, k.backups);
}
END_TEST

Suite *test_killed_upkeep_suite(void)
{
    Suite *suite = suite_create("killed_upkeep");
    TCase *tc = tcase_create("killed_upkeep");
    tcase_set_timeout(tc, 600);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, what_was_acknowledged_survives_and_what_was_interrupted_leaves_nothing, 0,
                        ROUNDS);
    suite_add_tcase(suite, tc);
    return suite;
}
