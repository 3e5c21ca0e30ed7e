/* engine_sqlite.c - opening, hardening and closing a connection. */
#include "engine_sqlite.h"

#include <stdio.h>
#include <unistd.h>

#include "mem.h"

int vdb_sqlite_exec(vdb_sqlite *s, const char *sql, const char *doing)
{
    int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? VARSDB_OK : vdb_sqlite_fail(s, sqlite3_extended_errcode(s->db), doing);
}

static void set_limits(sqlite3 *db)
{
    static const struct {
        int id, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, VDB_VALUE_BYTES_MAX},
        {SQLITE_LIMIT_SQL_LENGTH, 1000000},
        {SQLITE_LIMIT_COLUMN, 200},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 10},
        {SQLITE_LIMIT_VDBE_OP, 100000},
        {SQLITE_LIMIT_FUNCTION_ARG, 32},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 64},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db, limits[i].id, limits[i].value);
}

/* A stranger's file must not run anything: no triggers, no views unless asked for, no
 * functions with side effects from its schema, no extensions. */
int vdb_sqlite_harden(vdb_sqlite *s, sqlite3 *db, bool views)
{
    static const struct {
        int id, value;
    } switches[] = {
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 0},
    };
    int code = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, (int)views, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof switches / sizeof *switches; i++)
        code = sqlite3_db_config(db, switches[i].id, switches[i].value, NULL);
    set_limits(db);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db,
                            "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
                            "PRAGMA wal_autocheckpoint=0",
                            NULL, NULL, NULL);
    return code == SQLITE_OK ? VARSDB_OK : vdb_sqlite_fail(s, code, "setting up");
}

/* secure_delete: Debian compiles it in, and it doubles what a deletion writes.
 * cache_spill: pages of a transaction that is larger than the cache go to the log before it
 * is committed, so that memory does not grow with what a caller writes in one.  Fewer than the cache
 * has: where it is full of pages to be written, it keeps no other, and each row is read from the file
 * again.  (A multiple of 256 would switch that off: SQLite looks at the number's low byte for the
 * switch.) */
int vdb_sqlite_set_up(vdb_sqlite *s)
{
    int rc = vdb_sqlite_harden(s, s->db, false);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_exec(s,
                             "PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF; PRAGMA cache_spill=767;"
                             "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864",
                             "setting up");
    int keep = s->flags & VARSDB_KEEP_WAL ? 1 : 0;
    if (rc == VARSDB_OK && (s->flags & VARSDB_READ_ONLY))
        rc = vdb_sqlite_exec(s, "PRAGMA query_only=ON", "setting up");
    if (rc != VARSDB_OK)
        return rc;
    sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    /* The last word: PRAGMA wal_autocheckpoint takes the hook away. */
    vdb_checkpoint_watch(s);
    return VARSDB_OK;
}

/* A file: URI with everything escaped that means something in one. */
static char *file_uri(const char *path, bool immutable)
{
    sqlite3_str *uri = sqlite3_str_new(NULL);
    /* "file://x" would be a host, and "file::memory:" no file. */
    sqlite3_str_appendall(uri, *path == '/' ? "file://" : "file:./");
    for (const unsigned char *p = (const unsigned char *)path; *p; p++)
        if (*p == '%' || *p == '?' || *p == '#')
            sqlite3_str_appendf(uri, "%%%02x", *p);
        else
            sqlite3_str_appendchar(uri, 1, (char)*p);
    if (immutable)
        sqlite3_str_appendall(uri, "?immutable=1");
    return sqlite3_str_finish(uri);
}

char *vdb_sqlite_read_only_uri(const vdb_sqlite *s)
{
    return file_uri(vdb_sqlite_file_name(s), s->immutable);
}

/* A reader that finds no log makes one, and only a connection that may write takes it away
 * again at the end; so such a reader gets one, and query_only.  Where there is a log, of others
 * or of a crash, it is left as it is. */
static int open_mode(const vdb_sqlite *s)
{
    if (!(s->flags & VARSDB_READ_ONLY))
        return SQLITE_OPEN_READWRITE;
    return s->immutable || vdb_file_has_log(s->path) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
}

