/* tf_bundle.c - the format of TensorFlow's checkpoints; see tf_bundle.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_bundle.h"

#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "tf_table.h"

/* ---- The list ----------------------------------------------------------- */

static int print_slices(const vdb_tf_bundle *b, const vdb_tf_item *item, vdb_buf *out)
{
    vdb_tf_extent shown[VARSDB_RANK_MAX];
    const varsdb_shape shape = vdb_tf_shape(b, item);
    int rc = vdb_buf_append_text(out, "\"slices\":[");
    for (size_t i = 0; i < item->pieces && rc == VARSDB_OK; i++) {
        const vdb_tf_extent *x = vdb_tf_extents(b, &b->pieces[item->first_piece + i]);
        for (int k = 0; k < item->rank; k++)
            shown[k] = x[k].length == shape.dims[k] ? (vdb_tf_extent){0, VDB_TF_SLICE_ALL} : x[k];
        rc = vdb_buf_append_text(out, i ? ",\"" : "\"");
        if (rc == VARSDB_OK)
            rc = vdb_tf_slice_print(out, item->rank, shown);
        if (rc == VARSDB_OK)
            rc = vdb_buf_append_text(out, "\"");
    }
    return rc == VARSDB_OK ? vdb_buf_append_text(out, "]") : rc;
}

/* What an export to the same format takes up again: the place, and a type that the registry lacks. */
static int print_json(const vdb_tf_bundle *b, const vdb_tf_item *item, vdb_buf *out)
{
    int rc = vdb_buf_append_text(out, "{");
    if (rc == VARSDB_OK && item->pieces)
        rc = print_slices(b, item, out);
    else if (rc == VARSDB_OK)
        rc = vdb_buf_printf(out, "\"shard\":%lld,\"offset\":%lld", (long long)item->shard,
                            (long long)item->offset);
    if (rc == VARSDB_OK && vdb_tf_is_quantized(item->tf_dtype))
        rc = vdb_buf_printf(out, ",\"dtype\":\"%s\"", vdb_tf_dtype_name(item->tf_dtype));
    return rc == VARSDB_OK ? vdb_buf_append(out, "}", 2) : rc;
}

/* Dims, names and texts go into one memory; where they are is known when all are there. */
typedef struct place {
    size_t dims, name, json;
} place;

static int append_item(const vdb_tf_bundle *b, const vdb_tf_item *item, vdb_buf *texts, place *out)
{
    out->name = texts->size;
    int rc = vdb_buf_append(texts, vdb_tf_key(b, item), item->key_bytes + 1);
    out->json = texts->size;
    return rc == VARSDB_OK ? print_json(b, item, texts) : rc;
}

static size_t count_tensors(const vdb_tf_bundle *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++)
        count += !vdb_tf_is_slice(b, &b->items[i]);
    return count;
}

static int append_items(const vdb_tf_bundle *b, vdb_buf *texts, place *places, size_t *metadata)
{
    int rc = vdb_buf_append(texts, b->dims.data, b->dims.size);
    for (size_t i = 0, n = 0; i < b->count && rc == VARSDB_OK; i++)
        if (!vdb_tf_is_slice(b, &b->items[i]))
            rc = append_item(b, &b->items[i], texts, &places[n++]);
    *metadata = texts->size;
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(texts, VDB_TF_NUM_SHARDS, sizeof VDB_TF_NUM_SHARDS);
    return rc == VARSDB_OK ? vdb_buf_printf(texts, "%lld", (long long)b->header.shards) : rc;
}

static void fill_tensors(const vdb_tf_bundle *b, const place *places, char *arena, vdb_tensor_entry *tensors)
{
    for (size_t i = 0, n = 0; i < b->count; i++) {
        const vdb_tf_item *item = &b->items[i];
        if (vdb_tf_is_slice(b, item))
            continue;
        const int64_t *dims = (const int64_t *)(const void *)arena + item->dims;
        tensors[n] = (vdb_tensor_entry){.info = {.name = arena + places[n].name,
                                                 .dtype = item->dtype,
                                                 .shape = {item->rank, dims},
                                                 .bytes = item->bytes},
                                        .offset = i,
                                        .json = arena + places[n].json};
        n++;
    }
}

