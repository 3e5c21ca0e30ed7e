/* verify_structure.c - the file, its catalogue, and the registry's own rows; see verify.h. */
#include "catalogue.h"
#include "migrate.h"
#include "registry_row.h"
#include "row.h"
#include "verify.h"

/* ---- the file */

static int tell_structure(void *payload, const char *text)
{
    return vdb_verify_tell(payload, VDB_FOUND_STRUCTURE, VDB_NO_SUBJECT,
                           "the file's structure: %s; take it from a backup", text);
}

static int tick(void *payload)
{
    return vdb_verify_progress(payload, "structure", 0, 0) != VARSDB_OK;
}

static int check_file(vdb_verify *v)
{
    vdb_engine *engine = v->db->engine;
    vdb_engine_check check = {v->quick, tell_structure, tick, v};
    return vdb_verify_damage(v, engine->methods->check(engine, &check), "the file's pages");
}

/* ---- the catalogue */

static int tell_missing_views(vdb_verify *v, const bool *there)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < vdb_schema_object_count; i++) {
        const struct vdb_schema_object *o = &vdb_schema_objects[i];
        if (strcmp(o->type, "view") == 0 && !there[i])
            rc = vdb_verify_tell(v, VDB_FOUND_STRUCTURE, VDB_NO_SUBJECT,
                                 "the view %s%s is missing, so queries over it fail; the library itself does "
                                 "without",
                                 v->db->engine->view_prefix, o->name);
    }
    return rc;
}

static int tell_catalogue(vdb_verify *v)
{
    vdb_error seen = v->db->error;
    return vdb_verify_tell(v, VDB_FOUND_STRUCTURE, VDB_NO_SUBJECT, "the catalogue: %s", seen.text);
}

static int check_catalogue(vdb_verify *v)
{
    varsdb *db = v->db;
    bool *there = vdb_calloc(vdb_schema_object_count, sizeof *there);
    int rc = there ? vdb_catalogue_look(db->engine, &db->error, db->path, there) : vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK)
        rc = tell_missing_views(v, there);
    else if (rc == VARSDB_CORRUPT)
        rc = tell_catalogue(v);
    else
        rc = vdb_verify_damage(v, rc, "the catalogue's rows");
    vdb_free(there);
    return rc;
}

int vdb_verify_structure(vdb_verify *v)
{
    int rc = vdb_verify_progress(v, "structure", 0, 0);
    if (rc == VARSDB_OK)
        rc = check_file(v);
    return rc == VARSDB_OK ? check_catalogue(v) : rc;
}

/* ---- the registry's row, and how its schema came to be */

typedef struct registry_check {
    int64_t rows, format, migrations;
} registry_check;

static int check_registry_row(vdb_verify *v, void *payload, const vdb_value *at)
{
    registry_check *c = payload;
    c->rows++;
    c->format = at[REGISTRY_FORMAT].integer;
    if (!vdb_verify_digest_fits(at, REGISTRY_COLUMNS))
        return vdb_verify_tell(v, VDB_FOUND_DIGEST, VDB_NO_SUBJECT,
                               "the registry's own row does not match its digest: the file cannot be opened "
                               "again; take it from a backup");
    if (at[REGISTRY_INLINE_BYTES].integer != v->db->inline_bytes ||
        at[REGISTRY_CHUNK_BYTES].integer != v->db->chunk_bytes)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, VDB_NO_SUBJECT,
                               "the sizes by which values are cut changed since the file was opened, which "
                               "nothing of varsdb does");
    return VARSDB_OK;
}

static int check_migration(vdb_verify *v, void *payload, const vdb_value *at)
{
    registry_check *c = payload;
    int64_t i = c->migrations++;
    if (i >= (int64_t)vdb_migration_count)
        return VARSDB_OK; /* told by their number */
    const vdb_migration *m = &vdb_migrations[i];
    if (vdb_migration_is(m, at))
        return VARSDB_OK;
    return vdb_verify_tell(v, VDB_FOUND_REFERENCE, VDB_NO_SUBJECT,
                           "migration %lld is recorded as %lld, %s: the record is damaged, or another "
                           "varsdb wrote the file",
                           (long long)m->number, (long long)at[0].integer, vdb_verify_text(&at[1]));
}

static int check_numbers(vdb_verify *v, const registry_check *c)
{
    int64_t version = 0;
    int rc = vdb_sqlite_user_version(v->db->engine, &version);
    if (rc != VARSDB_OK)
        return vdb_verify_damage(v, rc, "the file's head");
    if (c->rows != 1)
        return vdb_verify_tell(v, VDB_FOUND_STRUCTURE, VDB_NO_SUBJECT,
                               "the registry's own row is missing: the file cannot be opened again; take it "
                               "from a backup");
    if (c->format != version || c->migrations != version)
        return vdb_verify_tell(v, VDB_FOUND_REFERENCE, VDB_NO_SUBJECT,
                               "the schema has number %lld in the file's head, %lld in its row, and %lld "
                               "migrations: they should be one number",
                               (long long)version, (long long)c->format, (long long)c->migrations);
    return VARSDB_OK;
}

/* Its number may be any: only that it changes is of meaning. */
static int check_names_version(vdb_verify *v)
{
    int64_t version;
    bool found = true;
    int rc = vdb_get_int(v->db->engine, VDB_Q_NAMES_VERSION_GET, VDB_NO_ARGS, &version, &found);
    if (rc != VARSDB_OK)
        return vdb_verify_damage(v, rc, "the names version");
    return found ? VARSDB_OK
                 : vdb_verify_tell(v, VDB_FOUND_STRUCTURE, VDB_NO_SUBJECT,
                                   "the names version is missing: the file cannot be used; take it from a "
                                   "backup");
}

int vdb_verify_registry(vdb_verify *v)
{
    registry_check c = {0};
    int rc = vdb_verify_each(v, VDB_Q_REGISTRY_GET, REGISTRY_COLUMNS + 1, check_registry_row, &c,
                             "the registry's own rows");
    bool whole = !v->broken;
    if (rc == VARSDB_OK)
        rc = vdb_verify_each(v, VDB_Q_MIGRATION_LIST, 3, check_migration, &c, "the recorded migrations");
    whole = whole && !v->broken;
    if (rc == VARSDB_OK && whole)
        rc = check_numbers(v, &c);
    return rc == VARSDB_OK ? check_names_version(v) : rc;
}