static int connect_file(vdb_sqlite *s)
{
    vdb_fork_part_from_parent();
    bool read_only = s->flags & VARSDB_READ_ONLY;
    s->immutable = read_only && ((s->flags & VARSDB_IMMUTABLE) || vdb_file_on_read_only_media(s->path));
    int flags = SQLITE_OPEN_NOMUTEX | open_mode(s);
    char *uri = file_uri(s->path, s->immutable);
    if (!uri)
        return vdb_fail_nomem(s->base.error);
    int code = sqlite3_open_v2(uri, &s->db, flags | SQLITE_OPEN_URI, NULL);
    sqlite3_free(uri);
    if (code == SQLITE_CANTOPEN)
        return vdb_fail(s->base.error, VARSDB_CANTOPEN, "%s: cannot open the file: no permission?", s->path);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "opening");
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_handler(s->db, vdb_sqlite_busy, s);
    return VARSDB_OK;
}

/* Absolute, as SQLite has it: the process may change its directory. */
const char *vdb_sqlite_file_name(const vdb_sqlite *s)
{
    const char *name = sqlite3_db_filename(s->db, s->schema);
    return name && *name ? name : s->path;
}

static int name_turnstile(vdb_sqlite *s)
{
    s->turnstile_path = sqlite3_mprintf("%s-turnstile", vdb_sqlite_file_name(s));
    return s->turnstile_path ? VARSDB_OK : vdb_fail_nomem(s->base.error);
}

/* Before all that reads the schema, as some settings do, and with the clock running.  It makes or finds the
 * log; in a directory without write permission that fails unless the last writer left it. */
static int first_read(vdb_sqlite *s)
{
    int64_t version;
    vdb_sqlite_start_clock(s);
    int rc = vdb_sqlite_user_version(&s->base, &version);
    if (rc != VARSDB_CANTOPEN && rc != VARSDB_READONLY)
        return rc;
    rc = vdb_file_check_alone(s);
    if (rc == VARSDB_OK)
        rc = vdb_fail(s->base.error, VARSDB_CANTOPEN,
                      "%s: its directory cannot be written to, so no log can be made beside it; open it "
                      "immutable if nobody writes to it, or let its writers keep the log "
                      "(VARSDB_KEEP_WAL)",
                      s->path);
    return rc;
}

/* The switch back into WAL mode ignores the busy handler, so the waiting is done here. */
static int restore_wal(vdb_sqlite *s)
{
    vdb_sqlite_start_clock(s);
    int rc = vdb_sqlite_exec(s, "PRAGMA main.journal_mode=WAL", "switching to WAL mode");
    for (int tries = 0; rc == VARSDB_BUSY && vdb_sqlite_busy(s, tries); tries++)
        rc = vdb_sqlite_exec(s, "PRAGMA main.journal_mode=WAL", "switching to WAL mode");
    return rc;
}

/* From here on commits are synced when the write lock is free again (engine_sqlite_transaction.c).  A journal
 * is safe with synchronous=FULL alone, so not before there is a log; and where sectors are not safe SQLite
 * begins each commit in a new one, but only if it is to sync it, too. */
static int take_over_syncs(vdb_sqlite *s)
{
    if (!vdb_file_has_safe_sectors(s))
        return VARSDB_OK;
    int rc = vdb_sqlite_exec(s, "PRAGMA main.synchronous=NORMAL", "setting up");
    s->syncs = rc == VARSDB_OK;
    return rc;
}

int vdb_sqlite_accept(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (s->flags & VARSDB_READ_ONLY)
        return VARSDB_OK;
    int rc = s->has_wal ? VARSDB_OK : restore_wal(s);
    return rc == VARSDB_OK ? take_over_syncs(s) : rc;
}

void vdb_sqlite_free(vdb_sqlite *s)
{
    vdb_helper_join(s);
    vdb_checkpoint_close(s);
    vdb_sqlite_close_statements(s);
    if (s->db && !s->temporary && !(s->flags & VARSDB_READ_ONLY) && vdb_file_has_moved(s))
        vdb_checkpoint_moved(s);
    sqlite3_close(s->db);
    vdb_turnstile_close(s);
    vdb_writeback_close(s);
    if (s->temporary)
        unlink(s->temporary); /* not published; or published under its other name */
    vdb_free(s->temporary);
    vdb_free(s->path);
    vdb_free(s->turnstile_path);
    vdb_free(s);
}

