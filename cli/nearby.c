/* nearby.c - see nearby.h. */
#include "nearby.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "pick.h"
#include "roster.h"
#include "vocabulary.h"

static int offer(void *payload, const char *name)
{
    suggest_offer(payload, name);
    return 0;
}

static int add(void *payload, const char *name)
{
    suggest_add(payload, name);
    return 0;
}

/* ---- Along the path ---- */

/* Follows a path with slips of the pen: at each component into the scope that is called so, else into those
 * that nearly are. */
typedef struct walk {
    cli *c;
    suggest *found;
    bool scopes; /* the last component is a scope's */
    int queries; /* how many more may be asked */
} walk;

#define WALK_QUERIES  150
#define WALK_CHILDREN 20000

static void follow(walk *w, const char *scope, const char *rest)
{
    char path[PICK_NAME_MAX];
    suggest near;
    const char *slash = strchr(rest, '/');
    size_t bytes = slash ? (size_t)(slash - rest) : strlen(rest);
    int length = snprintf(path, sizeof path, "%s%s%.*s", scope, *scope ? "/" : "", (int)bytes, rest);
    if (w->queries <= 0 || length < 0 || (size_t)length >= sizeof path)
        return;
    w->queries -= 3;
    if (!slash && w->scopes)
        roster_scopes_in(w->c, scope, WALK_CHILDREN, offer, w->found);
    else if (!slash)
        roster_variables_in(w->c, scope, NEARBY_MOST, offer, w->found);
    if (!slash)
        return;
    if (roster_has_scope(w->c, path)) {
        follow(w, path, slash + 1);
        return;
    }
    suggest_begin(&near, path, false);
    roster_scopes_in(w->c, scope, WALK_CHILDREN, offer, &near);
    for (size_t i = 0; i < near.count; i++)
        follow(w, near.best[i].name, slash + 1);
}

#define TOPS_MOST 16

typedef struct tops {
    size_t count;
    char names[TOPS_MOST][SUGGEST_NAME_MAX];
} tops;

static int add_top(void *payload, const char *name)
{
    tops *t = payload;
    if (strlen(name) < SUGGEST_NAME_MAX)
        memcpy(t->names[t->count++], name, strlen(name) + 1);
    return t->count == TOPS_MOST;
}

/* Follows the path from the root, and, where that leads nowhere, from the scopes at the top: the first
 * component is often left out. */
static void follow_from_top(walk *w, const char *path)
{
    tops t = {.count = 0};
    follow(w, "", path);
    if (!w->found->count)
        roster_scopes_in(w->c, "", TOPS_MOST, add_top, &t);
    for (size_t i = 0; i < t.count; i++)
        follow(w, t.names[i], path);
}

/* What was found at the end of the path is nearer than anything elsewhere. */
const char *nearby_variable(cli *c, const char *name, char out[SUGGEST_TEXT_MAX])
{
    suggest s;
    int64_t seed;
    if (varsdb_seed(c->db, &seed) == VARSDB_NOTFOUND)
        return nearby_namespace(c, varsdb_namespace(c->db), out);
    suggest_begin(&s, name, true);
    if (strlen(name) < PICK_NAME_MAX)
        follow_from_top(&(walk){.c = c, .found = &s, .queries = WALK_QUERIES}, name);
    if (!s.count)
        roster_variables(c, NEARBY_MOST, offer, &s);
    return suggest_text(&s, out);
}

static int offer_variable(void *payload, const varsdb_variable_info *info)
{
    struct {
        suggest s;
        size_t left;
    } *search = payload;
    suggest_offer(&search->s, info->name);
    return !--search->left;
}

const char *nearby_variable_at(cli *c, int64_t snapshot, const char *name, char out[SUGGEST_TEXT_MAX])
{
    struct {
        suggest s;
        size_t left;
    } search = {.left = NEARBY_MOST / 4};
    suggest_begin(&search.s, name, true);
    varsdb_list_snapshot_variables(c->db, snapshot, NULL, offer_variable, &search);
    return suggest_text(&search.s, out);
}

const char *nearby_scope(cli *c, const char *name, char out[SUGGEST_TEXT_MAX])
{
    char wanted[PICK_NAME_MAX];
    suggest s;
    *out = '\0';
    size_t bytes = strlen(name), slash = bytes && name[bytes - 1] == '/';
    if (bytes >= PICK_NAME_MAX)
        return out;
    memcpy(wanted, name, bytes);
    wanted[bytes - slash] = '\0';
    suggest_begin(&s, wanted, true);
    follow_from_top(&(walk){.c = c, .found = &s, .scopes = true, .queries = WALK_QUERIES}, wanted);
    if (!s.count)
        roster_scopes(c, NEARBY_MOST / 4, offer, &s);
    for (size_t i = 0; i < s.count && slash; i++) {
        size_t end = strlen(s.best[i].name);
        if (end + 1 < SUGGEST_NAME_MAX)
            memcpy(s.best[i].name + end, "/", 2);
    }
    return suggest_text(&s, out);
}

