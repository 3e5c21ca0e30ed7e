/*
 * import.c - tensors of a file become variables.  Everything is looked up and
 * compared first.  The bytes of what is to be written are stored beforehand, in short
 * transactions (save.h); then all variables are made or assigned in one.  Inside a
 * transaction of the caller all is part of that; a failure in the middle dooms it, and
 * the caller rolls it back.
 */
#include <string.h>

#include "importer.h"
#include "json.h"
#include "reader.h"
#include "shape.h"
#include "snapshot.h"
#include "transaction.h"

#define SHOWN            "'%.200s'"
#define CHECK_BYTES      ((size_t)64 << 10)
#define FILE_NAME_KEY    "file_name" /* export_plan.c looks for it */
#define METADATA_KEY_END ".metadata"
#define TENSOR_KEY_END   ".tensor" /* the same */

static const varsdb_import_options no_options = {.size = sizeof no_options};

int vdb_importer_report(const vdb_importer *im, varsdb_outcome outcome, const char *name,
                        const char *file_name)
{
    const varsdb_import_options *o = im->options;
    if (!o->report)
        return VARSDB_OK;
    im->db->listing++; /* it may look, and not write or end the transaction */
    int stop = o->report(o->payload, outcome, name, file_name);
    im->db->listing--;
    if (stop)
        return vdb_fail(im->error, VARSDB_CANCELLED, "the report callback stopped the import");
    return VARSDB_OK;
}

/* ---- Looking ------------------------------------------------------------ */

static bool agrees(const vdb_import_item *item)
{
    return varsdb_variable_dtype(item->existing) == item->info->dtype &&
           vdb_shape_agrees(&item->info->shape, varsdb_variable_shape(item->existing));
}

/* By the exact name: varsdb_find_variable takes "v:0" for "v", which is another name in a file. */
static int find_existing(vdb_importer *im, vdb_import_item *item)
{
    varsdb_variable *found = NULL;
    int rc = vdb_variable_lookup(im->db, item->name, strlen(item->name), &found);
    if (rc == VARSDB_OK)
        item->existing = found;
    return rc;
}

static int classify(vdb_importer *im, vdb_import_item *item)
{
    const varsdb_import_options *o = im->options;
    int rc = find_existing(im, item);
    if (rc != VARSDB_OK)
        return rc;
    if (!item->existing || o->as_snapshot) {
        item->outcome = o->existing_only ? VARSDB_EXTRA : VARSDB_IMPORTED;
    } else if (!o->existing_only && o->on_conflict == VARSDB_CONFLICT_SKIP) {
        item->outcome = VARSDB_SKIPPED;
    } else if (!o->existing_only && o->on_conflict == VARSDB_CONFLICT_ERROR) {
        return vdb_fail(im->error, VARSDB_EXISTS,
                        "variable " SHOWN " exists already; skip or replace such ones", item->name);
    } else if (agrees(item)) {
        item->outcome = VARSDB_REPLACED;
    } else {
        item->outcome = VARSDB_MISMATCHED;
        im->mismatched = im->mismatched ? im->mismatched : item;
    }
    return VARSDB_OK;
}

int vdb_importer_classify(vdb_importer *im)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; i < im->plan.count && rc == VARSDB_OK; i++)
        if (!im->plan.items[i].left_out)
            rc = classify(im, &im->plan.items[i]);
    return rc;
}

static int print_type(vdb_buf *out, varsdb_dtype dtype, const varsdb_shape *shape)
{
    int rc = vdb_buf_append_text(out, varsdb_dtype_name(dtype));
    return rc == VARSDB_OK ? vdb_shape_print(out, shape) : rc;
}

static int fail_mismatch(const vdb_importer *im)
{
    const vdb_import_item *item = im->mismatched;
    const varsdb_variable *v = item->existing;
    vdb_buf there = {0}, given = {0};
    int rc = print_type(&there, varsdb_variable_dtype(v), varsdb_variable_shape(v));
    if (rc == VARSDB_OK)
        rc = print_type(&given, item->info->dtype, &item->info->shape);
    if (rc == VARSDB_OK)
        rc = vdb_fail(im->error, VARSDB_MISMATCH,
                      "variable " SHOWN " is %s, but the file has %s; nothing was imported", item->name,
                      there.data, given.data);
    else
        rc = vdb_fail_nomem(im->error);
    vdb_buf_release(&there);
    vdb_buf_release(&given);
    return rc;
}

