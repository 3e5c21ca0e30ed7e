/* report_variables.c - of report.h: what the registry is, and a row for each variable. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "health.h"
#include "print.h"
#include "report.h"

static void key_text(report *r, const char *key, const char *text)
{
    json_key(&r->json, key);
    json_text(&r->json, text);
}

static void key_int(report *r, const char *key, int64_t value)
{
    json_key(&r->json, key);
    json_int(&r->json, value);
}

static int write_namespace(void *payload, const varsdb_namespace_info *info)
{
    report *r = payload;
    json_open(&r->json, '[');
    json_text(&r->json, info->name);
    json_int(&r->json, info->variables);
    json_int(&r->json, info->bytes);
    json_int(&r->json, info->created_at);
    json_close(&r->json, ']');
    return report_stop(r);
}

static int write_collection(void *payload, const varsdb_collection_info *info)
{
    report *r = payload;
    json_text(&r->json, info->name);
    return report_stop(r);
}

static int write_attribute(void *payload, const char *key, const char *json)
{
    report *r = payload;
    json_open(&r->json, '[');
    json_text(&r->json, key);
    json_text(&r->json, json);
    json_close(&r->json, ']');
    return report_stop(r);
}

static void write_filter(report *r)
{
    json_key(&r->json, "filter");
    if (!r->filter) {
        json_null(&r->json);
        return;
    }
    json_open(&r->json, '{');
    key_text(r, "collection", r->filter->collection);
    key_text(r, "scope", r->filter->scope);
    key_text(r, "match", r->filter->match);
    key_text(r, "name", r->filter->glob);
    json_close(&r->json, '}');
}

int report_overview(report *r)
{
    varsdb *db = r->c->db;
    struct stat st;
    key_text(r, "title", r->options->title ? r->options->title : report_file_name(r));
    key_text(r, "file", report_file_name(r));
    key_int(r, "file_bytes", stat(r->c->args[0], &st) == 0 ? (int64_t)st.st_size : 0);
    key_text(r, "namespace", varsdb_namespace(db));
    key_text(r, "varsdb", varsdb_version());
    write_filter(r);
    json_key(&r->json, "namespaces");
    json_open(&r->json, '[');
    int rc = varsdb_list_namespaces(db, write_namespace, r);
    json_close(&r->json, ']');
    json_key(&r->json, "collections");
    json_open(&r->json, '[');
    if (rc == VARSDB_OK)
        rc = varsdb_list_collections(db, write_collection, r);
    json_close(&r->json, ']');
    json_key(&r->json, "attributes");
    json_open(&r->json, '[');
    if (rc == VARSDB_OK)
        rc = varsdb_list_attributes(db, NULL, write_attribute, r);
    json_close(&r->json, ']');
    return report_end_list(r, rc);
}

/* ---- rows */

void report_columns(report *r)
{
    static const char *const names[] = {
        "name",        "dtype",       "shape", "elements",    "bytes",    "trainable", "initialized",
        "collections", "initializer", "seed",  "regularizer", "version",  "created",   "updated",
        "program",     "host",        "pid",   "site",        "min",      "max",       "mean",
        "std",         "norm",        "zeros", "nans",        "pos_infs", "neg_infs",  "hash",
        "parts",       "snapshot",    "flags"};
    json_key(&r->json, "columns");
    json_open(&r->json, '[');
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_text(&r->json, names[i]);
    json_close(&r->json, ']');
    json_key(&r->json, "flags"); /* by their bits */
    json_open(&r->json, '[');
    for (int kind = 0; kind < HEALTH_KINDS; kind++)
        json_text(&r->json, health_words[kind]);
    json_close(&r->json, ']');
}

/* What many variables have alike, as its number among the texts. */
static void shared(report *r, const char *text)
{
    size_t number = text && *text ? names_add(&r->texts, text) : 0;
    if (!text || !*text) {
        json_null(&r->json);
        return;
    }
    r->failed |= number == REPORT_NO_NAME;
    json_int(&r->json, (int64_t)number);
}

static void count_or_null(report *r, int there, int64_t value)
{
    if (there)
        json_int(&r->json, value);
    else
        json_null(&r->json);
}

/* A seed may be any number of 64 bits, which a browser's numbers cannot all be. */
static void write_seed(report *r, const varsdb_variable_info *info)
{
    char text[PRINT_NUMBER_MAX + 1];
    text[print_int(text, info->seed)] = '\0';
    json_number(&r->json, info->has_seed ? text : NULL);
}

static void real_or_null(report *r, int there, double value)
{
    if (there)
        json_real(&r->json, value);
    else
        json_null(&r->json);
}