static void close_connection(vdb_engine *engine)
{
    vdb_sqlite_free(vdb_sqlite_of(engine));
}

/* The child of a fork: SQLite's close would drop locks and delete journals that are the
 * parent's.  Everything stays, leaked. */
void vdb_sqlite_abandon(vdb_engine *engine)
{
    (void)engine;
}

static void set_timeout(vdb_engine *engine, int64_t timeout_ms)
{
    vdb_sqlite_of(engine)->timeout_ms = timeout_ms;
}

int64_t vdb_sqlite_changes(vdb_engine *engine)
{
    return sqlite3_total_changes64(vdb_sqlite_of(engine)->db);
}

static const vdb_engine_methods sqlite_methods = {
    .api_version = VDB_ENGINE_API_VERSION,
    .name = "SQLite",
    .close = close_connection,
    .abandon = vdb_sqlite_abandon,
    .set_timeout = set_timeout,
    .begin = vdb_sqlite_begin,
    .upgrade = vdb_sqlite_upgrade,
    .commit = vdb_sqlite_commit,
    .rollback = vdb_sqlite_rollback,
    .state = vdb_sqlite_state,
    .data_version = vdb_sqlite_data_version,
    .changes = vdb_sqlite_changes,
    .checkpoint = vdb_sqlite_checkpoint,
    .start = vdb_sqlite_start,
    .next = vdb_sqlite_next,
    .column = vdb_sqlite_column,
    .finish = vdb_sqlite_finish,
    .blob_read = vdb_sqlite_blob_read,
    .space = vdb_sqlite_space,
    .reclaim = vdb_sqlite_reclaim,
    .backup = vdb_sqlite_backup,
    .check = vdb_sqlite_check,
    .query = vdb_sqlite_query,
};

vdb_sqlite *vdb_sqlite_new(vdb_error *error, const vdb_engine_options *options)
{
    vdb_sqlite *s = vdb_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->base = (vdb_engine){.methods = &sqlite_methods, .error = error, .view_prefix = ""};
    s->flags = options->flags;
    s->timeout_ms = options->timeout_ms;
    s->schema = s->quoted = "main";
    s->turnstile_fd = s->log_fd = -1;
    s->log.limit = VDB_CHECKPOINT_LOG_FRAMES;
    s->log.kept = VDB_CHECKPOINT_KEPT_FRAMES;
    s->path = vdb_strdup(options->path);
    if (s->path)
        return s;
    vdb_free(s);
    return NULL;
}

int vdb_sqlite_open(vdb_error *error, const vdb_engine_options *options, vdb_engine **out)
{
    vdb_sqlite *s = vdb_sqlite_new(error, options);
    if (!s)
        return vdb_fail_nomem(error);
    int rc = connect_file(s);
    if (rc == VARSDB_OK)
        rc = name_turnstile(s);
    if (rc == VARSDB_OK)
        rc = vdb_file_check_header(s, options->newest);
    if (rc == VARSDB_OK)
        rc = first_read(s);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_set_up(s);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_prepare_transactions(s);
    if (rc == VARSDB_OK)
        *out = &s->base;
    else
        vdb_sqlite_free(s);
    return rc;
}

const char *vdb_sqlite_schema(const vdb_engine *engine)
{
    return ((const vdb_sqlite *)engine)->quoted;
}

const char *vdb_sqlite_path(const vdb_engine *engine)
{
    return ((const vdb_sqlite *)engine)->path;
}

const char *vdb_sqlite_version_text(void)
{
    static _Thread_local char text[64];
    snprintf(text, sizeof text, "SQLite %s (WAL-reset bug: %s)", sqlite3_libversion(),
             vdb_sqlite_has_wal_reset_bug(sqlite3_libversion_number()) ? "guarded" : "fixed");
    return text;
}
