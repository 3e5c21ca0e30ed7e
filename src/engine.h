/*
 * engine.h - the seam between what the registry means and the database below it:
 * named statements, values, transactions.  Callers say which statement
 * (enum vdb_query, made from schema/queries), never what text.
 *
 * An engine is one connection, used by one thread.  Its functions return VARSDB_*
 * codes and put the sentence into the vdb_error that the engine was opened with.
 * The unit of retry is the whole transaction.
 */
#ifndef VDB_ENGINE_H
#define VDB_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "error.h"
#include "queries.h"

typedef enum vdb_value_kind {
    VDB_NULL,
    VDB_INT,
    VDB_REAL,
    VDB_TEXT,
    VDB_BLOB
} vdb_value_kind;

typedef struct vdb_value {
    vdb_value_kind kind;
    int64_t integer;
    double real;
    const void *data; /* text or blob: borrowed until the call returns, or the row is left */
    size_t bytes;
} vdb_value;

static inline vdb_value vdb_null(void)
{
    return (vdb_value){.kind = VDB_NULL};
}
static inline vdb_value vdb_int(int64_t v)
{
    return (vdb_value){.kind = VDB_INT, .integer = v};
}
static inline vdb_value vdb_real(double v)
{
    return (vdb_value){.kind = VDB_REAL, .real = v};
}
static inline vdb_value vdb_text_n(const char *text, size_t bytes)
{
    return text ? (vdb_value){.kind = VDB_TEXT, .data = text, .bytes = bytes} : vdb_null();
}
static inline vdb_value vdb_text(const char *text)
{
    return vdb_text_n(text, text ? strlen(text) : 0);
}
static inline vdb_value vdb_blob(const void *data, size_t bytes)
{
    return (vdb_value){.kind = VDB_BLOB, .data = data, .bytes = bytes};
}

/* A list of arguments: vdb_run(engine, VDB_Q_X, VDB_ARGS(vdb_int(1), vdb_text("a"))). */
#define VDB_ARGS(...) \
    (const vdb_value[]){__VA_ARGS__}, sizeof((const vdb_value[]){__VA_ARGS__}) / sizeof(vdb_value)
#define VDB_NO_ARGS NULL, 0

typedef struct vdb_engine vdb_engine;
typedef struct vdb_rows vdb_rows; /* a statement that yields rows; to be finished */

typedef enum vdb_begin_mode {
    VDB_BEGIN_READ,  /* a stable picture from here on */
    VDB_BEGIN_WRITE, /* the write lock, waited for until the deadline */
    VDB_BEGIN_BULK   /* the same for one of many parts of a save: it lasts, after a crash, only if a
                        later WRITE was committed, which then makes both durable */
} vdb_begin_mode;

typedef enum vdb_transaction_state {
    VDB_TRANSACTION_NONE,
    VDB_TRANSACTION_READ,
    VDB_TRANSACTION_WRITE
} vdb_transaction_state;

/* Blobs that are read by ranges: chunk data and inline tensors, by row id. */
typedef enum vdb_blob_column {
    VDB_BLOB_CHUNK,
    VDB_BLOB_TENSOR
} vdb_blob_column;

typedef struct vdb_space {
    int64_t page_bytes, pages, free_pages;
    int64_t file_bytes; /* of the file alone */
    int64_t log_frames; /* that the last checkpoint of this connection did not copy */
} vdb_space;

/* Bytes copied; VARSDB_OK, or what is to end it. */
typedef int (*vdb_backup_cb)(void *payload, int64_t done, int64_t total);

/* A check of the file's structure. */
#define VDB_CHECK_MESSAGES 100 /* at most so many are told */
typedef struct vdb_engine_check {
    bool quick;                                    /* leave out whether indexes agree with their tables */
    int (*found)(void *payload, const char *text); /* a result code; other than OK ends the check with it */
    int (*tick)(void *payload);                    /* now and then; non-zero cancels */
    void *payload;
} vdb_engine_check;

