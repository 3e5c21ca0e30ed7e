/*
 * file.h - the files of a benchmark, all in its directory.
 */
#ifndef BENCH_FILE_H
#define BENCH_FILE_H

#include <stdint.h>

enum {
    FILE_PATH_ROOM = 1024
};

void file_path(const char *directory, const char *name, char path[FILE_PATH_ROOM]);
/* The same of a file that is to be made: what an earlier workload left there is removed,
 * with what SQLite and the registry keep beside it. */
void file_fresh(const char *directory, const char *name, char path[FILE_PATH_ROOM]);

int64_t file_bytes(const char *path);
/* What the file system has left. */
int64_t file_room(const char *directory);
/* What earlier workloads wrote is on the disk, so that nobody else pays for it. */
void file_settle(const char *directory);

#endif