/* ---- Collections, namespaces, snapshots ---- */

/* Those that every registry may be asked for, and those with members. */
static bool is_collection(cli *c, const char *name)
{
    static const char *const known[] = {VARSDB_GLOBAL,         VARSDB_LOCAL,
                                        VARSDB_MODEL,          VARSDB_TRAINABLE,
                                        VARSDB_MOVING_AVERAGE, VARSDB_REGULARIZATION_LOSSES,
                                        VARSDB_GLOBAL_STEP};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i], name) == 0)
            return true;
    return roster_has_collection(c, name);
}

const char *nearby_collection(cli *c, const char *name, char out[SUGGEST_TEXT_MAX])
{
    suggest s;
    *out = '\0';
    if (is_collection(c, name))
        return out;
    suggest_begin(&s, name, false);
    roster_collections(c, NEARBY_MOST, offer, &s);
    if (!s.count)
        suggest_offer_all(&s, vocabulary_collections);
    return suggest_text(&s, out);
}

const char *nearby_namespace(cli *c, const char *name, char out[SUGGEST_TEXT_MAX])
{
    suggest s;
    suggest_begin(&s, name, false);
    roster_namespaces(c, NEARBY_MOST, offer, &s);
    return suggest_text(&s, out);
}

const char *nearby_snapshot(cli *c, const char *selector, char out[SUGGEST_TEXT_MAX])
{
    suggest s;
    suggest_begin(&s, selector, false);
    /* Of steps those before and after are near, not those with nearly the same digits. */
    if (strncmp(selector, "step:", 5) == 0) {
        char *end;
        long long step = strtoll(selector + 5, &end, 10);
        if (end > selector + 5 && !*end)
            roster_steps_near(c, step, 2, add, &s);
        return suggest_text(&s, out);
    }
    if (roster_snapshots(c, NEARBY_MOST, offer, &s) == VARSDB_OK)
        suggest_offer(&s, "latest");
    return suggest_text(&s, out);
}

/* ---- Initializers and queries ---- */

const char *nearby_initializer(const char *spec, char out[SUGGEST_TEXT_MAX])
{
    char name[SUGGEST_NAME_MAX];
    size_t bytes = spec ? strcspn(spec, "( ") : 0;
    *out = '\0';
    if (!bytes || bytes >= sizeof name)
        return out;
    memcpy(name, spec, bytes);
    name[bytes] = '\0';
    for (size_t i = 0; vocabulary_initializers[i]; i++)
        if (strcmp(vocabulary_initializers[i], name) == 0)
            return out;
    return suggest_among(out, name, vocabulary_initializers);
}

const char *nearby_in_query(const char *message, char out[SUGGEST_TEXT_MAX])
{
    static const char no_table[] = "no such table: ", no_column[] = "no such column: ";
    const char *table = strstr(message, no_table), *column = strstr(message, no_column);
    suggest s;
    *out = '\0';
    if (table)
        return suggest_among(out, table + sizeof no_table - 1, vocabulary_views);
    if (!column)
        return out;
    /* Behind an alias or a view's name it is the end. */
    const char *name = column + sizeof no_column - 1, *dot = strrchr(name, '.');
    suggest_begin(&s, dot ? dot + 1 : name, false);
    for (size_t i = 0; i < COLUMNS_ALL; i++)
        suggest_offer(&s, columns_all[i]);
    suggest_offer_all(&s, vocabulary_columns);
    return suggest_text(&s, out);
}

/* ---- Why nothing is selected ---- */

const char *nearby_reason(cli *c, char out[NEARBY_REASON_MAX])
{
    char near[SUGGEST_TEXT_MAX], shown[CLI_SHOWN_MAX], space[CLI_SHOWN_MAX];
    const varsdb_filter *filter = c->filter;
    int64_t seed;
    *out = '\0';
    cli_shown(space, varsdb_namespace(c->db));
    if (varsdb_seed(c->db, &seed) == VARSDB_NOTFOUND && cli_namespace(c))
        snprintf(out, NEARBY_REASON_MAX, "there is no namespace %.512s%s", space,
                 nearby_namespace(c, varsdb_namespace(c->db), near));
    else if (filter && filter->scope && *filter->scope && !roster_has_scope(c, filter->scope) &&
             !pick_scope_exists(c, filter->scope))
        snprintf(out, NEARBY_REASON_MAX, "there is no scope %.512s in namespace %.512s%s",
                 cli_shown(shown, filter->scope), space, nearby_scope(c, filter->scope, near));
    else if (filter && filter->collection && !is_collection(c, filter->collection))
        snprintf(out, NEARBY_REASON_MAX, "there is no collection %.512s in namespace %.512s%s",
                 cli_shown(shown, filter->collection), space, nearby_collection(c, filter->collection, near));
    return out;
}
