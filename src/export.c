/*
 * export.c - variables become a tensor file.  All is read in one transaction, and
 * the file appears complete or not at all.
 */
#include <string.h>

#include "export_plan.h"
#include "internal.h"
#include "json.h"
#include "progress.h"
#include "tensor.h"

#define METADATA_KEY_END ".metadata"

typedef struct metadata_list {
    vdb_metadata *pairs;
    size_t count, room;
} metadata_list;

typedef struct exporter {
    varsdb *db;
    vdb_error *error; /* the handle's */
    const char *path;
    const varsdb_export_options *options;
    const vdb_format *format;
    vdb_export_plan plan;
    metadata_list metadata;
    uint64_t done, total; /* bytes */
} exporter;

static const varsdb_export_options no_options = {.size = sizeof no_options};

/* ---- Metadata ----------------------------------------------------------- */

static void release_metadata(metadata_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        vdb_free(list->pairs[i].key);
        vdb_free(list->pairs[i].json);
    }
    vdb_free(list->pairs);
}

static int add_pair(metadata_list *list, const vdb_buf *key, const char *json, size_t json_bytes)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 16;
        vdb_metadata *pairs = vdb_realloc(list->pairs, room, sizeof *pairs);
        if (!pairs)
            return VARSDB_NOMEM;
        list->pairs = pairs;
        list->room = room;
    }
    vdb_metadata *pair = &list->pairs[list->count++];
    *pair =
        (vdb_metadata){.key = vdb_strdup(key->data ? key->data : ""), .json = vdb_strndup(json, json_bytes)};
    return pair->key && pair->json ? VARSDB_OK : VARSDB_NOMEM;
}

/* The pair whose key was just read. */
static int take_pair(metadata_list *list, vdb_json *j, vdb_error *e)
{
    vdb_buf key = {0};
    vdb_json_token token;
    int rc = vdb_json_unescape(j, &key);
    if (rc == VARSDB_OK)
        rc = vdb_json_next(j, e, &token);
    if (rc == VARSDB_OK) {
        const char *begin = j->raw - (token == VDB_JSON_STRING);
        rc = vdb_json_skip(j, e, token);
        if (rc == VARSDB_OK)
            rc = add_pair(list, &key, begin, (size_t)(j->text + j->at - begin));
    }
    vdb_buf_release(&key);
    return rc;
}

static int take_object(metadata_list *list, const char *json)
{
    vdb_json j;
    vdb_error ignored;
    vdb_json_token token;
    vdb_json_begin(&j, json, strlen(json), VDB_JSON_DEPTH_MAX);
    int rc = vdb_json_next(&j, &ignored, &token);
    if (rc != VARSDB_OK || token != VDB_JSON_OBJECT)
        return rc;
    while ((rc = vdb_json_next(&j, &ignored, &token)) == VARSDB_OK && token == VDB_JSON_KEY) {
        rc = take_pair(list, &j, &ignored);
        if (rc != VARSDB_OK)
            break;
    }
    return rc;
}

/* varsdb_attribute_cb: the attribute of the format whose metadata it is. */
static int take_metadata(void *payload, const char *key, const char *json)
{
    exporter *x = payload;
    size_t bytes = strlen(x->format->name);
    if (strncmp(key, x->format->name, bytes) != 0 || strcmp(key + bytes, METADATA_KEY_END) != 0)
        return 0;
    return take_object(&x->metadata, json) == VARSDB_NOMEM;
}

static int list_metadata(exporter *x)
{
    int rc = varsdb_list_attributes(x->db, NULL, take_metadata, x);
    if (rc == VARSDB_CANCELLED)
        return vdb_fail_nomem(x->error);
    return rc == VARSDB_NOTFOUND ? VARSDB_OK : rc; /* a namespace that is not made yet */
}

/* ---- File --------------------------------------------------------------- */

/* vdb_tensor_source_cb */
static int read_value(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    exporter *x = payload;
    const vdb_export_item *item = &x->plan.items[tag];
    const varsdb_export_options *o = x->options;
    int rc = o->snapshot ? vdb_tensor_read(x->db, item->tensor, item->name, offset, buffer, bytes)
                         : varsdb_read_range(x->db, item->variable, offset, buffer, bytes);
    /* strings may be asked for twice */
    x->done = x->total - x->done > bytes ? x->done + bytes : x->total;
    return rc == VARSDB_OK ? vdb_progress(x->db, o->progress, o->payload, "exporting", x->done, x->total)
                           : rc;
}

static int write_file(exporter *x)
{
    const vdb_writing w = {.path = x->path,
                           .tensors = x->plan.tensors,
                           .count = x->plan.count,
                           .metadata = x->metadata.pairs,
                           .metadata_count = x->metadata.count,
                           .source = read_value,
                           .payload = x,
                           .max_shard_bytes = x->options->max_shard_bytes};
    for (size_t i = 0; i < x->plan.count; i++)
        x->total += x->plan.tensors[i].bytes;
    int rc = x->format->write(x->error, &w);
    return rc == VARSDB_OK ? rc : vdb_fail_in(x->error, "export to '%s'", x->path);
}

static int export_all(exporter *x)
{
    int rc = vdb_export_plan_make(x->db, x->options, x->format, &x->plan);
    if (rc == VARSDB_OK && x->plan.count == 0)
        rc = vdb_fail(x->error, VARSDB_NOTFOUND, "no variable of namespace %s is selected; %s is not written",
                      x->db->space.name, x->path);
    if (rc == VARSDB_OK)
        rc = list_metadata(x);
    if (rc == VARSDB_OK)
        rc = write_file(x);
    return rc;
}

/* One picture of the registry, unless the caller has one. */
static int export_consistently(exporter *x)
{
    if (varsdb_in_transaction(x->db))
        return export_all(x);
    int rc = varsdb_begin_read(x->db);
    if (rc != VARSDB_OK)
        return rc;
    rc = export_all(x);
    vdb_error kept = *x->error;
    varsdb_rollback(x->db);
    *x->error = kept;
    return rc;
}

int varsdb_export(varsdb *db, const char *path, const varsdb_export_options *options, int64_t *count)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    const varsdb_export_options *o = options ? options : &no_options;
    if (!path)
        return vdb_misuse(db, "path is NULL");
    if (o->size < sizeof *o)
        return vdb_misuse(db, "export options without their size; use VARSDB_EXPORT()");
    exporter x = {.db = db, .error = vdb_handle_error(db), .path = path, .options = o};
    rc = vdb_format_of_name(x.error, o->format, path, &x.format);
    if (rc == VARSDB_OK && !x.format->write)
        rc = vdb_fail(x.error, VARSDB_UNSUPPORTED,
                      "'%s': %s is read, and not written; export safetensors instead", path, x.format->name);
    if (rc == VARSDB_OK)
        rc = export_consistently(&x);
    if (rc == VARSDB_OK) {
        vdb_error_clear(x.error);
        if (count)
            *count = (int64_t)x.plan.count;
    }
    release_metadata(&x.metadata);
    vdb_export_plan_release(&x.plan);
    return rc;
}
