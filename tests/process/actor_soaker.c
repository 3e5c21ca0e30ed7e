/*
 * actor_soaker.c PATH ROLE NUMBER SEED - has a registry open for long, and does what its role says:
 *
 *     writer   creates, assigns, reads back, deletes, and takes snapshots, of which the last few are kept
 *     reader   lists everything and reads every value, in a picture or not, and asks in SQL
 *     keeper   collects garbage, verifies, copies the log into the file, and makes backups
 *     visitor  opens the registry anew each time, reads, writes, and closes it
 *
 * "work THIRD MILLISECONDS" is answered by "did STEPS"; "tell" by "took US US US US", what half and what
 * 999 of 1000 steps of the first third took at most, and of the last; anything wrong by "failed: ...".
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "../support/actor.h"
#include "../support/latency.h"
#include "../support/whole.h"

#define NAMES      16
#define NAME_BYTES 64
#define LISTED_MAX 256
#define KEPT       3 /* snapshots */
#define THIRDS     3

typedef struct soaker {
    varsdb *db;
    const char *path, *role;
    int number;
    int64_t next;
    test_random random;
    latency took[THIRDS];
    char failure[ACTOR_LINE_BYTES];
} soaker;

static bool fail(soaker *s, const char *what, varsdb *db, int rc)
{
    snprintf(s->failure, sizeof s->failure, "%s: %s: %s", what, varsdb_errname(rc), varsdb_errmsg(db));
    return false;
}

/* ---- writing: in a scope of its own, so that every result is known */

static int64_t elements_of(unsigned i)
{
    return i % 4 ? WHOLE_SMALL : WHOLE_LARGE;
}

static bool write_value(soaker *s, varsdb *db, unsigned i)
{
    char name[NAME_BYTES];
    const varsdb_variable *v;
    int64_t written = s->next++ % (1 << 24), number = -1;
    snprintf(name, sizeof name, "soak_%s%d/v%u", s->role, s->number, i);
    int rc = whole_get(db, name, elements_of(i), 0, NULL, &v);
    if (rc == VARSDB_OK)
        rc = whole_assign(db, v, written);
    if (rc == VARSDB_OK)
        rc = whole_read(db, v, &number);
    if (rc != VARSDB_OK || number != written)
        return fail(s, "writing", db, rc);
    if (random_below(&s->random, 16) == 0)
        rc = varsdb_delete_variable(db, v);
    return rc == VARSDB_OK ? true : fail(s, "deleting", db, rc);
}

static bool write_something(soaker *s)
{
    if (random_below(&s->random, 64))
        return write_value(s, s->db, (unsigned)random_below(&s->random, NAMES));
    int rc = varsdb_take_snapshot(s->db, VARSDB_SNAPSHOT(.keep_last = KEPT), NULL);
    return rc == VARSDB_OK || rc == VARSDB_NOTFOUND ? true : fail(s, "taking a snapshot", s->db, rc);
}

/* ---- reading */

typedef struct listing {
    char names[LISTED_MAX][NAME_BYTES];
    int count;
} listing;

static int take_name(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    if (l->count < LISTED_MAX)
        snprintf(l->names[l->count++], NAME_BYTES, "%s", info->name);
    return 0;
}

static int take_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    (void)payload, (void)columns, (void)names, (void)values;
    return 0;
}

/* Outside a picture anything may be gone by now; nothing is ever torn. */
static bool read_listed(soaker *s, const listing *l, bool in_picture)
{
    for (int i = 0; i < l->count; i++) {
        int64_t number = 0;
        const varsdb_variable *v;
        int rc = varsdb_find_variable(s->db, l->names[i], &v);
        if (rc == VARSDB_OK)
            rc = whole_read(s->db, v, &number);
        bool gone = !in_picture && (rc == VARSDB_GONE || rc == VARSDB_NOTFOUND);
        if ((rc != VARSDB_OK && !gone) || number < 0)
            return fail(s, l->names[i], s->db, rc);
    }
    return true;
}

