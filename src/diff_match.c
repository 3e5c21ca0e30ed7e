/*
 * diff_match.c - which variable is which: by name, and those left over by identity.
 *
 * The old side is loaded and sorted.  The new one passes by, and is kept only as far as it
 * differs: of two pictures of a million variables one is in memory.
 */
#include <stdlib.h>

#include "diff.h"
#include "snapshot.h"

typedef struct matcher {
    varsdb *db;
    vdb_filter names; /* without the collection, which each side has seen to */
    vdb_diff_match *match;
} matcher;

bool vdb_diff_same_type(const vdb_diff_item *a, const vdb_diff_item *b)
{
    return a->dtype == b->dtype && strcmp(a->shape, b->shape) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_diff_item *)a)->name, ((const vdb_diff_item *)b)->name);
}

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_identities(const vdb_diff_item *a, const vdb_diff_item *b)
{
    int order = compare_numbers(a->variable_id, b->variable_id);
    return order ? order : compare_numbers(a->variable_uid, b->variable_uid);
}

static int by_identity(const void *a, const void *b)
{
    return compare_identities(*(vdb_diff_item *const *)a, *(vdb_diff_item *const *)b);
}

static int pairs_by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_diff_pair *)a)->name, ((const vdb_diff_pair *)b)->name);
}

/* ---- the sides */

static int pass_name(matcher *m, vdb_diff_item *item)
{
    return vdb_filter_passes(m->db, &m->names, item->name, strlen(item->name), &item->passes);
}

/* vdb_state_cb */
static int add_old(void *payload, const vdb_value *state, const vdb_value *tensor)
{
    matcher *m = payload;
    vdb_diff_item item;
    (void)tensor;
    int rc = vdb_diff_item_of_state(m->db, state, &item);
    if (rc == VARSDB_OK)
        rc = pass_name(m, &item);
    return rc == VARSDB_OK ? vdb_diff_side_add(m->db, &m->match->old, &item) : rc;
}

static vdb_diff_item *find_old(const matcher *m, const vdb_diff_item *item)
{
    size_t count = vdb_diff_side_count(&m->match->old);
    return count ? bsearch(item, vdb_diff_side_items(&m->match->old), count, sizeof *item, by_name) : NULL;
}

/* vdb_state_cb */
static int add_new(void *payload, const vdb_value *state, const vdb_value *tensor)
{
    matcher *m = payload;
    vdb_diff_item item;
    (void)tensor;
    int rc = vdb_diff_item_of_state(m->db, state, &item);
    vdb_diff_item *old = rc == VARSDB_OK ? find_old(m, &item) : NULL;
    if (rc == VARSDB_OK && old && !old->matched) {
        old->matched = true;
        /* What has the same tensor is equal, and of what is not equal the ids differ. */
        if (!old->passes || (item.tensor == old->tensor && vdb_diff_same_type(&item, old)))
            return VARSDB_OK;
        item.old = old;
    }
    if (rc == VARSDB_OK)
        rc = pass_name(m, &item);
    return rc == VARSDB_OK ? vdb_diff_side_add(m->db, &m->match->now, &item) : rc;
}

static int read_side(matcher *m, int64_t snapshot, const varsdb_filter *given, vdb_state_cb callback)
{
    varsdb *db = m->db;
    vdb_snapshot s = {0};
    vdb_filter members;
    const char *collection = given ? given->collection : NULL;
    varsdb_filter wanted = {.size = sizeof wanted, .collection = collection};
    if (!collection && snapshot == 0)
        wanted.collection = VARSDB_GLOBAL;
    int rc = vdb_filter_init(db, &wanted, &members);
    if (rc == VARSDB_OK && snapshot != 0) {
        rc = vdb_snapshot_open(db, snapshot, &s);
        vdb_snapshot_release(db, &s);
    }
    if (rc == VARSDB_OK)
        rc = snapshot != 0 ? vdb_states_of_snapshot(db, snapshot, &members, callback, m)
                           : vdb_states_present(db, &members, callback, m);
    vdb_filter_release(&members);
    return rc;
}

/* ---- those left over */

