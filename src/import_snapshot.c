/* import_snapshot.c - tensors of a file become a snapshot, and no variable; see importer.h. */
#include <errno.h>
#include <stdlib.h>

#include "collection.h"
#include "digest.h"
#include "importer.h"
#include "json.h"
#include "shape.h"
#include "snapshot.h"

/* The snapshot's states as they are made; texts are borrowed for one. */
typedef struct recorder {
    vdb_importer *im;
    vdb_buf shape, collections;
} recorder;

/* ---- what is said of it ---- */

static int add_collection(recorder *r, const char *name)
{
    int rc = vdb_buf_append_text(&r->collections, r->collections.size ? "," : "[");
    return rc == VARSDB_OK ? vdb_json_print_string(&r->collections, name, strlen(name)) : rc;
}

/* In the order in which a created variable would join them. */
static int print_collections(recorder *r, const vdb_import_item *item)
{
    const vdb_importer *im = r->im;
    const char *own = im->options->collection ? vdb_collection_name(im->options->collection) : NULL;
    bool trainable = false;
    vdb_buf_reset(&r->collections);
    int rc = im->trainable
                 ? vdb_match_find(im->trainable, im->error, item->name, strlen(item->name), &trainable)
                 : VARSDB_OK;
    if (rc != VARSDB_OK)
        return rc;
    rc = add_collection(r, VARSDB_GLOBAL);
    if (rc == VARSDB_OK && trainable)
        rc = add_collection(r, VARSDB_TRAINABLE);
    if (rc == VARSDB_OK && im->options->model)
        rc = add_collection(r, VARSDB_MODEL);
    if (rc == VARSDB_OK && own && strcmp(own, VARSDB_GLOBAL) != 0 && strcmp(own, VARSDB_MODEL) != 0 &&
        !(trainable && strcmp(own, VARSDB_TRAINABLE) == 0))
        rc = add_collection(r, own);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&r->collections, "]");
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(im->error);
}

static int64_t logical_bytes(const vdb_tensor *t)
{
    return (int64_t)t->bytes - (t->dtype == VARSDB_STRING ? 8 * t->elements : 0);
}

/* Of a variable that is there by that name, or of none: then the name alone tells who it is. */
static void set_identity(const vdb_import_item *item, vdb_value *state)
{
    const varsdb_variable *v = item->existing;
    state[STATE_VARIABLE_ID] = vdb_int(v ? v->id : 0);
    state[STATE_VARIABLE_UID] = vdb_int(v ? v->uid : vdb_digest_row(&state[STATE_NAME], 1));
}

static int make_state(recorder *r, const vdb_import_item *item, vdb_value *state)
{
    const vdb_tensor *t = vdb_importer_value(r->im, item);
    int rc = print_collections(r, item);
    vdb_buf_reset(&r->shape);
    if (rc == VARSDB_OK && vdb_shape_print(&r->shape, &item->info->shape) != VARSDB_OK)
        rc = vdb_fail_nomem(r->im->error);
    if (rc != VARSDB_OK)
        return rc;
    memset(state, 0, STATE_COLUMNS * sizeof *state);
    state[STATE_NAME] = vdb_text(item->name);
    state[STATE_DTYPE] = vdb_text(varsdb_dtype_name(t->dtype));
    state[STATE_SHAPE] = vdb_text_n(r->shape.data, r->shape.size);
    state[STATE_ELEMENTS] = vdb_int(t->elements);
    state[STATE_BYTES] = vdb_int(logical_bytes(t));
    state[STATE_INITIALIZER] = vdb_text("value");
    state[STATE_COLLECTIONS] = vdb_text_n(r->collections.data, r->collections.size);
    set_identity(item, state);
    return VARSDB_OK;
}

/* ---- all of it ---- */

