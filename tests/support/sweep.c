/* sweep.c - see sweep.h. */
#include "sweep.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "engine_sqlite.h"
#include "faulty.h"
#include "held.h"
#include "internal.h"
#include "opened.h"
#include "rich.h"
#include "sanitized.h"

#define MOMENTS_MAX 100000
#define WHEN_BYTES  256
#define LIMIT_STEP  512

/* What a scenario does when nothing goes wrong. */
typedef struct sight {
    int rc;
    uint64_t seen;
    content before, after;
    long counted[FAULT_KINDS]; /* operations */
} sight;

static scene *s;
static const sweep *w;
static const scenario_case *c;
static sight normal;
static char when[WHEN_BYTES];

/* Not ck_assert_msg: a check that holds is a message to the parent, and these are millions. */
#define judge(condition, ...)     \
    do {                          \
        if (!(condition))         \
            condemn(__VA_ARGS__); \
    } while (0)

__attribute__((format(printf, 1, 2))) static _Noreturn void condemn(const char *format, ...)
{
    static char why[2 * CONTENT_BYTES];
    va_list more;
    fault_disarm();
    va_start(more, format);
    vsnprintf(why, sizeof why, format, more);
    va_end(more);
    ck_abort_msg("%s: %s", when, why);
}

static bool has(unsigned trait)
{
    return (c->what->traits & trait) != 0;
}

/* ---- arm and disarm */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    judge(getrlimit(RLIMIT_FSIZE, &limit) == 0, "getrlimit");
    limit.rlim_cur = bytes;
    judge(setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
}

static void limit_pages(int more)
{
    char sql[64];
    int64_t pages = more < 0 ? INT32_MAX : 0;
    vdb_sqlite *engine = vdb_sqlite_of(s->db->engine);
    if (more >= 0)
        judge(vdb_sqlite_pragma(engine, "page_count", &pages) == VARSDB_OK, "page_count");
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld", (long long)(more < 0 ? pages : pages + more));
    judge(sqlite3_exec(engine->db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sql);
}

static void fail_engine(int moment)
{
    faulty_install_whole(s->db);
    if (w->lasting)
        faulty_fail_from(moment);
    else
        faulty_fail(moment);
}

static void arm(int moment)
{
    if (w->kind == SWEEP_FILE_LIMIT)
        limit_files((rlim_t)moment * LIMIT_STEP);
    else if (w->kind == SWEEP_PAGE_LIMIT)
        limit_pages(moment);
    else if (w->kind == SWEEP_ENGINE)
        fail_engine(moment);
    else
        fault_arm_for((fault_kind)w->kind, moment, w->lasting);
}

static void disarm(void)
{
    if (w->kind == SWEEP_FILE_LIMIT)
        limit_files(RLIM_INFINITY);
    else if (w->kind == SWEEP_PAGE_LIMIT)
        limit_pages(-1);
    else if (w->kind == SWEEP_ENGINE)
        faulty_fail(-1);
    else
        fault_disarm();
}

static bool happened(int rc)
{
    if (w->kind == SWEEP_ENGINE)
        return faulty_failed();
    return w->kind < FAULT_KINDS ? fault_happened() : rc == VARSDB_FULL || rc == VARSDB_IO;
}

static bool is_allowed(int rc)
{
    switch (w->kind) {
    case FAULT_ALLOCATION:
    case FAULT_OWN:
        return rc == VARSDB_NOMEM;
    case FAULT_CALL:
        return rc == VARSDB_IO || rc == VARSDB_CANTOPEN || rc == VARSDB_FULL;
    case FAULT_SHORT_READ:
        return false;
    case SWEEP_FILE_LIMIT: /* where a file is made SQLite may have forgotten what the system said */
        return rc == VARSDB_FULL || (rc == VARSDB_IO && has(SCENARIO_OPENS));
    case FAULT_FULL:
    case SWEEP_PAGE_LIMIT:
        return rc == VARSDB_FULL;
    case FAULT_OPEN:
        return rc == VARSDB_CANTOPEN;
    case FAULT_LOCK:
    case FAULT_SHM_BUSY:
        return rc == VARSDB_BUSY || rc == VARSDB_RETRY;
    case FAULT_SYNC: /* ours is after the commit, SQLite's before or in it */
        return rc == VARSDB_IO || (rc == VARSDB_COMMIT_UNKNOWN && s->mode == SCENE_OWN);
    default:
        return rc == VARSDB_IO;
    }
}

/* ---- prepare and act */

static int act(void)
{
    const varsdb_variable *v = NULL;
    s->seen = 0;
    *s->said = '\0';
    int rc = c->what->variable ? varsdb_find_variable(s->db, c->what->variable, &v) : VARSDB_OK;
    return rc == VARSDB_OK ? c->what->act(s, v) : rc;
}

static void must(int rc)
{
    judge(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), varsdb_errmsg(s->db));
}

