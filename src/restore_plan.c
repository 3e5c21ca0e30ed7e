/*
 * restore_plan.c - see restore_plan.h.
 *
 * Items are matched by name first, all of them, and then the rest by identity, so that a variable that
 * was renamed since gets its value unless the value of its present name is in the snapshot too.
 */
#include "restore_plan.h"

#include <stdlib.h>

#include "namespace.h"
#include "part_name.h"
#include "progress.h"
#include "shape.h"
#include "variable_row.h"

#define PROGRESS_EVERY 256

/* ---- what the snapshot has */

typedef struct loader {
    vdb_restore_plan *plan;
    vdb_filter *filter;
    vdb_restore_names *names;
    const vdb_value *state; /* the current one */
    uint64_t seen;
} loader;

static int add_item(vdb_restore_plan *p, vdb_restore_item **out)
{
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 64;
        vdb_restore_item *items = vdb_realloc(p->items, room, sizeof *items);
        if (!items)
            return vdb_fail_nomem(&p->db->error);
        p->items = items;
        p->room = room;
    }
    *out = &p->items[p->count++];
    **out = (vdb_restore_item){0};
    return VARSDB_OK;
}

/* vdb_restore_name_cb */
static int add_target(void *payload, const char *name, size_t bytes, bool renamed)
{
    loader *l = payload;
    const vdb_value *at = l->state;
    vdb_restore_item *item;
    int rc = add_item(l->plan, &item);
    if (rc != VARSDB_OK)
        return rc;
    bool has_partitioner = at[STATE_PARTITIONER].kind == VDB_TEXT;
    *item = (vdb_restore_item){
        .name = vdb_strndup(name, bytes),
        .source = vdb_strdup(at[STATE_NAME].data),
        .renamed = renamed,
        .state_id = at[STATE_ID].integer,
        .variable_id = at[STATE_VARIABLE_ID].integer,
        .variable_uid = at[STATE_VARIABLE_UID].integer,
        .dtype = varsdb_dtype_parse(at[STATE_DTYPE].data),
        .shape = vdb_strdup(at[STATE_SHAPE].data),
        .partitioner = has_partitioner ? vdb_strdup(at[STATE_PARTITIONER].data) : NULL,
        .elements = at[STATE_ELEMENTS].integer,
        .bytes = at[STATE_BYTES].integer,
        .tensor_id = at[STATE_TENSOR_ID].integer,
    };
    if (!item->name || !item->source || !item->shape || (has_partitioner && !item->partitioner))
        return vdb_fail_nomem(&l->plan->db->error);
    return VARSDB_OK;
}

typedef struct identity {
    int64_t uid;      /* first, to be compared by */
    const char *name; /* that it had, of the plan's names */
} identity;

/* What is in the snapshot, chosen or not, is not missing from it. */
static int keep_recorded(vdb_restore_plan *p, const vdb_value *at)
{
    char *name = vdb_strdup(at[STATE_NAME].data);
    identity then = {at[STATE_VARIABLE_UID].integer, name};
    if (!name || vdb_buf_append(&p->names, &name, sizeof name) != VARSDB_OK) {
        vdb_free(name);
        return vdb_fail_nomem(&p->db->error);
    }
    return vdb_buf_append(&p->identities, &then, sizeof then) == VARSDB_OK ? VARSDB_OK
                                                                           : vdb_fail_nomem(&p->db->error);
}

/* vdb_state_cb */
static int load_state(void *payload, const vdb_value *state, const vdb_value *tensor)
{
    loader *l = payload;
    varsdb *db = l->plan->db;
    bool passes = false;
    (void)tensor;
    l->state = state;
    int rc = keep_recorded(l->plan, state);
    if (rc == VARSDB_OK)
        rc = vdb_state_passes(db, l->filter, state, &passes);
    if (rc == VARSDB_OK && passes)
        rc = vdb_restore_names_each(l->names, state[STATE_NAME].data, add_target, l);
    if (rc == VARSDB_OK && ++l->seen % PROGRESS_EVERY == 0)
        rc = vdb_progress(db, l->plan->options->progress, l->plan->options->payload, "matching", l->seen, 0);
    return rc;
}

static int compare_uids(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static int compare_items(const void *a, const void *b)
{
    const vdb_restore_item *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->source, y->source);
}

static void release_item(vdb_restore_item *item)
{
    vdb_free(item->name);
    vdb_free(item->source);
    vdb_free(item->shape);
    vdb_free(item->partitioner);
}

