/* collection.c - see collection.h. */
#include "collection.h"

#include "name.h"
#include "namespace.h"
#include "row.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

const char *vdb_collection_name(const char *name)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {
        {"GLOBAL", VARSDB_GLOBAL},
        {"LOCAL", VARSDB_LOCAL},
        {"MODEL", VARSDB_MODEL},
        {"TRAINABLE", VARSDB_TRAINABLE},
    };
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].alias) == 0)
            return aliases[i].name;
    return name;
}

int vdb_collection_check_name(vdb_error *e, const char *name)
{
    return vdb_name_check_stored(e, "collection", name, strlen(name));
}

unsigned vdb_collection_bit(const char *name)
{
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {
        {VARSDB_GLOBAL, VDB_IN_GLOBAL},
        {VARSDB_MODEL, VDB_IN_MODEL},
        {VARSDB_TRAINABLE, VDB_IN_TRAINABLE},
        {VARSDB_LOCAL, VDB_IN_LOCAL},
    };
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (strcmp(name, bits[i].name) == 0)
            return bits[i].bit;
    return 0;
}

/* ---- rows */

/* Finds the collection's row; id 0 when there is none. */
static int resolve(varsdb *db, const char *name, vdb_collection **out)
{
    bool found;
    vdb_collection *c = vdb_cache_collection(&db->cache, db->space.id, name);
    if (!c)
        return vdb_fail_nomem(&db->error);
    *out = c;
    if (c->id && c->epoch == db->epoch)
        return VARSDB_OK;
    c->id = 0;
    c->serial = 0;
    c->epoch = db->epoch;
    return vdb_get_int(db->engine, VDB_Q_COLLECTION_FIND, VDB_ARGS(vdb_int(db->space.id), vdb_text(name)),
                       &c->id, &found);
}

static int ensure(varsdb *db, const char *name, vdb_collection **out)
{
    int64_t id;
    int rc = resolve(db, name, out);
    if (rc != VARSDB_OK || (*out)->id)
        return rc;
    rc = vdb_row_next_id(db, VDB_Q_COLLECTION_NEXT_ID, &id);
    vdb_value at[] = {vdb_int(id), vdb_int(db->space.id), vdb_text(name)};
    if (rc == VARSDB_OK)
        rc = vdb_row_write(db, VDB_Q_COLLECTION_INSERT, at, 3);
    if (rc == VARSDB_OK)
        (*out)->id = id;
    return rc;
}

/* Within one transaction nobody else adds members, so the position is asked for once. */
static int next_position(varsdb *db, vdb_collection *c, int64_t *out)
{
    bool found;
    if (c->serial != db->serial) {
        int rc = vdb_get_int(db->engine, VDB_Q_COLLECTION_NEXT_POSITION, VDB_ARGS(vdb_int(c->id)),
                             &c->position, &found);
        if (rc != VARSDB_OK)
            return rc;
        c->serial = db->serial;
    }
    *out = c->position++;
    return VARSDB_OK;
}

static int64_t member_digest(int64_t collection_id, int64_t position, int64_t variable_id)
{
    vdb_value at[] = {vdb_int(collection_id), vdb_int(position), vdb_int(variable_id)};
    return vdb_digest_row(at, 3);
}

int vdb_collection_reserve(varsdb *db, const char *name, int64_t variable_id, vdb_member *out)
{
    vdb_member m = {0};
    int rc = ensure(db, name, &m.collection);
    if (rc == VARSDB_OK)
        rc = next_position(db, m.collection, &m.position);
    if (rc != VARSDB_OK)
        return rc;
    m.digest = member_digest(m.collection->id, m.position, variable_id);
    *out = m;
    return VARSDB_OK;
}

int vdb_collection_insert(varsdb *db, const vdb_member *m, int64_t variable_id)
{
    return vdb_run(db->engine, VDB_Q_MEMBER_INSERT,
                   VDB_ARGS(vdb_int(m->collection->id), vdb_int(m->position), vdb_int(variable_id)));
}

/* ---- members */

/* *position is -1 when it is not a member. */
static int find_member(varsdb *db, const varsdb_variable *v, const char *name, vdb_collection **out,
                       int64_t *position)
{
    bool found = false;
    vdb_collection *c;
    *position = -1;
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = resolve(db, name, &c);
    if (rc == VARSDB_OK && c->id)
        rc = vdb_get_int(db->engine, VDB_Q_MEMBER_FIND, VDB_ARGS(vdb_int(v->id), vdb_int(c->id)), position,
                         &found);
    if (rc == VARSDB_OK)
        *out = c;
    return rc;
}

int vdb_collection_has(varsdb *db, const varsdb_variable *v, const char *name, bool *out)
{
    unsigned bit = vdb_collection_bit(name);
    int64_t position;
    vdb_collection *c;
    if (bit) {
        *out = v->members & bit;
        return VARSDB_OK;
    }
    int rc = find_member(db, v, name, &c, &position);
    if (rc == VARSDB_OK)
        *out = position >= 0;
    return rc;
}

