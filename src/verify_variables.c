/* verify_variables.c - variables and their memberships; see verify.h. */
#include <stdio.h>

#include "collection.h"
#include "dtype.h"
#include "partition.h"
#include "shape.h"
#include "value_columns.h"
#include "variable.h"
#include "variable_row.h"
#include "verify.h"

/* ---- variables */

enum {
    VARIABLE_SPACE = ROW_COLUMNS + 1,
    VARIABLE_SCOPE,
    VARIABLE_SCOPE_PATH,
    VARIABLE_ORIGIN,
    VARIABLE_TENSOR, /* id, dtype, bytes */
    VARIABLE_ALL = VARIABLE_TENSOR + 3
};

static const char *bad_partition(const vdb_value *at, int *rc)
{
    vdb_dims dims;
    vdb_error ignored;
    const vdb_value *axis = &at[ROW_PARTITION_AXIS], *parts = &at[ROW_PARTITION_COUNT];
    const vdb_value *spec = &at[ROW_PARTITIONER];
    if (axis->kind == VDB_NULL && parts->kind == VDB_NULL && spec->kind == VDB_NULL)
        return NULL;
    if (axis->kind != VDB_INT || parts->kind != VDB_INT || spec->kind != VDB_TEXT ||
        !vdb_verify_spec_fits(spec, vdb_partitioner_check, rc))
        return "its partition is not wholly there";
    vdb_shape_parse_json(&ignored, at[ROW_SHAPE].data, at[ROW_SHAPE].bytes,
                         &dims); /* as was seen before, it has one */
    bool possible = axis->integer >= 0 && axis->integer < dims.rank && parts->integer >= 1 &&
                    parts->integer <= dims.dim[axis->integer];
    return possible ? NULL : "its shape cannot be cut as its partition says";
}

static const char *bad_name(const vdb_value *at, const char *full)
{
    vdb_error ignored;
    const vdb_value *name = &at[ROW_NAME];
    bool good = name->kind == VDB_TEXT && name->bytes > 0 && !memchr(name->data, '/', name->bytes) &&
                strlen(name->data) == name->bytes &&
                vdb_name_check_stored(&ignored, "variable", full, strlen(full)) == VARSDB_OK;
    return good ? NULL : "no variable can have that name";
}

static const char *bad_variable(const vdb_value *at, const char *full, int *rc)
{
    if (at[VARIABLE_SCOPE].kind != VDB_INT)
        return "its scope is missing, so it is not found by its name";
    if (at[VARIABLE_ORIGIN].kind != VDB_INT)
        return "who made it is missing";
    const char *wrong = bad_name(at, full);
    if (!wrong)
        wrong = vdb_value_columns_wrong(&at[ROW_DTYPE], &at[ROW_SHAPE], &at[ROW_ELEMENTS], &at[ROW_BYTES],
                                        &at[ROW_TENSOR_ID], &at[VARIABLE_TENSOR]);
    if (!wrong)
        wrong = bad_partition(at, rc);
    if (!wrong &&
        (at[ROW_VERSION].integer < 0 || (at[ROW_TENSOR_ID].kind == VDB_INT && at[ROW_VERSION].integer == 0)))
        wrong = "its version cannot be";
    return wrong;
}

static int check_variable(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    const char *name = vdb_verify_full_name(v, &at[VARIABLE_SCOPE_PATH], &at[ROW_NAME]);
    vdb_subject subject = {vdb_verify_text(&at[VARIABLE_SPACE]), name, NULL, -1};
    if (!vdb_verify_digest_fits(at, ROW_COLUMNS))
        return vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                               "variable %s in namespace %s: its row does not match its digest; take the "
                               "file from a backup",
                               name, subject.name_space);
    int rc = VARSDB_OK;
    const char *wrong = bad_variable(at, name, &rc);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(&v->db->error);
    return wrong ? vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                                   "variable %s in namespace %s: %s; take the file from a backup", name,
                                   subject.name_space, wrong)
                 : VARSDB_OK;
}

/* A partitioned variable w takes the names w/part_0 and so on. */
static int check_part_name(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    int64_t part = at[4].kind == VDB_TEXT ? vdb_name_part_number(at[4].data, at[4].bytes) : -1;
    if (part < 0 || part >= at[3].integer)
        return VARSDB_OK;
    const char *name = vdb_verify_full_name(v, &at[1], &at[2]);
    vdb_subject subject = {vdb_verify_text(&at[0]), name, NULL, -1};
    return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                           "variable %s in namespace %s: its part %lld and another variable have one name; "
                           "rename that one",
                           name, subject.name_space, (long long)part);
}

/* ---- memberships */

