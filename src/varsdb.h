/*
 * varsdb.h - a persistent registry of variables in one SQLite file.
 *
 * A registry holds variables (name, dtype, shape, value) under hierarchical
 * scopes, and the collections that they belong to.  get_variable and
 * model_variable behave as they do in TensorFlow 1, but atomically across
 * threads and processes.  Collections are SQL views that any SQLite client can
 * query.  This header is the manual; read it from top to bottom.
 *
 *     varsdb *db;
 *     const varsdb_variable *w;
 *     int created;
 *
 *     if (varsdb_open("run.db", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db) != VARSDB_OK)
 *         die(varsdb_errmsg(db));
 *     VARSDB_IN_SCOPE(db, "layer1")
 *         varsdb_model_variable(db, "weights", VARSDB_WITH(.shape = VARSDB_SHAPE(784, 128)),
 *                               &created, &w);
 *     varsdb_assign(db, w, values, sizeof values);
 *     varsdb_close(db);
 *
 * CAVEATS, before anything else
 *
 * Threads.  A handle is used by one thread at a time; open one for each thread.
 * Fork.  A handle does not survive fork(): in the child every call on it answers
 *   VARSDB_MISUSE and varsdb_close leaks it on purpose, since SQLite's close
 *   could destroy the parent's journal.  Open a new handle in the child.
 * Network file systems.  NFS, CIFS, 9p, Lustre and their kind do not lock reliably; opening there is
 *   refused unless VARSDB_ALLOW_NETWORK is given.
 * Durability.  A call that returned VARSDB_OK for a commit survives a kill, a crash of the system and a loss
 *   of power, given a disk that honours sync.  Outside varsdb_begin ... varsdb_commit every call is its own
 *   transaction.  Others may see it just before it is durable; what they commit on top takes it along.
 * Failure.  Any other result leaves the registry, the handle and the caller's out-parameters as they were,
 *   but for VARSDB_ABORTED (memory or the disk failed inside a transaction of the caller's: roll it back) and
 *   VARSDB_COMMIT_UNKNOWN (the sync of a commit failed that others may have seen: the handle writes no more).
 * The file.  While a registry is open, do not rename, remove or copy it, and do not open and close it by
 *   yourself in the same process: closing any descriptor of a file drops SQLite's POSIX locks on it.  The
 *   names FILE-wal, FILE-shm and FILE-turnstile belong to the registry.
 * Strangers' files.  A hostile registry or import file cannot make the library crash, hang, or allocate
 *   beyond a stated bound.
 * Memory.  Everything is allocated by SQLite's allocator; replace it, for both,
 *   with sqlite3_config(SQLITE_CONFIG_MALLOC) before the first call.
 * Byte order.  Values are exchanged and stored little-endian, in C order, on little-endian machines only.
 *
 * Conventions.  Functions return a result code.  Out-parameters come last, are written on success only, and
 * may be NULL where the comment says so.  A `const T *` out-parameter is borrowed, for as long as its
 * comment says.  Text is UTF-8 and ends in NUL.  Every function may return VARSDB_MISUSE, VARSDB_NOMEM,
 * and, where it touches the file, VARSDB_IO, VARSDB_CORRUPT, VARSDB_BUSY, VARSDB_MOVED and VARSDB_ABORTED;
 * comments name the others.  A build may leave out regular expressions and formats (VARSDB_OMIT_REGEX,
 * _SAFETENSORS, _NUMPY, _ZLIB, _TENSORFLOW, _PYTORCH, _GGUF); asking for one is VARSDB_UNSUPPORTED there.
 *
 * Languages.  C99 and later, and C++11 and later.  Macros that make options, shapes, slices and scopes
 * (VARSDB_OPEN(...), VARSDB_SHAPE(...), VARSDB_IN_SCOPE) need C's compound literals; C++ has varsdb_sized,
 * at the end, instead.
 */
#ifndef VARSDB_H
#define VARSDB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VARSDB_API __attribute__((visibility("default")))
#else
#define VARSDB_API
#endif

#define VARSDB_VERSION        "0.1.0"
#define VARSDB_VERSION_NUMBER 100 /* major * 10000 + minor * 100 + patch */

/* The version of the library that runs, "0.1.0". */
VARSDB_API const char *varsdb_version(void);
/* The engine below it and what is known of it, "SQLite 3.40.1 (WAL-reset bug: guarded)". */
VARSDB_API const char *varsdb_engine_version(void);

/* ---- Results ------------------------------------------------------------ */

/* name, number (never reused), sentence */
#define VARSDB_RESULTS(X)                                                                \
    X(OK, 0, "done")                                                                     \
    X(ERROR, 1, "an internal error; please report it")                                   \
    X(MISUSE, 2, "the library was called wrongly")                                       \
    X(NOMEM, 3, "out of memory")                                                         \
    X(INVALID, 4, "an argument is not valid")                                            \
    X(NOTFOUND, 5, "no such thing")                                                      \
    X(EXISTS, 6, "it exists already")                                                    \
    X(MISMATCH, 7, "shape or dtype differ from what is stored")                          \
    X(UNINITIALIZED, 8, "the variable has no value yet")                                 \
    X(GONE, 9, "the variable was deleted")                                               \
    X(READONLY, 10, "the registry is open for reading only")                             \
    X(BUSY, 11, "others held the write lock until the deadline")                         \
    X(RETRY, 12, "roll back and repeat the whole transaction")                           \
    X(COMMIT_UNKNOWN, 13, "it was committed, but it is unknown whether the disk has it") \
    X(ABORTED, 14, "the transaction failed half-way; roll it back")                      \
    X(CANTOPEN, 15, "the file cannot be opened")                                         \
    X(NOTDB, 16, "the file is not a varsdb registry")                                    \
    X(TOONEW, 17, "the registry was written by a newer varsdb")                          \
    X(CORRUPT, 18, "the file is damaged")                                                \
    X(MOVED, 19, "the file was renamed or removed while it was open")                    \
    X(IO, 20, "the disk failed")                                                         \
    X(FULL, 21, "the disk is full")                                                      \
    X(CANCELLED, 22, "a callback stopped the operation")                                 \
    X(FORMAT, 23, "the tensor file is not valid")                                        \
    X(UNSUPPORTED, 24, "this is not supported")                                          \
    X(CONFLICT, 25, "the version is another one by now")

enum varsdb_result {
#define VARSDB_RESULT_(name, number, text) VARSDB_##name = number,
    VARSDB_RESULTS(VARSDB_RESULT_)
#undef VARSDB_RESULT_
    VARSDB_RESULT_FORCE_INT = 0x7fffffff
};

/* "VARSDB_BUSY" and its sentence; for an unknown code "VARSDB_?" and "unknown result". */
VARSDB_API const char *varsdb_errname(int code);
VARSDB_API const char *varsdb_errstr(int code);

/* ---- Handles ------------------------------------------------------------ */

typedef struct varsdb varsdb;                   /* one connection to one registry */
typedef struct varsdb_variable varsdb_variable; /* one variable, as a handle knows it */
typedef struct varsdb_scope varsdb_scope;       /* a scope with its inherited attributes */

enum varsdb_open_flags {
    VARSDB_CREATE_FILE = 1,    /* make the registry if there is none */
    VARSDB_READ_ONLY = 2,      /* never write to it */
    VARSDB_IMMUTABLE = 4,      /* with READ_ONLY: nobody writes to it, so take no locks.  Implied on
                                  read-only media; needed in a directory without write permission
                                  unless the last writer used KEEP_WAL. */
    VARSDB_KEEP_WAL = 8,       /* leave FILE-wal and FILE-shm at close, for such readers */
    VARSDB_ALLOW_NETWORK = 16, /* open on a network file system, at the caller's risk */
    VARSDB_BUILD = 32,         /* make a registry that is not there yet, unseen and at full speed,
                                  until varsdb_publish; a close before that leaves nothing */
    VARSDB_UNCHECKED = 64,     /* reads of tensors do not compare bytes with their hashes */
    VARSDB_HELPER_THREAD = 128 /* a thread of the library's may checkpoint after large saves */
};

/*
 * What a get_* call does about existing variables.  The call's flag wins over the
 * scope's, the scope's over the handle's.
 *   INHERIT  take it from outside (TensorFlow's None and False)
 *   REQUIRE  it must exist (TensorFlow's True)
 *   AUTO     get it or create it (TensorFlow's AUTO_REUSE)
 *   CREATE   it must not exist; overrides any parent (TensorFlow's root scope)
 */
typedef enum varsdb_reuse {
    VARSDB_INHERIT = 0,
    VARSDB_REQUIRE = 1,
    VARSDB_AUTO = 2,
    VARSDB_CREATE = 3
} varsdb_reuse;

