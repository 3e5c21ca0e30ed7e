/*
 * bench_stats.c - how fast the statistics of a tensor are, on one core (j).
 *
 *     bench_stats [--quick]
 *
 * It uses a private header: nothing public computes statistics alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "report.h"
#include "stats.h"
#include "tensors.h"
#include "timer.h"

static double measure(const unsigned char *data, size_t bytes)
{
    const size_t chunk = 1 << 20;
    double start = timer_now(), seconds;
    vdb_stats stats;

    vdb_stats_begin(&stats, VARSDB_FLOAT32);
    for (size_t done = 0; done < bytes; done += chunk)
        vdb_stats_add(&stats, data + done, chunk / sizeof(float));
    seconds = timer_now() - start;
    if (stats.finite != (int64_t)(bytes / sizeof(float)) || !(vdb_stats_l2_norm(&stats) > 0.0))
        fail("statistics", "are wrong");
    return (double)bytes / seconds * 1e-9;
}

int main(int argc, char **argv)
{
    int is_quick = argc == 2 && strcmp(argv[1], "--quick") == 0;
    size_t bytes = is_quick ? (size_t)64 << 20 : (size_t)512 << 20;
    struct workload w = {.name = "(j) statistics of float32, one core, chunks of 1 MiB",
                         .unit = "GB/s",
                         .goal = ">= 4 GB/s",
                         .rounds = is_quick ? 3 : 5};
    unsigned char *data = must_allocate(1, bytes);

    tensors_fill(data, bytes, 1);
    (void)measure(data, bytes);
    for (size_t r = 0; r < w.rounds; r++)
        w.ours[r] = measure(data, bytes);
    report_header("");
    report_figure(&w);
    free(data);
    return 0;
}