typedef struct vdb_engine_query {
    const char *sql;
    varsdb_row_cb callback;
    void *payload;
    /* Puts functions on the connection, whose user may do nothing but query while *trusted is false.  An
     * SQLite code. */
    int (*set_up)(struct sqlite3 *connection, const char *name_space, bool *trusted);
    const char *name_space;
} vdb_engine_query;

#define VDB_ENGINE_API_VERSION 1

typedef struct vdb_engine_methods {
    int api_version;
    const char *name;

    void (*close)(vdb_engine *engine);
    void (*abandon)(vdb_engine *engine); /* after fork: leave everything as it is */
    void (*set_timeout)(vdb_engine *engine, int64_t timeout_ms);

    /* BUSY: the deadline passed.  commit: COMMIT_UNKNOWN when it was made, and may not last. */
    int (*begin)(vdb_engine *engine, vdb_begin_mode mode);
    int (*upgrade)(vdb_engine *engine); /* from READ to WRITE; RETRY when another wrote since */
    int (*commit)(vdb_engine *engine);
    int (*rollback)(vdb_engine *engine);
    vdb_transaction_state (*state)(vdb_engine *engine);
    /* A number that differs when another connection committed since it was last asked. */
    int (*data_version)(vdb_engine *engine, int64_t *out);
    int64_t (*changes)(vdb_engine *engine); /* rows written since opening */
    int (*checkpoint)(vdb_engine *engine);  /* copies the log into the file; waits for its turn */

    /* Arguments are copied by neither side: they live until `finish`. */
    int (*start)(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count,
                 vdb_rows **out);
    int (*next)(vdb_rows *rows, bool *row);
    vdb_value (*column)(vdb_rows *rows, int i); /* data lives until next or finish */
    void (*finish)(vdb_rows *rows);

    int (*blob_read)(vdb_engine *engine, vdb_blob_column column, int64_t id, uint64_t offset, void *buffer,
                     size_t bytes);

    int (*space)(vdb_engine *engine, vdb_space *out);
    /* Inside a write transaction: gives up to so many free pages back, as far as a short time goes;
     * *left are free still.  The file is shorter after a checkpoint. */
    int (*reclaim)(vdb_engine *engine, int64_t pages, int64_t *left);

    /* Inside a read: its picture, as a new file at path.  EXISTS, CANTOPEN; a failure leaves nothing. */
    int (*backup)(vdb_engine *engine, const char *path, vdb_backup_cb progress, void *payload);

    /* Inside a transaction: what the engine itself finds wrong with the file.  CANCELLED: tick said so. */
    int (*check)(vdb_engine *engine, const vdb_engine_check *check);

    /* A user's query on a connection that cannot write. */
    int (*query)(vdb_engine *engine, const vdb_engine_query *query);

    /* Of a host's connection; NULL for one of our own.
     * within: a transaction of the host's is open, so that what is begun becomes a part of it.
     * disturbed: since this was asked last, the host rolled back what a handle had ended, or another
     * handle wrote on the connection: nothing that was known is sure. */
    bool (*within)(vdb_engine *engine);
    /* A write is to come in a transaction of this handle that is open.  MISUSE: another handle's is open
     * inside it. */
    int (*write_within)(vdb_engine *engine);
    bool (*disturbed)(vdb_engine *engine);
} vdb_engine_methods;

struct vdb_engine {
    const vdb_engine_methods *methods; /* tests put a wrapper here */
    vdb_error *error;
    const char *view_prefix; /* of the views' names: "", or "vars_" in a database of a host's own */
};

/* ---- what callers use */

int vdb_engine_begin(vdb_engine *engine, vdb_begin_mode mode);
int vdb_start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count, vdb_rows **out);
int vdb_next(vdb_engine *engine, vdb_rows *rows, bool *row);
void vdb_finish(vdb_engine *engine, vdb_rows *rows); /* NULL is allowed */
vdb_value vdb_column(vdb_engine *engine, vdb_rows *rows, int i);
/* Runs a statement that yields no rows, or whose rows do not matter. */
int vdb_run(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count);
/* The first column of the first row; *found is false when there is no row. */
int vdb_get_int(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count, int64_t *out,
                bool *found);

/* ---- SQLite, the engine there is */

