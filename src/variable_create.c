/* variable_create.c - the rows of a new variable. */
#include <string.h>

#include "collection.h"
#include "name.h"
#include "namespace.h"
#include "origin.h"
#include "part_name.h"
#include "row.h"
#include "scope_row.h"
#include "variable.h"
#include "variable_row.h"

/* The namespace was made by somebody else since we planned, with another seed. */
static int plan_again(varsdb *db, vdb_creation *c)
{
    if (!c->has_init || !c->init.is_random || c->init.has_seed || c->namespace_seed == db->space.seed)
        return VARSDB_OK;
    vdb_initializer_close(&c->init);
    c->has_init = false;
    vdb_tensor_release(&c->tensor);
    int rc = vdb_creation_open_initializer(db, c, db->space.seed);
    return rc == VARSDB_OK ? vdb_creation_prepare(db, c) : rc;
}

static void fill_row(varsdb *db, const vdb_creation *c, vdb_variable_row *row)
{
    const vdb_request *r = c->request;
    size_t scope = vdb_name_scope_bytes(r->name, r->name_bytes);
    size_t last = scope ? scope + 1 : 0;
    int64_t now = vdb_time_ms();
    uint64_t bytes = r->value ? r->value->bytes : c->tensor.bytes;
    if (c->stored)
        bytes = (uint64_t)c->stored->bytes;
    else if (c->dtype == VARSDB_STRING)
        bytes -= (uint64_t)c->tensor.elements * 8;
    row->at[ROW_UID] = vdb_int(vdb_random());
    row->at[ROW_NAME] = vdb_text_n(r->name + last, r->name_bytes - last);
    row->at[ROW_DTYPE] = vdb_text(varsdb_dtype_name(c->dtype));
    row->at[ROW_SHAPE] = vdb_text_n(c->shape_text.data, c->shape_text.size);
    row->at[ROW_ELEMENTS] = vdb_int(c->tensor.elements);
    row->at[ROW_BYTES] = vdb_int((int64_t)bytes);
    row->at[ROW_INITIALIZER] = vdb_text(c->initializer);
    if (c->stored)
        row->at[ROW_SEED] = c->stored->seed;
    else if (c->has_init && c->init.is_random)
        row->at[ROW_SEED] = vdb_int(c->init.has_seed ? c->init.seed : db->space.seed);
    row->at[ROW_REGULARIZER] = vdb_text(c->regularizer);
    row->at[ROW_CONSTRAINT] = vdb_text(c->constraint);
    if (c->is_partitioned) {
        row->at[ROW_PARTITIONER] = vdb_text(c->partitioner);
        row->at[ROW_PARTITION_AXIS] = vdb_int(c->partition.axis);
        row->at[ROW_PARTITION_COUNT] = vdb_int(c->partition.parts);
    }
    row->at[ROW_VERSION] = vdb_int(c->initialized);
    row->at[ROW_CREATED_AT] = row->at[ROW_UPDATED_AT] = vdb_int(now);
    row->at[ROW_SITE] = vdb_text(r->options->site);
}

/* The variable's row, which carries the digest of its memberships, and these. */
static int insert_rows(varsdb *db, const vdb_creation *c, vdb_variable_row *row)
{
    vdb_member members[VDB_COLLECTIONS_MAX];
    int64_t id;
    uint64_t digest = 0;
    int rc = vdb_row_take_id(db, VDB_Q_VARIABLE_NEXT_ID, &db->next.variable, &id);
    for (size_t i = 0; rc == VARSDB_OK && i < c->collection_count; i++) {
        rc = vdb_collection_reserve(db, c->collections[i], id, &members[i]);
        if (rc == VARSDB_OK)
            digest += (uint64_t)members[i].digest;
    }
    if (rc != VARSDB_OK)
        return rc;
    row->at[ROW_ID] = vdb_int(id);
    row->at[ROW_MEMBERS_DIGEST] = vdb_int((int64_t)digest);
    rc = vdb_variable_row_insert(db, row);
    for (size_t i = 0; rc == VARSDB_OK && i < c->collection_count; i++)
        rc = vdb_collection_insert(db, &members[i], id);
    return rc;
}

static int learn(varsdb *db, const vdb_creation *c, const vdb_variable_row *row, varsdb_variable **out)
{
    vdb_variable_facts facts = {
        .id = row->at[ROW_ID].integer,
        .uid = row->at[ROW_UID].integer,
        .namespace_id = db->space.id,
        .elements = c->tensor.elements,
        .name = c->request->name,
        .name_bytes = c->request->name_bytes,
        .dtype = c->dtype,
        .shape = c->shape,
    };
    for (size_t i = 0; i < c->collection_count; i++)
        facts.members |= vdb_collection_bit(c->collections[i]);
    int rc = vdb_cache_learn(db, &facts, out);
    if (rc == VARSDB_OK)
        vdb_cache_created(db, *out);
    return rc;
}

int vdb_creation_write(varsdb *db, vdb_creation *c, varsdb_variable **out)
{
    vdb_variable_row row = {0};
    vdb_scope_node *scope;
    int64_t origin, tensor = 0;
    const vdb_request *r = c->request;
    int rc = vdb_namespace_ensure(db, c->has_init ? &c->namespace_seed : db->new_seed);
    if (rc == VARSDB_OK)
        rc = plan_again(db, c);
    if (rc == VARSDB_OK)
        rc = vdb_part_name_check(db, r->name, r->name_bytes);
    if (rc == VARSDB_OK)
        rc = vdb_part_names_free(db, r->name, r->name_bytes, c->is_partitioned ? c->partition.parts : 0,
                                 r->name, r->name_bytes);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_ensure(db, r->name, vdb_name_scope_bytes(r->name, r->name_bytes), &scope);
    if (rc == VARSDB_OK)
        rc = vdb_origin_ensure(db, &origin);
    if (rc != VARSDB_OK)
        return rc;
    fill_row(db, c, &row);
    row.at[ROW_SCOPE_ID] = vdb_int(scope->id);
    row.at[ROW_ORIGIN_ID] = vdb_int(origin);
    if (c->initialized) {
        vdb_tensor *t = r->value ? r->value : &c->tensor;
        rc = c->stored ? VARSDB_OK : vdb_tensor_store(db, t, &tensor);
        row.at[ROW_TENSOR_ID] = vdb_int(c->stored ? c->stored->tensor : tensor);
    }
    if (rc == VARSDB_OK)
        rc = insert_rows(db, c, &row);
    return rc == VARSDB_OK ? learn(db, c, &row, out) : rc;
}
