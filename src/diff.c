/* diff.c - varsdb_diff: what is different between two snapshots, or one and the present. */
#include "diff.h"

#include "dtype.h"
#include "transaction.h"

typedef struct teller {
    varsdb *db;
    const varsdb_diff_options *options;
    varsdb_difference_cb callback;
    void *payload;
    vdb_diff_meter meter;
} teller;

static const varsdb_diff_options no_options = {.size = sizeof no_options};

static int tell(const teller *t, varsdb_change change, const vdb_diff_pair *p, const vdb_diff_delta *delta)
{
    const vdb_diff_item *now = p->now, *old = p->old;
    varsdb_difference difference = {
        .size = sizeof difference,
        .change = change,
        .name = p->name,
        .old_name = old ? old->name : p->name,
        .dtype = now ? now->dtype : VARSDB_DTYPE_NOT_SAID,
        .old_dtype = old ? old->dtype : VARSDB_DTYPE_NOT_SAID,
        .shape_json = now ? now->shape : NULL,
        .old_shape_json = old ? old->shape : NULL,
        .has_delta = delta != NULL,
        .max_abs = delta ? delta->max_abs : 0,
        .rel_l2 = delta ? delta->rel_l2 : 0,
    };
    return t->callback(t->payload, &difference) == 0
               ? VARSDB_OK
               : vdb_fail(&t->db->error, VARSDB_CANCELLED, "the callback stopped the list of differences");
}

/* Whether the values are two that can be compared as numbers, and are to be. */
static bool has_delta(const teller *t, const vdb_diff_pair *p)
{
    return !t->options->hashes_only && p->now && p->old && vdb_diff_same_type(p->now, p->old) &&
           p->now->tensor && p->old->tensor && p->now->tensor != p->old->tensor &&
           vdb_dtype_has_numbers(p->now->dtype);
}

static int tell_value(teller *t, const vdb_diff_pair *p)
{
    vdb_diff_delta delta;
    if (p->now->tensor == p->old->tensor)
        return VARSDB_OK;
    if (!has_delta(t, p))
        return tell(t, VARSDB_VALUE_CHANGED, p, NULL);
    int rc = vdb_diff_values(t->db, p->now, p->old, &t->meter, &delta);
    return rc == VARSDB_OK ? tell(t, VARSDB_VALUE_CHANGED, p, &delta) : rc;
}

static int tell_pair(teller *t, const vdb_diff_pair *p)
{
    if (!p->old)
        return tell(t, VARSDB_ADDED, p, NULL);
    if (!p->now)
        return tell(t, VARSDB_REMOVED, p, NULL);
    int rc = strcmp(p->now->name, p->old->name) != 0 ? tell(t, VARSDB_RENAMED, p, NULL) : VARSDB_OK;
    if (rc == VARSDB_OK && !vdb_diff_same_type(p->now, p->old))
        return tell(t, VARSDB_TYPE_CHANGED, p, NULL);
    return rc == VARSDB_OK ? tell_value(t, p) : rc;
}

static uint64_t bytes_to_compare(const teller *t, const vdb_diff_pair *pairs, size_t count)
{
    uint64_t total = 0;
    int64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (has_delta(t, &pairs[i]) && vdb_dtype_bytes(pairs[i].now->dtype, pairs[i].now->elements, &bytes))
            total += (uint64_t)bytes;
    return total;
}

static int diff(teller *t, int64_t from, int64_t to)
{
    vdb_diff_match match;
    int rc = vdb_diff_match_run(t->db, from, to, t->options->filter, &match);
    const vdb_diff_pair *pairs = (const vdb_diff_pair *)(const void *)match.pairs.data;
    size_t count = match.pairs.size / sizeof *pairs;
    t->meter.total = rc == VARSDB_OK ? bytes_to_compare(t, pairs, count) : 0;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = tell_pair(t, &pairs[i]);
    vdb_diff_match_release(&match);
    return rc;
}

int varsdb_diff(varsdb *db, int64_t from, int64_t to, const varsdb_diff_options *options,
                varsdb_difference_cb callback, void *payload)
{
    vdb_read r;
    const varsdb_diff_options *o = options ? options : &no_options;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    if (rc != VARSDB_OK)
        return rc;
    teller t = {.db = db, .options = o, .callback = callback, .payload = payload};
    if (o->size < sizeof *o)
        return vdb_list_end(db, &r,
                            vdb_misuse(db, "options of a comparison without their size; use VARSDB_DIFF()"));
    t.meter = (vdb_diff_meter){.progress = o->progress, .payload = o->payload};
    return vdb_list_end(db, &r, diff(&t, from, to));
}