typedef struct varsdb_open_options {
    size_t size;         /* sizeof(varsdb_open_options), set by VARSDB_OPEN */
    unsigned flags;      /* of enum varsdb_open_flags */
    varsdb_reuse reuse;  /* of the root scope; INHERIT means AUTO */
    int64_t timeout_ms;  /* how long writes wait for others; 0 means 60,000, -1 not at all */
    const char *in;      /* namespace to work in; NULL is "main" */
    const int64_t *seed; /* seed of namespaces that this handle makes; NULL draws one */
    const char *program; /* recorded as the creator; NULL is the process's name */
} varsdb_open_options;

#define VARSDB_OPEN(...) (&(const varsdb_open_options){.size = sizeof(varsdb_open_options), __VA_ARGS__})

/*
 * Opens the registry at path; options may be NULL.  Whatever the result, *out is a handle to be closed (NULL
 * on VARSDB_NOMEM); after a failure it serves only varsdb_errmsg, varsdb_errcode and varsdb_close.  A new
 * file is built under another name and appears complete, so racing openers find either none or a whole one.
 * Older registries are upgraded, in one transaction.  CANTOPEN: missing, no permission, a directory, a
 * network file system.  NOTDB: another kind of file, untouched.  TOONEW: untouched.
 */
VARSDB_API int varsdb_open(const char *path, const varsdb_open_options *options, varsdb **out);

/*
 * Opens the registry in a database of a connection that the host has open: `schema` is "main"
 * (NULL means that), or what ATTACH called it; the file may hold other tables.  With
 * VARSDB_CREATE_FILE it is made there when it is not: tables varsdb_..., and views vars_variables,
 * vars_model_variables, ...; application_id and user_version are not touched.  The views of a
 * registry's own file keep their names.  Of the flags, VARSDB_READ_ONLY and VARSDB_UNCHECKED work
 * as always; timeout_ms must be 0, since others are waited for as the connection's busy timeout says.
 *
 * The handle does all of its work on that connection, in the same thread.  While the host has a
 * transaction open, every call of the library is a savepoint of it, so that it goes through or does
 * nothing; the host's COMMIT makes it last, and its ROLLBACK and ROLLBACK TO undo it, in what the
 * handle remembers too.  Outside one, calls are transactions of their own.  varsdb_begin opens a
 * savepoint, or a transaction.  No pragma, handler or hook of the connection is changed, and nothing is
 * checkpointed.  It gets a function and an eponymous table varsdb_watch, which tell the library of
 * rollbacks, and which stay until it is closed.  What the host's settings weaken is reported in
 * *weaknesses (NULL is allowed), of enum varsdb_host_weakness.
 *
 * The host must not: write to tables varsdb_...; detach the database, or close the connection, before
 * the handle is closed; use it in two threads at a time; end the transaction between varsdb_begin and
 * varsdb_commit (the handle is ABORTED then, until varsdb_rollback); call the library while a
 * statement of its own that writes is half-way, or write with one handle while another's transaction
 * is open inside its own (MISUSE).  Writing to an attached registry locks main too, which must not be
 * read-only.  varsdb_query, varsdb_backup and varsdb_checkpoint are UNSUPPORTED, as is a database in
 * UTF-16; varsdb_set_timeout is MISUSE.
 *
 * NOTFOUND: no database of that name.  NOTDB: no registry in it.  EXISTS: a name is taken.  TOONEW,
 * CORRUPT, BUSY.  RETRY: the host's transaction has read, and another connection wrote since:
 * ROLLBACK, BEGIN IMMEDIATE, repeat.  *out as by varsdb_open.
 */
struct sqlite3;
VARSDB_API int varsdb_open_on(struct sqlite3 *host, const char *schema, const varsdb_open_options *options,
                              unsigned *weaknesses, varsdb **out);

enum varsdb_host_weakness {
    VARSDB_HOST_NOT_DURABLE = 1, /* synchronous below FULL (EXTRA where a commit deletes a journal), or no
                                    journal on disk */
    VARSDB_HOST_NOT_WAL = 2,     /* readers block writers */
    VARSDB_HOST_UNGUARDED = 4,   /* automatic checkpoints, and an SQLite with the WAL-reset bug */
    VARSDB_HOST_NO_TIMEOUT = 8,  /* writers do not wait for each other */
    VARSDB_HOST_NOT_ATOMIC = 16, /* attached, in WAL mode: SQLite commits each file by itself */
    VARSDB_HOST_IN_MEMORY = 32
};

/* What one of them means and what to do; "" for none or several.  Static. */
VARSDB_API const char *varsdb_host_weakness_text(unsigned weakness);

/*
 * Of a handle opened with VARSDB_BUILD: all that was written becomes the registry at its
 * path, synced and whole; from then on the handle is like any other.  EXISTS: somebody
 * else's is there by now, and stays; nothing is lost until the close.  MISUSE in a
 * transaction, and while writers are open.  varsdb_query is UNSUPPORTED until then.
 */
VARSDB_API int varsdb_publish(varsdb *db);

/* Rolls back what is open and frees the handle with all it lent.  NULL is allowed. */
VARSDB_API void varsdb_close(varsdb *db);

/* Text and code of the last call on the handle; valid until the next call on it. */
VARSDB_API const char *varsdb_errmsg(const varsdb *db);
VARSDB_API int varsdb_errcode(const varsdb *db);

/* The path as given to varsdb_open, and the registry's UUID as text; both live as long as db. */
VARSDB_API const char *varsdb_path(const varsdb *db);
VARSDB_API const char *varsdb_uuid(const varsdb *db);

/* As timeout_ms in varsdb_open_options. */
VARSDB_API int varsdb_set_timeout(varsdb *db, int64_t timeout_ms);

/*
 * Long operations say how far they are: `doing` is a word or two ("copying"), of `total` units (bytes, or
 * things) `done` are done; total 0 is not known.  Non-zero stops with CANCELLED, and the registry is as if
 * the call had not been made, unless its comment says otherwise.  The callback may not use the handle.
 */
typedef int (*varsdb_progress_cb)(void *payload, const char *doing, uint64_t done, uint64_t total);

/*
 * Copies what the log holds into the file, for an idle moment after large saves; otherwise a
 * later commit or the last close does it.  Writers wait meanwhile.  MISUSE in a transaction.
 */
VARSDB_API int varsdb_checkpoint(varsdb *db);

/* ---- Transactions ------------------------------------------------------- */

/*
 * varsdb_begin takes the write lock, waiting for it at most until the deadline (BUSY); varsdb_begin_read
 * opens a stable picture that others' commits do not change.  A first write inside the latter takes the lock
 * if nobody wrote since, and is VARSDB_RETRY otherwise.  Transactions do not nest (MISUSE).  Inside one,
 * "created" is provisional until varsdb_commit returns VARSDB_OK.  varsdb_commit ends the transaction
 * whatever it returns: after a failure nothing of it is left, but for VARSDB_COMMIT_UNKNOWN.
 */
VARSDB_API int varsdb_begin(varsdb *db);
VARSDB_API int varsdb_begin_read(varsdb *db);
VARSDB_API int varsdb_commit(varsdb *db);
VARSDB_API int varsdb_rollback(varsdb *db);
VARSDB_API int varsdb_in_transaction(const varsdb *db); /* 1 or 0 */

/*
 * Runs callback inside varsdb_begin ... varsdb_commit.  A callback that returns
 * VARSDB_RETRY is rolled back and run again, until the deadline; one that returns
 * anything else than VARSDB_OK is rolled back, and its result returned.
 */
typedef int (*varsdb_transact_cb)(varsdb *db, void *payload);
VARSDB_API int varsdb_transact(varsdb *db, varsdb_transact_cb callback, void *payload);

/* ---- Namespaces --------------------------------------------------------- */

/*
 * Names, collections and the seed belong to a namespace (TensorFlow's graph, a tracker's run); stored bytes
 * are shared.  "main" always exists.  A namespace is made by the first variable created in it or by
 * varsdb_create_namespace (EXISTS); seed NULL draws one.  varsdb_use_namespace never writes; scopes that are
 * open must be left first (MISUSE).  varsdb_delete_namespace deletes it with all that is in it (NOTFOUND;
 * "main" is emptied).
 */
VARSDB_API int varsdb_use_namespace(varsdb *db, const char *name);
VARSDB_API const char *varsdb_namespace(const varsdb *db); /* the one in use */
VARSDB_API int varsdb_create_namespace(varsdb *db, const char *name, const int64_t *seed);
VARSDB_API int varsdb_delete_namespace(varsdb *db, const char *name);
VARSDB_API int varsdb_seed(varsdb *db, int64_t *out); /* of the one in use; NOTFOUND if not made yet */

typedef struct varsdb_namespace_info {
    int64_t id, seed, variables, bytes, created_at; /* milliseconds since 1970, UTC */
    const char *name;
} varsdb_namespace_info;
/* List callbacks borrow their argument for the call, may not write to db, and stop by non-zero (CANCELLED).
 */
