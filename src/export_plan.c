/* export_plan.c - see export_plan.h. */
#include "export_plan.h"

#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "json.h"
#include "renames.h"
#include "snapshot.h"
#include "variable.h"
#include "variable_info.h"
#include "variable_row.h"

#define SHOWN          "'%.200s'"
#define FILE_NAME_KEY  "file_name"
#define TENSOR_KEY_END ".tensor" /* import.c sets both */

/* ---- Variables ---------------------------------------------------------- */

static int new_item(vdb_export_plan *p, vdb_export_item **out)
{
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 16;
        vdb_export_item *items = vdb_realloc(p->items, room, sizeof *items);
        if (!items)
            return VARSDB_NOMEM;
        p->items = items;
        p->room = room;
    }
    *out = &p->items[p->count++];
    **out = (vdb_export_item){0};
    return VARSDB_OK;
}

static int set_shape(vdb_export_item *item, const varsdb_shape *shape)
{
    item->rank = shape->rank;
    item->dims = vdb_calloc((size_t)shape->rank, sizeof *item->dims);
    if (!item->dims)
        return VARSDB_NOMEM;
    if (shape->rank)
        memcpy(item->dims, shape->dims, (size_t)shape->rank * sizeof *item->dims);
    return VARSDB_OK;
}

/* Canonical bytes: a row of strings tells the sum of their lengths. */
static void set_bytes(vdb_export_item *item, const varsdb_shape *shape, int64_t logical)
{
    uint64_t elements = 1;
    for (int i = 0; i < shape->rank; i++)
        elements *= (uint64_t)shape->dims[i]; /* counted when it was made */
    item->bytes = (uint64_t)logical + (item->dtype == VARSDB_STRING ? elements * 8 : 0);
}

/* varsdb_variable_cb; only memory stops the list. */
static int collect_item(void *payload, const varsdb_variable_info *info)
{
    vdb_export_item *item;
    int rc = new_item(payload, &item);
    if (rc != VARSDB_OK)
        return rc;
    item->dtype = info->dtype;
    set_bytes(item, &info->shape, info->bytes);
    item->initialized = info->initialized;
    item->name = vdb_strdup(info->name);
    return item->name ? set_shape(item, &info->shape) : VARSDB_NOMEM;
}

static int collect_present(vdb_export_plan *p)
{
    const varsdb_filter *filter = p->options->filter;
    int rc = varsdb_list_variables(p->db, filter ? filter : VARSDB_FILTER(.collection = VARSDB_GLOBAL),
                                   collect_item, p);
    return rc == VARSDB_CANCELLED ? vdb_fail_nomem(p->error) : rc;
}

/* vdb_state_cb */
static int collect_state(void *payload, const vdb_value *state, const vdb_value *tensor)
{
    vdb_export_plan *p = payload;
    vdb_export_item *item;
    varsdb_variable_info info = {0};
    vdb_info_texts texts;
    if (!vdb_info_set_type(&info, &state[STATE_DTYPE], &state[STATE_SHAPE], &texts))
        return vdb_fail(p->error, VARSDB_CORRUPT, "%s: state %lld has an impossible dtype or shape",
                        p->db->path, (long long)state[STATE_ID].integer);
    if (new_item(p, &item) != VARSDB_OK)
        return vdb_fail_nomem(p->error);
    item->dtype = info.dtype;
    set_bytes(item, &info.shape, state[STATE_BYTES].integer);
    item->initialized = tensor != NULL;
    item->tensor = state[STATE_TENSOR_ID].integer;
    item->variable_id = state[STATE_VARIABLE_ID].integer;
    item->variable_uid = state[STATE_VARIABLE_UID].integer;
    item->name = vdb_strdup(state[STATE_NAME].data);
    return item->name && set_shape(item, &info.shape) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(p->error);
}

