/* select.c - tf-slim's queries: what to restore, what to assign, what is unique. */
#include "select.h"

#include <string.h>

#include "collection.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

/* It must be an expression by itself: one that closes the group around it would escape the anchor. */
static int anchor(vdb_error *e, const char *expression, vdb_match **out)
{
    vdb_buf pattern = {0};
    vdb_match *alone = NULL;
    int rc = vdb_match_new(e, expression, &alone);
    if (rc == VARSDB_OK && vdb_buf_printf(&pattern, "\\A(?:%s)", expression) != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = vdb_match_new(e, pattern.data, out);
    vdb_match_free(alone);
    vdb_buf_release(&pattern);
    return rc;
}

int vdb_select_new(vdb_error *e, const char *prefix, const char *suffix, vdb_match **out)
{
    vdb_buf expression = {0};
    if (!suffix)
        return anchor(e, prefix ? prefix : "", out);
    int rc =
        vdb_buf_printf(&expression, "%s.*%s%s", prefix ? prefix : "", suffix, strchr(suffix, ':') ? "" : ":");
    rc = rc == VARSDB_OK ? anchor(e, expression.data, out) : vdb_fail_nomem(e);
    vdb_buf_release(&expression);
    return rc;
}

int vdb_select_matches(vdb_match *m, vdb_error *e, const char *name, size_t bytes, vdb_buf *scratch,
                       bool *out)
{
    vdb_buf_reset(scratch);
    int rc = vdb_buf_append(scratch, name, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(scratch, ":0", 2);
    return rc == VARSDB_OK ? vdb_match_find(m, e, scratch->data, scratch->size, out) : vdb_fail_nomem(e);
}

/* ---- several expressions at once */

typedef struct expressions {
    vdb_match **match;
    size_t count;
    vdb_buf scratch;
} expressions;

static void expressions_release(expressions *x)
{
    for (size_t i = 0; i < x->count; i++)
        vdb_match_free(x->match[i]);
    vdb_free(x->match);
    vdb_buf_release(&x->scratch);
    *x = (expressions){0};
}

/* texts is NULL-terminated or NULL; anchored ones match from the beginning. */
static int expressions_init(varsdb *db, const char *const *texts, bool anchored, expressions *out)
{
    size_t count = 0;
    *out = (expressions){0};
    while (texts && texts[count])
        count++;
    out->match = vdb_calloc(count ? count : 1, sizeof *out->match);
    if (!out->match)
        return vdb_fail_nomem(&db->error);
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        rc = anchored ? vdb_select_new(&db->error, texts[i], NULL, &out->match[i])
                      : vdb_match_new(&db->error, texts[i], &out->match[i]);
        if (rc == VARSDB_OK)
            out->count++;
    }
    return rc;
}

static int any_matches(varsdb *db, expressions *x, const char *name, size_t bytes, bool *out)
{
    int rc = VARSDB_OK;
    *out = false;
    for (size_t i = 0; rc == VARSDB_OK && !*out && i < x->count; i++)
        rc = vdb_select_matches(x->match[i], &db->error, name, bytes, &x->scratch, out);
    return rc;
}

/* ---- members of GLOBAL as objects */

typedef int (*each_cb)(varsdb *db, void *payload, varsdb_variable *v);

static int each_member(varsdb *db, const char *collection, each_cb callback, void *payload)
{
    vdb_members members;
    int rc = vdb_members_load(db, collection, &members);
    for (size_t i = 0; rc == VARSDB_OK && i < members.count; i++) {
        vdb_variable_row row;
        varsdb_variable *v = vdb_cache_find_uid(&db->cache, members.member[i].uid);
        if (!v || v->epoch != db->epoch) {
            rc = vdb_variable_row_by_id(db, members.member[i].id, members.member[i].uid, &row);
            if (rc == VARSDB_OK)
                rc = vdb_variable_row_learn(db, &row, &v);
            vdb_variable_row_release(db, &row);
        }
        if (rc == VARSDB_OK)
            rc = callback(db, payload, v);
    }
    vdb_members_release(&members);
    return rc;
}

/* ---- one by name */

typedef struct name_search {
    const char *name;
    size_t bytes, matches;
    vdb_match *match;
    vdb_buf scratch;
    varsdb_variable *first, *exact;
} name_search;

static int note_match(varsdb *db, void *payload, varsdb_variable *v)
{
    name_search *s = payload;
    bool matches;
    int rc = vdb_select_matches(s->match, &db->error, v->name, v->name_bytes, &s->scratch, &matches);
    if (rc != VARSDB_OK || !matches)
        return rc;
    if (!s->first)
        s->first = v;
    if (v->name_bytes == s->bytes && memcmp(v->name, s->name, s->bytes) == 0)
        s->exact = v;
    s->matches++;
    return VARSDB_OK;
}

/* The GLOBAL variable meant by a name that is an expression too.  A single match that is not
 * exact counts only if `lenient`: that is how tf-slim assigns, but not how it gets. */
static int find_by_name(varsdb *db, const char *name, bool lenient, varsdb_variable **out)
{
    name_search s = {.name = name, .bytes = strlen(name)};
    int rc = vdb_select_new(&db->error, name, NULL, &s.match);
    if (rc == VARSDB_OK)
        rc = each_member(db, VARSDB_GLOBAL, note_match, &s);
    vdb_match_free(s.match);
    vdb_buf_release(&s.scratch);
    if (rc != VARSDB_OK)
        return rc;
    if (s.matches == 0)
        return vdb_fail(&db->error, VARSDB_NOTFOUND, "no GLOBAL variable of namespace %s begins with %s",
                        db->space.name, name);
    if (!s.exact && !(lenient && s.matches == 1))
        return vdb_fail(
            &db->error, VARSDB_INVALID,
            "%s is not unique: %zu GLOBAL variables begin with it, %s is the first, and none is exactly it",
            name, s.matches, s.first->name);
    *out = s.exact ? s.exact : s.first;
    return VARSDB_OK;
}

int varsdb_find_unique(varsdb *db, const char *name, const varsdb_variable **out)
{
    vdb_read r;
    varsdb_variable *v;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!name || !out))
        rc = vdb_misuse(db, "a name, and a place for the variable, are needed");
    if (rc != VARSDB_OK)
        return rc;
    /* A copy: name may be varsdb_variable_name() of an object that the look-up renames. */
    vdb_buf_reset(&db->full_name);
    if (vdb_buf_append_text(&db->full_name, name) != VARSDB_OK)
        return vdb_fail_nomem(&db->error);
    rc = vdb_read_begin(db, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_read_end(db, &r, find_by_name(db, db->full_name.data, false, &v));
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}

