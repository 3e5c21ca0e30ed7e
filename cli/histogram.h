/*
 * histogram.h - how the finite values of a variable are spread, by reading them once.
 */
#ifndef CLI_HISTOGRAM_H
#define CLI_HISTOGRAM_H

#include "subject.h"

#define HISTOGRAM_BINS 20

typedef struct histogram {
    int bins; /* 0: there is no finite value, or no number at all; 1: all are equal */
    double low, high;
    int64_t counts[HISTOGRAM_BINS];
} histogram;

/* min and max are those of the finite values, as text. */
int histogram_read(cli *c, const subject *of, const char *min, const char *max, histogram *out);
/* Where bin i begins; for i == bins where the last one ends. */
double histogram_edge(const histogram *h, int i);
/* The counts as one line of bars. */
void histogram_print_line(sink *to, const histogram *h);
void histogram_print(sink *to, const histogram *h);
/* As a JSON array of {"low":..,"high":..,"count":..}; NULL when out of memory, else to be freed. */
char *histogram_json(const histogram *h);

#endif
