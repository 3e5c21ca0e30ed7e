/*
 * norms.h - the norms of all variables of a snapshot, by name.  A name is held as 64 bits of hash: 16 bytes
 * a variable, where the query that looks up each of a million names takes a minute.
 */
#ifndef CLI_NORMS_H
#define CLI_NORMS_H

#include "cli.h"

typedef struct norm {
    uint64_t hash;
    double value;
} norm;

typedef struct norms {
    size_t count, room;
    norm *items; /* by hash */
    bool failed;
} norms;

int norms_read(cli *c, int64_t snapshot, norms *out);
/* Whether the snapshot has a norm of that name. */
bool norms_find(const norms *n, const char *name, double *out);
void norms_release(norms *n);

#endif