/* ---- Writing ------------------------------------------------------------ */

static int decide_trainable(const vdb_importer *im, const char *name, varsdb_tristate *out)
{
    bool found = false;
    int rc = VARSDB_OK;
    if (im->trainable)
        rc = vdb_match_find(im->trainable, im->error, name, strlen(name), &found);
    *out = found ? VARSDB_YES : VARSDB_NO;
    return rc;
}

static int join_collections(const vdb_importer *im, const varsdb_variable *v)
{
    int rc = VARSDB_OK;
    if (im->options->model)
        rc = varsdb_collect(im->db, VARSDB_MODEL, v);
    if (rc == VARSDB_OK && im->options->collection)
        rc = varsdb_collect(im->db, im->options->collection, v);
    return rc;
}

/* What else the file says of the tensor, for an export to the same format. */
static int keep_entry(const vdb_importer *im, const vdb_import_item *item, const varsdb_variable *v)
{
    vdb_buf key = {0};
    const char *json = vdb_reader_entry(im->reader, item->tensor)->json;
    int rc = json ? vdb_buf_printf(&key, "%s" TENSOR_KEY_END, varsdb_reader_format(im->reader)) : VARSDB_OK;
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(im->error);
    else if (json)
        rc = varsdb_set_attribute(im->db, v, key.data, json);
    vdb_buf_release(&key);
    return rc;
}

/* An export can give the tensor its old name again, whatever the variable is called by then. */
static int keep_file_name(const vdb_importer *im, const vdb_import_item *item, const varsdb_variable *v)
{
    vdb_buf json = {0};
    int rc = vdb_json_print_string(&json, item->info->name, strlen(item->info->name));
    rc = rc == VARSDB_OK ? varsdb_set_attribute(im->db, v, FILE_NAME_KEY, json.data)
                         : vdb_fail_nomem(im->error);
    vdb_buf_release(&json);
    return rc;
}

static int create(vdb_importer *im, const vdb_import_item *item)
{
    const varsdb_variable *v = NULL;
    varsdb_variable_options options = {.size = sizeof options,
                                       .shape = &item->info->shape,
                                       .dtype = item->info->dtype,
                                       .site = im->options->site};
    int rc = decide_trainable(im, item->name, &options.trainable);
    if (rc == VARSDB_OK)
        rc = vdb_variable_import(im->db, item->name, &options, vdb_importer_value(im, item), &v);
    if (rc == VARSDB_OK)
        rc = join_collections(im, v);
    if (rc == VARSDB_OK)
        rc = keep_file_name(im, item, v);
    return rc == VARSDB_OK ? keep_entry(im, item, v) : rc;
}

