/*
 * subject.h - whose value is looked at: a variable's as it is, or as a snapshot has it.
 */
#ifndef CLI_SUBJECT_H
#define CLI_SUBJECT_H

#include "cli.h"

typedef struct subject {
    const varsdb_variable *variable; /* NULL: it is a snapshot's */
    int64_t snapshot;
    const char *name; /* of a snapshot's; as it was given */
    varsdb_dtype dtype;
    int rank;
    int64_t dims[VARSDB_RANK_MAX];
} subject;

void subject_of(const varsdb_variable *variable, subject *out);
/* What the snapshot has of that name; name is borrowed.  CLI_NO when it has none. */
int subject_at(cli *c, int64_t snapshot, const char *name, subject *out);

/* Borrowed from s. */
varsdb_shape subject_shape(const subject *s);

/* These return the library's results. */
int subject_read_range(cli *c, const subject *s, uint64_t offset, void *buffer, size_t bytes);
int subject_read_strings(cli *c, const subject *s, varsdb_string_cb callback, void *payload);
/* Calls back once. */
int subject_describe(cli *c, const subject *s, varsdb_variable_cb callback, void *payload);

#endif
