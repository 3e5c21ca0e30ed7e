/*
 * archive.h - a zip file, below 4 GiB, as other programs make them.
 */
#ifndef BENCH_ARCHIVE_H
#define BENCH_ARCHIVE_H

#include <stddef.h>

struct archive;

/* The path must be free. */
struct archive *archive_new(const char *path);
/* Adds a member, as it is or deflated. */
void archive_store(struct archive *archive, const char *name, const void *bytes, size_t count);
void archive_deflate(struct archive *archive, const char *name, const void *bytes, size_t count);
/* Writes the directory, closes the file, and frees it. */
void archive_end(struct archive *archive);

#endif
