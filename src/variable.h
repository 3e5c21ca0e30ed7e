/*
 * variable.h - variables as the rest of the library uses them.
 *
 *   variable.c         finding, reviving, getters
 *   variable_get.c     get or create: which of the two, and the checks of each
 *   variable_getter.c  custom getters before it
 *   variable_plan.c    what a new variable is made of
 *   variable_initial.c its shape and initial value
 *   variable_create.c  its rows
 *   variable_change.c  rename and delete
 *   variable_assign.c  replacing values
 *   variable_update.c  values made of the ones that are there: sums, slices, parts
 *   variable_value.c   reading values
 */
#ifndef VDB_VARIABLE_H
#define VDB_VARIABLE_H

#include "format/format.h"
#include "initializer.h"
#include "internal.h"
#include "partition.h"
#include "tensor.h"

/* The object that a caller holds, checked against the registry: right for this epoch.
 * VARSDB_GONE; MISUSE when it is of another handle. */
int vdb_variable_revive(varsdb *db, const varsdb_variable *variable, varsdb_variable **out);
/* VARSDB_MISUSE unless the variable is of the namespace in use. */
int vdb_variable_check_namespace(varsdb *db, const varsdb_variable *v);
/* Finds by full name in the namespace in use; *out is NULL when there is none. */
int vdb_variable_lookup(varsdb *db, const char *name, size_t bytes, varsdb_variable **out);
/* Inside a transaction: the variable with that id, of whatever namespace.  NOTFOUND. */
int vdb_variable_by_id(varsdb *db, int64_t id, varsdb_variable **out);
/* "variable x does not exist", with VARSDB_NOTFOUND */
int vdb_variable_fail_missing(varsdb *db, const char *name, size_t bytes);
/* Fails with code and a sentence that ends in who created the variable where. */
__attribute__((format(printf, 4, 5))) int vdb_variable_fail(varsdb *db, const varsdb_variable *v, int code,
                                                            const char *format, ...);

typedef enum vdb_variable_kind {
    VDB_KIND_PLAIN,
    VDB_KIND_MODEL,
    VDB_KIND_LOCAL
} vdb_variable_kind;

/* What is asked for: the call's arguments with the scope's in their places. */
typedef struct vdb_request {
    vdb_variable_kind kind;
    const char *name; /* full */
    size_t name_bytes;
    bool stored_name; /* an import: the wider rule for names holds */
    varsdb_reuse reuse;
    const varsdb_variable_options *options;
    vdb_tensor *value; /* an import's; prepared already, or to be pulled */
} vdb_request;

/* The steps of a get_* call that getters share (variable_get.c, variable_getter.c). */
extern const varsdb_variable_options vdb_no_variable_options;
int vdb_variable_check_call(varsdb *db, const char *name, const varsdb_variable_options *options,
                            const varsdb_variable **out);
varsdb_reuse vdb_variable_effective_reuse(varsdb *db, const varsdb_variable_options *options);
int vdb_variable_get_from_registry(varsdb *db, const vdb_request *r, int *created,
                                   const varsdb_variable **out);
int vdb_variable_get_through(varsdb *db, const vdb_request *r, const vdb_getter *getters, size_t count,
                             int *created, const varsdb_variable **out);

#define VDB_COLLECTIONS_MAX 64

/* A value that is stored already, of a variable that a snapshot has. */
typedef struct vdb_stored_value {
    int64_t tensor; /* 0: it has none */
    int64_t bytes;  /* logical */
    vdb_value seed; /* as recorded */
} vdb_stored_value;

/* A variable about to be made: everything is decided and checked, nothing is written. */
typedef struct vdb_creation {
    varsdb *db;
    const vdb_request *request;
    varsdb_dtype dtype;
    vdb_dims dims;
    varsdb_shape shape;
    vdb_buf shape_text, value; /* value: the bytes of value_json */
    const void *given;         /* what a make callback made */
    size_t given_bytes;
    const char *constraint;
    char *initializer, *regularizer, *partitioner; /* own copies: what they came from may be read again */
    bool initialized;
    vdb_initializer init; /* open when has_init */
    bool has_init;
    int64_t namespace_seed; /* that the initializer was opened with */
    bool is_partitioned;
    vdb_partition partition;
    const char *collections[VDB_COLLECTIONS_MAX]; /* names, each once */
    size_t collection_count;
    vdb_tensor tensor;
    const vdb_stored_value *stored; /* instead of the tensor; NULL: there is none */
} vdb_creation;

int vdb_creation_plan(varsdb *db, const vdb_request *request, vdb_creation *out);
/* Shape and initial value, from whichever argument gives them. */
int vdb_creation_plan_initial(varsdb *db, vdb_creation *c);
/* Opens the initializer under a namespace's seed, and makes its tensor the value. */
int vdb_creation_open_initializer(varsdb *db, vdb_creation *c, int64_t namespace_seed);
int vdb_creation_prepare(varsdb *db, vdb_creation *c);
/* Inside a write transaction, when there is no such variable. */
int vdb_creation_write(varsdb *db, vdb_creation *c, varsdb_variable **out);
void vdb_creation_release(vdb_creation *c);

/* Creates a variable from `value`, which is prepared or not; VARSDB_EXISTS if it is there. */
int vdb_variable_import(varsdb *db, const char *full_name, const varsdb_variable_options *options,
                        vdb_tensor *value, const varsdb_variable **out);
/* Bytes of a value, unless it is of strings.  CORRUPT: more than can be counted. */
int vdb_variable_canonical_bytes(varsdb *db, const varsdb_variable *v, uint64_t *out);
/* VARSDB_CORRUPT unless a stored tensor of so many bytes is a value of the variable; not for strings.
 * Then its bits can be counted in 63 bits too. */
int vdb_variable_check_tensor(varsdb *db, const varsdb_variable *v, uint64_t bytes);
/* Inside a write transaction: assigns these bytes. */
int vdb_variable_assign_bytes(varsdb *db, const varsdb_variable *v, const void *data, size_t bytes);
/* Inside a write transaction: assigns a tensor, prepared or not, if the version is that one; -1: any. */
int vdb_variable_assign_locked(varsdb *db, const varsdb_variable *variable, int64_t version, vdb_tensor *t);
/* INVALID unless the slice has so many bytes. */
int vdb_variable_check_slice_bytes(varsdb *db, const varsdb_variable *v, const vdb_slice *s, size_t bytes);
/* Inside a write transaction: points the variable at the tensor, and drops the one it had. */
int vdb_variable_set_tensor(varsdb *db, const varsdb_variable *v, const vdb_tensor *t, int64_t tensor);

#endif