static int replace(vdb_importer *im, const vdb_import_item *item)
{
    varsdb_tristate trainable = VARSDB_NO;
    vdb_write w;
    int rc = vdb_write_begin(im->db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(
            im->db, &w, vdb_variable_assign_locked(im->db, item->existing, -1, vdb_importer_value(im, item)));
    if (rc == VARSDB_OK)
        rc = join_collections(im, item->existing);
    if (rc == VARSDB_OK)
        rc = decide_trainable(im, item->name, &trainable);
    if (rc == VARSDB_OK && trainable == VARSDB_YES)
        rc = varsdb_collect(im->db, VARSDB_TRAINABLE, item->existing);
    if (rc == VARSDB_OK)
        rc = keep_file_name(im, item, item->existing);
    return rc == VARSDB_OK ? keep_entry(im, item, item->existing) : rc;
}

/* Of a dry run: the bytes that an import would refuse. */
static int check_bytes(const vdb_importer *im, const vdb_import_item *item)
{
    if (item->info->dtype != VARSDB_BOOL)
        return VARSDB_OK;
    char *piece = vdb_malloc(CHECK_BYTES);
    int rc = piece ? VARSDB_OK : vdb_fail_nomem(im->error);
    for (uint64_t at = 0, all = item->info->bytes; at < all && rc == VARSDB_OK; at += CHECK_BYTES) {
        size_t bytes = all - at < CHECK_BYTES ? (size_t)(all - at) : CHECK_BYTES;
        rc = varsdb_reader_read(im->reader, item->tensor, at, piece, bytes);
        if (rc != VARSDB_OK)
            rc = vdb_importer_fail_reader(im, rc);
    }
    vdb_free(piece);
    return rc;
}

static int import_item(vdb_importer *im, const vdb_import_item *item)
{
    bool creates = item->outcome == VARSDB_IMPORTED;
    if (!creates && item->outcome != VARSDB_REPLACED)
        return VARSDB_OK;
    im->written++;
    if (im->options->dry_run)
        return check_bytes(im, item);
    int rc = creates ? create(im, item) : replace(im, item);
    vdb_tensor_release(vdb_importer_value(im, item)); /* of many small ones, too, only one is in memory */
    return rc;
}

/* After a mismatch all is reported and nothing written. */
static int import_items(vdb_importer *im)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; i < im->plan.count && rc == VARSDB_OK; i++) {
        const vdb_import_item *item = &im->plan.items[i];
        if (item->left_out)
            continue;
        if (!im->mismatched)
            rc = import_item(im, item);
        if (rc == VARSDB_OK)
            rc = vdb_importer_report(im, item->outcome, item->name, item->info->name);
    }
    return rc;
}

static int report_passed_over(vdb_importer *im)
{
    int rc = VARSDB_OK;
    for (const char *name = NULL; rc == VARSDB_OK && (name = varsdb_reader_passed_over(im->reader, name));)
        rc = vdb_importer_report(im, VARSDB_PASSED_OVER, name, name);
    return rc;
}

/* ---- The namespace ------------------------------------------------------ */

static int report_if_missing(void *payload, const varsdb_variable_info *info)
{
    const vdb_importer *im = payload;
    return !vdb_import_plan_has(&im->plan, info->name) &&
           vdb_importer_report(im, VARSDB_MISSING, info->name, NULL) != VARSDB_OK;
}

static int report_missing(vdb_importer *im)
{
    if (!im->options->existing_only)
        return VARSDB_OK;
    const char *scope = im->options->scope;
    return varsdb_list_variables(
        im->db, VARSDB_FILTER(.collection = VARSDB_GLOBAL, .scope = scope && *scope ? scope : NULL),
        report_if_missing, im);
}

/* varsdb_attribute_cb */
static int append_pair(void *payload, const char *key, const char *json)
{
    vdb_buf *out = payload;
    int rc = vdb_buf_append_text(out, out->size ? "," : "{");
    if (rc == VARSDB_OK)
        rc = vdb_json_print_string(out, key, strlen(key));
    return rc == VARSDB_OK ? vdb_buf_printf(out, ":%s", json) : rc;
}

int vdb_importer_print_metadata(const vdb_importer *im, vdb_buf *out)
{
    int rc = varsdb_reader_metadata(im->reader, append_pair, out);
    if (rc == VARSDB_OK && out->size)
        rc = vdb_buf_append_text(out, "}");
    return rc == VARSDB_OK ? rc : VARSDB_NOMEM;
}

static int keep_metadata(const vdb_importer *im)
{
    vdb_buf json = {0}, key = {0};
    int rc = im->written ? vdb_importer_print_metadata(im, &json) : VARSDB_OK;
    if (rc == VARSDB_OK && json.size)
        rc = vdb_buf_printf(&key, "%s" METADATA_KEY_END, varsdb_reader_format(im->reader));
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(im->error);
    else if (json.size)
        rc = varsdb_set_attribute(im->db, NULL, key.data, json.data);
    vdb_buf_release(&json);
    vdb_buf_release(&key);
    return rc;
}

/* ---- The whole ---------------------------------------------------------- */