typedef struct vdb_engine_options {
    const char *path;
    unsigned flags; /* of varsdb_open_flags */
    int64_t timeout_ms;
    int64_t newest; /* schema number beyond which a file is TOONEW; 0: do not look */
} vdb_engine_options;

/* Fills a new registry; runs on the connection of a file that nobody else sees. */
typedef int (*vdb_engine_fill_cb)(void *payload, vdb_engine *engine);

typedef enum vdb_file_presence {
    VDB_FILE_MISSING,
    VDB_FILE_REGULAR
} vdb_file_presence;

/* What is at the path, by stat alone.  CANTOPEN: a directory, a network file system, ...;
 * NOTDB: an empty file. */
int vdb_sqlite_presence(vdb_error *error, const vdb_engine_options *options, vdb_file_presence *out);
/* Opens a connection and hardens it.  CANTOPEN, NOTDB, TOONEW: the file is untouched. */
int vdb_sqlite_open(vdb_error *error, const vdb_engine_options *options, vdb_engine **out);
/* Builds a registry under another name and publishes it whole; somebody else's, published
 * in the meantime, is as good. */
int vdb_sqlite_create(vdb_error *error, const vdb_engine_options *options, vdb_engine_fill_cb fill,
                      void *payload);
/* The first half: a connection to a new file under another name, unseen by others, without syncs. */
int vdb_sqlite_build(vdb_error *error, const vdb_engine_options *options, vdb_engine_fill_cb fill,
                     void *payload, vdb_engine **out);
/* The second: syncs it, gives it its name, and closes the connection: *engine is NULL.  EXISTS: the name is
 * taken; after that, and every other failure, the connection builds on, unless *engine is NULL all the
 * same: then it could not be opened again, and what was built is gone. */
int vdb_sqlite_publish(vdb_engine **engine);
/* When a file that was opened is found to be a registry of ours, and before anything is written: back into
 * WAL mode, if some client switched it out of it, and commits are synced as ours are. */
int vdb_sqlite_accept(vdb_engine *engine);
/* A host's connection, and the database of it that is called `schema`.  NOTFOUND: it has none of that name.
 */
#define VDB_INSIDE_STATEMENT \
    (1U << 31) /* beside public flags: every call comes from inside a statement of the host's */
int vdb_sqlite_open_on(vdb_error *error, struct sqlite3 *connection, const char *schema, unsigned flags,
                       vdb_engine **out);
/* A transaction, or a savepoint of the host's, to make tables in. */
int vdb_sqlite_begin_creating(vdb_engine *engine);
/* After BUSY: pauses, unless the host's busy timeout is over or a transaction of the host's is open.
 * *began is 0 at first. */
bool vdb_sqlite_host_waits(vdb_engine *engine, int64_t *began);
/* Whether that database has tables of ours. */
int vdb_sqlite_has_registry(vdb_engine *engine, bool *out);
/* What its settings weaken, of enum varsdb_host_weakness. */
int vdb_sqlite_host_weaknesses(vdb_engine *engine, unsigned *out);
/* The database's name as SQL text has it, quoted. */
const char *vdb_sqlite_schema(const vdb_engine *engine);
/* The path as the engine knows it. */
const char *vdb_sqlite_path(const vdb_engine *engine);
/* Runs SQL text of ours: migrations. */
int vdb_sqlite_script(vdb_engine *engine, const char *sql);
int vdb_sqlite_fail_newer(vdb_error *error, const char *path, int64_t version, int64_t newest); /* TOONEW */
int vdb_sqlite_user_version(vdb_engine *engine, int64_t *out);
int vdb_sqlite_set_user_version(vdb_engine *engine, int64_t version);
/* The catalogue: calls back for every object whose table is ours (varsdb_...). */
typedef int (*vdb_catalogue_cb)(void *payload, const char *type, const char *name, const char *sql);
int vdb_sqlite_catalogue(vdb_engine *engine, vdb_catalogue_cb callback, void *payload);
/* "SQLite 3.40.1 (WAL-reset bug: guarded)" */
const char *vdb_sqlite_version_text(void);
/* Whether a statfs type is a network file system. */
bool vdb_filesystem_is_remote(int64_t type);

#endif
