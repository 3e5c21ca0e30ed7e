/* migrate.c - see migrate.h. */
#include "migrate.h"

#include "internal.h"

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

int vdb_migrate_record(vdb_engine *engine, const vdb_migration *migrations, size_t count)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = record(engine, &migrations[i]);
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
