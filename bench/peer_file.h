/*
 * peer_file.h - the same bytes by plain C in one raw file.
 */
#ifndef BENCH_PEER_FILE_H
#define BENCH_PEER_FILE_H

#include "tensors.h"

/* A new file with all tensors, one after the other, synced. */
void peer_file_write(const char *path, const struct tensors *tensors);
/* All of it back, by read(2). */
void peer_file_read(const char *path, struct tensors *tensors);

int peer_file_open(const char *path);
void peer_file_at(int fd, uint64_t offset, void *buffer, size_t bytes);
/* Appends to the file, and makes it if need be. */
int peer_file_create(const char *path);
void peer_file_append(int fd, const void *data, size_t bytes);
void peer_file_sync_and_close(int fd);
/* Copies a file by read(2) and write(2) of 1 MiB, syncs it, and gives it its name. */
void peer_file_copy(const char *from, const char *to);

#endif