enum {
    MEMBER_VARIABLE,
    MEMBER_DIGEST,
    MEMBER_SPACE,
    MEMBER_SCOPE_PATH,
    MEMBER_NAME,
    MEMBER_NAMESPACE_ID,
    MEMBER_ROW, /* collection_id, position, variable_id */
    MEMBER_COLLECTION = MEMBER_ROW + 3,
    MEMBER_COLLECTION_NAMESPACE_ID,
    MEMBER_COLLECTION_NAME,
    MEMBER_ALL
};

/* The variable whose memberships are passing. */
typedef struct member_check {
    bool any;
    int64_t id, stored;
    uint64_t sum;
    unsigned in; /* of vdb_member_bits */
    char name[VDB_VERIFY_NAME_BYTES], name_space[VDB_VERIFY_NAME_BYTES];
} member_check;

static int end_memberships(vdb_verify *v, const member_check *c)
{
    int rc = VARSDB_OK;
    vdb_subject subject = {c->name_space, c->name, NULL, -1};
    if (c->any && (int64_t)c->sum != c->stored)
        rc = vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                             "variable %s in namespace %s: its memberships in collections do not match "
                             "their digest; look which are there, and take the file from a backup",
                             c->name, c->name_space);
    if (rc == VARSDB_OK && (c->in & VDB_IN_MODEL) && !(c->in & VDB_IN_GLOBAL))
        rc = vdb_verify_tell(
            v, VDB_FOUND_REFERENCE, subject,
            "variable %s in namespace %s: it is in collection %s, but not in %s; add it there", c->name,
            c->name_space, VARSDB_MODEL, VARSDB_GLOBAL);
    return rc;
}

static void begin_memberships(member_check *c, const vdb_value *at, const char *name)
{
    c->any = true;
    c->id = at[MEMBER_VARIABLE].integer;
    c->stored = at[MEMBER_DIGEST].integer;
    c->sum = 0;
    c->in = 0;
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->name_space, sizeof c->name_space, "%s", vdb_verify_text(&at[MEMBER_SPACE]));
}

static int check_member(vdb_verify *v, void *payload, const vdb_value *at)
{
    member_check *c = payload;
    int rc = VARSDB_OK;
    if (!c->any || c->id != at[MEMBER_VARIABLE].integer) {
        rc = end_memberships(v, c);
        begin_memberships(c, at, vdb_verify_full_name(v, &at[MEMBER_SCOPE_PATH], &at[MEMBER_NAME]));
    }
    if (rc != VARSDB_OK || at[MEMBER_ROW].kind == VDB_NULL)
        return rc;
    c->sum += (uint64_t)vdb_digest_row(&at[MEMBER_ROW], 3);
    vdb_subject subject = {c->name_space, c->name, NULL, -1};
    const char *collection = vdb_verify_text(&at[MEMBER_COLLECTION_NAME]);
    if (at[MEMBER_COLLECTION].kind != VDB_INT)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "variable %s in namespace %s: a collection that it is in is missing (id %lld)",
                               c->name, c->name_space, (long long)at[MEMBER_ROW].integer);
    if (at[MEMBER_COLLECTION_NAMESPACE_ID].integer != at[MEMBER_NAMESPACE_ID].integer)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "variable %s in namespace %s: it is in collection %s of another namespace",
                               c->name, c->name_space, collection);
    c->in |= vdb_collection_bit(collection);
    return VARSDB_OK;
}

static int check_memberships(vdb_verify *v)
{
    member_check *c = vdb_calloc(1, sizeof *c);
    if (!c)
        return vdb_fail_nomem(&v->db->error);
    int rc =
        vdb_verify_each(v, VDB_Q_VERIFY_MEMBERS, MEMBER_ALL, check_member, c, "the variables' memberships");
    if (rc == VARSDB_OK && !v->broken)
        rc = end_memberships(v, c);
    vdb_free(c);
    return rc;
}

static int check_astray(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    vdb_subject subject = {vdb_verify_text(&at[4]), NULL, NULL, -1};
    return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                           "collection %s in namespace %s: its member %lld is missing",
                           vdb_verify_text(&at[3]), subject.name_space, (long long)at[1].integer);
}

int vdb_verify_variables(vdb_verify *v)
{
    int rc = vdb_verify_each(v, VDB_Q_VERIFY_VARIABLES, VARIABLE_ALL, check_variable, NULL, "the variables");
    if (rc == VARSDB_OK)
        rc = vdb_verify_each(v, VDB_Q_VERIFY_PART_NAMES, 5, check_part_name, NULL, "the names of parts");
    if (rc == VARSDB_OK)
        rc = check_memberships(v);
    if (rc == VARSDB_OK)
        rc = vdb_verify_each(v, VDB_Q_VERIFY_MEMBERS_ASTRAY, 5, check_astray, NULL,
                             "the collections' members");
    return rc;
}
