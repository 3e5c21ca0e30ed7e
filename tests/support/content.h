/*
 * content.h - what a registry has, twice: what the public interface shows of it, and its rows.
 */
#ifndef TEST_CONTENT_H
#define TEST_CONTENT_H

#include <stdint.h>

#include "varsdb.h"

#define CONTENT_BYTES 16384

typedef struct content {
    char text[CONTENT_BYTES];
} content;

/* Names, shapes, collections, attributes, versions and hashes, of now and of all snapshots, namespaces,
 * scopes and their defaults, and verifies that the bytes have these hashes.  `when` is for messages. */
void content_show(varsdb *db, const char *when, content *out);
/* A number for all rows of the file, but for those of garbage and of sessions. */
uint64_t content_rows(const char *path);
/* The first column of the first row. */
int64_t content_number(const char *path, const char *sql);
/* How many chunks, pins and sessions are of no use. */
int64_t content_garbage(const char *path);

#endif
