/*
 * verify.h - the check of a whole registry, as its files share it.
 *
 *   verify.c             the public call; rows one after the other; progress
 *   verify_tell.c        findings as sentences, and whose a damaged value is
 *   verify_structure.c   the file, the catalogue, the registry's own row
 *   verify_rows.c        namespaces, scopes, origins, collections, attributes, pins
 *   verify_variables.c   variables and their memberships
 *   verify_snapshots.c   states, snapshots and their items
 *   verify_tensors.c     rows of tensors, chunks and lists; the lists against their tensors
 *   verify_bytes.c       hashes and statistics of the bytes
 *
 * One statement a table, each read once from end to end, so that it takes as long as reading and
 * as much memory as one row and one chunk.  Names are looked up only for what is damaged.
 *
 * What nothing refers to is garbage, not damage: tensors, chunks and states without a holder, list
 * rows whose owner is gone, dead sessions.  But garbage that rotted is told too.
 *
 * Functions here return VARSDB_OK also when something was found; other codes end the call.
 */
#ifndef VDB_VERIFY_H
#define VDB_VERIFY_H

#include "digest.h"
#include "internal.h"
#include "name.h"

#define VDB_VERIFY_COLUMNS_MAX 40
#define VDB_VERIFY_NAME_BYTES  (2 * VDB_NAME_BYTES_MAX + 2)
#define VDB_VERIFY_TEXT_BYTES  (8 * VDB_NAME_BYTES_MAX)

typedef enum vdb_finding_kind {
    VDB_FOUND_STRUCTURE,
    VDB_FOUND_DIGEST,
    VDB_FOUND_REFERENCE, /* and whatever else a row says that cannot be */
    VDB_FOUND_COUNT,
    VDB_FOUND_STATISTICS,
    VDB_FOUND_HASH
} vdb_finding_kind;

/* Who holds a damaged value, as text: looked up by vdb_verify_find_holders. */
typedef struct vdb_holders {
    int64_t variables, snapshots;
    char name_space[VDB_VERIFY_NAME_BYTES], variable[VDB_VERIFY_NAME_BYTES], snapshot[VDB_VERIFY_NAME_BYTES];
    char other[VDB_VERIFY_NAME_BYTES]; /* a snapshot in which the variable has another value, or "" */
} vdb_holders;

typedef struct vdb_verify {
    varsdb *db;
    bool quick;
    varsdb_progress_cb progress;
    void *progress_payload;
    varsdb_finding_cb callback;
    void *payload;
    int64_t found;
    bool broken;    /* the last statement ended before its rows did */
    uint64_t rows;  /* read so far */
    bool in_values; /* bytes are read now */
    uint64_t bytes, bytes_told, bytes_total;
    vdb_holders holders;
    char name[VDB_VERIFY_NAME_BYTES]; /* scratch of vdb_verify_full_name */
    char id[64];                      /* scratch of vdb_verify_snapshot_name */
    char text[VDB_VERIFY_TEXT_BYTES];
} vdb_verify;

/* ---- verify.c */

/* Reads the rows of a statement without parameters, `columns` of each.  Where the engine finds them
 * damaged that is told, as `what`, and the rest of them is left out. */
typedef int (*vdb_verify_row)(vdb_verify *v, void *payload, const vdb_value *at);
int vdb_verify_each(vdb_verify *v, enum vdb_query query, int columns, vdb_verify_row row, void *payload,
                    const char *what);
/* Whether a code tells of damage.  NOTDB: a first page that is none; INVALID: a value larger than any of
 * ours. */
static inline bool vdb_verify_is_damage(int rc)
{
    return rc == VARSDB_CORRUPT || rc == VARSDB_NOTDB || rc == VARSDB_INVALID;
}
/* Such a code becomes a finding, and OK; other codes stay. */
int vdb_verify_damage(vdb_verify *v, int rc, const char *what);
int vdb_verify_progress(vdb_verify *v, const char *doing, uint64_t done, uint64_t total);

