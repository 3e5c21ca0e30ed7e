/* verify_rows.c - namespaces, scopes, origins, collections, attributes, pins and free pieces; see verify.h.
 */
#include "initializer.h"
#include "json.h"
#include "partition.h"
#include "regularizer.h"
#include "verify.h"

#define BACKUP "take the file from a backup"

/* ---- namespaces */

enum {
    SPACE_ID = 0,
    SPACE_NAME = 2,
    SPACE_COLUMNS = 7, /* the digest comes next */
    SPACE_ROOT = 8,
    SPACE_ALL
};

static int check_namespace(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    const char *name = vdb_verify_text(&at[SPACE_NAME]);
    vdb_error ignored;
    vdb_subject subject = {name, NULL, NULL, -1};
    if (!vdb_verify_digest_fits(at, SPACE_COLUMNS))
        return vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                               "namespace %s: its row does not match its digest; " BACKUP, name);
    if (at[SPACE_NAME].kind != VDB_TEXT ||
        vdb_name_check_stored(&ignored, "namespace", name, at[SPACE_NAME].bytes) != VARSDB_OK)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "namespace %s: no namespace can have that name", name);
    if (at[SPACE_ROOT].kind != VDB_INT)
        return vdb_verify_tell(
            v, VDB_FOUND_REFERENCE, subject,
            "namespace %s: its root scope is missing, so nothing can be made in it; " BACKUP, name);
    return VARSDB_OK;
}

/* ---- scopes */

enum {
    SCOPE_ID,
    SCOPE_NAMESPACE_ID,
    SCOPE_PARENT_ID,
    SCOPE_NAME,
    SCOPE_PATH,
    SCOPE_INITIALIZER,
    SCOPE_REGULARIZER,
    SCOPE_PARTITIONER,
    SCOPE_DTYPE,
    SCOPE_COLUMNS, /* the digest */
    SCOPE_SPACE_ID,
    SCOPE_SPACE_NAME,
    SCOPE_PARENT,
    SCOPE_PARENT_NAMESPACE_ID,
    SCOPE_PARENT_PATH,
    SCOPE_ALL
};

/* Whether the path is the parent's with the name behind it.  So paths grow from parent to child,
 * and parents never go in a circle. */
static bool path_fits(const vdb_value *at)
{
    const vdb_value *path = &at[SCOPE_PATH], *name = &at[SCOPE_NAME], *parent = &at[SCOPE_PARENT_PATH];
    vdb_error ignored;
    if (path->kind != VDB_TEXT || name->kind != VDB_TEXT || parent->kind != VDB_TEXT)
        return false;
    if (memchr(name->data, '/', name->bytes) ||
        vdb_name_check_stored(&ignored, "scope", path->data, path->bytes) != VARSDB_OK)
        return false;
    size_t before = parent->bytes ? parent->bytes + 1 : 0;
    const char *text = path->data;
    return path->bytes == before + name->bytes && memcmp(text, parent->data, parent->bytes) == 0 &&
           (before == 0 || text[before - 1] == '/') && memcmp(text + before, name->data, name->bytes) == 0;
}

static const char *misplaced(const vdb_value *at)
{
    if (at[SCOPE_SPACE_ID].kind != VDB_INT)
        return "its namespace is missing";
    if (at[SCOPE_PARENT_ID].kind == VDB_NULL)
        return at[SCOPE_PATH].kind == VDB_TEXT && at[SCOPE_PATH].bytes == 0 && at[SCOPE_NAME].bytes == 0
                   ? NULL
                   : "it has no parent, and is no root";
    if (at[SCOPE_PARENT].kind != VDB_INT)
        return "its parent is missing";
    if (at[SCOPE_PARENT_NAMESPACE_ID].integer != at[SCOPE_NAMESPACE_ID].integer)
        return "its parent is in another namespace";
    return path_fits(at) ? NULL : "its path is not its parent's followed by its name";
}

bool vdb_verify_spec_fits(const vdb_value *at, int (*check)(vdb_error *e, const char *text), int *rc)
{
    vdb_error ignored;
    if (at->kind != VDB_TEXT)
        return at->kind == VDB_NULL;
    int is = check(&ignored, at->data);
    if (is == VARSDB_NOMEM)
        *rc = is;
    return is == VARSDB_OK || is == VARSDB_NOMEM;
}