/* ---- to restore */

typedef struct restore_list {
    vdb_match *include; /* NULL: all */
    expressions exclude;
    vdb_buf scratch;
    varsdb_select_cb callback;
    void *payload;
} restore_list;

static int offer(varsdb *db, void *payload, varsdb_variable *v)
{
    restore_list *l = payload;
    bool included = true, excluded = false;
    int rc = VARSDB_OK;
    if (l->include)
        rc = vdb_select_matches(l->include, &db->error, v->name, v->name_bytes, &l->scratch, &included);
    if (rc == VARSDB_OK && included)
        rc = any_matches(db, &l->exclude, v->name, v->name_bytes, &excluded);
    if (rc == VARSDB_OK && included && !excluded && l->callback(l->payload, v) != 0)
        rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    return rc;
}

static int list_to_restore(varsdb *db, const char *const *include, restore_list *l)
{
    if (!include)
        return each_member(db, VARSDB_GLOBAL, offer, l);
    int rc = VARSDB_OK;
    for (; rc == VARSDB_OK && *include; include++) {
        rc = vdb_select_new(&db->error, *include, NULL, &l->include);
        if (rc == VARSDB_OK)
            rc = each_member(db, VARSDB_GLOBAL, offer, l);
        vdb_match_free(l->include);
        l->include = NULL;
    }
    return rc;
}

int varsdb_list_to_restore(varsdb *db, const char *const *include, const char *const *exclude,
                           varsdb_select_cb callback, void *payload)
{
    vdb_read r;
    restore_list l = {.callback = callback, .payload = payload};
    int rc = vdb_list_begin(db, callback != NULL, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = expressions_init(db, exclude, true, &l.exclude);
    if (rc == VARSDB_OK)
        rc = list_to_restore(db, include, &l);
    expressions_release(&l.exclude);
    vdb_buf_release(&l.scratch);
    return vdb_list_end(db, &r, rc);
}

/* ---- filtering a list */

static int filter_into(varsdb *db, const varsdb_variable *const *variables, size_t count,
                       expressions *include, expressions *exclude, const varsdb_variable **out, size_t *kept)
{
    int rc = VARSDB_OK;
    size_t n = 0;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        varsdb_variable *v;
        bool included = true, excluded = false;
        rc = vdb_variable_revive(db, variables[i], &v);
        if (rc == VARSDB_OK && include)
            rc = any_matches(db, include, v->name, v->name_bytes, &included);
        if (rc == VARSDB_OK)
            rc = any_matches(db, exclude, v->name, v->name_bytes, &excluded);
        if (rc == VARSDB_OK && included && !excluded)
            out[n++] = v;
    }
    *kept = n;
    return rc;
}