/* By name, each once. */
static int sort_items(vdb_restore_plan *p)
{
    size_t kept = 0;
    if (p->count)
        qsort(p->items, p->count, sizeof *p->items, compare_items);
    for (size_t i = 0; i < p->count; i++) {
        vdb_restore_item *item = &p->items[i], *last = kept ? &p->items[kept - 1] : NULL;
        if (!last || strcmp(last->name, item->name) != 0) {
            p->items[kept++] = *item;
            continue;
        }
        if (strcmp(last->source, item->source) != 0) {
            int rc =
                vdb_fail(&p->db->error, VARSDB_INVALID, "%.200s and %.200s would both be restored to %.200s",
                         last->source, item->source, item->name);
            for (size_t k = i; k < p->count; k++)
                p->items[kept++] = p->items[k];
            p->count = kept;
            return rc;
        }
        release_item(item);
    }
    p->count = p->chosen = kept;
    return VARSDB_OK;
}

static int load_items(vdb_restore_plan *p, int64_t snapshot, vdb_filter *filter)
{
    vdb_filter everything;
    vdb_snapshot s = {0};
    loader l = {.plan = p, .filter = filter};
    int rc = vdb_filter_init(p->db, NULL, &everything);
    if (rc == VARSDB_OK)
        rc = vdb_restore_names_new(p->db, p->options, &l.names);
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_open(p->db, snapshot, &s);
    if (rc == VARSDB_OK) {
        memcpy(p->label, s.label, sizeof p->label);
        rc = vdb_states_of_snapshot(p->db, snapshot, &everything, load_state, &l);
    }
    vdb_snapshot_release(p->db, &s);
    vdb_restore_names_free(l.names);
    vdb_filter_release(&everything);
    if (rc == VARSDB_OK && p->identities.size)
        qsort(p->identities.data, p->identities.size / sizeof(identity), sizeof(identity), compare_uids);
    return rc == VARSDB_OK ? sort_items(p) : rc;
}

/* ---- whom it belongs to */

static int item_by_name(const void *key, const void *item)
{
    return strcmp(key, ((const vdb_restore_item *)item)->name);
}

static int match_name(vdb_restore_plan *p, vdb_restore_item *item)
{
    return vdb_variable_lookup(p->db, item->name, strlen(item->name), &item->variable);
}

/* The same variable under another name, unless that name has a value of its own here. */
static int match_identity(vdb_restore_plan *p, vdb_restore_item *item, varsdb_variable **out)
{
    varsdb *db = p->db;
    vdb_variable_row row;
    varsdb_variable *v = NULL;
    int rc = vdb_variable_row_by_id(db, item->variable_id, item->variable_uid, &row);
    if (rc == VARSDB_OK && row.namespace_id == db->space.id)
        rc = vdb_variable_row_learn(db, &row, &v);
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_GONE) {
        vdb_error_clear(&db->error);
        return VARSDB_OK;
    }
    if (rc == VARSDB_OK && v && !bsearch(v->name, p->items, p->chosen, sizeof *p->items, item_by_name))
        *out = v;
    return rc;
}

/* Identities are looked at before any name is changed to what the variable is called now. */
static int match(vdb_restore_plan *p)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < p->chosen; i++)
        rc = match_name(p, &p->items[i]);
    for (size_t i = 0; rc == VARSDB_OK && i < p->chosen; i++)
        if (!p->items[i].variable && !p->items[i].renamed)
            rc = match_identity(p, &p->items[i], &p->items[i].variable);
    for (size_t i = 0; rc == VARSDB_OK && i < p->chosen; i++) {
        vdb_restore_item *item = &p->items[i];
        if (!item->variable || strcmp(item->name, item->variable->name) == 0)
            continue;
        char *name = vdb_strdup(item->variable->name);
        if (!name)
            return vdb_fail_nomem(&p->db->error);
        vdb_free(item->name);
        item->name = name;
    }
    if (rc == VARSDB_OK && p->chosen)
        qsort(p->items, p->chosen, sizeof *p->items, compare_items);
    return rc;
}

static bool fits(const vdb_restore_plan *p, const vdb_restore_item *item)
{
    vdb_error ignored;
    vdb_dims dims;
    const varsdb_variable *v = item->variable;
    if (item->dtype != v->dtype || item->elements != v->elements)
        return false;
    if (p->options->reshape)
        return true;
    if (vdb_shape_parse_json(&ignored, item->shape, strlen(item->shape), &dims) != VARSDB_OK)
        return false;
    varsdb_shape shape = vdb_dims_shape(&dims);
    return vdb_shape_agrees(&shape, &v->shape);
}

static void decide(vdb_restore_plan *p)
{
    for (size_t i = 0; i < p->chosen; i++) {
        vdb_restore_item *item = &p->items[i];
        if (item->variable)
            item->outcome = fits(p, item) ? VARSDB_RESTORED : VARSDB_RESTORE_MISFIT;
        else
            item->outcome = p->options->existing_only ? VARSDB_RESTORE_EXTRA : VARSDB_RECREATED;
    }
}

/* ---- the registry's rest */

typedef struct rest {
    vdb_restore_plan *plan;
    vdb_filter *filter;
    int64_t *taken; /* uids of variables that get a value, sorted */
    size_t count;
} rest;

