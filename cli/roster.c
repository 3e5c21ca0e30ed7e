/* roster.c - see roster.h. */
#include "roster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqltext.h"

typedef struct reading {
    roster_cb callback;
    void *payload;
} reading;

static int take_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    const reading *r = payload;
    (void)names;
    int stop = 0;
    for (size_t i = 0; i < columns && !stop; i++)
        if (values[i].kind == VARSDB_SQL_TEXT)
            stop = r->callback(r->payload, values[i].text);
    return stop;
}

/* Calls back for every value of the rows. */
__attribute__((format(printf, 4, 5))) static int read_values(cli *c, roster_cb callback, void *payload,
                                                             const char *query, ...)
{
    reading r = {callback, payload};
    char *sql = NULL;
    va_list ap;
    va_start(ap, query);
    int bytes = vasprintf(&sql, query, ap);
    va_end(ap);
    if (bytes < 0)
        return VARSDB_NOMEM;
    int rc = varsdb_query(c->db, sql, take_row, &r);
    free(sql);
    return rc;
}

/* The namespace and a name as SQL has them. */
typedef struct literals {
    char *space, *name;
} literals;

static int quote(cli *c, const char *name, literals *out)
{
    *out = (literals){NULL, NULL};
    if (sqltext_literal(&out->space, varsdb_namespace(c->db)) == 0 && sqltext_literal(&out->name, name) == 0)
        return VARSDB_OK;
    free(out->space);
    out->space = NULL;
    return VARSDB_NOMEM;
}

static int release(literals *l, int rc)
{
    free(l->space);
    free(l->name);
    return rc;
}

/* The order by scope is that of an index: nothing is sorted, and the first row comes at once. */
int roster_variables(cli *c, size_t limit, roster_cb callback, void *payload)
{
    literals l;
    int rc = quote(c, "", &l);
    if (rc != VARSDB_OK)
        return rc;
    return release(&l, read_values(c, callback, payload,
                                   "SELECT name FROM variables WHERE namespace = %s ORDER BY scope LIMIT %zu",
                                   l.space, limit));
}

int roster_variables_in(cli *c, const char *scope, size_t limit, roster_cb callback, void *payload)
{
    literals l;
    int rc = quote(c, scope, &l);
    if (rc != VARSDB_OK)
        return rc;
    return release(&l, read_values(c, callback, payload,
                                   "SELECT name FROM variables WHERE namespace = %s AND scope = %s"
                                   " ORDER BY scope LIMIT %zu",
                                   l.space, l.name, limit));
}

/* From each scope it goes to the next that has another component there, over all that is below, which may be
 * very many: "0" follows "/".  Between a scope and what is below it others may stand, as "a-b" between "a"
 * and "a/b", so that only what lies below is gone over, and a component may be met twice.  A blob follows
 * every text. */
static int hop_through(cli *c, const literals *l, const char *above, size_t limit, roster_cb callback,
                       void *payload)
{
    return read_values(c, callback, payload,
                       "WITH RECURSIVE met (path) AS ("
                       "SELECT (SELECT scope FROM variables WHERE namespace = %1$s AND scope > %2$s"
                       " AND scope < %3$s ORDER BY scope LIMIT 1)"
                       " UNION ALL "
                       "SELECT (SELECT scope FROM variables WHERE namespace = %1$s AND scope >="
                       " CASE instr(substr(path, length(%2$s) + 1), '/') WHEN 0 THEN path || char(1)"
                       " ELSE substr(path, 1, length(%2$s) + instr(substr(path, length(%2$s) + 1), '/') - 1)"
                       " || '0' END"
                       " AND scope < %3$s ORDER BY scope LIMIT 1) FROM met WHERE path IS NOT NULL)"
                       " SELECT substr(path, 1, length(%2$s)"
                       " + instr(substr(path, length(%2$s) + 1) || '/', '/') - 1)"
                       " FROM met WHERE path IS NOT NULL LIMIT %4$zu",
                       l->space, l->name, above, limit);
}

