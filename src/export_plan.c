/* export_plan.c - see export_plan.h. */
#include "export_plan.h"

#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "json.h"
#include "variable.h"

#define SHOWN         "'%.200s'"
#define FILE_NAME_KEY "file_name"

/* ---- Variables ---------------------------------------------------------- */

static int add_item(vdb_export_plan *p, const varsdb_variable_info *info)
{
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 16;
        vdb_export_item *items = vdb_realloc(p->items, room, sizeof *items);
        if (!items)
            return VARSDB_NOMEM;
        p->items = items;
        p->room = room;
    }
    vdb_export_item *item = &p->items[p->count++];
    *item = (vdb_export_item){.dtype = info->dtype,
                              .rank = info->shape.rank,
                              .bytes = (uint64_t)info->bytes,
                              .initialized = info->initialized};
    item->name = vdb_strdup(info->name);
    item->dims = vdb_calloc((size_t)info->shape.rank, sizeof *item->dims);
    if (!item->name || !item->dims)
        return VARSDB_NOMEM;
    if (info->shape.rank)
        memcpy(item->dims, info->shape.dims, (size_t)info->shape.rank * sizeof *item->dims);
    return VARSDB_OK;
}

/* varsdb_variable_cb; only memory stops the list. */
static int collect_item(void *payload, const varsdb_variable_info *info)
{
    return add_item(payload, info);
}

static int collect(vdb_export_plan *p)
{
    const varsdb_filter *filter = p->options->filter;
    int rc = varsdb_list_variables(p->db, filter ? filter : VARSDB_FILTER(.collection = VARSDB_GLOBAL),
                                   collect_item, p);
    return rc == VARSDB_CANCELLED ? vdb_fail_nomem(p->error) : rc;
}

static int refuse_uninitialized(const vdb_export_plan *p)
{
    const vdb_export_item *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++)
        if (!p->items[i].initialized) {
            first = first ? first : &p->items[i];
            count++;
        }
    if (count > 1)
        return vdb_fail(p->error, VARSDB_UNINITIALIZED, "variable " SHOWN " and %zu more have no value yet",
                        first->name, count - 1);
    if (count)
        return vdb_fail(p->error, VARSDB_UNINITIALIZED, "variable " SHOWN " has no value yet", first->name);
    return VARSDB_OK;
}

/* ---- Names -------------------------------------------------------------- */

typedef struct file_name_search {
    char *found;
    bool nomem;
} file_name_search;

/* A JSON string without NUL, as a text; NULL otherwise. */
static int decode_name(const char *json, char **out)
{
    vdb_json j;
    vdb_error ignored;
    vdb_json_token token;
    vdb_buf text = {0};
    vdb_json_begin(&j, json, strlen(json), 1);
    if (vdb_json_next(&j, &ignored, &token) != VARSDB_OK || token != VDB_JSON_STRING)
        return VARSDB_OK;
    int rc = vdb_json_unescape(&j, &text);
    if (rc == VARSDB_OK && text.size && strlen(text.data) == text.size)
        *out = vdb_buf_detach(&text);
    vdb_buf_release(&text);
    return rc;
}

/* varsdb_attribute_cb */
static int find_file_name(void *payload, const char *key, const char *json)
{
    file_name_search *search = payload;
    if (strcmp(key, FILE_NAME_KEY) != 0 || search->found)
        return 0;
    search->nomem = decode_name(json, &search->found) != VARSDB_OK;
    return search->nomem;
}

static int look_up(vdb_export_plan *p, vdb_export_item *item)
{
    file_name_search search = {0};
    varsdb_variable *found = NULL;
    int rc = vdb_variable_lookup(p->db, item->name, strlen(item->name), &found);
    if (rc != VARSDB_OK)
        return rc;
    if (!found)
        return vdb_variable_fail_missing(p->db, item->name, strlen(item->name));
    item->variable = found;
    if (p->options->registry_names)
        return VARSDB_OK;
    rc = varsdb_list_attributes(p->db, item->variable, find_file_name, &search);
    item->file_name = search.found;
    return search.nomem ? vdb_fail_nomem(p->error) : rc;
}

static int look_up_all(vdb_export_plan *p)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; i < p->count && rc == VARSDB_OK; i++)
        rc = look_up(p, &p->items[i]);
    return rc;
}

static const char *output_name(const vdb_export_item *item)
{
    return item->file_name ? item->file_name : item->name;
}

static int by_output_name(const void *a, const void *b)
{
    return strcmp(((const vdb_output_tensor *)a)->name, ((const vdb_output_tensor *)b)->name);
}

static int make_tensors(vdb_export_plan *p)
{
    p->tensors = vdb_calloc(p->count, sizeof *p->tensors);
    if (!p->tensors)
        return vdb_fail_nomem(p->error);
    for (size_t i = 0; i < p->count; i++) {
        const vdb_export_item *item = &p->items[i];
        p->tensors[i] = (vdb_output_tensor){.name = output_name(item),
                                            .dtype = item->dtype,
                                            .shape = {item->rank, item->dims},
                                            .bytes = item->bytes,
                                            .tag = (int64_t)i};
    }
    return VARSDB_OK;
}

static int refuse_clashes(const vdb_export_plan *p)
{
    vdb_output_tensor *t = p->tensors;
    if (p->count)
        qsort(t, p->count, sizeof *t, by_output_name);
    for (size_t i = 1; i < p->count; i++)
        if (by_output_name(&t[i - 1], &t[i]) == 0)
            return vdb_fail(p->error, VARSDB_INVALID,
                            "variables " SHOWN " and " SHOWN " would both be tensor " SHOWN
                            "; choose fewer, or export registry names",
                            p->items[t[i - 1].tag].name, p->items[t[i].tag].name, t[i].name);
    return VARSDB_OK;
}

int vdb_export_plan_make(varsdb *db, const varsdb_export_options *options, vdb_export_plan *out)
{
    vdb_export_plan p = {.db = db, .error = vdb_handle_error(db), .options = options};
    int rc = collect(&p);
    if (rc == VARSDB_OK)
        rc = refuse_uninitialized(&p);
    if (rc == VARSDB_OK)
        rc = look_up_all(&p);
    if (rc == VARSDB_OK)
        rc = make_tensors(&p);
    if (rc == VARSDB_OK)
        rc = refuse_clashes(&p);
    if (rc == VARSDB_OK)
        *out = p;
    else
        vdb_export_plan_release(&p);
    return rc;
}

void vdb_export_plan_release(vdb_export_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        vdb_free(plan->items[i].name);
        vdb_free(plan->items[i].file_name);
        vdb_free(plan->items[i].dims);
    }
    vdb_free(plan->items);
    vdb_free(plan->tensors);
    *plan = (vdb_export_plan){0};
}
