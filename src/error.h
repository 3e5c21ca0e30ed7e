/*
 * error.h - one result code and one sentence for the last thing that failed.
 *
 * Whatever can fail takes a vdb_error to tell people why: the thing's name, what
 * was asked, what is there, what to do.  One line, no allocation, so that running
 * out of memory can be reported too.
 */
#ifndef VDB_ERROR_H
#define VDB_ERROR_H

#include <stdarg.h>

#include "varsdb.h"

#define VDB_ERROR_BYTES 1024

typedef struct vdb_error {
    int code;
    char text[VDB_ERROR_BYTES];
} vdb_error;

/* Sets code and text, and returns code.  Control characters in the text become '?'. */
__attribute__((format(printf, 3, 4))) int vdb_fail(vdb_error *e, int code, const char *format, ...);
/* Puts "what: " before the text that is there; keeps the code. */
__attribute__((format(printf, 2, 3))) int vdb_fail_in(vdb_error *e, const char *format, ...);
int vdb_fail_nomem(vdb_error *e);
void vdb_error_clear(vdb_error *e);

#endif