static void open_handle(void)
{
    must(scene_open(s, 0));
}

static void warm_up(void)
{
    const varsdb_variable *v;
    if (c->what->variable)
        must(varsdb_find_variable(s->db, c->what->variable, &v));
    if (has(SCENARIO_ALONE))
        return;
    if (has(SCENARIO_WRITES))
        must(varsdb_begin(s->db));
    int rc = act();
    judge(rc == VARSDB_OK || rc == normal.rc, "beforehand: %s", varsdb_errmsg(s->db));
    if (has(SCENARIO_WRITES))
        must(varsdb_rollback(s->db));
}

static void prepare(void)
{
    scene_lay(s, c->image);
    scene_connect(s);
    if (has(SCENARIO_OPENS))
        return;
    open_handle();
    if (c->warm)
        warm_up();
}

/* ---- judge */

/* A schema that is newer than the library is not opened by it.  What a rollback that failed left to be undone
 * is undone by the handle: a reader could not. */
static void look_at_schema(content *out)
{
    static const char *const numbers[] = {"PRAGMA user_version",
                                          "SELECT count(*) FROM sqlite_schema",
                                          ("SELECT count(*) FROM pragma_integrity_check WHERE "
                                           "integrity_check = 'ok'"),
                                          "SELECT format FROM varsdb_registry",
                                          "SELECT digest FROM varsdb_registry",
                                          "SELECT sum(number) FROM varsdb_schema_migrations",
                                          "SELECT version FROM varsdb_names_version",
                                          "SELECT sum(digest / 4096) FROM varsdb_variables"};
    size_t at = 0;
    int64_t version;
    must(vdb_sqlite_user_version(s->db->engine, &version));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        at += (size_t)snprintf(out->text + at, sizeof out->text - at, "%lld\n",
                               (long long)content_number(s->path, numbers[i]));
}

static void look(content *out)
{
    if (!s->db || !s->db->engine) {
        scene_close(s);
        snprintf(out->text, sizeof out->text, "no file");
        if (access(s->path, F_OK) != 0)
            return;
        open_handle();
    }
    if (strcmp(varsdb_namespace(s->db), "main") != 0)
        must(varsdb_use_namespace(s->db, "main"));
    if (has(SCENARIO_SCHEMA))
        look_at_schema(out);
    else
        content_show(s->db, when, out);
}

/* The first line that differs. */
static void condemn_state(const char *is, const char *expected)
{
    int line = 1;
    size_t start = 0;
    for (size_t i = 0; is[i] && is[i] == expected[i]; i++)
        if (is[i] == '\n') {
            start = i + 1;
            line++;
        }
    condemn("line %d is '%.*s' and should be '%.*s'", line, (int)strcspn(is + start, "\n"), is + start,
            (int)strcspn(expected + start, "\n"), expected + start);
}

/* Whether it is the other one. */
static bool judge_state(const content *expected, const content *or_this)
{
    static content now;
    look(&now);
    if (strcmp(now.text, expected->text) == 0)
        return false;
    if (!or_this || strcmp(now.text, or_this->text) != 0)
        condemn_state(now.text, expected->text);
    return true;
}

