/*
 * changing.h - all that can be done to a stranger's registry.
 */
#ifndef FUZZ_CHANGING_H
#define FUZZ_CHANGING_H

#include "varsdb.h"

void change_variables(varsdb *db);
void change_snapshots(varsdb *db);
/* Garbage collection, a checkpoint, a backup, an export; copies go where hostile_copy() says. */
void keep_up(varsdb *db);

#endif
