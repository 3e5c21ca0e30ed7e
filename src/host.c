/* host.c - a registry on a connection that a host has open. */
#include "catalogue.h"
#include "migrate.h"
#include "registry.h"

static int check_arguments(varsdb *db, const void *host, const varsdb_open_options *o)
{
    const unsigned known = VARSDB_CREATE_FILE | VARSDB_READ_ONLY | VARSDB_UNCHECKED;
    if (!host)
        return vdb_misuse(db, "the host's connection is NULL");
    int rc = vdb_registry_check_options(db, o);
    if (rc != VARSDB_OK)
        return rc;
    if (o->flags & ~known)
        return vdb_fail(
            &db->error, VARSDB_INVALID,
            "flags 0x%x are not for a host's connection; VARSDB_CREATE_FILE, VARSDB_READ_ONLY and "
            "VARSDB_UNCHECKED are",
            o->flags & ~known);
    if (o->timeout_ms)
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "on a host's connection others are waited for as its own busy timeout says; "
                        "timeout_ms must be 0");
    return VARSDB_OK;
}

/* ---- making it */

static int fill(varsdb *db)
{
    bool there = false;
    int rc = vdb_sqlite_has_registry(db->engine, &there);
    if (rc != VARSDB_OK || there)
        return rc;
    rc = vdb_catalogue_create(db->engine, &db->error);
    if (rc == VARSDB_OK)
        rc = vdb_migrate_record(db->engine, vdb_migrations, vdb_migration_count);
    if (rc == VARSDB_OK)
        rc = vdb_registry_fill(db);
    return rc == VARSDB_OK ? vdb_catalogue_check(db->engine, &db->error, db->path) : rc;
}

/* What makes our tables impossible in a database that is whole is a name that is taken. */
static int tell_taken(varsdb *db, int rc)
{
    if (rc != VARSDB_CORRUPT)
        return rc;
    vdb_error saved = db->error;
    return vdb_fail(&db->error, VARSDB_EXISTS, "a table or view of the host's is in the way: %s", saved.text);
}

/* One transaction, or a savepoint of the host's. */
static int create_once(varsdb *db)
{
    int rc = vdb_sqlite_begin_creating(db->engine);
    if (rc != VARSDB_OK)
        return rc;
    rc = tell_taken(db, fill(db));
    if (rc == VARSDB_OK)
        rc = db->engine->methods->commit(db->engine);
    if (rc != VARSDB_OK) {
        vdb_error saved = db->error;
        db->engine->methods->rollback(db->engine);
        db->error = saved;
    }
    return rc;
}

/* SQLite does not wait for others once the catalogue was read. */
static int create(varsdb *db)
{
    int64_t began = 0;
    int rc;
    do
        rc = create_once(db);
    while ((rc == VARSDB_BUSY || rc == VARSDB_RETRY) && vdb_sqlite_host_waits(db->engine, &began));
    return rc;
}

static int find_or_create(varsdb *db, const char *schema)
{
    bool there = false;
    int rc = vdb_sqlite_has_registry(db->engine, &there);
    if (rc != VARSDB_OK || there)
        return rc;
    if (!(db->flags & VARSDB_CREATE_FILE) || (db->flags & VARSDB_READ_ONLY))
        return vdb_fail(&db->error, VARSDB_NOTDB,
                        "%s: the database '%s' holds no registry; VARSDB_CREATE_FILE makes one in it",
                        db->path, schema);
    return create(db);
}

/* ---- opening */

static int open_engine(varsdb *db, struct sqlite3 *host, const char *schema, unsigned inside)
{
    int rc = vdb_sqlite_open_on(&db->error, host, schema, db->flags | inside, &db->engine);
    if (rc != VARSDB_OK)
        return rc;
    char *path = vdb_strdup(vdb_sqlite_path(db->engine));
    if (!path)
        return vdb_fail_nomem(&db->error);
    vdb_free(db->path);
    db->path = path;
    rc = find_or_create(db, schema);
    if (rc == VARSDB_OK)
        rc = vdb_migrate_file(db->engine, &db->error, db->path, db->flags & VARSDB_READ_ONLY, vdb_migrations,
                              vdb_migration_count);
    return rc == VARSDB_OK ? vdb_registry_load(db) : rc;
}

static int open_on(struct sqlite3 *host, const char *schema, const varsdb_open_options *options,
                   unsigned inside, unsigned *weaknesses, varsdb **out)
{
    static const varsdb_open_options defaults = {.size = sizeof defaults};
    const varsdb_open_options *o = options ? options : &defaults;
    const char *name = schema ? schema : "main";
    unsigned weak = 0;
    if (!out)
        return VARSDB_MISUSE;
    varsdb *db = vdb_calloc(1, sizeof *db);
    *out = db;
    if (!db)
        return VARSDB_NOMEM;
    int rc = check_arguments(db, host, o);
    if (rc == VARSDB_OK)
        rc = vdb_registry_set_up(db, name, o);
    if (rc == VARSDB_OK)
        rc = open_engine(db, host, name, inside);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_host_weaknesses(db->engine, &weak);
    if (rc == VARSDB_OK && weaknesses)
        *weaknesses = weak;
    if (rc != VARSDB_OK && db->engine) {
        db->engine->methods->close(db->engine);
        db->engine = NULL;
    }
    return rc;
}

int varsdb_open_on(struct sqlite3 *host, const char *schema, const varsdb_open_options *options,
                   unsigned *weaknesses, varsdb **out)
{
    return open_on(host, schema, options, 0, weaknesses, out);
}

int vdb_open_inside(struct sqlite3 *host, const char *schema, const varsdb_open_options *options,
                    varsdb **out)
{
    return open_on(host, schema, options, VDB_INSIDE_STATEMENT, NULL, out);
}

const char *varsdb_host_weakness_text(unsigned weakness)
{
    switch (weakness) {
    case VARSDB_HOST_NOT_DURABLE:
        return "a commit may be lost when the power fails: PRAGMA synchronous=FULL (with "
               "journal_mode=DELETE, EXTRA) and a journal on disk keep it";
    case VARSDB_HOST_NOT_WAL:
        return "readers and writers wait for each other: PRAGMA journal_mode=WAL lets them go on";
    case VARSDB_HOST_UNGUARDED:
        return "a checkpoint of this SQLite may lose pages when another connection commits beside it (the "
               "WAL-reset bug): PRAGMA wal_autocheckpoint=0, and checkpoints while nobody writes, or SQLite "
               "3.51.3";
    case VARSDB_HOST_NO_TIMEOUT:
        return "who finds another writer fails at once, unless the host has a busy handler of its own: "
               "sqlite3_busy_timeout lets it wait";
    case VARSDB_HOST_NOT_ATOMIC:
        return "a transaction over this database and others of the connection may be kept in one and lost in "
               "another when the machine fails, as both are in WAL mode; it is whole in each";
    case VARSDB_HOST_IN_MEMORY:
        return "the database is in memory, and ends with the connection";
    default:
        return "";
    }
}