int roster_scopes_in(cli *c, const char *scope, size_t limit, roster_cb callback, void *payload)
{
    char *below = NULL, *above = NULL;
    int rc = VARSDB_NOMEM;
    literals low = {NULL, NULL}, high = {NULL, NULL};
    if (!*scope) {
        rc = quote(c, "", &low);
        return rc == VARSDB_OK ? release(&low, hop_through(c, &low, "x''", limit, callback, payload)) : rc;
    }
    if (asprintf(&below, "%s/", scope) < 0) {
        below = NULL;
        goto out;
    }
    if (asprintf(&above, "%s0", scope) < 0) {
        above = NULL;
        goto out;
    }
    rc = quote(c, below, &low);
    if (rc == VARSDB_OK)
        rc = quote(c, above, &high);
    if (rc == VARSDB_OK)
        rc = hop_through(c, &low, high.name, limit, callback, payload);
out:
    free(below);
    free(above);
    release(&high, rc);
    return release(&low, rc);
}

int roster_scopes(cli *c, size_t limit, roster_cb callback, void *payload)
{
    literals l;
    int rc = quote(c, "", &l);
    if (rc != VARSDB_OK)
        return rc;
    return release(&l,
                   read_values(c, callback, payload,
                               "WITH RECURSIVE met (path) AS ("
                               "SELECT (SELECT scope FROM variables WHERE namespace = %1$s"
                               " AND scope > '' ORDER BY scope LIMIT 1)"
                               " UNION ALL "
                               "SELECT (SELECT scope FROM variables WHERE namespace = %1$s"
                               " AND scope > path ORDER BY scope LIMIT 1) FROM met WHERE path IS NOT NULL)"
                               " SELECT path FROM met LIMIT %2$zu",
                               l.space, limit));
}

int roster_collections(cli *c, size_t limit, roster_cb callback, void *payload)
{
    literals l;
    int rc = quote(c, "", &l);
    if (rc != VARSDB_OK)
        return rc;
    return release(&l,
                   read_values(c, callback, payload,
                               "WITH RECURSIVE met (name) AS ("
                               "SELECT (SELECT collection FROM collection_variables WHERE namespace = %1$s"
                               " ORDER BY collection LIMIT 1)"
                               " UNION ALL "
                               "SELECT (SELECT collection FROM collection_variables WHERE namespace = %1$s"
                               " AND collection > met.name ORDER BY collection LIMIT 1)"
                               " FROM met WHERE met.name IS NOT NULL)"
                               " SELECT name FROM met LIMIT %2$zu",
                               l.space, limit));
}

/* Each is counted before it is told, which takes a while where it holds a million variables. */
int roster_namespaces(cli *c, size_t limit, roster_cb callback, void *payload)
{
    return read_values(c, callback, payload, "SELECT name FROM namespaces LIMIT %zu", limit);
}

static int read_snapshots(cli *c, const char *columns, size_t limit, roster_cb callback, void *payload)
{
    literals l;
    int rc = quote(c, "", &l);
    if (rc != VARSDB_OK)
        return rc;
    return release(&l, read_values(c, callback, payload,
                                   "SELECT %s FROM snapshots WHERE namespace = %s ORDER BY id DESC LIMIT %zu",
                                   columns, l.space, limit));
}

int roster_snapshots(cli *c, size_t limit, roster_cb callback, void *payload)
{
    return read_snapshots(c, "name, 'step:' || step", limit, callback, payload);
}

int roster_snapshot_ids(cli *c, size_t limit, roster_cb callback, void *payload)
{
    return read_snapshots(c, "'#' || id", limit, callback, payload);
}

int roster_steps_near(cli *c, int64_t step, size_t limit, roster_cb callback, void *payload)
{
    literals l;
    int rc = quote(c, "", &l);
    if (rc != VARSDB_OK)
        return rc;
    return release(&l, read_values(c, callback, payload,
                                   "SELECT DISTINCT 'step:' || step FROM snapshots WHERE namespace = %s"
                                   " AND step IS NOT NULL ORDER BY abs(step - %lld.0) LIMIT %zu",
                                   l.space, (long long)step, limit));
}

static int see(void *payload, const char *name)
{
    (void)name;
    *(bool *)payload = true;
    return 1;
}

bool roster_has_scope(cli *c, const char *scope)
{
    bool seen = false;
    roster_variables_in(c, scope, 1, see, &seen);
    if (!seen)
        roster_scopes_in(c, scope, 1, see, &seen);
    return seen;
}

bool roster_has_collection(cli *c, const char *collection)
{
    bool seen = false;
    literals l;
    if (quote(c, collection, &l) != VARSDB_OK)
        return true;
    release(&l, read_values(c, see, &seen,
                            "SELECT name FROM collection_variables WHERE namespace = %s AND collection = %s"
                            " ORDER BY collection LIMIT 1",
                            l.space, l.name));
    return seen;
}