static size_t take_unmatched(const vdb_diff_side *side, vdb_diff_item **out)
{
    size_t count = 0;
    vdb_diff_item *items = vdb_diff_side_items(side);
    for (size_t i = 0; i < vdb_diff_side_count(side); i++)
        if (!items[i].matched)
            out[count++] = &items[i];
    return count;
}

static int match_identities(matcher *m)
{
    vdb_diff_item *now = vdb_diff_side_items(&m->match->now);
    size_t olds = vdb_diff_side_count(&m->match->old), news = vdb_diff_side_count(&m->match->now);
    if (olds == 0 || news == 0)
        return VARSDB_OK;
    vdb_diff_item **left = vdb_calloc(olds, sizeof *left);
    if (!left)
        return vdb_fail_nomem(&m->db->error);
    size_t count = take_unmatched(&m->match->old, left);
    if (count)
        qsort(left, count, sizeof *left, by_identity);
    for (size_t i = 0; count && i < news; i++) {
        const vdb_diff_item *key = &now[i];
        if (key->old)
            continue;
        vdb_diff_item **found = bsearch(&key, left, count, sizeof *left, by_identity);
        if (found && !(*found)->matched) {
            (*found)->matched = true;
            now[i].old = *found;
        }
    }
    vdb_free(left);
    return VARSDB_OK;
}

/* ---- pairs */

static int add_pair(matcher *m, const vdb_diff_item *now, const vdb_diff_item *old, const char *name)
{
    vdb_diff_pair pair = {now, old, name};
    if (!(now && now->passes) && !(old && old->passes))
        return VARSDB_OK;
    return vdb_buf_append(&m->match->pairs, &pair, sizeof pair) == VARSDB_OK ? VARSDB_OK
                                                                             : vdb_fail_nomem(&m->db->error);
}

static int make_pairs(matcher *m)
{
    vdb_diff_item *now = vdb_diff_side_items(&m->match->now), *old = vdb_diff_side_items(&m->match->old);
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < vdb_diff_side_count(&m->match->now); i++)
        rc = add_pair(m, &now[i], now[i].old, now[i].name);
    for (size_t i = 0; rc == VARSDB_OK && i < vdb_diff_side_count(&m->match->old); i++)
        if (!old[i].matched)
            rc = add_pair(m, NULL, &old[i], old[i].name);
    size_t count = m->match->pairs.size / sizeof(vdb_diff_pair);
    if (rc == VARSDB_OK && count)
        qsort(m->match->pairs.data, count, sizeof(vdb_diff_pair), pairs_by_name);
    return rc;
}

static int run(matcher *m, int64_t from, int64_t to, const varsdb_filter *filter)
{
    vdb_diff_match *match = m->match;
    int rc = read_side(m, from, filter, add_old);
    if (rc != VARSDB_OK)
        return rc;
    vdb_diff_side_finish(&match->old);
    if (match->old.items.size)
        qsort(match->old.items.data, vdb_diff_side_count(&match->old), sizeof(vdb_diff_item), by_name);
    rc = read_side(m, to, filter, add_new);
    if (rc != VARSDB_OK)
        return rc;
    vdb_diff_side_finish(&match->now);
    rc = match_identities(m);
    return rc == VARSDB_OK ? make_pairs(m) : rc;
}

int vdb_diff_match_run(varsdb *db, int64_t from, int64_t to, const varsdb_filter *filter, vdb_diff_match *out)
{
    matcher m = {.db = db, .match = out};
    *out = (vdb_diff_match){0};
    if (filter && filter->size < sizeof *filter)
        return vdb_misuse(db, "a filter without its size; use VARSDB_FILTER()");
    varsdb_filter names = filter ? *filter : (varsdb_filter){.size = sizeof names};
    names.collection = NULL;
    int rc = vdb_filter_init(db, &names, &m.names);
    if (rc == VARSDB_OK)
        rc = run(&m, from, to, filter);
    vdb_filter_release(&m.names);
    return rc;
}

void vdb_diff_match_release(vdb_diff_match *match)
{
    vdb_diff_side_release(&match->old);
    vdb_diff_side_release(&match->now);
    vdb_buf_release(&match->pairs);
}
