/* snapshot_find.c - snapshots by selectors, and pinning. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "digest.h"
#include "namespace.h"
#include "snapshot.h"
#include "transaction.h"

typedef enum selector_kind {
    SELECT_NAME,
    SELECT_LATEST,
    SELECT_ID,
    SELECT_STEP
} selector_kind;

/* A number and nothing behind it; one that does not fit is as near as can be, and is nobody's. */
static bool parse_number(const char *text, bool negative_too, int64_t *out)
{
    const char *digits = text + (negative_too && *text == '-');
    if (!*digits || digits[strspn(digits, "0123456789")])
        return false;
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return true;
}

static selector_kind parse_selector(const char *text, int64_t *number)
{
    if (strcmp(text, "latest") == 0)
        return SELECT_LATEST;
    if (*text == '#' && parse_number(text + 1, false, number))
        return SELECT_ID;
    if (strncmp(text, "step:", 5) == 0 && parse_number(text + 5, true, number))
        return SELECT_STEP;
    return SELECT_NAME;
}

bool vdb_snapshot_is_selector(const char *text)
{
    int64_t ignored;
    return parse_selector(text, &ignored) != SELECT_NAME;
}

static int fail_missing(varsdb *db, selector_kind kind, const char *selector)
{
    char what[160];
    if (kind == SELECT_LATEST)
        return vdb_fail(&db->error, VARSDB_NOTFOUND, "namespace %s has no snapshots", db->space.name);
    if (kind == SELECT_STEP)
        snprintf(what, sizeof what, "snapshot of step %.40s", selector + 5);
    else
        snprintf(what, sizeof what, "snapshot %.100s", selector);
    return vdb_snapshot_fail_missing(db, what);
}

static int check_there(varsdb *db, int64_t id)
{
    vdb_snapshot there;
    int rc = vdb_snapshot_load(db, id, &there);
    vdb_snapshot_release(db, &there);
    return rc;
}

int vdb_snapshot_find(varsdb *db, const char *selector, int64_t *out)
{
    int64_t number = 0, id = 0;
    selector_kind kind = parse_selector(selector, &number);
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK && kind == SELECT_ID)
        id = number;
    else if (rc == VARSDB_OK && kind == SELECT_STEP)
        rc = vdb_snapshot_id_by_step(db, number, false, &id);
    else if (rc == VARSDB_OK && kind == SELECT_LATEST)
        rc = vdb_snapshot_latest_id(db, &id);
    else if (rc == VARSDB_OK)
        rc = vdb_snapshot_id_by_name(db, selector, &id);
    if (rc == VARSDB_OK)
        rc = id ? check_there(db, id) : fail_missing(db, kind, selector);
    if (rc == VARSDB_OK)
        *out = id;
    return rc;
}

int varsdb_find_snapshot(varsdb *db, const char *selector, int64_t *id)
{
    vdb_read r;
    int64_t found = 0;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!selector || !id))
        rc = vdb_misuse(db, "a selector, and a place for the id, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK)
        rc = vdb_read_end(db, &r, vdb_snapshot_find(db, selector, &found));
    if (rc == VARSDB_OK)
        *id = found;
    return rc;
}

static int pin(varsdb *db, int64_t id, bool pinned)
{
    vdb_snapshot s;
    int64_t digest = 0;
    int rc = vdb_snapshot_load(db, id, &s);
    if (rc == VARSDB_OK) {
        s.at[SNAPSHOT_PINNED] = vdb_int(pinned);
        digest = vdb_digest_row(s.at, SNAPSHOT_COLUMNS);
    }
    vdb_snapshot_release(db, &s);
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_SNAPSHOT_SET_PINNED,
                     VDB_ARGS(vdb_int(id), vdb_int(pinned), vdb_int(digest)));
    return rc;
}

int varsdb_pin_snapshot(varsdb *db, int64_t snapshot, int pinned)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, pin(db, snapshot, pinned != 0)) : rc;
}