int varsdb_filter_variables(varsdb *db, const varsdb_variable *const *variables, size_t count,
                            const char *const *include, const char *const *exclude, int search,
                            const varsdb_variable **out, size_t *kept)
{
    expressions in = {0}, ex = {0};
    const varsdb_variable **found = NULL;
    size_t n = 0;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && ((count && (!variables || !out)) || !kept))
        rc = vdb_misuse(db, "a list, and a place for what is kept of it, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc == VARSDB_OK)
        rc = expressions_init(db, include, !search, &in);
    if (rc == VARSDB_OK)
        rc = expressions_init(db, exclude, !search, &ex);
    if (rc == VARSDB_OK && !(found = vdb_calloc(count ? count : 1, sizeof *found)))
        rc = vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK)
        rc = filter_into(db, variables, count, include ? &in : NULL, &ex, found, &n);
    if (rc == VARSDB_OK) {
        if (n)
            memcpy(out, found, n * sizeof *found);
        *kept = n;
    }
    vdb_free(found);
    expressions_release(&in);
    expressions_release(&ex);
    return rc;
}

/* ---- assigning by name */

static int check_value(varsdb *db, const varsdb_variable *v, const varsdb_named_value *value)
{
    int64_t needed = 0;
    const void *data = value->data ? value->data : "";
    if (v->dtype != VARSDB_STRING && !vdb_dtype_bytes(v->dtype, v->elements, &needed))
        return vdb_fail(&db->error, VARSDB_CORRUPT, "variable %s is larger than can be counted", v->name);
    if (v->dtype != VARSDB_STRING && (uint64_t)needed != value->bytes)
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "variable %s (%s, %lld elements) takes %lld bytes, not %zu", v->name,
                        varsdb_dtype_name(v->dtype), (long long)v->elements, (long long)needed, value->bytes);
    int rc = vdb_tensor_check_bytes(&db->error, v->dtype, v->elements, data, value->bytes);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(&db->error, "variable %s", v->name);
    return rc;
}

/* All is found and checked before anything is written: a value that does not fit must not
 * doom the caller's transaction. */
static int assign_values(varsdb *db, const varsdb_named_value *values, size_t count)
{
    int rc = VARSDB_OK;
    varsdb_variable **found = vdb_calloc(count ? count : 1, sizeof *found);
    if (!found)
        return vdb_fail_nomem(&db->error);
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        rc = find_by_name(db, values[i].name, true, &found[i]);
        if (rc == VARSDB_OK)
            rc = check_value(db, found[i], &values[i]);
    }
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = vdb_variable_assign_bytes(db, found[i], values[i].data, values[i].bytes);
    vdb_free(found);
    return rc;
}

int varsdb_assign_values(varsdb *db, const varsdb_named_value *values, size_t count)
{
    vdb_write w;
    int rc = vdb_enter(db);
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        if (!values || !values[i].name || (!values[i].data && values[i].bytes))
            rc = vdb_misuse(db, "every value needs a name and data");
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, assign_values(db, values, count)) : rc;
}

/* ---- uninitialized */

typedef struct uninitialized_list {
    bool local; /* the second pass: what is in GLOBAL too was offered */
    varsdb_select_cb callback;
    void *payload;
} uninitialized_list;

static int offer_uninitialized(varsdb *db, void *payload, varsdb_variable *v)
{
    const uninitialized_list *l = payload;
    vdb_variable_row row;
    if (l->local && (v->members & VDB_IN_GLOBAL))
        return VARSDB_OK;
    int rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    bool empty = rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind != VDB_INT;
    vdb_variable_row_release(db, &row);
    if (empty && l->callback(l->payload, v) != 0)
        rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    return rc;
}

int varsdb_report_uninitialized(varsdb *db, varsdb_select_cb callback, void *payload)
{
    vdb_read r;
    uninitialized_list l = {false, callback, payload};
    int rc = vdb_list_begin(db, callback != NULL, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = each_member(db, VARSDB_GLOBAL, offer_uninitialized, &l);
    l.local = true;
    if (rc == VARSDB_OK)
        rc = each_member(db, VARSDB_LOCAL, offer_uninitialized, &l);
    return vdb_list_end(db, &r, rc);
}
