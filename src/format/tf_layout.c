/* tf_layout.c - see tf_layout.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_layout.h"

#include <stdlib.h>
#include <string.h>

#include "../json.h"

#define GAPS_FREE  ((uint64_t)64 << 10) /* what all gaps may take, and a part of all data beside it */
#define GAPS_PART  8u
#define SHARD_KEY  "shard"
#define OFFSET_KEY "offset"
#define DTYPE_KEY  "dtype"

static bool key_is(const vdb_json *j, const char *key)
{
    return !j->escaped && j->raw_bytes == strlen(key) && memcmp(j->raw, key, j->raw_bytes) == 0;
}

void vdb_tf_place_recall(vdb_tf_place *p)
{
    vdb_json j;
    vdb_error ignored;
    vdb_json_token token;
    bool shard = false, offset = false;
    const char *json = p->tensor->json;
    if (!json)
        return;
    vdb_json_begin(&j, json, strlen(json), VDB_JSON_DEPTH_MAX);
    int rc = vdb_json_next(&j, &ignored, &token);
    if (rc != VARSDB_OK || token != VDB_JSON_OBJECT)
        return;
    while ((rc = vdb_json_next(&j, &ignored, &token)) == VARSDB_OK && token == VDB_JSON_KEY) {
        const bool is_shard = key_is(&j, SHARD_KEY), is_offset = key_is(&j, OFFSET_KEY),
                   is_dtype = key_is(&j, DTYPE_KEY);
        if (vdb_json_next(&j, &ignored, &token) != VARSDB_OK)
            return;
        if (token == VDB_JSON_NUMBER && is_shard)
            shard = vdb_json_uint(&j, &p->shard_before);
        else if (token == VDB_JSON_NUMBER && is_offset)
            offset = vdb_json_uint(&j, &p->offset_before);
        else if (token == VDB_JSON_STRING && is_dtype) {
            unsigned number = vdb_tf_dtype_named(j.raw, j.raw_bytes);
            if (number && vdb_tf_dtype(number) == p->tensor->dtype)
                p->dtype = number;
        }
        if (vdb_json_skip(&j, &ignored, token) != VARSDB_OK)
            return;
    }
    p->placed = rc == VARSDB_OK && shard && offset && p->shard_before < VDB_TF_WRITE_SHARDS_MAX;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_tf_place *)a)->tensor->name, ((const vdb_tf_place *)b)->tensor->name);
}

static int by_place(const void *a, const void *b)
{
    const vdb_tf_place *x = a, *y = b;
    if (x->shard_before != y->shard_before)
        return x->shard_before < y->shard_before ? -1 : 1;
    if (x->offset_before != y->offset_before)
        return x->offset_before < y->offset_before ? -1 : 1;
    if (x->stored != y->stored)
        return x->stored < y->stored ? -1 : 1;
    return by_name(a, b);
}

void vdb_tf_sort_by_name(vdb_tf_place *places, size_t count)
{
    if (count)
        qsort(places, count, sizeof *places, by_name);
}

/* How many shards the file had whose metadata is kept; 1 if nothing is said. */
static uint64_t shards_before(const vdb_writing *w)
{
    uint64_t shards = 1;
    for (size_t i = 0; i < w->metadata_count; i++) {
        vdb_json j;
        vdb_error ignored;
        vdb_json_token token;
        const vdb_metadata *m = &w->metadata[i];
        vdb_json_begin(&j, m->json, strlen(m->json), 1);
        if (strcmp(m->key, VDB_TF_NUM_SHARDS) == 0 && vdb_json_next(&j, &ignored, &token) == VARSDB_OK &&
            token == VDB_JSON_NUMBER && !vdb_json_uint(&j, &shards))
            shards = 1;
    }
    return shards;
}

/* Whether all can go where they were; by_place has sorted them. */
static bool fits_as_before(const vdb_tf_place *places, size_t count)
{
    uint64_t at = 0, gaps = 0, data = 0;
    for (size_t i = 0; i < count; i++) {
        const vdb_tf_place *p = &places[i];
        if (i && p->shard_before != p[-1].shard_before)
            at = 0;
        if (!p->placed || p->offset_before > INT64_MAX)
            return false;
        if (!p->stored)
            continue;
        if (p->offset_before < at || __builtin_add_overflow(gaps, p->offset_before - at, &gaps) ||
            __builtin_add_overflow(p->offset_before, p->stored, &at) || at > INT64_MAX)
            return false;
        data += p->stored;
    }
    return gaps <= GAPS_FREE || gaps - GAPS_FREE <= data / GAPS_PART;
}

static int lay_out_by_name(vdb_error *e, vdb_tf_place *places, size_t count, uint64_t most, int64_t *shards)
{
    uint64_t at = 0;
    int64_t shard = 0;
    vdb_tf_sort_by_name(places, count);
    for (size_t i = 0; i < count; i++) {
        vdb_tf_place *p = &places[i];
        if (most && at && (p->stored > most || at > most - p->stored)) {
            shard++;
            at = 0;
        }
        p->shard = shard;
        p->offset = (int64_t)at;
        if (__builtin_add_overflow(at, p->stored, &at) || at > INT64_MAX)
            return vdb_fail(e, VARSDB_UNSUPPORTED,
                            "all tensors together are more bytes than a file can have");
    }
    if (shard >= VDB_TF_WRITE_SHARDS_MAX)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "it would be %lld shards, and at most %d are written; let them be larger",
                        (long long)shard + 1, VDB_TF_WRITE_SHARDS_MAX);
    *shards = shard + 1;
    return VARSDB_OK;
}

int vdb_tf_layout(vdb_error *e, vdb_tf_place *places, const vdb_writing *w, int64_t *shards)
{
    uint64_t before = shards_before(w);
    if (w->count)
        qsort(places, w->count, sizeof *places, by_place);
    if (w->max_shard_bytes || !fits_as_before(places, w->count))
        return lay_out_by_name(e, places, w->count, w->max_shard_bytes, shards);
    for (size_t i = 0; i < w->count; i++) {
        places[i].shard = (int64_t)places[i].shard_before;
        places[i].offset = (int64_t)places[i].offset_before;
        if (places[i].shard_before >= before)
            before = places[i].shard_before + 1;
    }
    *shards = before <= VDB_TF_WRITE_SHARDS_MAX ? (int64_t)before : VDB_TF_WRITE_SHARDS_MAX;
    return VARSDB_OK;
}

#endif