int vdb_members_load(varsdb *db, const char *name, vdb_members *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    vdb_buf list = {0};
    *out = (vdb_members){0};
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc =
            vdb_start(db->engine, VDB_Q_MEMBERS_LIST, VDB_ARGS(vdb_int(db->space.id), vdb_text(name)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        int64_t pair[] = {vdb_column(db->engine, rows, 0).integer, vdb_column(db->engine, rows, 1).integer};
        if (vdb_buf_append(&list, pair, sizeof pair) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
    }
    vdb_finish(db->engine, rows);
    if (rc != VARSDB_OK) {
        vdb_buf_release(&list);
        return rc;
    }
    out->count = list.size / sizeof *out->member;
    out->member = (void *)vdb_buf_detach(&list);
    return VARSDB_OK;
}

void vdb_members_release(vdb_members *members)
{
    vdb_free(members->member);
    *members = (vdb_members){0};
}

/* The digest of a variable's memberships is a sum, so one membership comes or goes
 * without reading the others. */
static int update_digest(varsdb *db, const varsdb_variable *v, int64_t delta)
{
    vdb_variable_row row = {0};
    int rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    if (rc == VARSDB_OK) {
        uint64_t sum = (uint64_t)row.at[ROW_MEMBERS_DIGEST].integer + (uint64_t)delta;
        row.at[ROW_MEMBERS_DIGEST] = vdb_int((int64_t)sum);
        rc = vdb_variable_row_write(db, VDB_Q_VARIABLE_SET_MEMBERS, &row, VDB_COLUMNS(ROW_MEMBERS_DIGEST));
    }
    vdb_variable_row_release(db, &row);
    return rc;
}

/* Another handle may have added it: joining does not end an epoch, so what is cached does
 * not tell that it is not a member. */
static int add_one(varsdb *db, varsdb_variable *v, const char *name)
{
    int64_t position;
    vdb_collection *c;
    vdb_member m;
    int rc = find_member(db, v, name, &c, &position);
    if (rc == VARSDB_OK && position >= 0)
        v->members |= vdb_collection_bit(name);
    if (rc != VARSDB_OK || position >= 0)
        return rc;
    rc = vdb_collection_reserve(db, name, v->id, &m);
    if (rc == VARSDB_OK)
        rc = vdb_collection_insert(db, &m, v->id);
    if (rc == VARSDB_OK)
        rc = update_digest(db, v, m.digest);
    if (rc == VARSDB_OK)
        v->members |= vdb_collection_bit(name);
    return rc;
}

int vdb_collection_add(varsdb *db, varsdb_variable *v, const char *name)
{
    int rc = VARSDB_OK;
    if (vdb_collection_bit(name) == VDB_IN_MODEL)
        rc = add_one(db, v, VARSDB_GLOBAL);
    return rc == VARSDB_OK ? add_one(db, v, name) : rc;
}

static int remove_one(varsdb *db, varsdb_variable *v, const char *name)
{
    vdb_collection *c;
    int64_t position;
    int rc = find_member(db, v, name, &c, &position);
    if (rc != VARSDB_OK)
        return rc;
    if (position < 0)
        return vdb_fail(&db->error, VARSDB_NOTFOUND, "%s is not in collection %s", v->name, name);
    rc = vdb_run(db->engine, VDB_Q_MEMBER_DELETE, VDB_ARGS(vdb_int(c->id), vdb_int(position)));
    if (rc == VARSDB_OK) {
        uint64_t digest = (uint64_t)member_digest(c->id, position, v->id);
        rc = update_digest(db, v, (int64_t)(0 - digest));
    }
    /* The place may be the last one, and free again. */
    c->serial = 0;
    if (rc == VARSDB_OK)
        rc = vdb_transaction_bump_names(db);
    if (rc == VARSDB_OK)
        v->members &= ~vdb_collection_bit(name);
    return rc;
}

/* ---- public */

static int begin_change(varsdb *db, const char **name, const varsdb_variable *variable, varsdb_variable **out,
                        vdb_write *w)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !*name)
        rc = vdb_misuse(db, "a collection's name is needed");
    if (rc != VARSDB_OK)
        return rc;
    *name = vdb_collection_name(*name);
    rc = vdb_collection_check_name(&db->error, *name);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, w);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_revive(db, variable, out);
    if (rc == VARSDB_OK)
        rc = vdb_variable_check_namespace(db, *out);
    return rc == VARSDB_OK ? rc : vdb_write_end(db, w, rc);
}

int varsdb_collect(varsdb *db, const char *collection, const varsdb_variable *variable)
{
    vdb_write w;
    varsdb_variable *v;
    int rc = begin_change(db, &collection, variable, &v, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, vdb_collection_add(db, v, collection)) : rc;
}

/* Asked of the registry: another handle may have made it a model variable. */
static int check_not_model(varsdb *db, const varsdb_variable *v)
{
    int64_t position;
    vdb_collection *c;
    int rc = find_member(db, v, VARSDB_MODEL, &c, &position);
    if (rc == VARSDB_OK && position >= 0)
        rc = vdb_fail(&db->error, VARSDB_INVALID,
                      "%s is a model variable, and those are always in GLOBAL; take it out of MODEL first",
                      v->name);
    return rc;
}

int varsdb_uncollect(varsdb *db, const char *collection, const varsdb_variable *variable)
{
    vdb_write w;
    varsdb_variable *v;
    int rc = begin_change(db, &collection, variable, &v, &w);
    if (rc != VARSDB_OK)
        return rc;
    if (vdb_collection_bit(collection) == VDB_IN_GLOBAL)
        rc = check_not_model(db, v);
    if (rc == VARSDB_OK)
        rc = remove_one(db, v, collection);
    return vdb_write_end(db, &w, rc);
}

static int list(varsdb *db, varsdb_collection_cb callback, void *payload)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = vdb_start(db->engine, VDB_Q_COLLECTIONS_LIST, VDB_ARGS(vdb_int(db->space.id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[4];
        vdb_row_columns(db, rows, at, 4);
        varsdb_collection_info info = {at[0].data, at[1].integer, at[2].integer, at[3].integer};
        rc = vdb_row_texts(db, "collection", at, 1);
        if (rc == VARSDB_OK && callback(payload, &info) != 0)
            rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int varsdb_list_collections(varsdb *db, varsdb_collection_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, list(db, callback, payload)) : rc;
}