static const char *bad_default(const vdb_value *at, int *rc)
{
    const vdb_value *dtype = &at[SCOPE_DTYPE];
    if (!vdb_verify_spec_fits(&at[SCOPE_INITIALIZER], vdb_initializer_check, rc))
        return "its default initializer is none";
    if (!vdb_verify_spec_fits(&at[SCOPE_REGULARIZER], vdb_regularizer_check, rc))
        return "its default regularizer is none";
    if (!vdb_verify_spec_fits(&at[SCOPE_PARTITIONER], vdb_partitioner_check, rc))
        return "its default partitioner is none";
    if (dtype->kind != VDB_NULL && varsdb_dtype_parse(vdb_verify_text(dtype)) == VARSDB_DTYPE_NOT_SAID)
        return "its default dtype is none";
    return NULL;
}

static int check_scope(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    const char *path = vdb_verify_text(&at[SCOPE_PATH]), *space = vdb_verify_text(&at[SCOPE_SPACE_NAME]);
    vdb_subject subject = {space, NULL, NULL, -1};
    if (!vdb_verify_digest_fits(at, SCOPE_COLUMNS))
        return vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                               "scope '%s' in namespace %s: its row does not match its digest; " BACKUP, path,
                               space);
    const char *wrong = misplaced(at);
    int rc = VARSDB_OK;
    wrong = wrong ? wrong : bad_default(at, &rc);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(&v->db->error);
    return wrong ? vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject, "scope '%s' in namespace %s: %s; " BACKUP,
                                   path, space, wrong)
                 : VARSDB_OK;
}

/* ---- origins */

enum {
    ORIGIN_ID,
    ORIGIN_PROGRAM,
    ORIGIN_HOST,
    ORIGIN_PID,
    ORIGIN_COLUMNS
};

static int check_origin(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    if (vdb_verify_digest_fits(at, ORIGIN_COLUMNS))
        return VARSDB_OK;
    return vdb_verify_tell(v, VDB_FOUND_DIGEST, VDB_NO_SUBJECT,
                           "origin %lld (program %s on %s): its row does not match its digest, so what "
                           "variables say of who made them is not sure",
                           (long long)at[ORIGIN_ID].integer, vdb_verify_text(&at[ORIGIN_PROGRAM]),
                           vdb_verify_text(&at[ORIGIN_HOST]));
}

/* ---- collections */

enum {
    COLLECTION_ID,
    COLLECTION_NAMESPACE_ID,
    COLLECTION_NAME,
    COLLECTION_COLUMNS,
    COLLECTION_SPACE_ID,
    COLLECTION_SPACE_NAME,
    COLLECTION_ALL
};

static int check_collection(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    const char *name = vdb_verify_text(&at[COLLECTION_NAME]);
    const char *space = vdb_verify_text(&at[COLLECTION_SPACE_NAME]);
    vdb_subject subject = {space, NULL, NULL, -1};
    vdb_error ignored;
    if (!vdb_verify_digest_fits(at, COLLECTION_COLUMNS))
        return vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                               "collection %s in namespace %s: its row does not match its digest; " BACKUP,
                               name, space);
    if (at[COLLECTION_SPACE_ID].kind != VDB_INT)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "collection %s: its namespace is missing; " BACKUP, name);
    if (at[COLLECTION_NAME].kind != VDB_TEXT ||
        vdb_name_check_stored(&ignored, "collection", name, at[COLLECTION_NAME].bytes) != VARSDB_OK)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "collection %s in namespace %s: no collection can have that name", name,
                               space);
    return VARSDB_OK;
}

/* ---- attributes */

enum {
    ATTRIBUTE_OWNER_KIND,
    ATTRIBUTE_OWNER_ID,
    ATTRIBUTE_KEY,
    ATTRIBUTE_VALUE,
    ATTRIBUTE_COLUMNS, /* the digest */
    ATTRIBUTE_SPACE,   /* when that is the owner */
    ATTRIBUTE_SCOPE,
    ATTRIBUTE_VARIABLE,
    ATTRIBUTE_SNAPSHOT_ID,
    ATTRIBUTE_SNAPSHOT_NAME,
    ATTRIBUTE_OWNERS_SPACE,
    ATTRIBUTE_ALL
};

/* A file that was imported has no row: its attributes stand by themselves. */
static vdb_subject owner_of(vdb_verify *v, const vdb_value *at, bool *there)
{
    vdb_subject subject = VDB_NO_SUBJECT;
    *there = strcmp(vdb_verify_text(&at[ATTRIBUTE_OWNER_KIND]), "file") == 0;
    if (at[ATTRIBUTE_SPACE].kind == VDB_TEXT)
        subject.name_space = at[ATTRIBUTE_SPACE].data;
    else if (at[ATTRIBUTE_OWNERS_SPACE].kind == VDB_TEXT)
        subject.name_space = at[ATTRIBUTE_OWNERS_SPACE].data;
    if (at[ATTRIBUTE_VARIABLE].kind == VDB_TEXT)
        subject.variable = vdb_verify_full_name(v, &at[ATTRIBUTE_SCOPE], &at[ATTRIBUTE_VARIABLE]);
    if (at[ATTRIBUTE_SNAPSHOT_ID].kind == VDB_INT)
        subject.snapshot =
            vdb_verify_snapshot_name(v, at[ATTRIBUTE_SNAPSHOT_ID].integer, &at[ATTRIBUTE_SNAPSHOT_NAME]);
    *there = *there || subject.name_space || subject.variable || subject.snapshot;
    return subject;
}