static bool read_everything(soaker *s)
{
    static listing l;
    bool in_picture = random_below(&s->random, 2);
    l.count = 0;
    int rc = in_picture ? varsdb_begin_read(s->db) : VARSDB_OK;
    if (rc == VARSDB_OK)
        rc = varsdb_list_variables(s->db, NULL, take_name, &l);
    if (rc != VARSDB_OK || !read_listed(s, &l, in_picture))
        return rc == VARSDB_OK ? false : fail(s, "listing", s->db, rc);
    rc = in_picture ? varsdb_rollback(s->db) : varsdb_query(s->db, "SELECT * FROM snapshots", take_row, NULL);
    return rc == VARSDB_OK ? true : fail(s, "ending", s->db, rc);
}

/* ---- upkeep */

static int back_up(soaker *s)
{
    char copy[1024];
    snprintf(copy, sizeof copy, "%s.copy%d", s->path, s->number);
    int rc = varsdb_backup(s->db, copy, NULL);
    unlink(copy);
    return rc;
}

static int take_finding(void *payload, const varsdb_finding *finding)
{
    (void)payload;
    fprintf(stderr, "soaker: %s\n", finding->text);
    return 0;
}

static bool keep_up(soaker *s)
{
    int rc;
    switch (random_below(&s->random, 8)) {
    case 0:
        rc = back_up(s);
        return rc == VARSDB_OK ? true : fail(s, "backing up", s->db, rc);
    case 1:
        rc = varsdb_verify(s->db, NULL, take_finding, NULL);
        return rc == VARSDB_OK ? true : fail(s, "verifying", s->db, rc);
    case 2:
    case 3:
        rc = varsdb_checkpoint(s->db);
        return rc == VARSDB_OK ? true : fail(s, "checkpointing", s->db, rc);
    default:
        rc = varsdb_collect_garbage(s->db, NULL, NULL, NULL, NULL);
        return rc == VARSDB_OK ? true : fail(s, "collecting garbage", s->db, rc);
    }
}

/* ---- visiting */

static bool visit(soaker *s)
{
    varsdb *db;
    int rc = varsdb_open(s->path, NULL, &db);
    bool ok = rc == VARSDB_OK ? write_value(s, db, (unsigned)random_below(&s->random, NAMES))
                              : fail(s, "opening", db, rc);
    varsdb_close(db);
    return ok;
}

/* ---- the work */

static bool work(soaker *s, unsigned third, int64_t milliseconds, int64_t *steps)
{
    bool (*step)(soaker *) = strcmp(s->role, "writer") == 0   ? write_something
                             : strcmp(s->role, "reader") == 0 ? read_everything
                             : strcmp(s->role, "keeper") == 0 ? keep_up
                                                              : visit;
    int64_t begin = latency_now_us(), until = begin + milliseconds * 1000, now = begin;
    for (*steps = 0; now < until; ++*steps) {
        if (!step(s))
            return false;
        latency_add(&s->took[third], latency_now_us() - now);
        now = latency_now_us();
    }
    return true;
}

static bool answer(soaker *s, const char *line)
{
    unsigned third = 0;
    int64_t milliseconds = 0, steps;
    if (sscanf(line, "work %u %" SCNd64, &third, &milliseconds) == 2 && third < THIRDS) {
        if (!work(s, third, milliseconds, &steps))
            return false;
        actor_say("did %" PRId64, steps);
        return true;
    }
    const latency *first = &s->took[0], *last = &s->took[THIRDS - 1];
    actor_say("took %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, latency_all_but(first, 500),
              latency_all_but(first, 1), latency_all_but(last, 500), latency_all_but(last, 1));
    return true;
}

int main(int argc, char **argv)
{
    char line[ACTOR_LINE_BYTES];
    static soaker s;
    if (argc != 5)
        return 2;
    s.path = argv[1];
    s.role = argv[2];
    s.number = (int)strtol(argv[3], NULL, 10);
    s.random.state = strtoull(argv[4], NULL, 10);
    int rc = varsdb_open(s.path, NULL, &s.db);
    bool ok = rc == VARSDB_OK ? true : fail(&s, "opening", s.db, rc);
    while (ok && actor_hear(line))
        ok = answer(&s, line);
    varsdb_close(s.db);
    if (!ok)
        actor_say("failed: %s", s.failure);
    return !ok;
}
