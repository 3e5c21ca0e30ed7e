/*
 * spec.h - the little language of initializers, regularizers and partitioners:
 * name, or name(argument, ..., key=argument, ...).  An argument is a number, or a
 * bracketed list of numbers.  No I/O, no allocation beyond the argument list.
 */
#ifndef VDB_SPEC_H
#define VDB_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define VDB_SPEC_ARGUMENTS_MAX 16
#define VDB_SPEC_BYTES_MAX     65536

typedef struct vdb_spec_number {
    double real;
    bool is_integer; /* written without fraction and exponent, and within int64_t */
    int64_t integer;
    bool is_whole; /* the same, and within 64 bits beside a sign: uint64's upper half too */
    bool negative;
    uint64_t magnitude;
} vdb_spec_number;

typedef struct vdb_spec_argument {
    const char *key; /* into the text; NULL for a positional one */
    size_t key_bytes;
    const char *word; /* a bare word such as fan_in, NULL otherwise */
    size_t word_bytes;
    bool is_list;
    size_t count; /* numbers; 1 unless is_list, 0 for a word */
    vdb_spec_number *numbers;
} vdb_spec_argument;

typedef struct vdb_spec {
    const char *name; /* into the text, which must outlive the spec */
    size_t name_bytes;
    size_t count;
    vdb_spec_argument arguments[VDB_SPEC_ARGUMENTS_MAX];
} vdb_spec;

/* `what` ("initializer") is for messages.  Spaces are allowed between tokens; "zeros()" is
 * "zeros"; numbers are JSON's, plus inf, nan and a leading +.  VARSDB_INVALID. */
int vdb_spec_parse(vdb_error *e, const char *what, const char *text, vdb_spec *out);
void vdb_spec_release(vdb_spec *spec);
bool vdb_spec_is(const vdb_spec *spec, const char *name);

enum vdb_spec_types {
    VDB_SPEC_NUMBER = 1,
    VDB_SPEC_LIST = 2,
    VDB_SPEC_WORD = 4
};

/* What a name takes: arguments find their parameter by position or by key. */
typedef struct vdb_spec_parameter {
    const char *name;
    const char *also; /* a second key, or NULL */
    unsigned types;   /* of enum vdb_spec_types */
    bool required;
    bool only_by_key; /* after all positional ones in the table */
} vdb_spec_parameter;

/* bound[i] becomes the argument of parameter i, NULL when not given.  VARSDB_INVALID: too
 * many, twice, unknown key, of another type, or a required one is missing. */
int vdb_spec_bind(vdb_error *e, const char *what, const vdb_spec *spec, const vdb_spec_parameter *parameters,
                  size_t count, const vdb_spec_argument **bound);

#endif
