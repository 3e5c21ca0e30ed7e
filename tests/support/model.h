/*
 * model.h - a registry in memory, as the header describes one: what each call must return and leave behind.
 *
 * It knows no SQL and shares no line with the library.  A state is plain memory, so that a transaction is a
 * copy.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "varsdb.h"

#define MODEL_NAME_BYTES  48
#define MODEL_VALUE_BYTES 32768 /* 60 x 60 of int64, and more */
#define MODEL_VARIABLES   48
#define MODEL_SNAPSHOTS   6

enum {
    MODEL_IN_GLOBAL,
    MODEL_IN_MODEL,
    MODEL_IN_TRAINABLE,
    MODEL_IN_LOCAL,
    MODEL_IN_MINE,
    MODEL_COLLECTIONS
};
extern const char *const model_collections[MODEL_COLLECTIONS];

typedef struct model_variable {
    int64_t key; /* another for every variable that ever was; 0: nobody is here */
    char name[MODEL_NAME_BYTES];
    varsdb_dtype dtype;
    int rank;
    int64_t dims[2], version;
    size_t bytes;
    bool initialized;
    const unsigned char *value;       /* never changed: an assignment makes another */
    int64_t since[MODEL_COLLECTIONS]; /* when it joined; 0: it is not in */
} model_variable;

typedef struct model_snapshot {
    int64_t id; /* the registry's; 0: nobody is here */
    char name[MODEL_NAME_BYTES];
    int count;
    model_variable items[MODEL_VARIABLES];
} model_snapshot;

typedef struct model {
    model_variable variables[MODEL_VARIABLES]; /* in the order of their making, `count` of them */
    int count;
    int64_t next; /* key, and moment of joining */
    model_snapshot snapshots[MODEL_SNAPSHOTS];
} model;

typedef enum model_kind {
    MODEL_GET,
    MODEL_GET_MODEL,
    MODEL_GET_LOCAL
} model_kind;

typedef struct model_request {
    model_kind kind;
    const char *name;   /* full */
    varsdb_reuse reuse; /* the effective one */
    varsdb_dtype dtype; /* NOT_SAID: float32 */
    int rank;           /* -1: no shape is given */
    int64_t dims[2];
    varsdb_tristate trainable;
    int collection;             /* given one, or -1 */
    const unsigned char *value; /* NULL: initializer */
    size_t value_bytes;
    const char *initializer; /* "zeros" or "none" */
} model_request;

/* Gives up all values of all models. */
void model_forget(void);
size_t model_bytes(varsdb_dtype dtype, int rank, const int64_t *dims);
model_variable *model_find(model *m, const char *name);
model_variable *model_by_key(model *m, int64_t key);
model_snapshot *model_find_snapshot(model *m, int64_t id);
bool model_is_full(const model *m);

/* Each returns what the call must return, and changes the model where that is OK. */
int model_get(model *m, const model_request *r, int *created, int64_t *key);
int model_assign(model *m, int64_t key, const unsigned char *data, size_t bytes);
int model_assign_if(model *m, int64_t key, int64_t version, const unsigned char *data, size_t bytes);
int model_add(model *m, int64_t key, const unsigned char *data, size_t bytes);
int model_read(model *m, int64_t key, size_t offset, size_t bytes, const unsigned char **out);
int model_delete(model *m, int64_t key);
int model_delete_scope(model *m, const char *scope, int64_t *count);
int model_rename(model *m, int64_t key, const char *name);
int model_rename_scope(model *m, const char *scope, const char *name);
int model_collect(model *m, int collection, int64_t key);
int model_uncollect(model *m, int collection, int64_t key);
/* The id is the caller's to set, of the snapshot that is given out. */
int model_take(model *m, const char *name, model_snapshot **out);
int model_drop(model *m, int64_t id);
int model_restore(model *m, int64_t id, bool existing_only, bool ignore_missing);
/* Members of a collection (-1: all) below a scope (NULL: anywhere), in their order. */
int model_list(model *m, int collection, const char *scope, model_variable *out[MODEL_VARIABLES]);

#endif
