/*
 * pytorch_legacy.c - the file of before PyTorch 1.6, which torch.save still writes when asked to: the
 * pickles of a magic number, a version, what the machine was like, the object, and the list of
 * storages' keys; then for each key the number of elements, in 8 bytes, and the elements.  These are
 * little-endian whatever the machine was.
 */
#ifndef VARSDB_OMIT_PYTORCH

#include <stdlib.h>
#include <string.h>

#include "../byte_order.h"
#include "../mem.h"
#include "pytorch.h"

#define VERSION     1001
#define COUNT_BYTES 8u
#define FIRST_BYTES ((size_t)64 << 10)

typedef struct place {
    vdb_pytorch_storage storage;
    uint64_t offset; /* 0: not met yet */
} place;

typedef struct legacy {
    vdb_error *error;
    const vdb_input *in;
    char *text; /* the file's begin */
    size_t bytes;
    vdb_pickle object, keys;
    uint64_t end; /* of the pickles */
    place *places;
    size_t count;
} legacy;

/* ---- The pickles -------------------------------------------------------- */

/* The next pickle, which begins at *at. */
static int read_next(legacy *l, size_t *at, vdb_pickle *out)
{
    size_t count, room = l->bytes - *at;
    const vdb_pickle_name *names = vdb_pytorch_names(&count);
    int rc = vdb_pickle_read(l->error, l->text + *at,
                             room < VDB_PICKLE_BYTES_MAX ? room : VDB_PICKLE_BYTES_MAX, names, count, out);
    *at += out->bytes;
    return rc;
}

static int read_version(legacy *l, size_t *at, bool *cut)
{
    vdb_pickle p = {0};
    int rc = read_next(l, at, &p);
    *cut = p.cut;
    if (rc != VARSDB_OK)
        return rc;
    const vdb_pickle_value *v = vdb_pickle_at(&p, p.root);
    if (v->kind != VDB_PICKLE_INTEGER || v->as.integer != VERSION)
        rc = vdb_fail(l->error, VARSDB_FORMAT, "it is of another version of PyTorch's old format than %d",
                      VERSION);
    vdb_pickle_release(&p);
    return rc;
}

static int pass_over(legacy *l, size_t *at, bool *cut)
{
    vdb_pickle p = {0};
    int rc = read_next(l, at, &p);
    *cut = p.cut;
    vdb_pickle_release(&p);
    return rc;
}

/* All five, within the text so far.  *cut: it failed because the text ended. */
static int read_pickles(legacy *l, bool *cut)
{
    size_t at = 0;
    int rc = pass_over(l, &at, cut);
    if (rc == VARSDB_OK)
        rc = read_version(l, &at, cut);
    if (rc == VARSDB_OK)
        rc = pass_over(l, &at, cut);
    if (rc == VARSDB_OK) {
        rc = read_next(l, &at, &l->object);
        *cut = l->object.cut;
    }
    if (rc == VARSDB_OK) {
        rc = read_next(l, &at, &l->keys);
        *cut = l->keys.cut;
    }
    l->end = at;
    if (rc != VARSDB_OK) {
        vdb_pickle_release(&l->object);
        vdb_pickle_release(&l->keys);
    }
    return rc;
}

/* Where the pickles end only they know: more of the file is read until they do. */
static int read_begin(legacy *l)
{
    uint64_t most = l->in->bytes < VDB_PICKLE_BYTES_MAX ? l->in->bytes : VDB_PICKLE_BYTES_MAX;
    size_t wanted = FIRST_BYTES;
    bool cut = true;
    int rc = VARSDB_OK;
    while (cut && (!l->bytes || l->bytes < most)) {
        size_t bytes = wanted < most ? wanted : (size_t)most;
        char *text = vdb_realloc(l->text, bytes + 1, 1);
        if (!text)
            return vdb_fail_nomem(l->error);
        l->text = text;
        rc = vdb_input_read(l->error, l->in, l->bytes, text + l->bytes, bytes - l->bytes);
        l->bytes = bytes;
        wanted *= 4;
        if (rc != VARSDB_OK)
            return rc;
        cut = false;
        rc = read_pickles(l, &cut);
    }
    return rc;
}

/* ---- The storages ------------------------------------------------------- */

static int compare_keys(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    if (a_bytes != b_bytes)
        return a_bytes < b_bytes ? -1 : 1;
    return memcmp(a, b, a_bytes);
}

static int by_key(const void *a, const void *b)
{
    const vdb_pytorch_storage *x = &((const place *)a)->storage, *y = &((const place *)b)->storage;
    return compare_keys(x->key, x->key_bytes, y->key, y->key_bytes);
}

