/*
 * engine_sqlite.h - one SQLite connection, as its files share it.
 *
 *   engine_sqlite.c              open, harden, close; the table of methods
 *   engine_sqlite_error.c        SQLite's codes as ours, with a sentence
 *   engine_sqlite_statement.c    named statements and their rows, blobs
 *   engine_sqlite_transaction.c  begin, commit, rollback, deadline
 *   engine_sqlite_turnstile.c    who waits for the write lock, waits here
 *   engine_sqlite_checkpoint.c   checkpoints, guarded against the WAL-reset bug
 *   engine_sqlite_helper.c       a thread that checkpoints
 *   engine_sqlite_writeback.c    what was written starts on its way to the disk
 *   engine_sqlite_fork.c         locks of a process whose parent had registries open
 *   engine_sqlite_file.c         what is at the path
 *   engine_sqlite_build.c        building and publishing a file
 *   engine_sqlite_space.c        free pages, and giving them back
 *   engine_sqlite_backup.c       a copy of it all
 *   engine_sqlite_script.c       migrations, catalogue, user_version
 *   engine_sqlite_query.c        a user's SELECT
 *   engine_sqlite_host.c         a host's connection instead of one of our own
 *   engine_sqlite_setting.c      how a host set its connection up
 *   engine_sqlite_watch.c        what a host commits and rolls back
 *   engine_sqlite_check.c        what SQLite finds wrong with the file
 */
#ifndef VDB_ENGINE_SQLITE_H
#define VDB_ENGINE_SQLITE_H

#include "sqlite.h"
#include <pthread.h>

#include "engine.h"

#define VDB_APPLICATION_ID 0x76647230 /* "vdr0" */
#ifndef VDB_PAGE_BYTES
#define VDB_PAGE_BYTES 16384
#endif
#ifndef VDB_AUTO_VACUUM
#define VDB_AUTO_VACUUM 2 /* INCREMENTAL */
#endif
/* Nothing of ours is one larger value: chunks are at most 1 MiB, attributes at most this. */
#define VDB_VALUE_BYTES_MAX (16 << 20)

/* A commit of so many frames (of VDB_PAGE_BYTES) is a small one. */
#define VDB_CHECKPOINT_SMALL_FRAMES 64
/* Frames that a handle's small commits put into the log, from which on one of
 * them tries to checkpoint, and from which on it waits for its turn to.  And frames in the
 * log, whoever wrote them, from which on every commit waits for its turn to: 1 GiB. */
#define VDB_CHECKPOINT_TRY_FRAMES  4096
#define VDB_CHECKPOINT_WAIT_FRAMES 16384
#define VDB_CHECKPOINT_LOG_FRAMES  65536
/* A log that was longer is cut by the checkpoint that copied it: more than small commits leave. */
#define VDB_CHECKPOINT_KEPT_FRAMES 8192

/* What a handle knows of the log. */
typedef struct vdb_sqlite_log {
    int frames;            /* in it after the last commit of ours */
    int copied;            /* of these, into the file by the last checkpoint of ours */
    int helped;            /* of these, those that the helper is to copy, or did */
    int own;               /* put there by small commits of ours since then */
    int64_t pages_written; /* by this connection, when `own` was counted last */
    int limit, kept;       /* VDB_CHECKPOINT_LOG_FRAMES and _KEPT_FRAMES; tests make them less */
    bool saved;            /* a large save of ours is in it */
    bool unsynced;         /* and a commit of ours that we are to sync */
} vdb_sqlite_log;

struct vdb_rows {
    struct vdb_sqlite *engine;
    sqlite3_stmt *statement;
    vdb_value *columns; /* of the row that it is at, as many as the statement has */
    enum vdb_query query;
    bool used;   /* between start and finish */
    bool cached; /* one of the engine's own, kept for the next time */
};