static void judge_result(int rc)
{
    const char *text = *s->said ? s->said : varsdb_errmsg(s->db);
    if (rc == normal.rc)
        judge(s->seen == normal.seen, "something else was seen");
    else
        judge(is_allowed(rc), "%s: %s", varsdb_errname(rc), text);
    judge((*text != '\0') == (rc != VARSDB_OK), "%s, and it says '%s'", varsdb_errname(rc), text);
    judge(!strchr(text, '\n'), "it says '%s'", text);
    judge(rc == normal.rc || happened(rc), "nothing went wrong, but: %s", text);
}

static void judge_balance(void)
{
    if (s->host)
        judge(sqlite3_get_autocommit(s->host), "a transaction of the host's is open");
    if (!s->db || !s->db->engine)
        return;
    judge(!varsdb_in_transaction(s->db), "a transaction is open");
    judge(s->db->engine->methods->state(s->db->engine) == VDB_TRANSACTION_NONE,
          "a transaction of the engine's is open");
}

static void judge_copy(bool there)
{
    found f;
    judge((access(s->copy, F_OK) == 0) == there, there ? "there is no copy" : "there is a copy");
    if (!there)
        return;
    varsdb *other = opened(s->copy, NULL);
    found_verify(other, false, &f);
    judge(f.count == 0, "the copy: %s", found_print(&f));
    varsdb_close(other);
    unlink(s->copy);
}

/* After a sync that failed nobody knows what is on the disk, so nothing more is written there. */
static void judge_poisoned(const content *is)
{
    int rc = act();
    if (rc == VARSDB_OK && is == &normal.after)
        return; /* there was nothing left to be done */
    judge(rc == VARSDB_IO, "after a sync failed: %s", varsdb_errname(rc));
    judge(strstr(*s->said ? s->said : varsdb_errmsg(s->db), "sync failed before"), "it says %s",
          varsdb_errmsg(s->db));
    judge_balance();
    judge_state(is, NULL);
    scene_close(s);
    open_handle();
    judge_state(is, NULL);
}

static void judge_again(bool done)
{
    if (w->kind == FAULT_SYNC && has(SCENARIO_WRITES))
        judge_poisoned(done ? &normal.after : &normal.before);
    if (has(SCENARIO_OPENS)) {
        scene_close(s);
        scene_connect(s);
    }
    if (done && !has(SCENARIO_AGAIN))
        return;
    int rc = act();
    judge(rc == normal.rc, "again: %s: %s", varsdb_errname(rc), varsdb_errmsg(s->db));
    judge(s->seen == normal.seen, "again: something else was seen");
    judge_state(&normal.after, NULL);
}

static void judge_garbage(void)
{
    must(varsdb_collect_garbage(s->db, NULL, NULL, NULL, NULL));
    judge(content_garbage(s->path) == 0, "something is left for good");
}

/* Where it failed after it was done: a file was made, and could not be opened; the journal was deleted, which
 * ends a transaction, and its folder could not be synced. */
static bool may_be_done(void)
{
    return (has(SCENARIO_OPENS) && c->image == SCENE_NONE) || has(SCENARIO_AGAIN) ||
           (w->kind == FAULT_SYNC && s->mode == SCENE_HOST_DELETE);
}

static void judge_all(int rc, bool failed)
{
    bool done = rc == normal.rc;
    judge_result(rc);
    judge_balance();
    if (has(SCENARIO_OPENS) && !done) {
        scene_close(s);
        disarm(); /* it may have to be recovered, which takes room */
    }
    done = done || rc == VARSDB_COMMIT_UNKNOWN;
    if (done)
        judge_state(&normal.after, NULL);
    else
        done = judge_state(&normal.before, may_be_done() ? &normal.after : NULL);
    disarm();
    if (has(SCENARIO_COPIES))
        judge_copy(rc == normal.rc);
    if (rc != normal.rc)
        judge_again(done);
    if (rc != normal.rc && has(SCENARIO_COPIES))
        judge_copy(true);
    /* after a sync that failed there is a session of this process, which lives */
    if (has(SCENARIO_STORES) && !(w->kind == FAULT_SYNC && failed))
        judge_garbage();
}

