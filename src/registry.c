/* registry.c - opening and closing a handle, and what every call begins with. */
#include <stdio.h>
#include <time.h>

#include <errno.h>
#include <sys/random.h>

#include "fork.h"
#include "internal.h"
#include "migrate.h"
#include "name.h"
#include "namespace.h"
#include "registry.h"
#include "registry_row.h"
#include "row.h"
#include "save.h"
#include "writer.h"

/* ---- small things of the handle */

const char *varsdb_version(void)
{
    return VARSDB_VERSION;
}

const char *varsdb_engine_version(void)
{
    return vdb_sqlite_version_text();
}

vdb_error *vdb_handle_error(varsdb *db)
{
    return &db->error;
}

int vdb_misuse(varsdb *db, const char *what)
{
    return vdb_fail(&db->error, VARSDB_MISUSE, "%s", what);
}

int vdb_enter(varsdb *db)
{
    if (!db)
        return VARSDB_MISUSE;
    if (!db->engine)
        return db->error.code == VARSDB_OK ? vdb_misuse(db, "the handle is not open") : VARSDB_MISUSE;
    if (db->generation != vdb_fork_generation())
        return vdb_misuse(db, "the handle was opened before fork(); open a new one in the child");
    if (db->calling)
        return vdb_misuse(db, "this callback may not use the handle");
    vdb_error_clear(&db->error);
    return VARSDB_OK;
}

int64_t vdb_random(void)
{
    int64_t value;
    if (getrandom(&value, sizeof value, GRND_NONBLOCK) != (ssize_t)sizeof value) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        value = vdb_digest_row(
            (vdb_value[]){vdb_int(t.tv_sec), vdb_int(t.tv_nsec), vdb_int((intptr_t)&value)}, 3);
    }
    return value;
}

int64_t vdb_time_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *varsdb_errmsg(const varsdb *db)
{
    if (!db)
        return "out of memory, or no handle";
    return db->error.code == VARSDB_OK ? "" : db->error.text;
}

int varsdb_errcode(const varsdb *db)
{
    return db ? db->error.code : VARSDB_NOMEM;
}

const char *varsdb_path(const varsdb *db)
{
    return db && db->path ? db->path : "";
}

const char *varsdb_uuid(const varsdb *db)
{
    return db ? db->uuid : "";
}

int varsdb_set_timeout(varsdb *db, int64_t timeout_ms)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && db->engine->methods->within)
        rc = vdb_misuse(db, "on a host's connection others are waited for as its own busy timeout says");
    if (rc != VARSDB_OK)
        return rc;
    db->timeout_ms = timeout_ms == 0 ? VDB_TIMEOUT_MS_DEFAULT : timeout_ms < 0 ? -1 : timeout_ms;
    db->engine->methods->set_timeout(db->engine, db->timeout_ms);
    return VARSDB_OK;
}

/* ---- a new registry */

static int insert_registry(varsdb *db)
{
    unsigned char uuid[16];
    for (size_t i = 0; i < sizeof uuid; i += 8) {
        int64_t random = vdb_random();
        memcpy(uuid + i, &random, 8);
    }
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40); /* version 4, RFC 4122 */
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
    vdb_value at[REGISTRY_COLUMNS] = {
        [REGISTRY_ID] = vdb_int(1),
        [REGISTRY_UUID] = vdb_blob(uuid, sizeof uuid),
        [REGISTRY_FORMAT] = vdb_int(vdb_migrations[vdb_migration_count - 1].number),
        [REGISTRY_INLINE_BYTES] = vdb_int(VDB_INLINE_BYTES),
        [REGISTRY_CHUNK_BYTES] = vdb_int(VDB_CHUNK_BYTES),
        [REGISTRY_CREATED_AT] = vdb_int(vdb_time_ms()),
    };
    return vdb_row_write(db, VDB_Q_REGISTRY_INSERT, at, REGISTRY_COLUMNS);
}

int vdb_registry_fill(varsdb *db)
{
    int rc = insert_registry(db);
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_NAMES_VERSION_INSERT, VDB_NO_ARGS);
    return rc == VARSDB_OK ? vdb_namespace_insert(db, "main", db->new_seed) : rc;
}

static int fill_new_file(void *payload, vdb_engine *engine)
{
    varsdb *db = payload;
    db->engine = engine;
    int rc = vdb_migrate_apply(engine, vdb_migrations, vdb_migration_count);
    if (rc == VARSDB_OK)
        rc = vdb_registry_fill(db);
    db->engine = NULL;
    return rc;
}

/* ---- open */