typedef int (*varsdb_namespace_cb)(void *payload, const varsdb_namespace_info *info);
VARSDB_API int varsdb_list_namespaces(varsdb *db, varsdb_namespace_cb callback, void *payload);

/* ---- Shapes and dtypes -------------------------------------------------- */

typedef struct varsdb_shape {
    int rank;            /* 0 to VARSDB_RANK_MAX; 0 is a scalar */
    const int64_t *dims; /* rank of them, each >= 0; VARSDB_ANY matches any on reuse */
} varsdb_shape;

#define VARSDB_RANK_MAX 64
#define VARSDB_ANY      ((int64_t)-1)
#define VARSDB_SHAPE(...)                                                                   \
    (&(const varsdb_shape){(int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
                           (const int64_t[]){__VA_ARGS__}})
#define VARSDB_SCALAR (&(const varsdb_shape){0, NULL})

/* name of the enum, name as text, bits an element */
#define VARSDB_DTYPES(X)                         \
    X(BOOL, 1, "bool", 8)                        \
    X(INT8, 2, "int8", 8)                        \
    X(INT16, 3, "int16", 16)                     \
    X(INT32, 4, "int32", 32)                     \
    X(INT64, 5, "int64", 64)                     \
    X(UINT8, 6, "uint8", 8)                      \
    X(UINT16, 7, "uint16", 16)                   \
    X(UINT32, 8, "uint32", 32)                   \
    X(UINT64, 9, "uint64", 64)                   \
    X(FLOAT16, 10, "float16", 16)                \
    X(BFLOAT16, 11, "bfloat16", 16)              \
    X(FLOAT32, 12, "float32", 32)                \
    X(FLOAT64, 13, "float64", 64)                \
    X(COMPLEX64, 14, "complex64", 64)            \
    X(COMPLEX128, 15, "complex128", 128)         \
    X(FLOAT8_E4M3FN, 16, "float8_e4m3fn", 8)     \
    X(FLOAT8_E5M2, 17, "float8_e5m2", 8)         \
    X(FLOAT8_E4M3FNUZ, 18, "float8_e4m3fnuz", 8) \
    X(FLOAT8_E5M2FNUZ, 19, "float8_e5m2fnuz", 8) \
    X(FLOAT8_E8M0, 20, "float8_e8m0", 8)         \
    X(FLOAT6_E2M3, 21, "float6_e2m3", 6)         \
    X(FLOAT6_E3M2, 22, "float6_e3m2", 6)         \
    X(FLOAT4_E2M1, 23, "float4_e2m1", 4)         \
    X(STRING, 24, "string", 0)

typedef enum varsdb_dtype {
    VARSDB_DTYPE_NOT_SAID = 0,
#define VARSDB_DTYPE_(name, number, text, bits) VARSDB_##name = number,
    VARSDB_DTYPES(VARSDB_DTYPE_)
#undef VARSDB_DTYPE_
    VARSDB_GGML = 256, /* + GGML's number of a quantized type: opaque blocks, "ggml:Q4_K"; itself no dtype */
    VARSDB_DTYPE_FORCE_INT = 0x7fffffff
} varsdb_dtype;

/* "float32"; NULL for a number that is no dtype. */
VARSDB_API const char *varsdb_dtype_name(varsdb_dtype dtype);
/* The dtype of that name; VARSDB_DTYPE_NOT_SAID when there is none. */
VARSDB_API varsdb_dtype varsdb_dtype_parse(const char *name);
/* Bits an element takes in a packed tensor; 0 for strings and opaque blocks, whose elements have none. */
VARSDB_API int varsdb_dtype_bits(varsdb_dtype dtype);
/* Elements of an opaque block, which the last axis is a multiple of, and its bytes; 0 of other dtypes. */
VARSDB_API int varsdb_dtype_block(varsdb_dtype dtype, int *bytes);
/*
 * Element i of a packed tensor as JSON text: integers exact, floats in the fewest digits that read back
 * equal, complex as [re,im], NaN and infinities as "NaN", "Infinity", "-Infinity" in quotes.  Not for
 * strings and opaque blocks.  INVALID if out has too little room; 64 bytes are always enough.
 */
VARSDB_API int varsdb_element_json(varsdb_dtype dtype, const void *data, size_t i, char *out, size_t room);
/* Element i as a double: nearest for 64-bit integers, magnitude for complex.  Not for these. */
VARSDB_API int varsdb_element_real(varsdb_dtype dtype, const void *data, size_t i, double *out);

/* ---- Getters ------------------------------------------------------------ */

typedef struct varsdb_variable_options varsdb_variable_options;
typedef struct varsdb_getters varsdb_getters; /* what is left of a chain of getters */

/*
 * A custom getter stands between a get_* call and the registry: it is called with the full name and the
 * call's options, whose reuse is the effective one, and may ask for other names, for several variables, or
 * for none, by varsdb_call_getter, which calls the next getter and in the end the registry.  A getter that
 * returns OK has set *out.  Getters of nested scopes compose, the innermost is called first; one given in a
 * call replaces them all.
 */
typedef int (*varsdb_getter)(varsdb *db, const varsdb_getters *rest, void *payload, const char *name,
                             const varsdb_variable_options *options, int *created,
                             const varsdb_variable **out);
VARSDB_API int varsdb_call_getter(varsdb *db, const varsdb_getters *rest, const char *name,
                                  const varsdb_variable_options *options, int *created,
                                  const varsdb_variable **out);

/* ---- Scopes ------------------------------------------------------------- */

typedef struct varsdb_scope_options {
    size_t size;                    /* sizeof(varsdb_scope_options), set by VARSDB_SCOPE */
    varsdb_reuse reuse;             /* INHERIT: the parent's (the object's, when entered by object) */
    const char *default_name;       /* with name NULL: a name made unique among scopes entered so far,
                                       "conv", "conv_1", ...  The counters live in the handle and start at
                                       zero, so that a program run again finds the same names.  An explicit
                                       REQUIRE or AUTO beside it is INVALID. */
    const char *initializer;        /* spec; NULL inherits */
    const char *regularizer;        /* spec; NULL inherits, "none" switches an inherited one off */
    const char *partitioner;        /* spec; NULL inherits, "none" switches an inherited one off */
    varsdb_dtype dtype;             /* VARSDB_DTYPE_NOT_SAID inherits */
    const char *constraint;         /* of this scope alone: scopes below do not inherit it */
    const char *const *collections; /* for variables created here whose call gives none, instead of
                                       GLOBAL (LOCAL); NULL inherits */
    varsdb_getter getter;           /* NULL inherits; otherwise it comes before the inherited ones */
    void *getter_payload;
} varsdb_scope_options;

#define VARSDB_SCOPE(...) (&(const varsdb_scope_options){.size = sizeof(varsdb_scope_options), __VA_ARGS__})

/*
 * Enters a scope; it never writes to the registry.  varsdb_enter_scope goes to `name` below the current
 * scope ("a/b" is two levels at once), or, with name NULL, to a new one after options->default_name; "" at
 * the root is the root with attributes of its own.  varsdb_reenter_scope goes to an absolute place with the
 * attributes that the object had, wherever the handle is. out may be NULL; a scope that is given out lives
 * until varsdb_close, so capture once and re-enter often.  INVALID: the name or an option is bad; nothing
 * was entered.
 */
VARSDB_API int varsdb_enter_scope(varsdb *db, const char *name, const varsdb_scope_options *options,
                                  const varsdb_scope **out);
VARSDB_API int varsdb_reenter_scope(varsdb *db, const varsdb_scope *scope,
                                    const varsdb_scope_options *options, const varsdb_scope **out);
/*
 * Leaves the innermost scope, with everything that was set in it.  A scope that is
 * given must be the innermost one: otherwise MISUSE, and nothing is left.
 */
VARSDB_API int varsdb_leave_scope(varsdb *db, const varsdb_scope *scope);
/* The current scope's full name, "" at the root; valid until the next call on db. */
VARSDB_API const char *varsdb_current_scope(const varsdb *db);
VARSDB_API const char *varsdb_scope_name(const varsdb_scope *scope);
/* From here to the end of the current scope variables must exist.  MISUSE at the root. */
VARSDB_API int varsdb_reuse_variables(varsdb *db);
/*
 * Changes attributes of the current scope, for what is created in it and entered below it
 * from now on; gone when it is left.  What is NULL, INHERIT or NOT_SAID stays; "" and
 * VARSDB_DTYPE_CLEAR remove.  A getter replaces all.  MISUSE: reuse at the root.
 */
VARSDB_API int varsdb_change_scope(varsdb *db, const varsdb_scope_options *options);

/*
 * A block inside a scope: VARSDB_IN_SCOPE(db, "layer1", .reuse = VARSDB_AUTO) { ... }
 * The scope is left however the block is left (break, return and goto included, with
 * gcc and clang).  If it cannot be entered the block is skipped; varsdb_errcode(db) tells.
 */
typedef struct varsdb_scope_guard {
    varsdb *db;
    int run;
} varsdb_scope_guard;
VARSDB_API varsdb_scope_guard varsdb_scope_guard_enter(varsdb *db, const char *name,
                                                       const varsdb_scope_options *options);
VARSDB_API void varsdb_scope_guard_leave(varsdb_scope_guard *guard);
#if defined(__GNUC__)
#define VARSDB_CLEANUP_         __attribute__((cleanup(varsdb_scope_guard_leave)))
#define VARSDB_IN_SCOPE_END_(g) 0
#else
#define VARSDB_CLEANUP_
#define VARSDB_IN_SCOPE_END_(g) (varsdb_scope_guard_leave(g), 0)
#endif
#define VARSDB_PASTE2_(a, b) a##b
#define VARSDB_PASTE_(a, b)  VARSDB_PASTE2_(a, b)
#define VARSDB_IN_SCOPE(db, ...)                                              \
    VARSDB_IN_SCOPE_(VARSDB_PASTE_(varsdb_guard_, __LINE__), db, __VA_ARGS__, \
                     .size = sizeof(varsdb_scope_options))
#define VARSDB_IN_SCOPE_(g, db, name, ...)                                                   \
    for (varsdb_scope_guard g VARSDB_CLEANUP_ =                                              \
             varsdb_scope_guard_enter(db, name, &(const varsdb_scope_options){__VA_ARGS__}); \
         g.run; g.run = VARSDB_IN_SCOPE_END_(&g))

/*
 * Persistent defaults of a scope and all below it, for whoever creates variables there.  Precedence:
 * argument, open scope, nearest persistent ancestor, default of the dtype.  A NULL or NOT_SAID member is
 * left as it is; "" (and VARSDB_DTYPE_CLEAR) removes it.  The scope is made if need be.
 */
#define VARSDB_DTYPE_CLEAR ((varsdb_dtype)VARSDB_DTYPE_FORCE_INT)
typedef struct varsdb_scope_defaults {
    const char *initializer, *regularizer, *partitioner;
    varsdb_dtype dtype;
} varsdb_scope_defaults;
VARSDB_API int varsdb_set_scope_defaults(varsdb *db, const char *scope,
                                         const varsdb_scope_defaults *defaults);

typedef struct varsdb_scope_info {
    int64_t id, variables, elements, bytes; /* of the whole subtree */
    const char *name;                       /* full */
    varsdb_scope_defaults defaults;         /* NULL and NOT_SAID where not set */
} varsdb_scope_info;
typedef int (*varsdb_scope_cb)(void *payload, const varsdb_scope_info *info);
/* Lists `scope` and all scopes below it, by name; NULL lists all but the root.  NOTFOUND. */
VARSDB_API int varsdb_list_scopes(varsdb *db, const char *scope, varsdb_scope_cb callback, void *payload);

/* ---- Variables ---------------------------------------------------------- */

typedef enum varsdb_tristate {
    VARSDB_NOT_SAID = 0,
    VARSDB_YES = 1,
    VARSDB_NO = 2
} varsdb_tristate;

#define VARSDB_STRING2_(x) #x
#define VARSDB_STRING_(x)  VARSDB_STRING2_(x)
#define VARSDB_HERE        __FILE__ ":" VARSDB_STRING_(__LINE__)

/* Bytes [offset, offset + bytes) of an initial value of that dtype and shape.  Asked for in
 * order, maybe twice; may not use the handle.  Returns a result code. */
typedef int (*varsdb_fill_cb)(void *payload, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t offset,
                              void *buffer, size_t bytes);
/* An initial value that brings its own dtype and shape; called only if the variable is to be
 * created.  What *out points to must live until the get_* call returns. */
typedef struct varsdb_made_value {
    varsdb_dtype dtype;
    varsdb_shape shape;
    const void *data;
    size_t bytes;
} varsdb_made_value;
typedef int (*varsdb_make_cb)(void *payload, varsdb_made_value *out);

struct varsdb_variable_options {
    size_t size;               /* sizeof(varsdb_variable_options), set by VARSDB_WITH */
    const varsdb_shape *shape; /* NULL: from value_json or make; on reuse not checked */
    varsdb_dtype dtype;        /* NOT_SAID: the scope's, else float32; on reuse not checked */
    varsdb_reuse reuse;        /* INHERIT: the scope's */
    varsdb_tristate trainable; /* NOT_SAID: yes (local variables: no) */
    const char *initializer;   /* spec, see below; NULL: the scope's, else by dtype */
    const void *value;         /* initial value, value_bytes of it, in dtype and shape */
    size_t value_bytes;
    const char *value_json;         /* initial value as JSON: 0.5, [[1,2],[3,4]]; float32 unless
                                       dtype says otherwise; shape from the nesting unless given */
    const char *const *collections; /* NULL-terminated; instead of GLOBAL (LOCAL).  NULL: not given */
    const char *regularizer;        /* spec; NULL: the scope's; "none": none */
    const char *partitioner;        /* spec; NULL: the scope's; "none": none */
    const char *constraint;         /* free text, kept */
    const char *site;               /* where it is created, "file.c:12", set by VARSDB_WITH */
    varsdb_dtype value_dtype;       /* of value: an array carries its dtype; NOT_SAID: dtype */
    varsdb_fill_cb fill;            /* initial value by a callback; the shape must be given */
    varsdb_make_cb make;            /* initial value by a callback that says the shape */
    void *initial_payload;          /* of fill or make */
    varsdb_getter getter;           /* instead of the scope's getters */
    void *getter_payload;
};

#define VARSDB_WITH(...)               \
    (&(const varsdb_variable_options){ \
        .size = sizeof(varsdb_variable_options), .site = VARSDB_HERE, __VA_ARGS__})

/*
 * Get or create `name` below the current scope.  options may be NULL; created may be NULL and is 1 for
 * exactly one of all callers that ask for a name at the same time.  The pointer is the same for the same
 * variable as long as the handle lives (a == b is identity) and is valid until varsdb_close.
 *
 * Collections: get_variable joins the given ones or GLOBAL; model_variable joins the
 * given ones, GLOBAL and MODEL, also on reuse; local_variable joins the given ones
 * and LOCAL and is not trainable.  `trainable` is membership in TRAINABLE.
 *
 * Initializer specs: zeros, ones, constant(v), constant([v, ...]) (the last repeats),
 * random_uniform(min,max), random_normal(mean,stddev), truncated_normal(mean,stddev),
 * uniform_unit_scaling(factor), variance_scaling(scale,mode,distribution), glorot_, he_
 * and lecun_uniform and _normal, xavier(uniform), slim_variance_scaling(factor,mode,
 * uniform), orthogonal(gain), delta_orthogonal(gain), identity(gain), none (no value yet).  The orthogonal
 * ones take at most 2^23 elements.  A random one may end in seed=N; otherwise namespace seed, name and
 * element index decide: the same bytes on every machine.  Default: glorot_uniform for floats, zeros for
 * integers and bool, empty strings; complex and the float8 to float4 types need one.
 *
 * Regularizer specs: l1(s), l2(s), l1_l2(s1,s2).  Partitioner specs: fixed_size(parts,
 * axis), variable_axis_size(max_bytes,axis), min_max(max_parts,axis), with TensorFlow's geometry.
 *
 * Names: letters, digits and . first, then also _ - and / between components, at most 4,096 bytes.  Renaming
 * and import allow any UTF-8 without control characters and empty components, as do names of collections and
 * namespaces.  "v:0" finds "v".  INVALID: name, spec, shape or value is bad.  EXISTS: CREATE, and it
 * exists.  NOTFOUND: REQUIRE, and it does not.  MISMATCH: it exists with another shape or dtype.  READONLY:
 * it would have to be created.
 */
VARSDB_API int varsdb_get_variable(varsdb *db, const char *name, const varsdb_variable_options *options,
                                   int *created, const varsdb_variable **out);
VARSDB_API int varsdb_model_variable(varsdb *db, const char *name, const varsdb_variable_options *options,
                                     int *created, const varsdb_variable **out);
VARSDB_API int varsdb_local_variable(varsdb *db, const char *name, const varsdb_variable_options *options,
                                     int *created, const varsdb_variable **out);
/* Looks `name` up by its full name in the namespace, whatever scope is open.  NOTFOUND. */
VARSDB_API int varsdb_find_variable(varsdb *db, const char *name, const varsdb_variable **out);

/* As the handle last saw it; borrowed, valid until the variable is renamed. */
VARSDB_API const char *varsdb_variable_name(const varsdb_variable *variable);
/* Never change while the variable lives. */
VARSDB_API int64_t varsdb_variable_id(const varsdb_variable *variable);
VARSDB_API varsdb_dtype varsdb_variable_dtype(const varsdb_variable *variable);
VARSDB_API const varsdb_shape *varsdb_variable_shape(const varsdb_variable *variable);

/* All of a variable that is not its value.  Members that do not apply are NULL or 0. */
typedef struct varsdb_variable_info {
    size_t size;
    int64_t id;
    const char *name_space, *name, *scope; /* name is full */
    varsdb_dtype dtype;
    const char *shape_json;
    varsdb_shape shape;
    int64_t elements, bytes;
    int trainable, initialized, has_seed;
    const char *initializer;
    int64_t seed;
    const char *regularizer, *constraint, *collections_json;
    int64_t version;                /* 0 uninitialized, 1 initial value, +1 for each assign */
    const char *hash;               /* 32 hex digits, XXH3-128 of the canonical bytes */
    int64_t created_at, updated_at; /* milliseconds since 1970, UTC */
    const char *program, *host, *site;
    int64_t pid;
    /* Over finite elements; complex by magnitude.  min and max as JSON text (exact for
     * integers), NULL when there is no finite element. */
    const char *min, *max;
    int has_moments; /* whether mean, std (of the population) and l2_norm are there */
    double mean, std, l2_norm;
    int64_t zeros, nans, pos_infs, neg_infs;
    const char *partitioner; /* its spec, NULL when not partitioned */
    int partition_axis;
    int64_t parts; /* 0 when not partitioned */
} varsdb_variable_info;
typedef int (*varsdb_variable_cb)(void *payload, const varsdb_variable_info *info);

/* Reads it fresh and calls back once.  GONE. */
VARSDB_API int varsdb_describe(varsdb *db, const varsdb_variable *variable, varsdb_variable_cb callback,
                               void *payload);

typedef struct varsdb_filter {
    size_t size;
    const char *collection;   /* members of it, in its order; NULL: all, in creation order */
    const char *scope;        /* in it and below, by path component */
    const char *match;        /* regular expression (PCRE2) searched for in the full name */
    const char *exclude;      /* the same, to leave out */
    const char *glob;         /* shell pattern over the whole full name; * passes over / */
    const char *match_prefix; /* TensorFlow's: an expression that matches "v:0" from its beginning */
    const char *suffix;       /* tf-slim's: after match_prefix, anything, then this at a name's end */
} varsdb_filter;
#define VARSDB_FILTER(...) (&(const varsdb_filter){.size = sizeof(varsdb_filter), __VA_ARGS__})

/* Lists the namespace's variables; filter may be NULL.  INVALID: a pattern is bad. */
VARSDB_API int varsdb_list_variables(varsdb *db, const varsdb_filter *filter, varsdb_variable_cb callback,
                                     void *payload);

/*
 * New full name, in the same namespace.  EXISTS: taken.  The object keeps its identity.  The scope form
 * renames the scope and everything below it; two scopes are not merged.
 */
VARSDB_API int varsdb_rename_variable(varsdb *db, const varsdb_variable *variable, const char *name);
VARSDB_API int varsdb_rename_scope(varsdb *db, const char *scope, const char *name);
/* Deletes it; every object for it is GONE from then on, also after it is made again. */
VARSDB_API int varsdb_delete_variable(varsdb *db, const varsdb_variable *variable);
/* Deletes the scope and all below it; count may be NULL.  NOTFOUND. */
VARSDB_API int varsdb_delete_scope(varsdb *db, const char *scope, int64_t *count);

/* ---- Values ------------------------------------------------------------- */

/*
 * Assign replaces the value and adds 1 to the version; bytes must be exactly the variable's (INVALID).
 * varsdb_initialize assigns by an initializer spec.  Strings come as elements; sizes NULL means that they
 * end in NUL.  Outside a transaction a large value is stored in short ones, so that others can write
 * meanwhile, and appears in the last of them; inside, its bytes are part of the caller's (see varsdb_stage).
 */
VARSDB_API int varsdb_assign(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes);
VARSDB_API int varsdb_assign_strings(varsdb *db, const varsdb_variable *variable, const char *const *strings,
                                     const size_t *sizes, size_t count);
VARSDB_API int varsdb_assign_json(varsdb *db, const varsdb_variable *variable, const char *json);
VARSDB_API int varsdb_initialize(varsdb *db, const varsdb_variable *variable, const char *initializer);

/* Compare and assign: CONFLICT, and nothing is done, unless the version still is that one. */
VARSDB_API int varsdb_assign_if(varsdb *db, const varsdb_variable *variable, int64_t version,
                                const void *data, size_t bytes);
/* 0: it has no value yet. */
VARSDB_API int varsdb_variable_version(varsdb *db, const varsdb_variable *variable, int64_t *out);

/*
 * Adds to the value, or subtracts from it, element by element and atomically.  Integers wrap around; floats
 * round to nearest even in their own dtype.  INVALID: bool and string. UNINITIALIZED.
 */
VARSDB_API int varsdb_assign_add(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes);
VARSDB_API int varsdb_assign_sub(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes);

/* Many values in one transaction of the registry, which is short however large they are. */
typedef struct varsdb_assignment {
    const varsdb_variable *variable;
    const void *data; /* in its dtype and shape, C order; of strings the canonical bytes */
    size_t bytes;
} varsdb_assignment;
VARSDB_API int varsdb_assign_all(varsdb *db, const varsdb_assignment *assignments, size_t count);

/*
 * A value piece by piece, for tensors larger than memory: open, append until all bytes are there, finish.
 * Only varsdb_finish changes the variable.  varsdb_stage stores beforehand what was appended, so that
 * varsdb_finish inside a transaction of the caller's makes that no longer; it is MISUSE inside one, and
 * INVALID before all bytes are there, as finishing is. A writer may be finished once, and is freed by
 * varsdb_close_writer (NULL is allowed), before or after its handle is closed; what was not finished leaves
 * no trace.  What was appended inside a transaction goes with it if it is rolled back, and the writer serves
 * no more when it has ended.  After another failure than INVALID of varsdb_append or varsdb_stage begin
 * anew. Errors are the handle's.  UNSUPPORTED: strings.  READONLY.  RETRY: it rested for so long that
 * garbage collection on another machine took it for dead, and what was stored is gone.
 */
typedef struct varsdb_writer varsdb_writer;
VARSDB_API int varsdb_open_writer(varsdb *db, const varsdb_variable *variable, varsdb_writer **out);
VARSDB_API int varsdb_append(varsdb_writer *writer, const void *data, size_t bytes);
VARSDB_API int varsdb_stage(varsdb_writer *writer);
VARSDB_API int varsdb_finish(varsdb_writer *writer);
VARSDB_API void varsdb_close_writer(varsdb_writer *writer);

/*
 * Reads all of the value, or `bytes` of it from `offset` on, into the caller's buffer; the bytes are checked
 * against their hash.  UNINITIALIZED; CORRUPT names the variable and the chunk; INVALID: out of bounds.  A
 * string tensor is read by varsdb_read_strings, an element a call; here it has its canonical bytes, a length
 * of eight bytes before each string.
 */
VARSDB_API int varsdb_read(varsdb *db, const varsdb_variable *variable, void *buffer, size_t bytes);
VARSDB_API int varsdb_read_range(varsdb *db, const varsdb_variable *variable, uint64_t offset, void *buffer,
                                 size_t bytes);
typedef int (*varsdb_string_cb)(void *payload, const char *string, size_t bytes);
VARSDB_API int varsdb_read_strings(varsdb *db, const varsdb_variable *variable, varsdb_string_cb callback,
                                   void *payload);

/*
 * Of each axis the elements begin, begin + stride, ..., size of them.  Arrays of `rank`
 * numbers; begin NULL is all 0, stride NULL is all 1 (it is at least 1), size NULL or -1 is
 * as many as there are.  The rank must be the variable's.  INVALID names the axis that is out
 * of bounds.  UNSUPPORTED: strings, and packed elements that do not fill whole bytes.
 * bytes is the slice's own size; chunks that it does not touch are not read.
 */
typedef struct varsdb_slice {
    int rank;
    const int64_t *begin, *size, *stride;
} varsdb_slice;
#define VARSDB_SLICE(...) (&(const varsdb_slice){__VA_ARGS__})
#define VARSDB_INDEX(...) ((const int64_t[]){__VA_ARGS__})
VARSDB_API int varsdb_read_slice(varsdb *db, const varsdb_variable *variable, const varsdb_slice *slice,
                                 void *buffer, size_t bytes);
VARSDB_API int varsdb_assign_slice(varsdb *db, const varsdb_variable *variable, const varsdb_slice *slice,
                                   const void *data, size_t bytes);
/* "0:2,:,-1" as begin and size, arrays of the shape's rank: begin:end, : or an index for each axis,
 * counted from the end when negative; axes that are not named, and all when text is NULL, are whole.
 * INVALID names the axis. */
VARSDB_API int varsdb_parse_slice(varsdb *db, const char *text, const varsdb_shape *shape, int64_t *begin,
                                  int64_t *size);

/* ---- Parts ---- */

/*
 * A variable that was created under a partitioner is stored once; its parts are slices of it along one axis,
 * "w/part_0" and so on, which may be read and assigned by themselves.  Assigning a part is an assign of the
 * variable: its version goes up by 1. Values restored into another partitioning need nothing.
 */
typedef struct varsdb_part {
    int64_t index, count;
    int axis;
    int64_t offset;     /* along the axis */
    varsdb_shape shape; /* of the part */
} varsdb_part;
typedef int (*varsdb_part_cb)(void *payload, const varsdb_part *part);
/* The parts in order; none when the variable is not partitioned. */
VARSDB_API int varsdb_list_parts(varsdb *db, const varsdb_variable *variable, varsdb_part_cb callback,
                                 void *payload);
/* The variable and the index of a part by its full name.  NOTFOUND. */
VARSDB_API int varsdb_find_part(varsdb *db, const char *name, const varsdb_variable **out, int64_t *part);
/* All bytes of a part, in C order.  INVALID: no such part, or not its size.  UNSUPPORTED: strings, and
 * packed elements that do not fill whole bytes. */
VARSDB_API int varsdb_read_part(varsdb *db, const varsdb_variable *variable, int64_t part, void *buffer,
                                size_t bytes);
VARSDB_API int varsdb_assign_part(varsdb *db, const varsdb_variable *variable, int64_t part, const void *data,
                                  size_t bytes);
VARSDB_API int varsdb_assign_part_json(varsdb *db, const varsdb_variable *variable, int64_t part,
                                       const char *json);

/* ---- Collections -------------------------------------------------------- */

/* TensorFlow's names; "GLOBAL", "LOCAL", "MODEL" and "TRAINABLE" stand for them in every call.
 * Any other name is a collection too. */
#define VARSDB_GLOBAL                "variables"
#define VARSDB_LOCAL                 "local_variables"
#define VARSDB_MODEL                 "model_variables"
#define VARSDB_TRAINABLE             "trainable_variables"
#define VARSDB_MOVING_AVERAGE        "moving_average_variables"
#define VARSDB_REGULARIZATION_LOSSES "regularization_losses"
#define VARSDB_GLOBAL_STEP           "global_step"

/*
 * Sets with insertion order.  MODEL is within GLOBAL: adding to MODEL adds to
 * GLOBAL, and taking a MODEL variable out of GLOBAL is INVALID.  Adding a member
 * again changes nothing; taking out one that is not in is NOTFOUND.
 */
VARSDB_API int varsdb_collect(varsdb *db, const char *collection, const varsdb_variable *variable);
VARSDB_API int varsdb_uncollect(varsdb *db, const char *collection, const varsdb_variable *variable);

typedef struct varsdb_collection_info {
    const char *name;
    int64_t variables, elements, bytes;
} varsdb_collection_info;
typedef int (*varsdb_collection_cb)(void *payload, const varsdb_collection_info *info);
VARSDB_API int varsdb_list_collections(varsdb *db, varsdb_collection_cb callback, void *payload);

/*
 * The loss of a variable by the regularizer it was created with, 0 without one: l1(s) is s * sum |x|, l2(s)
 * is s * sum x^2 / 2, l1_l2 both.  With variable NULL, the sum over REGULARIZATION_LOSSES, in which each
 * variable is once however often it was reused.  UNINITIALIZED: no value yet.
 */
VARSDB_API int varsdb_regularization_loss(varsdb *db, const varsdb_variable *variable, double *out);

/* ---- Selecting, as tf-slim does ---- */

/*
 * The GLOBAL variable that is named so.  NOTFOUND: none begins so; INVALID: some do, none exactly.  Like all
 * of this section it takes names as expressions that match the public name, "v:0", from its beginning.
 */
VARSDB_API int varsdb_find_unique(varsdb *db, const char *name, const varsdb_variable **out);
typedef int (*varsdb_select_cb)(void *payload, const varsdb_variable *variable);
/* What to restore: the GLOBAL variables that each of include selects (NULL: all), one include
 * after the other, without those that any of exclude selects.  Lists end in NULL. */
VARSDB_API int varsdb_list_to_restore(varsdb *db, const char *const *include, const char *const *exclude,
                                      varsdb_select_cb callback, void *payload);
/* Those of a list that some include (NULL: all) and no exclude selects, in their order; with
 * search, expressions match anywhere.  out has room for count. */
VARSDB_API int varsdb_filter_variables(varsdb *db, const varsdb_variable *const *variables, size_t count,
                                       const char *const *include, const char *const *exclude, int search,
                                       const varsdb_variable **out, size_t *kept);
/* Assigns each value to the variable of its name, all or none.  A name that selects exactly one
 * GLOBAL variable stands for it even if it is only its beginning. */
typedef struct varsdb_named_value {
    const char *name;
    const void *data; /* in the variable's dtype, C order */
    size_t bytes;
} varsdb_named_value;
VARSDB_API int varsdb_assign_values(varsdb *db, const varsdb_named_value *values, size_t count);
/* Calls back for each variable in GLOBAL or LOCAL that has no value, in that order. */
VARSDB_API int varsdb_report_uninitialized(varsdb *db, varsdb_select_cb callback, void *payload);

/*
 * The global step: the one member of GLOBAL_STEP, or else a variable "global_step".  Created, it is an int64
 * scalar 0 below the current scope, not trainable.  NOTFOUND: there is none.  EXISTS: there is one.
 * INVALID: there are several, or it is no integer scalar.
 */
VARSDB_API int varsdb_get_global_step(varsdb *db, const varsdb_variable **out);
VARSDB_API int varsdb_create_global_step(varsdb *db, const varsdb_variable **out);
VARSDB_API int varsdb_get_or_create_global_step(varsdb *db, int *created, const varsdb_variable **out);
VARSDB_API int varsdb_check_global_step(varsdb *db, const varsdb_variable *variable);

/* ---- Attributes --------------------------------------------------------- */

/* A key with a JSON value, on a variable, or on the namespace in use (variable NULL).
 * json NULL removes it.  INVALID: not JSON. */
VARSDB_API int varsdb_set_attribute(varsdb *db, const varsdb_variable *variable, const char *key,
                                    const char *json);
typedef int (*varsdb_attribute_cb)(void *payload, const char *key, const char *json);
VARSDB_API int varsdb_list_attributes(varsdb *db, const varsdb_variable *variable,
                                      varsdb_attribute_cb callback, void *payload);

/* ---- Snapshots ---------------------------------------------------------- */

/*
 * An immutable picture of variables: names, dtypes, shapes, collections and values as they
 * were.  What did not change since another snapshot costs nothing.  Assigning, renaming and
 * deleting variables never alters one.
 */
typedef struct varsdb_snapshot_options {
    size_t size;
    const char *name;            /* unique in the namespace, and no other selector; NULL: none */
    const int64_t *step;         /* NULL: none */
    const varsdb_filter *filter; /* NULL: GLOBAL */
    const char *metadata;        /* JSON; NULL: none */
    int replace;                 /* drop the one of the same name, or, without a name, the last one of the
                                    same step that has none either */
    int pinned;                  /* retention leaves it */
    int64_t keep_last;           /* retention of the namespace from now on, see varsdb_set_retention; */
    int64_t keep_every;          /* 0: as it is */
    varsdb_progress_cb progress;
    void *payload;
} varsdb_snapshot_options;
#define VARSDB_SNAPSHOT(...) \
    (&(const varsdb_snapshot_options){.size = sizeof(varsdb_snapshot_options), __VA_ARGS__})
/* Takes one, in one transaction, and applies the namespace's retention.  No tensor is read or copied.  id may
 * be NULL.  EXISTS: the name is taken.  NOTFOUND: nothing is selected.  INVALID: name, metadata, pattern. */
VARSDB_API int varsdb_take_snapshot(varsdb *db, const varsdb_snapshot_options *options, int64_t *id);

/* Keep the last `keep_last` snapshots of the namespace in use (by when they were taken), those whose step
 * is a multiple of keep_every, and pinned ones; the rest is dropped whenever one is taken.  -1 keeps all (no
 * steps); 0 leaves the setting as it is. */
VARSDB_API int varsdb_set_retention(varsdb *db, int64_t keep_last, int64_t keep_every);

typedef struct varsdb_snapshot_info {
    size_t size;
    int64_t id;
    const char *name_space, *name; /* name NULL: it has none */
    int has_step, pinned;
    int64_t step, created_at; /* milliseconds since 1970, UTC */
    const char *metadata;
    int64_t variables, bytes; /* bytes is logical */
    int64_t new_bytes;        /* stored because of it, when it was taken */
} varsdb_snapshot_info;
typedef int (*varsdb_snapshot_cb)(void *payload, const varsdb_snapshot_info *info);
/* The namespace's, oldest first. */
VARSDB_API int varsdb_list_snapshots(varsdb *db, varsdb_snapshot_cb callback, void *payload);
/* By "step:N" (the last of that step), "#ID", "latest", or else a name.  What reads like one of the
 * first three is no name: varsdb_take_snapshot refuses it.  Names and steps are the namespace's; an id is
 * the registry's, and is good in all calls below in any namespace.  NOTFOUND tells which is the latest. */
VARSDB_API int varsdb_find_snapshot(varsdb *db, const char *selector, int64_t *id);
VARSDB_API int varsdb_pin_snapshot(varsdb *db, int64_t snapshot, int pinned);
/* What only it needs is deleted with it, or, when that is much, in short transactions after it. */
VARSDB_API int varsdb_drop_snapshot(varsdb *db, int64_t snapshot);

/* Its variables as they were, in the order of their names; members of info that a snapshot
 * does not record (version, origin, times) are 0 or NULL. */
VARSDB_API int varsdb_list_snapshot_variables(varsdb *db, int64_t snapshot, const varsdb_filter *filter,
                                              varsdb_variable_cb callback, void *payload);
/* Values as they were, by the names of then; as varsdb_read_range, _slice and _strings. */
VARSDB_API int varsdb_read_range_at(varsdb *db, int64_t snapshot, const char *name, uint64_t offset,
                                    void *buffer, size_t bytes);
VARSDB_API int varsdb_read_slice_at(varsdb *db, int64_t snapshot, const char *name, const varsdb_slice *slice,
                                    void *buffer, size_t bytes);
VARSDB_API int varsdb_read_strings_at(varsdb *db, int64_t snapshot, const char *name,
                                      varsdb_string_cb callback, void *payload);

/* An expression (PCRE2) and what to put for it ($1). */
typedef struct varsdb_rename {
    const char *from, *to;
} varsdb_rename;

typedef enum varsdb_restore_outcome {
    VARSDB_RESTORED,         /* it has the snapshot's value again */
    VARSDB_RECREATED,        /* it was deleted, and is made again, in its collections */
    VARSDB_RESTORE_MISSING,  /* selected in the registry, but not in the snapshot */
    VARSDB_RESTORE_EXTRA,    /* in the snapshot, but not in the registry, with existing_only */
    VARSDB_RESTORE_MISFIT,   /* another shape or dtype */
    VARSDB_RESTORE_UNTOUCHED /* in the registry, and not selected */
} varsdb_restore_outcome;
/* snapshot_name is NULL where the snapshot has none. */
typedef int (*varsdb_restore_cb)(void *payload, varsdb_restore_outcome outcome, const char *name,
                                 const char *snapshot_name);

typedef struct varsdb_restore_options {
    size_t size;
    const char *collection, *scope; /* as recorded: only what was in them; NULL: all */
    const char *include, *exclude;  /* expressions over the snapshot's names */
    const varsdb_rename *renames;   /* each that matches gives a name to restore to, so one value can */
    size_t rename_count;            /* go to several; without a match a name stays */
    int reshape;                    /* another shape with as many elements will do */
    int existing_only;              /* make nothing */
    int ignore_missing;             /* leave selected variables alone that the snapshot does not have */
    int dry_run;                    /* report, change nothing */
    const char *site;
    varsdb_restore_cb report; /* called for every name, before anything is written; may not write;
                                 non-zero cancels */
    varsdb_progress_cb progress;
    void *payload; /* of both */
} varsdb_restore_options;
#define VARSDB_RESTORE(...)           \
    (&(const varsdb_restore_options){ \
        .size = sizeof(varsdb_restore_options), .site = VARSDB_HERE, __VA_ARGS__})
/*
 * Gives variables the values that they had, in one transaction; each restored version goes up by 1.  Matches
 * by name, then by identity: one that was renamed since is found, unless its name has a value in the snapshot
 * too, or another has its name of then.  Collections of a variable that is there stay as they are.  In the
 * registry, GLOBAL (or `collection`) is selected as scope, include and exclude allow.  No tensor is copied.
 * All is looked up, checked and reported before anything is written.  INVALID: an expression, a name that it
 * makes, two values for one name.  MISMATCH: some do not fit.  NOTFOUND: a selected variable is missing from
 * the snapshot (the first is named, all are reported), or nothing of it is selected.  EXISTS: what is to be
 * made again has the name of a part.  After any of them nothing is changed.
 */
VARSDB_API int varsdb_restore(varsdb *db, int64_t snapshot, const varsdb_restore_options *options);

typedef enum varsdb_change {
    VARSDB_ADDED,
    VARSDB_REMOVED,
    VARSDB_RENAMED,      /* the same variable under another name; a change of its value is told too */
    VARSDB_TYPE_CHANGED, /* shape or dtype */
    VARSDB_VALUE_CHANGED /* or it lost or got its first value */
} varsdb_change;
typedef struct varsdb_difference {
    size_t size;
    varsdb_change change;
    const char *name, *old_name;             /* old_name is another than name when it was renamed */
    varsdb_dtype dtype, old_dtype;           /* NOT_SAID where it is not there */
    const char *shape_json, *old_shape_json; /* NULL where it is not there */
    int has_delta;                           /* whether the next two are there: numbers on both sides */
    double max_abs; /* the largest |new - old|, of complex by magnitude; infinite or NaN where one side is */
    double rel_l2;  /* ||new - old|| / ||old||, over elements finite on both sides; infinite for old 0 */
} varsdb_difference;
typedef int (*varsdb_difference_cb)(void *payload, const varsdb_difference *difference);
typedef struct varsdb_diff_options {
    size_t size;
    const varsdb_filter *filter; /* over the names of either side; NULL: all */
    int hashes_only;             /* compare hashes, read no values: has_delta is 0 */
    varsdb_progress_cb progress;
    void *payload; /* of progress */
} varsdb_diff_options;
#define VARSDB_DIFF(...) (&(const varsdb_diff_options){.size = sizeof(varsdb_diff_options), __VA_ARGS__})
/* From snapshot `from` to snapshot `to`; 0 is the present (of GLOBAL, or the filter's collection).
 * Differences come by name; none means that they are the same. */
VARSDB_API int varsdb_diff(varsdb *db, int64_t from, int64_t to, const varsdb_diff_options *options,
                           varsdb_difference_cb callback, void *payload);

/* ---- Keeping a registry ------------------------------------------------- */

typedef struct varsdb_upkeep_options {
    size_t size;
    int quick;   /* verify: without the tensors' bytes */
    int dry_run; /* collect_garbage: count, delete nothing */
    varsdb_progress_cb progress;
    void *payload;
} varsdb_upkeep_options;
#define VARSDB_UPKEEP(...) \
    (&(const varsdb_upkeep_options){.size = sizeof(varsdb_upkeep_options), __VA_ARGS__})

typedef struct varsdb_finding {
    size_t size;
    const char *text;       /* a sentence for people */
    const char *kind;       /* "structure", "digest", "reference", "count", "statistics", "hash" */
    const char *name_space; /* NULL where it does not apply, as the next two */
    const char *variable, *snapshot;
    int64_t chunk; /* of the variable's value, from 0; -1: none */
} varsdb_finding;
typedef int (*varsdb_finding_cb)(void *payload, const varsdb_finding *finding);
/* Checks all namespaces in one picture: structure of the file, references, counts, digests, hashes,
 * statistics.  Writes nothing.  Garbage is no finding, unless it rotted.  CORRUPT: something was found;
 * every finding was told.  `quick` reads no value's bytes, and compares no index. */
VARSDB_API int varsdb_verify(varsdb *db, const varsdb_upkeep_options *options, varsdb_finding_cb callback,
                             void *payload);

typedef struct varsdb_garbage {
    size_t size;
    int64_t chunks, tensors, states, sessions; /* deleted (or, in a dry run, to be) */
    int64_t bytes;                             /* of tensors and chunks among them */
    int64_t file_bytes;                        /* given back to the file system; 0 in a dry run */
    int64_t held_bytes;                        /* unreferenced, but held by saves in flight */
} varsdb_garbage;
/* Who holds what cannot be freed: a save, with what only such saves hold, or a reader ("a reader", pid 0). */
typedef struct varsdb_holder {
    size_t size;
    const char *program, *host;
    int64_t pid, bytes;
    int64_t since; /* when it last showed that it lives, milliseconds since 1970, UTC; of a reader 0 */
} varsdb_holder;
typedef int (*varsdb_holder_cb)(void *payload, const varsdb_holder *holder);
/* Deletes what nothing refers to, in short transactions, and gives space back to the file system.
 * After CANCELLED what was deleted until then is deleted.  callback and out may be NULL. */
VARSDB_API int varsdb_collect_garbage(varsdb *db, const varsdb_upkeep_options *options,
                                      varsdb_holder_cb callback, void *payload, varsdb_garbage *out);

/* A consistent copy at path, which must not be there (EXISTS), while others write.  It appears whole
 * and synced. */
VARSDB_API int varsdb_backup(varsdb *db, const char *path, const varsdb_upkeep_options *options);

/* ---- SQL ---------------------------------------------------------------- */

/*
 * Runs one SELECT (or EXPLAIN) over the views, with the functions of varsdb_sql.h, on a connection of its
 * own that cannot write; it sees what is committed.  Values come as JSON text would have them, by kind:
 * NULL (text NULL), integer, real, text, blob.
 */
typedef enum varsdb_kind {
    VARSDB_SQL_NULL = 0,
    VARSDB_SQL_INTEGER = 1,
    VARSDB_SQL_REAL = 2,
    VARSDB_SQL_TEXT = 3,
    VARSDB_SQL_BLOB = 4
} varsdb_kind;
typedef struct varsdb_value {
    varsdb_kind kind;
    const char *text; /* of every kind but NULL; a blob's bytes */
    size_t bytes;
} varsdb_value;
typedef int (*varsdb_row_cb)(void *payload, size_t columns, const char *const *names,
                             const varsdb_value *values);
VARSDB_API int varsdb_query(varsdb *db, const char *sql, varsdb_row_cb callback, void *payload);

/* ---- Tensor files ------------------------------------------------------- */

/*
 * A tensor file as a list of tensors, recognized by its content: safetensors and sets of them, NumPy's .npy
 * and .npz, TensorFlow's checkpoints (V2; the prefix, the index, a shard or the folder may be named),
 * PyTorch's, GGUF.  As with varsdb_open, *out is to be closed even after a failure, and tells what went
 * wrong.  FORMAT: not valid, or a file of another kind, which is named.  UNSUPPORTED: valid, but it holds
 * what is not read.  A tensor that no registry can have has VARSDB_DTYPE_NOT_SAID; to read it is
 * UNSUPPORTED, and says what it is.
 */
typedef struct varsdb_reader varsdb_reader;
typedef struct varsdb_tensor_info {
    const char *name;
    varsdb_dtype dtype;
    varsdb_shape shape;
    uint64_t bytes;
} varsdb_tensor_info;
VARSDB_API int varsdb_open_reader(const char *path, varsdb_reader **out);
VARSDB_API void varsdb_close_reader(varsdb_reader *reader);
VARSDB_API const char *varsdb_reader_errmsg(const varsdb_reader *reader);
VARSDB_API const char *varsdb_reader_format(const varsdb_reader *reader); /* "safetensors" */
VARSDB_API size_t varsdb_reader_count(const varsdb_reader *reader);
/* Tensor i in the file's order; borrowed until the reader is closed; NULL when out of range. */
VARSDB_API const varsdb_tensor_info *varsdb_reader_tensor(const varsdb_reader *reader, size_t i);
/* bytes of tensor i from offset on.  INVALID: out of bounds. */
VARSDB_API int varsdb_reader_read(varsdb_reader *reader, size_t i, uint64_t offset, void *buffer,
                                  size_t bytes);
/* The name, after `previous` (NULL: the first), of what is in the file beside its tensors: of an archive a
 * member that is no array, of a set a tensor that its index does not name, a slice without its whole.  NULL:
 * no more. */
VARSDB_API const char *varsdb_reader_passed_over(const varsdb_reader *reader, const char *previous);
/* The file's metadata, each value as JSON. */
VARSDB_API int varsdb_reader_metadata(varsdb_reader *reader, varsdb_attribute_cb callback, void *payload);

/* Writes a file without a registry: `format` NULL goes by the path's suffix.  The callback gives bytes of
 * tensor i as varsdb_reader_read does, in order.  What failed is put into error, which may be NULL.
 * UNSUPPORTED: the format, or what it has not; INVALID: a name twice, bytes that are not the tensor's. */
typedef int (*varsdb_tensor_cb)(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes);
VARSDB_API int varsdb_write_file(const char *path, const char *format, const varsdb_tensor_info *tensors,
                                 size_t count, varsdb_tensor_cb callback, void *payload, char *error,
                                 size_t error_room);

typedef enum varsdb_conflict {
    VARSDB_CONFLICT_ERROR,
    VARSDB_CONFLICT_SKIP,
    VARSDB_CONFLICT_REPLACE
} varsdb_conflict;
typedef enum varsdb_outcome {
    VARSDB_IMPORTED,   /* created */
    VARSDB_REPLACED,   /* assigned to an existing variable */
    VARSDB_SKIPPED,    /* exists, or filtered out by on_conflict */
    VARSDB_MISSING,    /* existing_only: a variable that the file does not have */
    VARSDB_EXTRA,      /* existing_only: a tensor that the registry does not have */
    VARSDB_MISMATCHED, /* exists with another shape or dtype */
    VARSDB_PASSED_OVER /* no tensor of the file, see varsdb_reader_passed_over; both names are it */
} varsdb_outcome;
typedef int (*varsdb_import_cb)(void *payload, varsdb_outcome outcome, const char *name,
                                const char *file_name);

typedef struct varsdb_import_options {
    size_t size;
    const char *scope;             /* put everything below it */
    const char *collection;        /* add to it, beside GLOBAL */
    int model;                     /* add to MODEL */
    const char *trainable;         /* expression over the registry's names: these are trainable */
    const char *include, *exclude; /* expressions over the file's names */
    const varsdb_rename *renames;  /* over the file's names, one after the other: each takes what */
    size_t rename_count;           /* the one before it made, and leaves what it does not match */
    const char *separator;         /* turn it into "/" */
    varsdb_conflict on_conflict;
    int existing_only; /* assign to what is there; nothing is created */
    int dry_run;       /* report, change nothing */
    const char *site;
    varsdb_import_cb report; /* called for every tensor; may not write; non-zero cancels */
    void *payload;           /* of report and progress */
    varsdb_progress_cb progress;
    const varsdb_snapshot_options *as_snapshot; /* not into variables, but into one; without its filter */
    const char *step_from; /* expression over the path, whose first group is that snapshot's step */
    const char *names;     /* "raw" or NULL; "full": those that a TensorFlow 2 checkpoint tells of */
} varsdb_import_options;
#define VARSDB_IMPORT(...) \
    (&(const varsdb_import_options){.size = sizeof(varsdb_import_options), .site = VARSDB_HERE, __VA_ARGS__})

/* All of it in one transaction, or nothing.  EXISTS, MISMATCH, INVALID (a name), FORMAT. */
VARSDB_API int varsdb_import(varsdb *db, const char *path, const varsdb_import_options *options);

typedef struct varsdb_export_options {
    size_t size;
    const varsdb_filter *filter;  /* NULL: GLOBAL; of a snapshot all that is in it */
    const char *format;           /* NULL: by the path's suffix */
    int registry_names;           /* names as in the registry; otherwise as in the file they came from */
    const varsdb_rename *renames; /* over these names, as in an import */
    size_t rename_count;
    int64_t snapshot; /* values and names as this one has them; 0: as they are */
    varsdb_progress_cb progress;
    void *payload;
    uint64_t max_shard_bytes; /* safetensors: of a file's tensors; beyond it a set is written; 0: any */
} varsdb_export_options;
#define VARSDB_EXPORT(...) \
    (&(const varsdb_export_options){.size = sizeof(varsdb_export_options), __VA_ARGS__})

/* Written under another name, synced, and renamed; the bytes depend on the values alone.  Of a TensorFlow
 * checkpoint the index is last, and a file "checkpoint" unless others made one.  count may be NULL.
 * UNSUPPORTED: the format has no such dtype.  UNINITIALIZED: a variable has no value.  NOTFOUND: none is
 * there. */
VARSDB_API int varsdb_export(varsdb *db, const char *path, const varsdb_export_options *options,
                             int64_t *count);

#ifdef __cplusplus
}

/*
 * Options with nothing set but their size, for C++:
 *
 *     const int64_t dims[] = {784, 128};
 *     const varsdb_shape shape = {2, dims};
 *     auto with = varsdb_sized<varsdb_variable_options>();
 *     with.shape = &shape;
 *     with.site = VARSDB_HERE;
 *     varsdb_model_variable(db, "weights", &with, &created, &w);
 *
 * What has no size is filled by hand: varsdb_shape, and varsdb_slice.  For VARSDB_IN_SCOPE there
 * are varsdb_enter_scope and varsdb_leave_scope.
 */
template <class Options> inline Options varsdb_sized()
{
    Options options = Options();
    options.size = sizeof options;
    return options;
}
#endif
#endif /* VARSDB_H */