static int import_all(vdb_importer *im)
{
    int rc = vdb_importer_classify(im);
    if (!im->save)
        vdb_importer_count_bytes(im);
    if (rc == VARSDB_OK)
        rc = report_passed_over(im);
    if (rc == VARSDB_OK && im->options->as_snapshot && !im->options->dry_run) {
        rc = vdb_importer_record(im);
        return rc == VARSDB_OK && im->save ? vdb_save_settle(im->save) : rc;
    }
    if (rc == VARSDB_OK)
        rc = import_items(im);
    if (rc == VARSDB_OK && im->save)
        rc = vdb_save_settle(im->save);
    if (rc == VARSDB_OK)
        rc = report_missing(im);
    if (rc == VARSDB_OK && im->mismatched)
        rc = fail_mismatch(im);
    if (rc == VARSDB_OK && !im->options->dry_run)
        rc = keep_metadata(im);
    return rc;
}

/* Ends the transaction that import_alone began, and keeps the message of what failed. */
static int end(vdb_importer *im, int rc)
{
    if (rc == VARSDB_OK && !im->options->dry_run)
        rc = varsdb_commit(im->db);
    vdb_error kept = *im->error;
    if (varsdb_in_transaction(im->db))
        varsdb_rollback(im->db);
    *im->error = kept;
    return rc;
}

static int import_alone(vdb_importer *im)
{
    int rc = im->options->dry_run ? VARSDB_OK : vdb_importer_save_beforehand(im);
    if (rc == VARSDB_OK)
        rc = im->options->dry_run ? varsdb_begin_read(im->db) : varsdb_begin(im->db);
    return rc == VARSDB_OK ? end(im, import_all(im)) : rc;
}

static int import_within(vdb_importer *im)
{
    vdb_write w;
    if (im->options->dry_run)
        return import_all(im);
    int rc = vdb_write_begin(im->db, &w);
    return rc == VARSDB_OK ? vdb_write_end(im->db, &w, import_all(im)) : rc;
}

static int prepare(vdb_importer *im, const char *path)
{
    const varsdb_import_options *o = im->options;
    int rc = varsdb_open_reader(path, &im->reader);
    if (rc != VARSDB_OK)
        return vdb_importer_fail_reader(im, rc);
    if (vdb_import_full_names(o) && (rc = vdb_reader_name_fully(im->reader)) != VARSDB_OK)
        return vdb_importer_fail_reader(im, rc);
    rc = vdb_import_plan_make(im->error, im->reader, o, &im->plan);
    if (rc == VARSDB_OK)
        rc = vdb_importer_describe_values(im);
    if (rc == VARSDB_OK && o->trainable)
        rc = vdb_match_new(im->error, o->trainable, &im->trainable);
    if (rc == VARSDB_INVALID || rc == VARSDB_UNSUPPORTED)
        vdb_fail_in(im->error, "'%s'", path);
    return rc;
}

static int check_arguments(varsdb *db, const char *path, const varsdb_import_options *o)
{
    if (!path)
        return vdb_misuse(db, "path is NULL");
    if (o->size < sizeof *o)
        return vdb_misuse(db, "import options without their size; use VARSDB_IMPORT()");
    if ((unsigned)o->on_conflict > VARSDB_CONFLICT_REPLACE)
        return vdb_misuse(db, "on_conflict is none of varsdb_conflict");
    if (o->names && !vdb_import_full_names(o) && strcmp(o->names, "raw") != 0)
        return vdb_misuse(db, "names is neither raw nor full");
    if (o->as_snapshot && (o->existing_only || o->on_conflict != VARSDB_CONFLICT_ERROR))
        return vdb_fail(
            &db->error, VARSDB_INVALID,
            "a snapshot changes no variable: existing_only and on_conflict are not for as_snapshot");
    return o->as_snapshot ? vdb_snapshot_check_options(db, o->as_snapshot) : VARSDB_OK;
}

int varsdb_import(varsdb *db, const char *path, const varsdb_import_options *options)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    vdb_importer im = {
        .db = db, .error = vdb_handle_error(db), .options = options ? options : &no_options, .path = path};
    rc = check_arguments(db, path, im.options);
    if (rc == VARSDB_OK)
        rc = prepare(&im, path);
    if (rc == VARSDB_OK)
        rc = varsdb_in_transaction(db) ? import_within(&im) : import_alone(&im);
    if (rc == VARSDB_OK)
        vdb_error_clear(im.error);
    vdb_importer_release_values(&im);
    vdb_match_free(im.trainable);
    vdb_import_plan_release(&im.plan);
    varsdb_close_reader(im.reader);
    return rc;
}
