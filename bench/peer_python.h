/*
 * peer_python.h - ours against what programs in Python save tensors with.
 */
#ifndef BENCH_PEER_PYTHON_H
#define BENCH_PEER_PYTHON_H

#include "bench.h"

void bench_python(const struct bench *bench);

#endif