static void write_statistics(report *r, const varsdb_variable_info *info)
{
    int counted = info->initialized && varsdb_dtype_bits(info->dtype) > 0;
    json_number(&r->json, info->min);
    json_number(&r->json, info->max);
    real_or_null(r, info->has_moments, info->mean);
    real_or_null(r, info->has_moments, info->std);
    real_or_null(r, info->has_moments, info->l2_norm);
    count_or_null(r, counted, info->zeros);
    count_or_null(r, counted, info->nans);
    count_or_null(r, counted, info->pos_infs);
    count_or_null(r, counted, info->neg_infs);
}

static void write_origin(report *r, const varsdb_variable_info *info)
{
    shared(r, info->initializer);
    write_seed(r, info);
    shared(r, info->regularizer);
    json_int(&r->json, info->version);
    json_int(&r->json, info->created_at);
    json_int(&r->json, info->updated_at);
    shared(r, info->program);
    shared(r, info->host);
    count_or_null(r, info->pid != 0, info->pid);
    shared(r, info->site);
}

/* The same as of varsdb stats. */
static unsigned judge(const report *r, const varsdb_variable_info *info, int64_t snapshot)
{
    double before = 0;
    bool has_before =
        !snapshot && info->has_moments && norms_find(&r->before, info->name, info->l2_norm, &before);
    const health_signs signs = {.dtype = info->dtype,
                                .elements = info->elements,
                                .nans = info->nans,
                                .infs = info->pos_infs + info->neg_infs,
                                .has_moments = info->has_moments,
                                .has_before = has_before,
                                .untouched = !snapshot && info->version == 1 && info->initializer,
                                .std = info->std,
                                .l2_norm = info->l2_norm,
                                .norm_before = before};
    return info->initialized ? health_judge(&signs) : 0;
}

static void write_row(report *r, const varsdb_variable_info *info, int64_t snapshot)
{
    json_open(&r->json, '[');
    json_text(&r->json, info->name);
    shared(r, varsdb_dtype_name(info->dtype));
    shared(r, info->shape_json);
    json_int(&r->json, info->elements);
    json_int(&r->json, info->bytes);
    json_int(&r->json, info->trainable);
    json_int(&r->json, info->initialized);
    shared(r, info->collections_json);
    write_origin(r, info);
    write_statistics(r, info);
    json_text(&r->json, info->hash);
    json_int(&r->json, info->parts);
    json_int(&r->json, snapshot);
    json_int(&r->json, judge(r, info, snapshot));
    json_close(&r->json, ']');
    sink_char(r->json.to, '\n');
}

static report_item item_of(const varsdb_variable_info *info, int64_t snapshot)
{
    report_item item = {
        .snapshot = snapshot, .elements = info->elements, .bytes = info->bytes, .dtype = info->dtype};
    if (info->min && info->max) {
        item.ranges = true;
        item.low = strtod(info->min, NULL);
        item.high = strtod(info->max, NULL);
    }
    return item;
}

bool report_add_variable(report *r, const varsdb_variable_info *info, int64_t snapshot)
{
    if (r->names.count == r->item_room) {
        size_t room = r->item_room ? r->item_room * 2 : 256;
        report_item *items = realloc(r->items, room * sizeof *items);
        if (!items)
            return false;
        r->items = items;
        r->item_room = room;
    }
    size_t before = r->names.count, number = names_add(&r->names, info->name);
    if (number == REPORT_NO_NAME || number < before)
        return number != REPORT_NO_NAME;
    r->items[number] = item_of(info, snapshot);
    write_row(r, info, snapshot);
    return !r->failed;
}

static int write_variable(void *payload, const varsdb_variable_info *info)
{
    report *r = payload;
    size_t number = r->names.count;
    r->failed |= !report_add_variable(r, info, 0);
    if (r->failed || number == r->names.count)
        return report_stop(r);
    report_item *item = &r->items[number];
    item->held = true;
    item->valued = info->hash != NULL;
    if (info->hash)
        memcpy(item->hash, info->hash, strnlen(info->hash, sizeof item->hash - 1));
    r->variables++;
    r->elements += info->elements;
    r->bytes += info->bytes;
    return report_stop(r);
}

int report_variables(report *r)
{
    int status = norms_read_last(r->c, 0, &r->before);
    if (status != CLI_DONE)
        return status;
    report_columns(r);
    json_key(&r->json, "variables");
    json_open(&r->json, '[');
    int rc = varsdb_list_variables(r->c->db, r->filter, write_variable, r);
    json_close(&r->json, ']');
    return report_end_list(r, rc);
}

int report_texts(report *r)
{
    json_key(&r->json, "texts");
    json_open(&r->json, '[');
    for (size_t i = 0; i < r->texts.count; i++)
        json_text(&r->json, names_at(&r->texts, i));
    json_close(&r->json, ']');
    return report_end_list(r, VARSDB_OK);
}
