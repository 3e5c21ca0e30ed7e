/* restore_write.c - values of a snapshot written back, and variables made again. */
#include "collection.h"
#include "json.h"
#include "name.h"
#include "restore_plan.h"
#include "row.h"
#include "tensor.h"
#include "variable_row.h"

/* ---- a variable that is there */

static int restore_value(varsdb *db, const vdb_restore_item *item)
{
    vdb_variable_row row;
    int rc = vdb_variable_row_by_id(db, item->variable->id, item->variable->uid, &row);
    bool had = rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind == VDB_INT;
    int64_t old = had ? row.at[ROW_TENSOR_ID].integer : 0;
    if (rc == VARSDB_OK) {
        row.at[ROW_TENSOR_ID] = item->tensor_id ? vdb_int(item->tensor_id) : vdb_null();
        row.at[ROW_BYTES] = vdb_int(item->bytes);
        row.at[ROW_VERSION] = vdb_int(row.at[ROW_VERSION].integer + 1);
        row.at[ROW_UPDATED_AT] = vdb_int(vdb_time_ms());
        rc = vdb_variable_row_write(db, VDB_Q_VARIABLE_SET_VALUE, &row,
                                    VDB_COLUMNS(ROW_TENSOR_ID, ROW_BYTES, ROW_VERSION, ROW_UPDATED_AT));
    }
    vdb_variable_row_release(db, &row);
    return rc == VARSDB_OK && had && old != item->tensor_id ? vdb_tensor_drop(db, old) : rc;
}

/* ---- a variable that was deleted */

static void release_names(vdb_buf *names)
{
    for (size_t i = 0; i < names->size / sizeof(char *); i++) {
        char *name;
        memcpy(&name, names->data + i * sizeof name, sizeof name);
        vdb_free(name);
    }
    vdb_buf_release(names);
}

/* NOMEM, or INVALID. */
static int add_name(vdb_json *j, vdb_buf *names)
{
    vdb_error ignored;
    vdb_buf text = {0};
    char *name = NULL;
    int rc = vdb_json_unescape(j, &text);
    if (rc == VARSDB_OK)
        rc = vdb_name_check_stored(&ignored, "collection", text.data ? text.data : "", text.size);
    if (rc == VARSDB_OK && !(name = vdb_strndup(text.data, text.size)))
        rc = VARSDB_NOMEM;
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(names, &name, sizeof name);
    if (rc != VARSDB_OK)
        vdb_free(name);
    vdb_buf_release(&text);
    return rc;
}

/* Collections of a JSON array, as owned texts. */
static int parse_collections(varsdb *db, const vdb_value *json, vdb_buf *names)
{
    vdb_json j;
    vdb_json_token token;
    vdb_json_begin(&j, json->data, json->bytes, 1);
    int rc = vdb_json_next(&j, &db->error, &token);
    bool good = rc == VARSDB_OK && token == VDB_JSON_ARRAY;
    while (good && (good = vdb_json_next(&j, &db->error, &token) == VARSDB_OK) && token == VDB_JSON_STRING) {
        rc = add_name(&j, names);
        if (rc == VARSDB_NOMEM)
            return vdb_fail_nomem(&db->error);
        good = rc == VARSDB_OK;
    }
    if (good && token == VDB_JSON_ARRAY_END && vdb_json_next(&j, &db->error, &token) == VARSDB_OK)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the collections of a state are damaged", db->path);
}

static int own_text(varsdb *db, const vdb_value *v, char **out)
{
    *out = v->kind == VDB_TEXT ? vdb_strdup(v->data) : NULL;
    return v->kind == VDB_TEXT && !*out ? vdb_fail_nomem(&db->error) : VARSDB_OK;
}

/* Everything as it was recorded. */
static int plan(varsdb *db, const vdb_value *at, const vdb_restore_item *item, vdb_creation *c)
{
    int rc = own_text(db, &at[STATE_INITIALIZER], &c->initializer);
    if (rc == VARSDB_OK)
        rc = own_text(db, &at[STATE_REGULARIZER], &c->regularizer);
    if (rc == VARSDB_OK)
        rc = own_text(db, &at[STATE_PARTITIONER], &c->partitioner);
    if (rc == VARSDB_OK)
        rc = vdb_shape_parse_json(&db->error, item->shape, strlen(item->shape), &c->dims);
    if (rc == VARSDB_OK && vdb_buf_append_text(&c->shape_text, item->shape) != VARSDB_OK)
        rc = vdb_fail_nomem(&db->error);
    c->dtype = item->dtype;
    c->shape = vdb_dims_shape(&c->dims);
    c->constraint = at[STATE_CONSTRAINT].data;
    c->tensor.elements = item->elements;
    c->initialized = item->tensor_id != 0;
    c->is_partitioned = c->partitioner != NULL;
    if (rc == VARSDB_OK && c->is_partitioned)
        rc = vdb_partition_plan(&db->error, c->partitioner, c->dtype, &c->shape, &c->partition);
    if (rc == VARSDB_INVALID)
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: state %lld describes no possible variable", db->path,
                      (long long)item->state_id);
    return rc;
}

/* All collections at once, but for those beyond what a creation takes. */
static int create(varsdb *db, vdb_creation *c, const vdb_buf *names)
{
    char **name = (char **)(void *)names->data;
    size_t count = names->size / sizeof *name;
    varsdb_variable *v;
    for (size_t i = 0; i < count && i < VDB_COLLECTIONS_MAX; i++)
        c->collections[c->collection_count++] = name[i];
    int rc = vdb_creation_write(db, c, &v);
    for (size_t i = VDB_COLLECTIONS_MAX; rc == VARSDB_OK && i < count; i++)
        rc = vdb_collection_add(db, v, name[i]);
    return rc;
}

static int recreate_from(varsdb *db, const vdb_value *at, const vdb_restore_item *item, const char *site)
{
    varsdb_variable_options options = {.size = sizeof options, .site = site};
    vdb_request request = {
        .name = item->name, .name_bytes = strlen(item->name), .stored_name = true, .options = &options};
    vdb_stored_value stored = {
        .tensor = item->tensor_id,
        .bytes = item->bytes,
        .seed = at[STATE_SEED],
    };
    vdb_creation c = {.db = db, .request = &request, .stored = &stored};
    vdb_buf names = {0};
    int rc = plan(db, at, item, &c);
    if (rc == VARSDB_OK)
        rc = parse_collections(db, &at[STATE_COLLECTIONS], &names);
    if (rc == VARSDB_OK)
        rc = create(db, &c, &names);
    release_names(&names);
    vdb_creation_release(&c);
    return rc;
}

static int recreate(varsdb *db, const vdb_restore_item *item, const char *site)
{
    vdb_value at[STATE_COLUMNS + 1];
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_STATE_BY_ID, VDB_ARGS(vdb_int(item->state_id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && !row)
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: state %lld is missing", db->path,
                      (long long)item->state_id);
    if (rc == VARSDB_OK) {
        vdb_row_columns(db, rows, at, STATE_COLUMNS + 1);
        rc = vdb_row_check(db, "state", item->state_id, at, STATE_COLUMNS, at[STATE_COLUMNS].integer);
    }
    if (rc == VARSDB_OK)
        rc = recreate_from(db, at, item, site);
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_restore_write(varsdb *db, const vdb_restore_item *item, const char *site)
{
    if (item->outcome == VARSDB_RESTORED)
        return restore_value(db, item);
    return item->outcome == VARSDB_RECREATED ? recreate(db, item, site) : VARSDB_OK;
}
