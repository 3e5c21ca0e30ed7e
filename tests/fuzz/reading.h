/*
 * reading.h - all that can be read of a stranger's registry by the library's calls.
 */
#ifndef FUZZ_READING_H
#define FUZZ_READING_H

#include "varsdb.h"

void read_namespaces(varsdb *db); /* every variable of every namespace */
void read_selected(varsdb *db);   /* scopes, parts, losses, the global step, what tf-slim selects */
void read_snapshots(varsdb *db);

#endif