int vdb_registry_load(varsdb *db)
{
    vdb_value at[REGISTRY_COLUMNS];
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_REGISTRY_GET, VDB_NO_ARGS, &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && !row)
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the registry's own row is missing", db->path);
    if (rc == VARSDB_OK) {
        vdb_row_columns(db, rows, at, REGISTRY_COLUMNS);
        rc = vdb_row_check(db, "registry", 1, at, REGISTRY_COLUMNS,
                           vdb_column(db->engine, rows, REGISTRY_COLUMNS).integer);
    }
    if (rc == VARSDB_OK &&
        (at[REGISTRY_UUID].bytes != 16 || at[REGISTRY_INLINE_BYTES].integer < 0 ||
         at[REGISTRY_INLINE_BYTES].integer > VDB_INLINE_BYTES_MAX ||
         at[REGISTRY_CHUNK_BYTES].integer < 4096 || at[REGISTRY_CHUNK_BYTES].integer > VDB_CHUNK_BYTES_MAX))
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the registry's own row is damaged", db->path);
    if (rc == VARSDB_OK) {
        char hex[33];
        vdb_hash_print(at[REGISTRY_UUID].data, hex);
        snprintf(db->uuid, sizeof db->uuid, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                 hex + 20);
        db->inline_bytes = at[REGISTRY_INLINE_BYTES].integer;
        db->chunk_bytes = at[REGISTRY_CHUNK_BYTES].integer;
    }
    vdb_finish(db->engine, rows);
    return rc;
}

static int open_existing(varsdb *db)
{
    int64_t newest = vdb_migrations[vdb_migration_count - 1].number;
    vdb_engine_options options = {db->path, db->flags, db->timeout_ms, newest};
    int rc = vdb_sqlite_open(&db->error, &options, &db->engine);
    if (rc == VARSDB_OK)
        rc = vdb_migrate_file(db->engine, &db->error, db->path, db->flags & VARSDB_READ_ONLY, vdb_migrations,
                              vdb_migration_count);
    if (rc == VARSDB_OK)
        rc = vdb_registry_load(db);
    return rc == VARSDB_OK ? vdb_sqlite_accept(db->engine) : rc; /* of what is refused nothing changes */
}

static void close_engine(varsdb *db)
{
    if (db->engine)
        db->engine->methods->close(db->engine);
    db->engine = NULL;
}

static int fail_taken(varsdb *db)
{
    return vdb_fail(&db->error, VARSDB_EXISTS, "%s is there already; only a new registry can be built",
                    db->path);
}

/* The handle works on the unpublished file until varsdb_publish. */
static int build(varsdb *db, const vdb_engine_options *options)
{
    vdb_engine *engine;
    int rc = vdb_sqlite_build(&db->error, options, fill_new_file, db, &engine);
    if (rc != VARSDB_OK)
        return rc;
    db->engine = engine;
    return vdb_registry_load(db);
}

static int open_or_create(varsdb *db)
{
    vdb_file_presence presence;
    vdb_engine_options options = {.path = db->path, .flags = db->flags, .timeout_ms = db->timeout_ms};
    int rc = vdb_sqlite_presence(&db->error, &options, &presence);
    if (db->flags & VARSDB_BUILD)
        return rc != VARSDB_OK ? rc : presence != VDB_FILE_MISSING ? fail_taken(db) : build(db, &options);
    if (rc == VARSDB_OK && presence == VDB_FILE_MISSING) {
        if (!(db->flags & VARSDB_CREATE_FILE) || (db->flags & VARSDB_READ_ONLY))
            return vdb_fail(&db->error, VARSDB_CANTOPEN,
                            "%s does not exist; make it with `varsdb init` or "
                            "VARSDB_CREATE_FILE",
                            db->path);
        rc = vdb_sqlite_create(&db->error, &options, fill_new_file, db);
    }
    return rc == VARSDB_OK ? open_existing(db) : rc;
}

int varsdb_publish(varsdb *db)
{
    vdb_file_presence presence;
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (!(db->flags & VARSDB_BUILD))
        return vdb_misuse(db, "only a registry that is being built (VARSDB_BUILD) can be published");
    if (db->in_transaction || db->listing || db->saves)
        return vdb_misuse(db, "end the transaction, and close the writers, before publishing");
    vdb_engine_options options = {.path = db->path, .flags = db->flags, .timeout_ms = db->timeout_ms};
    rc = vdb_sqlite_presence(&db->error, &options, &presence);
    if (rc == VARSDB_OK && presence != VDB_FILE_MISSING)
        rc = fail_taken(db);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_publish(&db->engine);
    if (rc != VARSDB_OK)
        return rc;
    db->flags &= ~(unsigned)VARSDB_BUILD;
    db->data_version = -1;
    db->epoch++;
    rc = open_existing(db);
    if (rc != VARSDB_OK) {
        close_engine(db);
        vdb_fail_in(&db->error, "it is published, but cannot be opened");
    }
    return rc;
}

