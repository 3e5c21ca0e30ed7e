/*
 * series.h - a series of checkpoints, of which a part of the tensors changes each time.
 */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include "contest.h"

void bench_series(const struct contest *contest);

#endif
