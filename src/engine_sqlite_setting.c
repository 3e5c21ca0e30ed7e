/* engine_sqlite_setting.c - how a host set its connection up, and what that weakens. */
#include "engine_sqlite.h"

#define PAUSE_US 1000

int vdb_host_setting(vdb_sqlite *s, const char *pragma, char out[VDB_HOST_SETTING_BYTES])
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("PRAGMA %s.%s", s->quoted, pragma);
    if (!sql)
        return vdb_fail_nomem(s->base.error);
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        sqlite3_snprintf(VDB_HOST_SETTING_BYTES, out, "%s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? VARSDB_OK : vdb_sqlite_fail(s, code, "reading a setting");
}

typedef struct host_settings {
    int64_t synchronous, checkpoint_frames, busy_timeout;
    char journal[VDB_HOST_SETTING_BYTES];
} host_settings;

static int busy_timeout(vdb_sqlite *s, int64_t *out_ms)
{
    int64_t set = 0;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(s->db, "PRAGMA busy_timeout", -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        set = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW)
        return vdb_sqlite_fail(s, code, "reading a setting");
    *out_ms = set;
    return VARSDB_OK;
}

bool vdb_sqlite_host_waits(vdb_engine *engine, int64_t *began)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    vdb_error saved = *engine->error;
    int64_t patience = 0;
    int rc = engine->methods->within(engine) ? VARSDB_BUSY : busy_timeout(s, &patience);
    *engine->error = saved;
    if (*began == 0)
        *began = vdb_now_ms();
    if (rc != VARSDB_OK || vdb_now_ms() - *began >= patience)
        return false;
    vdb_sleep_us(PAUSE_US);
    return true;
}

static int read_settings(vdb_sqlite *s, host_settings *out)
{
    int rc = vdb_sqlite_pragma(s, "synchronous", &out->synchronous);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_pragma(s, "wal_autocheckpoint", &out->checkpoint_frames);
    if (rc == VARSDB_OK)
        rc = busy_timeout(s, &out->busy_timeout);
    return rc == VARSDB_OK ? vdb_host_setting(s, "journal_mode", out->journal) : rc;
}

/* A journal is deleted to commit; a directory that is synced as well, with EXTRA, shows it no more. */
static bool is_durable(const host_settings *set)
{
    bool has_journal = strcmp(set->journal, "off") != 0 && strcmp(set->journal, "memory") != 0;
    return has_journal && set->synchronous >= (strcmp(set->journal, "delete") == 0 ? 3 : 2);
}

int vdb_sqlite_host_weaknesses(vdb_engine *engine, unsigned *out)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    host_settings set = {0};
    const char *file = sqlite3_db_filename(s->db, s->schema);
    int rc = read_settings(s, &set);
    if (rc != VARSDB_OK)
        return rc;
    bool in_memory = !file || !*file, has_wal = strcmp(set.journal, "wal") == 0;
    unsigned found = in_memory ? VARSDB_HOST_IN_MEMORY : 0;
    if (!in_memory && !is_durable(&set))
        found |= VARSDB_HOST_NOT_DURABLE;
    if (!in_memory && !has_wal)
        found |= VARSDB_HOST_NOT_WAL;
    if (has_wal && set.checkpoint_frames > 0 && vdb_sqlite_has_wal_reset_bug(sqlite3_libversion_number()))
        found |= VARSDB_HOST_UNGUARDED;
    if (!in_memory && set.busy_timeout <= 0)
        found |= VARSDB_HOST_NO_TIMEOUT;
    if (has_wal && sqlite3_stricmp(s->schema, "main") != 0)
        found |= VARSDB_HOST_NOT_ATOMIC;
    *out = found;
    return VARSDB_OK;
}
