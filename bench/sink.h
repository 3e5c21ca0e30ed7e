/*
 * sink.h - a file that is written from its beginning to its end; what cannot be written ends the benchmark.
 */
#ifndef BENCH_SINK_H
#define BENCH_SINK_H

#include <stdint.h>
#include <stdio.h>

/* The path must be free. */
FILE *sink_open(const char *path);
void sink_put(FILE *file, const void *bytes, size_t count);
/* An unsigned number of at most 8 bytes, as this machine has it: little-endian. */
void sink_put_number(FILE *file, uint64_t number, size_t bytes);
void sink_close(FILE *file);

#endif