typedef struct vdb_sqlite {
    vdb_engine base;
    sqlite3 *db;
    sqlite3 *guard; /* sibling that holds the write lock while db checkpoints; opened when needed */
    sqlite3_stmt *guard_rollback;
    char *path;                  /* as given */
    const char *schema, *quoted; /* the database of the connection: "main", or one of a host's */
    struct vdb_host *host;       /* whose connection it is, when it is not ours (engine_sqlite_host.c) */
    char *turnstile_path;
    int turnstile_fd;  /* -1 until somebody writes */
    int64_t turn_ends; /* on the monotonic clock, ms: until then it need not pass through again */
    unsigned flags;
    int64_t timeout_ms;
    int64_t began;    /* of the wait going on, on the monotonic clock, ms */
    int64_t deadline; /* of the same; 0: it does not wait */
    vdb_sqlite_log log;
    int log_fd;            /* for writeback alone; -1 until something was saved */
    uint64_t written_back; /* bytes of the log, or of a file being built */
    pthread_t helper;      /* checkpoints beside us when has_helper */
    bool has_helper;
    char *temporary; /* being built under this name; NULL otherwise */
    bool writing;    /* the open transaction has the write lock */
    bool bulk;       /* and is a part of a save */
    bool scripted;   /* and its schema may be another one by now */
    bool has_wal;    /* by the header: some client may have switched the journal mode */
    bool immutable;  /* opened without locks */
    bool syncs;      /* commits, instead of SQLite */
    bool poisoned;   /* a sync failed: what the disk holds is not known */
    sqlite3_stmt *begin_read, *begin_write, *commit, *rollback, *data_version;
    vdb_rows rows[VDB_QUERY_COUNT];
    sqlite3_blob *blobs[2]; /* open handles, moved from row to row; closed at a transaction's end */
} vdb_sqlite;

static inline vdb_sqlite *vdb_sqlite_of(vdb_engine *engine)
{
    return (vdb_sqlite *)engine;
}

/* ---- error */
/* Our code for the connection's last error, with a sentence; `doing` is "reading", ... */
int vdb_sqlite_fail(vdb_sqlite *s, int code, const char *doing);

/* ---- fork */
/* Before a connection is opened: in a child of fork(), makes SQLite forget the parent's locks. */
void vdb_fork_part_from_parent(void);

/* ---- file */
bool vdb_file_on_read_only_media(const char *path);
bool vdb_file_has_log(const char *path); /* FILE-wal is there */
/* CANTOPEN: commits are in its log, or what undoes them in its journal.  Who takes no locks reads neither,
 * and who cannot write takes neither in. */
int vdb_file_check_alone(vdb_sqlite *s);
/* Through SQLite's own descriptor: is it ours, and not newer than we are?  A log beside it
 * is not looked at, so that a file which is refused stays as it is, log and all; unless a crash tore the
 * header, which SQLite then recovers from what lies beside the file. */
int vdb_file_check_header(vdb_sqlite *s, int64_t newest);
/* Whether writing to a part of a sector leaves the rest of it alone, when the power fails too. */
bool vdb_file_has_safe_sectors(vdb_sqlite *s);
/* Through SQLite's own descriptors; codes of SQLite's. */
int vdb_file_sync(vdb_sqlite *s);
int vdb_file_sync_log(vdb_sqlite *s); /* it is there: something was committed */
bool vdb_file_has_moved(vdb_sqlite *s);
int vdb_file_fail_moved(vdb_sqlite *s); /* VARSDB_MOVED */
int64_t vdb_now_ms(void);               /* monotonic */
void vdb_sleep_us(unsigned microseconds);

/* The directory of path, to be freed; NULL when memory is out. */
char *vdb_file_directory(const char *path);

/* ---- open */
const char *vdb_sqlite_file_name(const vdb_sqlite *s); /* absolute */
/* To open another connection like the handle's own: a URI when it is immutable; to be freed. */
char *vdb_sqlite_read_only_uri(const vdb_sqlite *s);
int vdb_sqlite_exec(vdb_sqlite *s, const char *sql, const char *doing);
int vdb_sqlite_pragma(vdb_sqlite *s, const char *name, int64_t *out);
int64_t vdb_sqlite_changes(vdb_engine *engine);
void vdb_sqlite_abandon(vdb_engine *engine);
int vdb_sqlite_harden(vdb_sqlite *s, sqlite3 *db, bool views);

/* A connection that is not open yet, and how it is given up. */
vdb_sqlite *vdb_sqlite_new(vdb_error *error, const vdb_engine_options *options);
void vdb_sqlite_free(vdb_sqlite *s);
/* Hardening, and what all connections of ours have in common. */
int vdb_sqlite_set_up(vdb_sqlite *s);

