/*
 * actor_mixer.c PATH ROLE NUMBER MILLISECONDS SEED - does what its role says for that long:
 *
 *     writer  creates, assigns, renames and deletes: in a scope of its own, where it knows what must
 *             come of it, and in one that it shares, where others may have been there before
 *     reader  lists everything and reads every value
 *     bulk    assigns a huge value again and again, which fills the log; then, when it is told that
 *             the others are done, at least once more
 *
 * It ends with "done COUNT, ...", or with "failed: ..." and status 1.
 */
#include <string.h>

#include "../support/actor.h"
#include "../support/whole.h"

#define NAMES       10
#define SMALL_NAMES 7 /* the rest are large */
#define NAME_BYTES  64
#define LISTED_MAX  1000
#define BULK_MIN    40 /* that many make the log long enough for a checkpoint */

typedef struct mixer {
    varsdb *db;
    int number;
    int64_t until, next, count, longest; /* longest: milliseconds of one step */
    test_random random;
    int64_t own[NAMES]; /* the values in the scope of its own; -1: not there */
    char failure[ACTOR_LINE_BYTES];
} mixer;

static bool fail(mixer *m, const char *what, const char *name, int rc)
{
    snprintf(m->failure, sizeof m->failure, "%s %s: %s: %s", what, name, varsdb_errname(rc),
             varsdb_errmsg(m->db));
    return false;
}

static int64_t elements_of(unsigned i)
{
    return i < SMALL_NAMES ? WHOLE_SMALL : WHOLE_LARGE;
}

/* Another name for a variable of the same size. */
static unsigned other_name(mixer *m, unsigned i)
{
    return i < SMALL_NAMES ? (unsigned)random_below(&m->random, SMALL_NAMES)
                           : SMALL_NAMES + (unsigned)random_below(&m->random, NAMES - SMALL_NAMES);
}

/* ---- in its own scope: every result is known beforehand */

static void own_name(const mixer *m, unsigned i, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "own%d/v%u", m->number, i);
}

static bool own_value_is_right(mixer *m, const varsdb_variable *v, unsigned i)
{
    int64_t number = -1;
    int rc = whole_read(m->db, v, &number);
    if (rc != VARSDB_OK || number != m->own[i])
        return fail(m, "reading back", varsdb_variable_name(v), rc);
    return true;
}

static bool own_rename(mixer *m, const varsdb_variable *v, unsigned i)
{
    char name[NAME_BYTES];
    unsigned j = other_name(m, i);
    own_name(m, j, name);
    int expected = i != j && m->own[j] >= 0 ? VARSDB_EXISTS : VARSDB_OK;
    int rc = varsdb_rename_variable(m->db, v, name);
    if (rc != expected)
        return fail(m, "renaming to", name, rc);
    if (rc == VARSDB_OK && i != j) {
        m->own[j] = m->own[i];
        m->own[i] = -1;
    }
    return true;
}

/* The scope goes away and comes back; the object follows. */
static bool own_scope_rename(mixer *m, const varsdb_variable *v, unsigned i)
{
    char scope[NAME_BYTES], away[NAME_BYTES];
    snprintf(scope, sizeof scope, "own%d", m->number);
    snprintf(away, sizeof away, "away%d/deeper", m->number);
    int rc = varsdb_rename_scope(m->db, scope, away);
    if (rc != VARSDB_OK || !own_value_is_right(m, v, i))
        return fail(m, "renaming scope", scope, rc);
    rc = varsdb_rename_scope(m->db, away, scope);
    return rc == VARSDB_OK && own_value_is_right(m, v, i) ? true : fail(m, "renaming back scope", scope, rc);
}

static bool own_scope_delete(mixer *m)
{
    char scope[NAME_BYTES];
    int64_t deleted = -1, there = 0;
    snprintf(scope, sizeof scope, "own%d", m->number);
    for (unsigned i = 0; i < NAMES; i++) {
        there += m->own[i] >= 0;
        m->own[i] = -1;
    }
    int rc = varsdb_delete_scope(m->db, scope, &deleted);
    return rc == VARSDB_OK && deleted == there ? true : fail(m, "deleting scope", scope, rc);
}

static bool own_change(mixer *m, const varsdb_variable *v, unsigned i)
{
    int rc;
    switch (random_below(&m->random, 24)) {
    case 0:
    case 1:
    case 2:
        m->own[i] = -1;
        rc = varsdb_delete_variable(m->db, v);
        return rc == VARSDB_OK ? true : fail(m, "deleting", varsdb_variable_name(v), rc);
    case 3:
    case 4:
    case 5:
        return own_rename(m, v, i);
    case 6:
        return own_scope_rename(m, v, i);
    case 7:
        return own_scope_delete(m);
    default:
        rc = whole_assign(m->db, v, m->own[i] = m->next++);
        return rc == VARSDB_OK ? own_value_is_right(m, v, i)
                               : fail(m, "assigning", varsdb_variable_name(v), rc);
    }
}

static bool write_own(mixer *m)
{
    char name[NAME_BYTES];
    int created = -1;
    const varsdb_variable *v;
    unsigned i = (unsigned)random_below(&m->random, NAMES);
    own_name(m, i, name);
    int64_t number = m->next++;
    int rc = whole_get(m->db, name, elements_of(i), number, &created, &v);
    if (rc != VARSDB_OK || created != (m->own[i] < 0))
        return fail(m, created ? "creating" : "getting", name, rc);
    if (created)
        m->own[i] = number;
    return own_value_is_right(m, v, i) && own_change(m, v, i);
}

/* ---- in the shared scope: others may have been there before, but what is there is whole */