/* Without a filter all that is in it: what to take was decided when it was taken. */
static int collect_snapshot(vdb_export_plan *p)
{
    vdb_filter filter;
    vdb_snapshot s = {0};
    int rc = vdb_filter_init(p->db, p->options->filter, &filter);
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_open(p->db, p->options->snapshot, &s);
    if (rc == VARSDB_OK)
        rc = vdb_states_of_snapshot(p->db, s.id, &filter, collect_state, p);
    vdb_snapshot_release(p->db, &s);
    vdb_filter_release(&filter);
    return rc;
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

typedef struct attribute_search {
    const vdb_format *format;
    char *file_name, *json;
    bool nomem;
} attribute_search;

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
static int find_attributes(void *payload, const char *key, const char *json)
{
    attribute_search *search = payload;
    size_t bytes = strlen(search->format->name);
    if (strcmp(key, FILE_NAME_KEY) == 0 && !search->file_name)
        search->nomem = decode_name(json, &search->file_name) != VARSDB_OK;
    if (strncmp(key, search->format->name, bytes) == 0 && strcmp(key + bytes, TENSOR_KEY_END) == 0)
        search->nomem = search->nomem || !(search->json = vdb_strdup(json));
    return search->nomem;
}

static int find_present(vdb_export_plan *p, vdb_export_item *item)
{
    varsdb_variable *found = NULL;
    int rc = vdb_variable_lookup(p->db, item->name, strlen(item->name), &found);
    if (rc == VARSDB_OK && !found)
        rc = vdb_variable_fail_missing(p->db, item->name, strlen(item->name));
    item->variable = found;
    return rc;
}

/* The variable itself, whatever it is called now, if it is there still. */
static int find_identity(vdb_export_plan *p, vdb_export_item *item)
{
    vdb_variable_row row;
    varsdb_variable *found = NULL;
    int rc = vdb_variable_row_by_id(p->db, item->variable_id, item->variable_uid, &row);
    if (rc == VARSDB_OK)
        rc = vdb_variable_row_learn(p->db, &row, &found);
    vdb_variable_row_release(p->db, &row);
    item->variable = found;
    if (rc == VARSDB_GONE) {
        vdb_error_clear(p->error);
        rc = VARSDB_OK;
    }
    return rc;
}

static int look_up(vdb_export_plan *p, vdb_export_item *item)
{
    attribute_search search = {.format = p->format};
    int rc = p->options->snapshot ? find_identity(p, item) : find_present(p, item);
    if (rc != VARSDB_OK || !item->variable || p->options->registry_names)
        return rc;
    rc = varsdb_list_attributes(p->db, item->variable, find_attributes, &search);
    item->file_name = search.file_name;
    item->json = search.json;
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
    return item->renamed ? item->renamed : item->file_name ? item->file_name : item->name;
}

static int rename_all(vdb_export_plan *p)
{
    vdb_renames renames;
    const varsdb_export_options *o = p->options;
    if (!o->rename_count)
        return VARSDB_OK;
    int rc = vdb_renames_open(p->error, o->renames, o->rename_count, &renames);
    if (rc != VARSDB_OK)
        return rc;
    for (size_t i = 0; i < p->count && rc == VARSDB_OK; i++) {
        vdb_export_item *item = &p->items[i];
        vdb_buf name = {0};
        rc = vdb_renames_apply(&renames, p->error, output_name(item), &name);
        if (rc == VARSDB_OK && !name.size)
            rc = vdb_fail(p->error, VARSDB_INVALID, "renaming tensor " SHOWN " leaves nothing of its name",
                          output_name(item));
        item->renamed = vdb_buf_detach(&name);
    }
    vdb_renames_close(&renames);
    return rc;
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
                                            .tag = (int64_t)i,
                                            .json = item->json};
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

int vdb_export_plan_make(varsdb *db, const varsdb_export_options *options, const vdb_format *format,
                         vdb_export_plan *out)
{
    vdb_export_plan p = {.db = db, .error = vdb_handle_error(db), .options = options, .format = format};
    int rc = options->snapshot ? collect_snapshot(&p) : collect_present(&p);
    if (rc == VARSDB_OK)
        rc = refuse_uninitialized(&p);
    if (rc == VARSDB_OK)
        rc = look_up_all(&p);
    if (rc == VARSDB_OK)
        rc = rename_all(&p);
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
        vdb_free(plan->items[i].renamed);
        vdb_free(plan->items[i].json);
        vdb_free(plan->items[i].dims);
    }
    vdb_free(plan->items);
    vdb_free(plan->tensors);
    *plan = (vdb_export_plan){0};
}
