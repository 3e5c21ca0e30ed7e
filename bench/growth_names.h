/*
 * growth_names.h - what every operation costs beside so many variables.
 */
#ifndef BENCH_GROWTH_NAMES_H
#define BENCH_GROWTH_NAMES_H

/* Registries of 10^3, 10^4, ... variables, `count` sizes, in the directory.  `command` is varsdb, `self`
 * this program. */
void bench_growth_names(const char *directory, char *command, char *self, unsigned count);

#endif