static int check_attribute(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    bool there;
    vdb_error ignored;
    const char *key = vdb_verify_text(&at[ATTRIBUTE_KEY]), *kind = vdb_verify_text(&at[ATTRIBUTE_OWNER_KIND]);
    vdb_subject subject = owner_of(v, at, &there);
    const char *owner = subject.variable ? subject.variable : subject.snapshot;
    owner = owner ? owner : subject.name_space ? subject.name_space : "?";
    if (!vdb_verify_digest_fits(at, ATTRIBUTE_COLUMNS))
        return vdb_verify_tell(v, VDB_FOUND_DIGEST, subject,
                               "attribute %s of %s %s: its row does not match its digest; set it again", key,
                               kind, owner);
    if (!there)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "attribute %s of %s %lld: there is no such %s; collecting garbage removes it",
                               key, kind, (long long)at[ATTRIBUTE_OWNER_ID].integer, kind);
    if (at[ATTRIBUTE_VALUE].kind != VDB_TEXT ||
        vdb_json_check(&ignored, at[ATTRIBUTE_VALUE].data, at[ATTRIBUTE_VALUE].bytes) != VARSDB_OK)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, subject,
                               "attribute %s of %s %s: its value is not JSON; set it again", key, kind,
                               owner);
    return VARSDB_OK;
}

/* ---- pins */

enum {
    PIN_SESSION_ID,
    PIN_CHUNK_ID,
    PIN_SESSION,
    PIN_CHUNK,
    PIN_ALL
};

static int check_pin(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    if (at[PIN_SESSION].kind == VDB_INT && at[PIN_CHUNK].kind == VDB_INT)
        return VARSDB_OK;
    bool session = at[PIN_SESSION].kind != VDB_INT;
    return vdb_verify_tell(
        v, VDB_FOUND_REFERENCE, VDB_NO_SUBJECT,
        "a pin of session %lld on piece %lld: %s is missing; collecting garbage removes it",
        (long long)at[PIN_SESSION_ID].integer, (long long)at[PIN_CHUNK_ID].integer,
        session ? "the session" : "the piece");
}

/* ---- pieces to be written over */

enum {
    FREE_CHUNK_ID,
    FREE_CHUNK,
    FREE_TENSOR,
    FREE_SESSION,
    FREE_ALL
};

static int check_free(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    bool used = at[FREE_TENSOR].kind == VDB_INT || at[FREE_SESSION].kind == VDB_INT;
    if (at[FREE_CHUNK].kind == VDB_INT && !used)
        return VARSDB_OK;
    return vdb_verify_tell(
        v, VDB_FOUND_REFERENCE, VDB_NO_SUBJECT,
        "piece %lld is on the list of those to be written over, but is %s; collecting garbage "
        "makes that list anew",
        (long long)at[FREE_CHUNK_ID].integer, used ? "in use" : "missing");
}

int vdb_verify_rows(vdb_verify *v)
{
    static const struct {
        enum vdb_query query;
        int columns;
        vdb_verify_row check;
        const char *what;
    } tables[] = {
        {VDB_Q_VERIFY_NAMESPACES, SPACE_ALL, check_namespace, "the namespaces"},
        {VDB_Q_VERIFY_SCOPES, SCOPE_ALL, check_scope, "the scopes"},
        {VDB_Q_VERIFY_ORIGINS, ORIGIN_COLUMNS + 1, check_origin, "the origins"},
        {VDB_Q_VERIFY_COLLECTIONS, COLLECTION_ALL, check_collection, "the collections"},
        {VDB_Q_VERIFY_ATTRIBUTES, ATTRIBUTE_ALL, check_attribute, "the attributes"},
        {VDB_Q_VERIFY_PINS, PIN_ALL, check_pin, "the pins"},
        {VDB_Q_VERIFY_FREE_CHUNKS, FREE_ALL, check_free, "the free pieces"},
    };
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < sizeof tables / sizeof *tables; i++)
        rc = vdb_verify_each(v, tables[i].query, tables[i].columns, tables[i].check, NULL, tables[i].what);
    return rc;
}