static bool is_legal(int rc)
{
    return rc == VARSDB_OK || rc == VARSDB_GONE || rc == VARSDB_NOTFOUND || rc == VARSDB_EXISTS;
}

static int shared_change(mixer *m, const varsdb_variable *v, unsigned i)
{
    char name[NAME_BYTES];
    switch (random_below(&m->random, 6)) {
    case 0:
        return varsdb_delete_variable(m->db, v);
    case 1:
        snprintf(name, sizeof name, "shared/v%u", other_name(m, i));
        return varsdb_rename_variable(m->db, v, name);
    case 2:
        return varsdb_collect(m->db, "seen", v);
    default:
        return whole_assign(m->db, v, m->next++);
    }
}

static bool write_shared(mixer *m)
{
    char name[NAME_BYTES];
    const varsdb_variable *v;
    unsigned i = (unsigned)random_below(&m->random, NAMES);
    snprintf(name, sizeof name, "shared/v%u", i);
    int rc = whole_get(m->db, name, elements_of(i), m->next++, NULL, &v);
    if (rc != VARSDB_OK) /* getting or creating always comes to something */
        return fail(m, "getting", name, rc);
    rc = shared_change(m, v, i);
    if (!is_legal(rc))
        return fail(m, "changing", name, rc);
    int64_t number = 0;
    rc = whole_read(m->db, v, &number);
    if (!is_legal(rc) || number < 0)
        return fail(m, "reading", name, rc);
    return true;
}

static bool write_something(mixer *m)
{
    return random_below(&m->random, 2) ? write_own(m) : write_shared(m);
}

/* ---- reading everything */

typedef struct listing {
    char names[LISTED_MAX][NAME_BYTES];
    int count, bad;
} listing;

static int take_name(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    if (!info->initialized || info->version < 1 || !info->hash || l->count == LISTED_MAX)
        l->bad++;
    else
        snprintf(l->names[l->count++], NAME_BYTES, "%s", info->name);
    return 0;
}

/* Inside one picture everything that is listed is there. */
static bool read_listed(mixer *m, const listing *l, bool in_picture)
{
    for (int i = 0; i < l->count; i++) {
        int64_t number = 0;
        const varsdb_variable *v;
        int rc = varsdb_find_variable(m->db, l->names[i], &v);
        if (rc == VARSDB_OK)
            rc = whole_read(m->db, v, &number);
        if (in_picture ? rc != VARSDB_OK : rc != VARSDB_OK && rc != VARSDB_GONE && rc != VARSDB_NOTFOUND)
            return fail(m, in_picture ? "reading in one picture" : "reading", l->names[i], rc);
        if (number < 0)
            return fail(m, "torn value of", l->names[i], rc);
    }
    return true;
}

static bool read_everything(mixer *m)
{
    static listing l;
    bool in_picture = m->count & 1;
    l.count = l.bad = 0;
    int rc = in_picture ? varsdb_begin_read(m->db) : VARSDB_OK;
    if (rc == VARSDB_OK)
        rc = varsdb_list_variables(m->db, NULL, take_name, &l);
    if (rc != VARSDB_OK || l.bad)
        return fail(m, "listing", l.bad ? "a variable without a value" : "variables", rc);
    if (!read_listed(m, &l, in_picture))
        return false;
    rc = in_picture ? varsdb_rollback(m->db) : VARSDB_OK;
    return rc == VARSDB_OK ? true : fail(m, "ending", "a picture", rc);
}

/* ---- filling the log, and copying it into the file */

#define CHECKPOINT_EVERY 8

static bool write_bulk(mixer *m)
{
    const varsdb_variable *v;
    int rc = whole_get(m->db, "bulk", WHOLE_HUGE, 0, NULL, &v);
    if (rc == VARSDB_OK)
        rc = whole_assign(m->db, v, m->next++);
    if (rc == VARSDB_OK && m->count % CHECKPOINT_EVERY == 0)
        rc = varsdb_checkpoint(m->db);
    return rc == VARSDB_OK ? true : fail(m, "assigning", "bulk", rc);
}

/* Alone, nobody is in a checkpoint's way. */
static bool write_bulk_alone(mixer *m)
{
    char line[ACTOR_LINE_BYTES];
    bool ok = actor_hear(line);
    do {
        ok = ok && write_bulk(m);
        m->count++;
    } while (ok && m->count < BULK_MIN);
    return ok;
}

static bool mix(mixer *m, const char *role)
{
    bool (*step)(mixer *) = strcmp(role, "writer") == 0   ? write_something
                            : strcmp(role, "reader") == 0 ? read_everything
                                                          : write_bulk;
    for (int64_t now = test_now_ms(); now < m->until; m->count++) {
        int64_t before = now;
        if (!step(m))
            return false;
        now = test_now_ms();
        m->longest = now - before > m->longest ? now - before : m->longest;
    }
    return step == write_bulk ? write_bulk_alone(m) : true;
}

int main(int argc, char **argv)
{
    char line[ACTOR_LINE_BYTES];
    mixer m = {.next = 1};
    if (argc != 6)
        return 2;
    m.number = (int)strtol(argv[3], NULL, 10);
    m.random.state = strtoull(argv[5], NULL, 10);
    memset(m.own, -1, sizeof m.own);
    bool ok = varsdb_open(argv[1], NULL, &m.db) == VARSDB_OK;
    actor_say(ok ? "ready" : "failed");
    if (!actor_hear(line))
        return 2;
    m.until = test_now_ms() + strtoll(argv[4], NULL, 10);
    ok = ok && mix(&m, argv[2]);
    varsdb_close(m.db);
    if (ok)
        actor_say("done %lld, at most %lld ms each", (long long)m.count, (long long)m.longest);
    else
        actor_say("failed: %s", m.failure);
    return !ok;
}