static place *find_place(const legacy *l, const char *key, size_t bytes)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const vdb_pytorch_storage *s = &l->places[middle].storage;
        int difference = compare_keys(s->key, s->key_bytes, key, bytes);
        if (difference == 0)
            return &l->places[middle];
        if (difference < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* What the object's pickle says of storages: a storage's size is said nowhere else. */
static int collect_places(legacy *l)
{
    const vdb_pickle *p = &l->object;
    size_t count = 0, kept = 0;
    int rc = VARSDB_OK;
    for (size_t i = 0; i < p->count; i++)
        count += p->values[i].kind == VDB_PICKLE_PERSISTENT;
    l->places = vdb_calloc(count + 1, sizeof *l->places);
    if (!l->places)
        return vdb_fail_nomem(l->error);
    for (size_t i = 0; i < p->count && rc == VARSDB_OK; i++)
        if (p->values[i].kind == VDB_PICKLE_PERSISTENT)
            rc = vdb_pytorch_parse_storage(l->error, p, &p->values[i], &l->places[kept++].storage);
    if (rc != VARSDB_OK)
        return rc;
    qsort(l->places, count, sizeof *l->places, by_key);
    for (size_t i = 0; i < count; i++) {
        place *last = l->count ? &l->places[l->count - 1] : NULL;
        const place *next = &l->places[i];
        if (!last || by_key(last, next) != 0)
            l->places[l->count++] = *next;
        else if (last->storage.items != next->storage.items ||
                 last->storage.item_bytes != next->storage.item_bytes)
            return vdb_fail(l->error, VARSDB_FORMAT, "storage %.*s has two sizes",
                            (int)next->storage.key_bytes, next->storage.key);
    }
    return VARSDB_OK;
}

static int place_storage(legacy *l, const vdb_pickle_value *key, uint64_t *at)
{
    unsigned char count_bytes[COUNT_BYTES];
    place *found = key->kind == VDB_PICKLE_TEXT ? find_place(l, key->as.text, key->count) : NULL;
    if (!found)
        return vdb_fail(l->error, VARSDB_FORMAT, "it has a storage that no tensor is in, of an unknown size");
    const vdb_pytorch_storage *s = &found->storage;
    if (found->offset)
        return vdb_fail(l->error, VARSDB_FORMAT, "storage %.*s is there twice", (int)s->key_bytes, s->key);
    int rc = vdb_input_read(l->error, l->in, *at, count_bytes, sizeof count_bytes);
    if (rc != VARSDB_OK)
        return rc;
    uint64_t items = vdb_get_little_endian(count_bytes, COUNT_BYTES);
    *at += COUNT_BYTES;
    if (items != s->items)
        return vdb_fail(l->error, VARSDB_FORMAT, "storage %.*s has %llu elements, but the pickle says %llu",
                        (int)s->key_bytes, s->key, (unsigned long long)items, (unsigned long long)s->items);
    if (items > (l->in->bytes - *at) / s->item_bytes)
        return vdb_fail(l->error, VARSDB_FORMAT,
                        "storage %.*s has %llu elements, more than the rest of the file; it is truncated (an "
                        "incomplete download?)",
                        (int)s->key_bytes, s->key, (unsigned long long)items);
    found->offset = *at;
    *at += items * s->item_bytes;
    return VARSDB_OK;
}

static int place_storages(legacy *l)
{
    const vdb_pickle_value *keys = vdb_pickle_at(&l->keys, l->keys.root);
    uint64_t at = l->end;
    int rc = VARSDB_OK;
    if (keys->kind != VDB_PICKLE_LIST)
        return vdb_fail(l->error, VARSDB_FORMAT, "%s is where the list of storages must be",
                        vdb_pickle_kind_name(keys));
    for (uint32_t i = 0; i < keys->count && rc == VARSDB_OK; i++)
        rc = place_storage(l, vdb_pickle_at(&l->keys, vdb_pickle_item(&l->keys, keys, i)), &at);
    if (rc == VARSDB_OK && at != l->in->bytes)
        rc = vdb_fail(l->error, VARSDB_FORMAT, "%llu bytes at the end of the file belong to no storage",
                      (unsigned long long)(l->in->bytes - at));
    return rc;
}

/* vdb_pytorch_places.find */
static int find_storage(vdb_error *e, const void *payload, const vdb_pytorch_storage *storage,
                        uint64_t *offset)
{
    const place *found = find_place(payload, storage->key, storage->key_bytes);
    if (!found || !found->offset)
        return vdb_fail(e, VARSDB_FORMAT, "its storage %.*s is not in the file", (int)storage->key_bytes,
                        storage->key);
    *offset = found->offset;
    return VARSDB_OK;
}

int vdb_pytorch_open_legacy(vdb_error *e, const vdb_input *in, vdb_pytorch *t, vdb_tensor_list *out)
{
    legacy l = {.error = e, .in = in};
    vdb_pytorch_places places = {.find = find_storage, .payload = &l, .file_bytes = in->bytes};
    int rc = read_begin(&l);
    if (rc == VARSDB_OK)
        rc = collect_places(&l);
    if (rc == VARSDB_OK)
        rc = place_storages(&l);
    if (rc == VARSDB_OK)
        rc = vdb_pytorch_list(e, t, &l.object, &places, out);
    vdb_pickle_release(&l.object);
    vdb_pickle_release(&l.keys);
    vdb_free(l.places);
    vdb_free(l.text);
    return rc;
}

#endif
