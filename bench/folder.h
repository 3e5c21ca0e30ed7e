/*
 * folder.h - a directory with all that one store keeps.
 */
#ifndef BENCH_FOLDER_H
#define BENCH_FOLDER_H

#include <stdint.h>

#include "file.h"

/* An empty one: what was there is removed, and the removal is on the disk. */
void folder_fresh(const char *directory, const char *name, char path[FILE_PATH_ROOM]);
void folder_remove(const char *path);
/* Of all its files. */
int64_t folder_bytes(const char *path);
/* The kernel's cache has nothing of its files any more; nobody has them mapped. */
void folder_forget(const char *path);

#endif
