/*
 * stream.h - a tensor that is larger than memory, made while it is saved.
 */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stdint.h>

#include "varsdb.h"

/* Pieces of random float32 that all differ, so that nothing of it is stored once for twice. */
struct stream;

struct stream *stream_new(size_t piece_bytes);
void stream_free(struct stream *stream);
/* From its beginning again, with values that no earlier one had. */
void stream_begin(struct stream *stream);
/* The next piece; valid until the one after it. */
const void *stream_piece(struct stream *stream, size_t *bytes);

/* A variable for so many bytes, a multiple of 4, without a value yet. */
const varsdb_variable *stream_variable(varsdb *db, const char *name, int64_t bytes);
/* Begins the stream and saves so many bytes of it, a multiple of its pieces, to durable commit. */
void stream_save(struct stream *stream, varsdb *db, const varsdb_variable *variable, int64_t bytes);

#endif
