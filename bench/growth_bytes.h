/*
 * growth_bytes.h - what operations cost beside so many bytes of tensors.
 */
#ifndef BENCH_GROWTH_BYTES_H
#define BENCH_GROWTH_BYTES_H

/* Registries of 1, 4, 16, 64 GiB of tensors, the first `count` of them, in the directory; of 64 and 256 MiB
 * when it is to be quick. */
void bench_growth_bytes(const char *directory, int is_quick, unsigned count);

#endif