int varsdb_checkpoint(varsdb *db)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (db->in_transaction || db->listing))
        rc = vdb_misuse(db, "end the transaction before a checkpoint");
    return rc == VARSDB_OK ? db->engine->methods->checkpoint(db->engine) : rc;
}

int vdb_registry_set_up(varsdb *db, const char *path, const varsdb_open_options *o)
{
    db->generation = vdb_fork_generation();
    db->flags = o->flags;
    db->reuse = o->reuse == VARSDB_INHERIT ? VARSDB_AUTO : o->reuse;
    db->timeout_ms = o->timeout_ms == 0 ? VDB_TIMEOUT_MS_DEFAULT : o->timeout_ms;
    db->save_bytes = VDB_SAVE_BYTES;
    db->epoch = 1;
    db->data_version = -1;
    if (o->seed) {
        db->new_seed_value = *o->seed;
        db->new_seed = &db->new_seed_value;
    }
    const char *space = o->in ? o->in : "main";
    db->path = vdb_strdup(path);
    db->program = vdb_strdup(o->program ? o->program : program_invocation_short_name);
    db->space.name = vdb_strdup(space);
    if (!db->path || !db->program || !db->space.name)
        return vdb_fail_nomem(&db->error);
    int rc = vdb_name_check_stored(&db->error, "namespace", space, strlen(space));
    return rc == VARSDB_OK ? vdb_scope_stack_init(db, db->reuse) : rc;
}

int vdb_registry_check_options(varsdb *db, const varsdb_open_options *o)
{
    if (o->size < sizeof *o)
        return vdb_misuse(db, "open options without their size; use VARSDB_OPEN()");
    if ((unsigned)o->reuse > VARSDB_CREATE)
        return vdb_fail(&db->error, VARSDB_INVALID, "reuse is INHERIT, REQUIRE, AUTO or CREATE, not %d",
                        (int)o->reuse);
    return VARSDB_OK;
}

#define KNOWN_FLAGS                                                                          \
    ((unsigned)(VARSDB_CREATE_FILE | VARSDB_READ_ONLY | VARSDB_IMMUTABLE | VARSDB_KEEP_WAL | \
                VARSDB_ALLOW_NETWORK | VARSDB_BUILD | VARSDB_UNCHECKED | VARSDB_HELPER_THREAD))

static int check_arguments(varsdb *db, const char *path, const varsdb_open_options *o)
{
    if (!path || !*path)
        return vdb_misuse(db, "a path is needed");
    int rc = vdb_registry_check_options(db, o);
    if (rc != VARSDB_OK)
        return rc;
    if (o->flags & ~KNOWN_FLAGS)
        return vdb_fail(&db->error, VARSDB_INVALID, "flags 0x%x are not known", o->flags & ~KNOWN_FLAGS);
    if ((o->flags & VARSDB_IMMUTABLE) && !(o->flags & VARSDB_READ_ONLY))
        return vdb_fail(&db->error, VARSDB_INVALID, "VARSDB_IMMUTABLE goes with VARSDB_READ_ONLY");
    if ((o->flags & VARSDB_BUILD) && (o->flags & VARSDB_READ_ONLY))
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "VARSDB_BUILD writes; it does not go with VARSDB_READ_ONLY");
    return VARSDB_OK;
}

int varsdb_open(const char *path, const varsdb_open_options *options, varsdb **out)
{
    static const varsdb_open_options defaults = {.size = sizeof defaults};
    const varsdb_open_options *o = options ? options : &defaults;
    if (!out)
        return VARSDB_MISUSE;
    varsdb *db = vdb_calloc(1, sizeof *db);
    *out = db;
    if (!db)
        return VARSDB_NOMEM;
    int rc = check_arguments(db, path, o);
    if (rc == VARSDB_OK)
        rc = vdb_registry_set_up(db, path, o);
    if (rc == VARSDB_OK)
        rc = open_or_create(db);
    if (rc != VARSDB_OK)
        close_engine(db);
    return rc;
}

void varsdb_close(varsdb *db)
{
    if (!db)
        return;
    if (db->engine && db->generation != vdb_fork_generation()) {
        db->engine->methods->abandon(db->engine);
        return;
    }
    if (db->engine) {
        db->engine->methods->rollback(db->engine);
        vdb_writers_orphan(db);
        vdb_saves_end(db);
        db->engine->methods->close(db->engine);
    }
    vdb_cache_release(&db->cache);
    vdb_scope_stack_release(&db->scopes);
    vdb_buf_release(&db->full_name);
    vdb_buf_release(&db->row_name);
    vdb_buf_release(&db->left);
    vdb_free(db->space.name);
    vdb_free(db->path);
    vdb_free(db->program);
    vdb_free(db);
}
