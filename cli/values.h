/*
 * values.h - the elements of a variable through a window of bounded size, whatever
 * the size of the tensor.
 */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include "subject.h"

#define VALUES_WINDOW 1048576

typedef struct values {
    cli *c;
    const subject *of;
    varsdb_dtype dtype;
    uint64_t block; /* elements that are one item: of opaque blocks, else 1 */
    uint64_t bits;  /* of an item */
    uint64_t total; /* bytes of the tensor */
    unsigned char *window;
    uint64_t at; /* where the window is in the tensor, in bytes */
    size_t held;
} values;

/* Not for strings.  of is borrowed.  The line is printed when there is no value. */
int values_open(cli *c, const subject *of, values *out);
void values_close(values *v);

/* Calls back with items [first, first + count) by the window: of the packed items at data,
 * those from `from` on.  from is 0 unless items are smaller than a byte.  Stops at the first
 * result that is not CLI_DONE, and returns it. */
typedef int (*values_cb)(void *payload, const void *data, size_t from, size_t count);
int values_each(values *v, int64_t first, int64_t count, values_cb callback, void *payload);

#endif