static int record_item(recorder *r, const vdb_import_item *item, vdb_state_cb callback, void *payload)
{
    vdb_importer *im = r->im;
    vdb_tensor *value = vdb_importer_value(im, item);
    vdb_value state[STATE_COLUMNS];
    int64_t tensor = 0;
    int rc = make_state(r, item, state);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_prepare(im->db, value);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_store(im->db, value, &tensor);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(im->error, "tensor '%.200s'", item->info->name);
    state[STATE_TENSOR_ID] = vdb_int(tensor);
    if (rc == VARSDB_OK)
        rc = callback(payload, state, NULL);
    vdb_tensor_release(value);
    im->written++;
    return rc == VARSDB_OK ? vdb_importer_report(im, VARSDB_IMPORTED, item->name, item->info->name) : rc;
}

/* vdb_states_source */
static int record_items(void *payload, vdb_state_cb callback, void *callback_payload)
{
    recorder *r = payload;
    const vdb_import_plan *plan = &r->im->plan;
    int rc = VARSDB_OK;
    for (size_t i = 0; i < plan->count && rc == VARSDB_OK; i++)
        if (!plan->items[i].left_out)
            rc = record_item(r, &plan->items[i], callback, callback_payload);
    return rc;
}

/* Where it came from, unless the caller says something else of it. */
static int describe_file(const vdb_importer *im, vdb_buf *out)
{
    const char *path = im->path, *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    vdb_buf pairs = {0};
    int rc = vdb_buf_append_text(out, "{\"file\":");
    if (rc == VARSDB_OK)
        rc = vdb_json_print_string(out, name, strlen(name));
    if (rc == VARSDB_OK)
        rc = vdb_buf_printf(out, ",\"format\":\"%s\"", varsdb_reader_format(im->reader));
    if (rc == VARSDB_OK)
        rc = vdb_importer_print_metadata(im, &pairs);
    if (rc == VARSDB_OK && pairs.size)
        rc = vdb_buf_printf(out, ",\"metadata\":%s", pairs.data);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, "}");
    vdb_buf_release(&pairs);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(im->error);
}

/* The first group of the expression where it matches the path, and nothing around it. */
static int find_group(const vdb_importer *im, vdb_buf *out)
{
    vdb_buf pattern = {0};
    vdb_match *match = NULL;
    bool found = false;
    int rc = vdb_buf_printf(&pattern, "(?s)^.*?(?:%s).*$", im->options->step_from);
    rc = rc == VARSDB_OK ? vdb_match_new(im->error, pattern.data, &match) : vdb_fail_nomem(im->error);
    if (rc == VARSDB_OK)
        rc = vdb_match_replace(match, im->error, im->path, strlen(im->path), "$1", out, &found);
    if (rc == VARSDB_OK && !found)
        rc = vdb_fail(im->error, VARSDB_INVALID, "'%.200s' matches nothing in '%.200s', so there is no step",
                      im->options->step_from, im->path);
    vdb_match_free(match);
    vdb_buf_release(&pattern);
    return rc;
}

static int find_step(const vdb_importer *im, int64_t *out)
{
    vdb_buf text = {0};
    char *end = NULL;
    int rc = find_group(im, &text);
    if (rc == VARSDB_OK) {
        errno = 0;
        *out = strtoll(text.size ? text.data : "", &end, 10);
        if (!text.size || *end || errno || !strchr("-0123456789", *text.data))
            rc = vdb_fail(im->error, VARSDB_INVALID,
                          "the first group of '%.200s' is '%.60s' in '%.200s', and a step is a whole number",
                          im->options->step_from, text.size ? text.data : "", im->path);
    }
    vdb_buf_release(&text);
    return rc;
}

int vdb_importer_record(vdb_importer *im)
{
    varsdb_snapshot_options o = *im->options->as_snapshot;
    recorder r = {.im = im};
    vdb_buf metadata = {0};
    int64_t id, step = 0;
    int rc = im->options->step_from ? find_step(im, &step) : VARSDB_OK;
    if (im->options->step_from)
        o.step = &step;
    if (rc == VARSDB_OK && !o.metadata)
        rc = describe_file(im, &metadata);
    o.metadata = o.metadata ? o.metadata : metadata.data;
    o.filter = NULL;
    o.progress = NULL;
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_take_states(im->db, &o, record_items, &r, &id);
    vdb_buf_release(&metadata);
    vdb_buf_release(&r.shape);
    vdb_buf_release(&r.collections);
    return rc;
}