/* ---- statement */
int vdb_sqlite_start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count,
                     vdb_rows **out);
int vdb_sqlite_next(vdb_rows *rows, bool *row);
vdb_value vdb_sqlite_column(vdb_rows *rows, int i);
void vdb_sqlite_finish(vdb_rows *rows);
int vdb_sqlite_blob_read(vdb_engine *engine, vdb_blob_column column, int64_t id, uint64_t offset,
                         void *buffer, size_t bytes);
void vdb_sqlite_close_blobs(vdb_sqlite *s);
void vdb_sqlite_close_statements(vdb_sqlite *s);

/* ---- transaction */
int vdb_sqlite_prepare_transactions(vdb_sqlite *s);
/* Runs a statement that yields no row, and resets it. */
int vdb_sqlite_step(vdb_sqlite *s, sqlite3_stmt *statement, const char *doing);
/* IO after a sync that failed: who does it again may be told that it went well, while what was to be synced
 * is lost. */
int vdb_sqlite_check_usable(vdb_sqlite *s);
int vdb_sqlite_begin(vdb_engine *engine, vdb_begin_mode mode);
int vdb_sqlite_upgrade(vdb_engine *engine);
int vdb_sqlite_commit(vdb_engine *engine);
int vdb_sqlite_rollback(vdb_engine *engine);
vdb_transaction_state vdb_sqlite_state(vdb_engine *engine);
int vdb_sqlite_data_version(vdb_engine *engine, int64_t *out);
void vdb_sqlite_start_clock(vdb_sqlite *s); /* sets the deadline */
/* Tries after which the busy handler sleeps for longer. */
enum {
    VDB_BUSY_OFTEN = 20,
    VDB_BUSY_SOMETIMES = 100
};
int vdb_sqlite_busy(void *engine, int tries); /* SQLite's busy handler */

/* ---- turnstile */
int vdb_turnstile_enter(vdb_sqlite *s);
void vdb_turnstile_leave(vdb_sqlite *s);
void vdb_turnstile_close(vdb_sqlite *s);

/* ---- writeback */
/* After a part of a save: lets the kernel begin to write it, so that the sync at the end, which
 * waits for it, finds little left to do; and waits for the part before it, as others' syncs wait for both.  A
 * hint: nothing depends on it. */
void vdb_writeback_start(vdb_sqlite *s);
void vdb_writeback_close(vdb_sqlite *s);

/* ---- helper */
void vdb_helper_start(vdb_sqlite *s); /* unless it is at work already */
void vdb_helper_join(vdb_sqlite *s);

/* ---- checkpoint */
void vdb_checkpoint_watch(vdb_sqlite *s); /* installs the hook that counts frames */
int vdb_sqlite_checkpoint(vdb_engine *engine);
void vdb_checkpoint_after_commit(vdb_sqlite *s);
void vdb_checkpoint_close(vdb_sqlite *s);
/* The file was renamed or replaced: leaves no log behind that another file could take for its own. */
void vdb_checkpoint_moved(vdb_sqlite *s);
/* PASSIVE, while a sibling holds the write lock; wait: for the lock, until the deadline. */
int vdb_checkpoint_run(vdb_sqlite *s, bool wait);
bool vdb_sqlite_has_wal_reset_bug(int version_number);

/* ---- space */
int vdb_sqlite_space(vdb_engine *engine, vdb_space *out);
int vdb_sqlite_reclaim(vdb_engine *engine, int64_t pages, int64_t *left);

/* ---- build */
/* A name beside path that nobody else has, to be freed; NULL when memory is out. */
char *vdb_file_temporary_name(const char *path);
/* CANTOPEN: no file can be made at path. */
int vdb_file_check_directory(vdb_error *e, const char *path);

/* ---- backup */
int vdb_sqlite_backup(vdb_engine *engine, const char *path, vdb_backup_cb progress, void *payload);

/* ---- setting */
#define VDB_HOST_SETTING_BYTES 16
/* The text of a pragma. */
int vdb_host_setting(vdb_sqlite *s, const char *pragma, char out[VDB_HOST_SETTING_BYTES]);

/* ---- check */
int vdb_sqlite_check(vdb_engine *engine, const vdb_engine_check *check);

/* ---- query */
int vdb_sqlite_query(vdb_engine *engine, const vdb_engine_query *query);

#endif
