/*
 * pickle.h - Python's pickles as plain values.  A stack machine that runs no code: it
 * knows the operations that torch.save writes, makes numbers, texts, tuples, lists and
 * dicts, and of classes and functions only the names that the caller lists.  A call of
 * one is kept as what it is, a name and its arguments.
 *
 * Time is linear.  Memory is at most 64 bytes for a byte of pickle, of which there may be
 * VDB_PICKLE_BYTES_MAX, with VDB_PICKLE_STEPS_MAX operations.  Texts stay in the pickle.
 */
#ifndef VDB_PICKLE_H
#define VDB_PICKLE_H

#ifndef VARSDB_OMIT_PYTORCH

#include <stdbool.h>
#include <stdint.h>

#include "../buf.h"
#include "../error.h"

#define VDB_PICKLE_BYTES_MAX ((size_t)64 << 20)
#define VDB_PICKLE_STEPS_MAX ((size_t)1 << 24)
#define VDB_PICKLE_DEPTH_MAX 64

typedef uint32_t vdb_pickle_ref; /* of a value */

typedef enum vdb_pickle_kind {
    VDB_PICKLE_NONE,
    VDB_PICKLE_BOOL, /* in integer */
    VDB_PICKLE_INTEGER,
    VDB_PICKLE_LONG, /* text: little-endian two's complement, more than 8 bytes */
    VDB_PICKLE_REAL,
    VDB_PICKLE_TEXT, /* UTF-8, without a NUL behind it */
    VDB_PICKLE_TUPLE,
    VDB_PICKLE_LIST,
    VDB_PICKLE_DICT, /* two items a pair, in the order that they came; keys may repeat */
    VDB_PICKLE_SET,  /* empty */
    VDB_PICKLE_NAME,
    VDB_PICKLE_CALL,      /* of a name, with a tuple */
    VDB_PICKLE_PERSISTENT /* a thing outside: args is the tuple that tells which */
} vdb_pickle_kind;

/* What becomes of a call. */
typedef enum vdb_pickle_use {
    VDB_PICKLE_UNCALLED, /* it is refused */
    VDB_PICKLE_AS_DICT,  /* of no argument, or of a list of pairs */
    VDB_PICKLE_AS_TUPLE, /* of a tuple */
    VDB_PICKLE_AS_CALL
} vdb_pickle_use;

typedef struct vdb_pickle_name {
    const char *module, *attribute;
    vdb_pickle_use use;
    unsigned least, most; /* arguments */
    int tag;              /* the caller's */
    varsdb_dtype dtype;   /* the same */
} vdb_pickle_name;

typedef struct vdb_pickle_value {
    unsigned char kind;   /* vdb_pickle_kind */
    unsigned char seen;   /* by vdb_pickle_check_tree */
    unsigned char height; /* of a container: levels below it and its own; the same */
    bool holds_call;      /* a call is in it, or it is one: after vdb_pickle_check_tree */
    uint32_t count;       /* bytes of a text, items of a list; of a call the caller's, 0 first */
    union {
        int64_t integer;
        double real;
        const char *text;
        vdb_pickle_ref *items; /* of a list and a dict */
        size_t pool;           /* of a tuple: where its items begin */
        struct {
            uint32_t name; /* in names */
            vdb_pickle_ref args;
        } call;
    } as;
} vdb_pickle_value;

typedef struct vdb_pickle {
    const vdb_pickle_name *names;
    size_t name_count;
    vdb_pickle_value *values;
    size_t count, room;
    vdb_pickle_ref *pool; /* items of tuples */
    size_t pool_count, pool_room;
    vdb_pickle_ref root;
    size_t bytes; /* of the pickle, with its end */
    bool cut;     /* it failed because the text ended */
} vdb_pickle;

/* Reads the pickle that begins at text.  VARSDB_FORMAT; VARSDB_UNSUPPORTED: a name that is not listed.
 * After a failure only `cut` is said.  out has the names, and is to be released. */
int vdb_pickle_read(vdb_error *e, const char *text, size_t bytes, const vdb_pickle_name *names,
                    size_t name_count, vdb_pickle *out);
void vdb_pickle_release(vdb_pickle *p);

vdb_pickle_value *vdb_pickle_at(const vdb_pickle *p, vdb_pickle_ref ref);
/* Item i of a tuple, list or dict. */
vdb_pickle_ref vdb_pickle_item(const vdb_pickle *p, const vdb_pickle_value *v, size_t i);
bool vdb_pickle_is_container(const vdb_pickle_value *v); /* tuple, list or dict */
bool vdb_pickle_is_text(const vdb_pickle_value *v, const char *text);
const char *vdb_pickle_kind_name(const vdb_pickle_value *v); /* "a list" */

/* Refuses what holds itself, or is nested deeper than VDB_PICKLE_DEPTH_MAX, and says of every
 * container whether a call is in it.  VARSDB_FORMAT. */
int vdb_pickle_check_tree(vdb_error *e, const vdb_pickle *p, vdb_pickle_ref root);
/* Appends a value, of a tree that was checked, as JSON: tuples as lists, what JSON has no number for as
 * text.  What takes more than `most` bytes, or has keys that are neither texts nor integers, becomes
 * {"type":"list","length":9}. */
int vdb_pickle_print(const vdb_pickle *p, vdb_pickle_ref ref, size_t most, vdb_buf *out);

#endif
#endif
