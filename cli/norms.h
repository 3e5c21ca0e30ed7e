/*
 * norms.h - the norms of all variables of a snapshot, by name.  A name is held as 64 bits of hash: 24 bytes
 * a variable, where the query that looks up each of a million names takes a minute.
 */
#ifndef CLI_NORMS_H
#define CLI_NORMS_H

#include "cli.h"

typedef struct norm {
    uint64_t hash;
    double value, earlier; /* earlier: in the snapshot before; NaN: there is none */
} norm;

typedef struct norms {
    size_t count, room;
    norm *items; /* by hash */
    bool failed;
} norms;

int norms_read(cli *c, int64_t snapshot, norms *out);
/* Of the last two snapshots before that one, or of all (0); none, if there is none. */
int norms_read_last(cli *c, int64_t before, norms *out);
/* The norm that was there before one of `now` was: where the snapshot has that too, the earlier one.  False:
 * none is known. */
bool norms_find(const norms *n, const char *name, double now, double *out);
void norms_release(norms *n);

#endif
