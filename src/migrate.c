/* migrate.c - see migrate.h. */
#include "migrate.h"

#include "catalogue.h"
#include "digest.h"
#include "internal.h"
#include "registry_row.h"

static int record(vdb_engine *engine, const vdb_migration *m)
{
    return vdb_run(engine, VDB_Q_MIGRATION_RECORD,
                   VDB_ARGS(vdb_int(m->number), vdb_text(m->name), vdb_text(m->checksum),
                            vdb_text(VARSDB_VERSION), vdb_int(vdb_time_ms())));
}

int vdb_migrate_record(vdb_engine *engine, const vdb_migration *migrations, size_t count)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = record(engine, &migrations[i]);
    return rc;
}

/* ---- applying them */

/* A damaged row must not get a digest that fits. */
static int digest_with_format(vdb_engine *engine, int64_t format, int64_t *digest)
{
    vdb_value at[REGISTRY_COLUMNS];
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(engine, VDB_Q_REGISTRY_GET, VDB_NO_ARGS, &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(engine, rows, &row);
    for (int i = 0; rc == VARSDB_OK && row && i < REGISTRY_COLUMNS; i++)
        at[i] = vdb_column(engine, rows, i);
    if (rc == VARSDB_OK &&
        (!row || vdb_digest_row(at, REGISTRY_COLUMNS) != vdb_column(engine, rows, REGISTRY_COLUMNS).integer))
        rc = vdb_fail(engine->error, VARSDB_CORRUPT,
                      "%s: the registry's own row is missing or damaged; take the file from a backup",
                      vdb_sqlite_path(engine));
    if (rc == VARSDB_OK) {
        at[REGISTRY_FORMAT] = vdb_int(format);
        *digest = vdb_digest_row(at, REGISTRY_COLUMNS);
    }
    vdb_finish(engine, rows);
    return rc;
}

static int set_format(vdb_engine *engine, int64_t format)
{
    int64_t digest = 0;
    int rc = digest_with_format(engine, format, &digest);
    return rc == VARSDB_OK
               ? vdb_run(engine, VDB_Q_REGISTRY_SET_FORMAT, VDB_ARGS(vdb_int(format), vdb_int(digest)))
               : rc;
}

int vdb_migrate_apply(vdb_engine *engine, const vdb_migration *migrations, size_t count)
{
    int64_t version = 0, now;
    int rc = vdb_sqlite_user_version(engine, &version);
    now = version;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        if (migrations[i].number <= version)
            continue;
        now = migrations[i].number;
        rc = vdb_sqlite_script(engine, migrations[i].sql);
        if (rc == VARSDB_OK)
            rc = record(engine, &migrations[i]);
        if (rc == VARSDB_OK)
            rc = vdb_sqlite_set_user_version(engine, now);
    }
    /* a new file gets its row later */
    return rc == VARSDB_OK && version != 0 ? set_format(engine, now) : rc;
}

/* ---- what a file says of itself */

static bool is_text(const vdb_value *v, const char *text)
{
    return v->kind == VDB_TEXT && v->bytes == strlen(text) && memcmp(v->data, text, v->bytes) == 0;
}

bool vdb_migration_is(const vdb_migration *m, const vdb_value at[3])
{
    return at[0].kind == VDB_INT && at[0].integer == m->number && is_text(&at[1], m->name) &&
           is_text(&at[2], m->checksum);
}

/* An upgrade builds on what the ones before it made. */
static int check_record(vdb_engine *engine, vdb_error *e, const char *path, const vdb_migration *migrations,
                        int64_t version)
{
    vdb_rows *rows = NULL;
    bool row = true, same = true;
    int64_t n = 0;
    int rc = vdb_start(engine, VDB_Q_MIGRATION_LIST, VDB_NO_ARGS, &rows);
    while (rc == VARSDB_OK && same && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[3];
        for (int i = 0; i < 3; i++)
            at[i] = vdb_column(engine, rows, i);
        same = n < version && vdb_migration_is(&migrations[n], at);
        n += same;
    }
    vdb_finish(engine, rows);
    if (rc != VARSDB_OK || (same && n == version))
        return rc;
    return vdb_fail(e, VARSDB_CORRUPT,
                    "%s: its record of migration %lld is damaged, or another build of varsdb wrote it; take "
                    "the file from a backup, or open it with that one",
                    path, (long long)(n + 1));
}

static int check_version(vdb_error *e, const char *path, int64_t version, int64_t ours)
{
    if (version > ours)
        return vdb_sqlite_fail_newer(e, path, version, ours);
    if (version < 1)
        return vdb_fail(e, VARSDB_NOTDB, "%s has no varsdb schema (number %lld)", path, (long long)version);
    return VARSDB_OK;
}

/* ---- a file */

typedef struct file_migration {
    vdb_engine *engine;
    vdb_error *e;
    const char *path;
    const vdb_migration *migrations;
    size_t count;
    int64_t ours, version; /* the file's */
} file_migration;

static int look(file_migration *f)
{
    int rc = vdb_sqlite_user_version(f->engine, &f->version);
    if (rc == VARSDB_OK)
        rc = check_version(f->e, f->path, f->version, f->ours);
    if (rc == VARSDB_OK && f->version == f->ours)
        rc = vdb_catalogue_check(f->engine, f->e, f->path);
    return rc == VARSDB_OK ? check_record(f->engine, f->e, f->path, f->migrations, f->version) : rc;
}

/* Another process may have upgraded it while we waited, to what we know or beyond. */
static int upgrade(file_migration *f)
{
    int rc = look(f);
    if (rc != VARSDB_OK || f->version == f->ours)
        return rc;
    rc = vdb_migrate_apply(f->engine, f->migrations, f->count);
    return rc == VARSDB_OK ? vdb_catalogue_check(f->engine, f->e, f->path) : rc;
}

static void give_up(file_migration *f)
{
    vdb_error saved = *f->e;
    f->engine->methods->rollback(f->engine);
    *f->e = saved;
}

static int end_written(file_migration *f)
{
    int rc = f->engine->methods->commit(f->engine);
    if (rc != VARSDB_OK)
        give_up(f);
    return rc;
}

/* A transaction that only reads is rolled back: inside a statement of a host's it could not be committed. */
static int within(file_migration *f, vdb_begin_mode mode, int (*act)(file_migration *f))
{
    int rc = vdb_engine_begin(f->engine, mode);
    if (rc != VARSDB_OK)
        return rc;
    rc = act(f);
    if (rc == VARSDB_OK && mode == VDB_BEGIN_WRITE)
        return end_written(f);
    give_up(f);
    return rc;
}

int vdb_migrate_file(vdb_engine *engine, vdb_error *e, const char *path, bool read_only,
                     const vdb_migration *migrations, size_t count)
{
    file_migration f = {engine, e, path, migrations, count, migrations[count - 1].number, 0};
    int rc = within(&f, VDB_BEGIN_READ, look);
    if (rc != VARSDB_OK || f.version == f.ours)
        return rc;
    if (read_only)
        return vdb_fail(e, VARSDB_READONLY,
                        "%s has the older schema %lld; open it once for writing, which upgrades it to %lld",
                        path, (long long)f.version, (long long)f.ours);
    return within(&f, VDB_BEGIN_WRITE, upgrade);
}
