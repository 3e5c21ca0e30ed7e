/*
 * faulty.h - an engine in front of a handle's own: it counts what the handle asks of the
 * database, and fails the statement or the commit that a test chooses.  One at a time.
 */
#ifndef TESTS_FAULTY_H
#define TESTS_FAULTY_H

#include "registry.h"
#include "varsdb.h"

typedef struct faulty_counts {
    int statements, begins, commits, data_versions;
} faulty_counts;

/* Puts the engine in front; counts start at 0. */
void faulty_install(varsdb *db);
/* The same, and whatever else may fail does in its turn: a beginning, the next row, bytes of a blob, a
 * rollback of what was written, which is undone all the same. */
void faulty_install_whole(varsdb *db);
void faulty_remove(varsdb *db);
/* The statement or commit after `after` more ones fails with VARSDB_IO; negative: none does any more. */
void faulty_fail(int after);
/* As faulty_fail, and all that come after it fail too. */
void faulty_fail_from(int after);
/* What is refused says this code instead of VARSDB_IO, until the engine is installed anew. */
void faulty_say(int code);
/* Whether the one that was chosen last was reached. */
int faulty_failed(void);
/* What was asked since the last call. */
faulty_counts faulty_take_counts(void);
/* Calls until no statement is left to fail, one more succeeding each time: every failure is VARSDB_IO
 * and leaves the registry as it was.  Returns how many failed. */
int faulty_fail_each(registry *r, int (*call)(void *argument), void *argument);

#endif