/* ---- verify_tell.c */

typedef struct vdb_subject {
    const char *name_space, *variable, *snapshot; /* NULL where it does not apply */
    int64_t chunk;                                /* -1: none */
} vdb_subject;
#define VDB_NO_SUBJECT ((vdb_subject){NULL, NULL, NULL, -1})

__attribute__((format(printf, 4, 5))) int vdb_verify_tell(vdb_verify *v, vdb_finding_kind kind,
                                                          vdb_subject subject, const char *format, ...);
/* Tells `what` of a stored value, after who holds it and before what to do. */
int vdb_verify_tell_tensor(vdb_verify *v, vdb_finding_kind kind, int64_t tensor, int64_t chunk,
                           const char *what);
/* The same of a chunk, whose tensors are looked up. */
int vdb_verify_tell_chunk(vdb_verify *v, vdb_finding_kind kind, int64_t chunk_id, const char *what);
/* A text column, or "?". */
const char *vdb_verify_text(const vdb_value *column);
/* "path/name", until the next call. */
const char *vdb_verify_full_name(vdb_verify *v, const vdb_value *path, const vdb_value *name);
/* Its name, else "#id", until the next call. */
const char *vdb_verify_snapshot_name(vdb_verify *v, int64_t id, const vdb_value *name);

/* ---- the checks */

/* Whether the digest behind `count` columns is theirs. */
static inline bool vdb_verify_digest_fits(const vdb_value *at, size_t count)
{
    return at[count].kind == VDB_INT && at[count].integer == vdb_digest_row(at, count);
}

/* Whether the column is NULL, or a spec that `check` takes.  *rc: memory was out, which says nothing of it.
 */
bool vdb_verify_spec_fits(const vdb_value *at, int (*check)(vdb_error *e, const char *text), int *rc);

int vdb_verify_structure(vdb_verify *v);
int vdb_verify_registry(vdb_verify *v);
int vdb_verify_rows(vdb_verify *v);
int vdb_verify_variables(vdb_verify *v);
int vdb_verify_snapshots(vdb_verify *v);
int vdb_verify_tensor_rows(vdb_verify *v);
int vdb_verify_tensors(vdb_verify *v);

/* ---- bytes */

/* The columns of verify_tensors. */
enum vdb_verify_tensor_column {
    VT_DIGEST = 16, /* behind those of enum vdb_tensor_column */
    VT_INLINE_BYTES,
    VT_LINK,
    VT_POSITION,
    VT_CHUNK_ID,
    VT_CHUNK,
    VT_CHUNK_HASH,
    VT_CHUNK_BYTES,
    VT_CHUNK_DATA_BYTES,
    VT_COLUMNS
};

/* The bytes of one tensor after the other, as they pass. */
typedef struct vdb_verify_bytes vdb_verify_bytes;
vdb_verify_bytes *vdb_verify_bytes_new(varsdb *db); /* NULL: out of memory */
void vdb_verify_bytes_free(vdb_verify_bytes *b);
/* A tensor begins, with a row that can be. */
int vdb_verify_bytes_begin(vdb_verify *v, vdb_verify_bytes *b, const vdb_value *at);
int vdb_verify_bytes_inline(vdb_verify *v, vdb_verify_bytes *b);
/* Its next chunk, of at most db->chunk_bytes. */
int vdb_verify_bytes_chunk(vdb_verify *v, vdb_verify_bytes *b, int64_t position, int64_t id,
                           const vdb_value *hash, size_t bytes);
/* After its last chunk; not for a tensor of which one is missing. */
int vdb_verify_bytes_end(vdb_verify *v, vdb_verify_bytes *b);
/* A chunk of no tensor. */
int vdb_verify_bytes_loose(vdb_verify *v, vdb_verify_bytes *b, int64_t id, const vdb_value *hash,
                           size_t bytes);

#endif