static int compare_texts(const void *key, const void *name)
{
    char *text;
    memcpy(&text, name, sizeof text);
    return strcmp(key, text);
}

static bool is_recorded_by_name(const vdb_restore_plan *p, const char *name)
{
    size_t count = p->names.size / sizeof(char *);
    return count && bsearch(name, p->names.data, count, sizeof(char *), compare_texts);
}

/* What is recorded of it belongs to whoever has its name of then, if another has. */
static int is_recorded_by_identity(vdb_restore_plan *p, int64_t uid, bool *out)
{
    size_t count = p->identities.size / sizeof(identity);
    const void *found =
        count ? bsearch(&uid, p->identities.data, count, sizeof(identity), compare_uids) : NULL;
    varsdb_variable *heir = NULL;
    identity then;
    *out = false;
    if (!found)
        return VARSDB_OK;
    memcpy(&then, found, sizeof then);
    int rc = vdb_variable_lookup(p->db, then.name, strlen(then.name), &heir);
    *out = !heir;
    return rc;
}

/* vdb_state_cb */
static int add_rest(void *payload, const vdb_value *state, const vdb_value *tensor)
{
    const rest *r = payload;
    vdb_restore_item *item;
    bool selected = false, recorded = is_recorded_by_name(r->plan, state[STATE_NAME].data);
    (void)tensor;
    if (r->count &&
        bsearch(&state[STATE_VARIABLE_UID].integer, r->taken, r->count, sizeof *r->taken, compare_uids))
        return VARSDB_OK;
    int rc = vdb_state_passes(r->plan->db, r->filter, state, &selected);
    if (rc == VARSDB_OK && selected && !recorded)
        rc = is_recorded_by_identity(r->plan, state[STATE_VARIABLE_UID].integer, &recorded);
    if (rc == VARSDB_OK)
        rc = add_item(r->plan, &item);
    if (rc != VARSDB_OK)
        return rc;
    item->outcome = selected && !recorded ? VARSDB_RESTORE_MISSING : VARSDB_RESTORE_UNTOUCHED;
    item->name = vdb_strdup(state[STATE_NAME].data);
    return item->name ? VARSDB_OK : vdb_fail_nomem(&r->plan->db->error);
}

static int add_registry(vdb_restore_plan *p, vdb_filter *filter)
{
    vdb_filter everything;
    rest r = {.plan = p, .filter = filter, .taken = vdb_calloc(p->chosen, sizeof(int64_t))};
    int rc = r.taken ? vdb_filter_init(p->db, NULL, &everything) : vdb_fail_nomem(&p->db->error);
    if (!r.taken)
        return rc;
    for (size_t i = 0; i < p->chosen; i++)
        if (p->items[i].variable)
            r.taken[r.count++] = p->items[i].variable->uid;
    if (r.count)
        qsort(r.taken, r.count, sizeof *r.taken, compare_uids);
    if (rc == VARSDB_OK)
        rc = vdb_states_present(p->db, &everything, add_rest, &r);
    vdb_filter_release(&everything);
    vdb_free(r.taken);
    return rc;
}

/* ---- the whole */

int vdb_restore_plan_make(varsdb *db, int64_t snapshot, const varsdb_restore_options *o,
                          vdb_restore_plan *out)
{
    vdb_filter filter;
    *out = (vdb_restore_plan){.db = db, .options = o};
    int rc = vdb_filter_init(db,
                             VARSDB_FILTER(.collection = o->collection, .scope = o->scope,
                                           .match = o->include, .exclude = o->exclude),
                             &filter);
    if (rc == VARSDB_OK)
        rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = load_items(out, snapshot, &filter);
    if (rc == VARSDB_OK)
        rc = match(out);
    if (rc == VARSDB_OK) {
        decide(out);
        rc = vdb_restore_check_parts(out);
    }
    /* Of the registry GLOBAL is meant: the rest is outside snapshots unless asked for. */
    if (!filter.collection)
        filter.collection = VARSDB_GLOBAL;
    if (rc == VARSDB_OK)
        rc = add_registry(out, &filter);
    for (size_t i = 0; rc == VARSDB_OK && i < out->count; i++)
        out->counts[out->items[i].outcome]++;
    vdb_filter_release(&filter);
    return rc;
}

void vdb_restore_plan_release(vdb_restore_plan *p)
{
    for (size_t i = 0; i < p->count; i++)
        release_item(&p->items[i]);
    vdb_free(p->items);
    for (size_t i = 0; i < p->names.size / sizeof(char *); i++) {
        char *name;
        memcpy(&name, p->names.data + i * sizeof name, sizeof name);
        vdb_free(name);
    }
    vdb_buf_release(&p->names);
    vdb_buf_release(&p->identities);
    *p = (vdb_restore_plan){0};
}
