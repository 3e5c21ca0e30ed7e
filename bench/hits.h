/*
 * hits.h - many processes that ask for variables which are there, all at once.
 */
#ifndef BENCH_HITS_H
#define BENCH_HITS_H

/* `self` is this program. */
void bench_hits(const char *directory, char *self, int is_quick);

#endif
