/*
 * disk.h - a disk that gets full when a test says so: in front of SQLite's own file system, for
 * all files of this process that are opened after disk_install.
 */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

#include <stdbool.h>

void disk_install(void);
/* After so many more writes every one fails, until it is called again; negative: none does. */
void disk_fill(int writes);
/* Whether a write failed since then. */
bool disk_was_full(void);

#endif
