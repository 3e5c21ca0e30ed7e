/*
 * queries.h - which variables there are: by collection, scope, name, statistics.
 */
#ifndef BENCH_QUERIES_H
#define BENCH_QUERIES_H

void bench_queries(const char *directory, int is_quick);

#endif
