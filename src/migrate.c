/* migrate.c - see migrate.h. */
#include "migrate.h"

#include <strings.h>

#include "internal.h"
#include "schema.h"

static int record(vdb_engine *engine, const vdb_migration *m)
{
    return vdb_run(engine, VDB_Q_MIGRATION_RECORD,
                   VDB_ARGS(vdb_int(m->number), vdb_text(m->name), vdb_text(m->checksum),
                            vdb_text(VARSDB_VERSION), vdb_int(vdb_time_ms())));
}

int vdb_migrate_apply(vdb_engine *engine, const vdb_migration *migrations, size_t count)
{
    int64_t version = 0;
    int rc = vdb_sqlite_user_version(engine, &version);
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        if (migrations[i].number <= version)
            continue;
        rc = vdb_sqlite_script(engine, migrations[i].sql);
        if (rc == VARSDB_OK)
            rc = record(engine, &migrations[i]);
        if (rc == VARSDB_OK)
            rc = vdb_sqlite_set_user_version(engine, migrations[i].number);
    }
    return rc;
}

static int check_version(vdb_error *e, const char *path, int64_t version, int64_t ours)
{
    if (version > ours)
        return vdb_sqlite_fail_newer(e, path, version, ours);
    if (version < 1)
        return vdb_fail(e, VARSDB_NOTDB, "%s has no varsdb schema (number %lld)", path, (long long)version);
    return VARSDB_OK;
}

int vdb_migrate_file(vdb_engine *engine, vdb_error *e, const char *path, bool read_only,
                     const vdb_migration *migrations, size_t count)
{
    int64_t version, ours = migrations[count - 1].number;
    int rc = vdb_sqlite_user_version(engine, &version);
    if (rc == VARSDB_OK)
        rc = check_version(e, path, version, ours);
    if (rc != VARSDB_OK || version == ours)
        return rc;
    if (read_only)
        return vdb_fail(e, VARSDB_READONLY,
                        "%s has the older schema %lld; open it once for writing, which upgrades it to %lld",
                        path, (long long)version, (long long)ours);
    rc = vdb_engine_begin(engine, VDB_BEGIN_WRITE);
    if (rc != VARSDB_OK)
        return rc;
    /* Another process may have upgraded while we waited; apply looks again. */
    rc = vdb_migrate_apply(engine, migrations, count);
    if (rc == VARSDB_OK)
        rc = engine->methods->commit(engine);
    if (rc != VARSDB_OK) {
        vdb_error saved = *e;
        engine->methods->rollback(engine);
        *e = saved;
    }
    return rc;
}

/* ---- the check */

typedef struct catalogue_check {
    vdb_error *e;
    const char *path;
    bool *there; /* of every object of the schema, whether the file has it */
} catalogue_check;

static bool is_ours(const struct vdb_schema_object *o)
{
    return strcmp(o->type, "view") != 0;
}

static int check_object(void *payload, const char *type, const char *name, const char *sql)
{
    catalogue_check *c = payload;
    if (!type || !name || !sql)
        return vdb_fail(c->e, VARSDB_CORRUPT, "%s: the catalogue is damaged", c->path);
    bool known = strcmp(type, "view") != 0;
    for (size_t i = 0; i < vdb_schema_object_count; i++) {
        const struct vdb_schema_object *o = &vdb_schema_objects[i];
        known = known || strcasecmp(o->name, name) == 0;
        if (strcmp(o->name, name) == 0 && strcmp(o->type, type) == 0 && strcmp(o->sql, sql) == 0) {
            c->there[i] = true;
            return VARSDB_OK;
        }
    }
    /* A view with a name of ours is believed to be ours, by varsdb_query too; others are a host's. */
    if (!known)
        return VARSDB_OK;
    return vdb_fail(
        c->e, VARSDB_CORRUPT,
        "%s: %s %s is not as varsdb makes it; if somebody added it, drop it: the file is not used as it is",
        c->path, type, name);
}

static int check_complete(const catalogue_check *c)
{
    for (size_t i = 0; i < vdb_schema_object_count; i++)
        if (is_ours(&vdb_schema_objects[i]) && !c->there[i])
            return vdb_fail(c->e, VARSDB_CORRUPT, "%s: %s %s is missing; refusing to use the file", c->path,
                            vdb_schema_objects[i].type, vdb_schema_objects[i].name);
    return VARSDB_OK;
}

int vdb_schema_check(vdb_engine *engine, vdb_error *e, const char *path)
{
    catalogue_check c = {e, path, vdb_calloc(vdb_schema_object_count, sizeof(bool))};
    if (!c.there)
        return vdb_fail_nomem(e);
    int rc = vdb_sqlite_catalogue(engine, check_object, &c);
    if (rc == VARSDB_OK)
        rc = check_complete(&c);
    vdb_free(c.there);
    return rc;
}
