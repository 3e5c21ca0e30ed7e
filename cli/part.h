/*
 * part.h - names that are a variable's or a part's: "w/part_1" is a slice of w.
 */
#ifndef CLI_PART_H
#define CLI_PART_H

#include "cli.h"
#include "shape.h"

typedef struct part {
    bool given; /* otherwise the whole variable is meant, and only shape is set */
    int64_t index, count, offset;
    int axis;
    varsdb_shape shape; /* in dims */
    int64_t dims[VARSDB_RANK_MAX];
} part;

/* Finds the variable of that full name, or that a part of the name belongs to.  NULL with the line
 * printed, its status in *status. */
const varsdb_variable *part_pick(cli *c, const char *name, part *out, int *status);
/* A slice of the part, counted from the part's beginning, as a slice of the variable. */
int part_slice(cli *c, const char *text, const part *p, const varsdb_variable *variable, slice *out);

#endif