/* Slices without a whole are of a tensor that only another checkpoint has. */
static int pass_over_slices(vdb_error *e, const vdb_tf_bundle *b, vdb_tensor_list *list)
{
    const char *last = NULL;
    int rc = VARSDB_OK;
    for (size_t i = 0; i < b->count && rc == VARSDB_OK; i++) {
        const vdb_tf_item *item = &b->items[i];
        const char *name = vdb_tf_key(b, item) + 1;
        if (!vdb_tf_is_slice(b, item) || item->joined || (last && strcmp(last, name) == 0))
            continue;
        rc = vdb_tensor_list_pass_over(e, list, name);
        last = name;
    }
    return rc;
}

static int make_list(vdb_error *e, const vdb_tf_bundle *b, vdb_tensor_list *out)
{
    vdb_buf texts = {0};
    size_t count = count_tensors(b), metadata = 0;
    vdb_tensor_list list = {.count = count, .metadata_count = 1};
    place *places = vdb_calloc(count ? count : 1, sizeof *places);
    list.tensors = vdb_calloc(count ? count : 1, sizeof *list.tensors);
    list.metadata = vdb_calloc(1, sizeof *list.metadata);
    int rc = VARSDB_NOMEM;
    if (places && list.tensors && list.metadata)
        rc = append_items(b, &texts, places, &metadata);
    if (rc == VARSDB_OK)
        rc = pass_over_slices(e, b, &list);
    if (rc == VARSDB_OK) {
        list.arena = vdb_buf_detach(&texts);
        fill_tensors(b, places, list.arena, list.tensors);
        list.metadata[0].key = list.arena + metadata;
        list.metadata[0].json = list.arena + metadata + sizeof VDB_TF_NUM_SHARDS;
        *out = list;
    } else {
        vdb_tensor_list_release(&list);
        vdb_fail_nomem(e);
    }
    vdb_buf_release(&texts);
    vdb_free(places);
    return rc;
}

/* ---- vdb_format --------------------------------------------------------- */

static int measure_strings(vdb_error *e, vdb_tf_bundle *b)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; i < b->count && rc == VARSDB_OK; i++) {
        vdb_tf_item *item = &b->items[i];
        if (item->dtype != VARSDB_STRING || vdb_tf_is_slice(b, item))
            continue;
        rc = vdb_tf_strings_measure(e, b, item);
        if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
            vdb_fail_in(e, "tensor " VDB_TF_SHOWN, vdb_tf_key(b, item));
    }
    return rc;
}

static void close_bundle(void *state)
{
    vdb_tf_bundle_release(state);
    vdb_free(state);
}

static int open_bundle(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    vdb_tf_bundle *b = vdb_calloc(1, sizeof *b);
    if (!b)
        return vdb_fail_nomem(e);
    int rc = vdb_tf_shards_init(e, &b->shards, in->path);
    if (rc == VARSDB_OK)
        rc = vdb_tf_bundle_load(e, b, in);
    if (rc == VARSDB_OK)
        rc = vdb_tf_bundle_join(e, b);
    if (rc == VARSDB_OK)
        rc = measure_strings(e, b);
    if (rc == VARSDB_OK)
        rc = make_list(e, b, out);
    if (rc == VARSDB_OK)
        *state = b;
    else
        close_bundle(b);
    return rc;
}

static int recognize(const vdb_sniff *sniff)
{
    static const unsigned char begin[] = {0, 0}; /* of the first key, which is empty */
    static const unsigned char one_shard[] = {0x08, 0x01, 0x1a, 0x02, 0x08};
    size_t bytes = VDB_TF_TABLE_MAGIC_BYTES;
    if (sniff->tail_bytes >= bytes &&
        memcmp(sniff->tail + sniff->tail_bytes - bytes, VDB_TF_TABLE_MAGIC, bytes) == 0)
        return 2;
    return sniff->head_bytes >= 3 + sizeof one_shard && memcmp(sniff->head, begin, sizeof begin) == 0 &&
           memcmp(sniff->head + 3, one_shard, 1) == 0 && memcmp(sniff->head + 5, one_shard + 2, 3) == 0;
}

const vdb_format vdb_format_tensorflow = {
    .name = "tensorflow",
    .suffix = VDB_TF_SUFFIX,
    .find = vdb_tf_find,
    .recognize = recognize,
    .open = open_bundle,
    .read = vdb_tf_read,
    .name_fully = vdb_tf_name_fully,
    .close = close_bundle,
    .write = vdb_tf_write,
};

#endif