/* ---- the routine */

static void judge_files(void)
{
    char name[SCENE_SAID_BYTES];
    judge(!scene_has_unnamed(name), "%s is left", name);
}

/* False when there was nothing left that could go wrong. */
static bool fail_at(int moment)
{
    char name[128];
    const held before = held_now();
    snprintf(when, sizeof when, "%s, %s, %s at %d%s", scenario_case_name(c, name), scene_mode_name(s->mode),
             w->kind < FAULT_KINDS     ? fault_name((fault_kind)w->kind)
             : w->kind == SWEEP_ENGINE ? "engine"
                                       : "limit",
             moment, w->lasting ? " and after" : "");
    prepare();
    arm(moment);
    int rc = act();
    bool failed = happened(rc);
    if (w->kind != FAULT_FULL || s->mode == SCENE_HOST_DELETE)
        disarm(); /* readers do not mind that a disk is full, unless a journal is to be rolled back */
    judge_all(rc, failed);
    scene_close(s);
    judge_files();
    held_check(before, when);
    return failed;
}

static sight *sight_of(int i)
{
    static sight *all[SCENE_MODES][SCENARIO_CASES_MAX];
    sight **at = &all[s->mode][i];
    if (!*at)
        *at = calloc(1, sizeof **at);
    judge(*at, "no memory");
    return *at;
}

static void see(int which)
{
    char name[128];
    sight *kept = sight_of(which);
    normal = *kept;
    if (*normal.after.text)
        return;
    snprintf(when, sizeof when, "%s, %s", scenario_case_name(c, name), scene_mode_name(s->mode));
    scene_lay(s, c->image);
    if (!has(SCENARIO_OPENS))
        open_handle();
    look(&normal.before);
    scene_close(s);
    scene_lay(s, c->image); /* what was looked at is in caches */
    scene_connect(s);
    if (!has(SCENARIO_OPENS))
        open_handle();
    for (int i = 0; i < FAULT_KINDS; i++)
        normal.counted[i] = -fault_counted((fault_kind)i);
    normal.rc = act();
    normal.seen = s->seen;
    for (int i = 0; i < FAULT_KINDS; i++)
        normal.counted[i] += fault_counted((fault_kind)i);
    look(&normal.after);
    judge(has(SCENARIO_OPENS) || has(SCENARIO_WRITES) || strcmp(normal.before.text, normal.after.text) == 0,
          "it changed:\n%s", normal.after.text);
    scene_close(s);
    *kept = normal;
}

static bool is_wanted(void)
{
    char name[128];
    return !(s->mode != SCENE_OWN && has(SCENARIO_OWN)) && !has(w->without) && (!w->with || has(w->with)) &&
           !(c->warm && has(SCENARIO_ALONE) && !c->what->variable) &&
           (!w->only || strstr(scenario_case_name(c, name), w->only));
}

/* A short run does not prepare what is sure to be over before the moment comes. */
static bool is_over(int moment)
{
    return w->step > 1 && w->kind < FAULT_KINDS && moment >= normal.counted[w->kind];
}

sweep_counts sweep_run(scene *stage, scene_mode mode, const sweep *what)
{
    static scenario_case cases[SCENARIO_CASES_MAX];
    sweep_counts counts = {0};
    const int all = scenario_cases(cases);
    s = stage;
    w = what;
    s->mode = mode;
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < all; i++) {
        c = &cases[i];
        if (!is_wanted())
            continue;
        see(i);
        counts.scenarios++;
        for (int moment = i % w->step; !is_over(moment) && fail_at(moment); moment += w->step) {
            judge(moment < MOMENTS_MAX, "it does not end");
            counts.points++;
        }
    }
    return counts;
}

bool sweep_is_whole(void)
{
    const char *step = getenv("VARSDB_FAULT_STEP");
    return step && strtol(step, NULL, 10) == 1;
}

int sweep_step(int in_a_short_run)
{
    const char *step = getenv("VARSDB_FAULT_STEP");
    return step && *step ? (int)strtol(step, NULL, 10) : FEWER(1, 4) * in_a_short_run;
}
