/* histogram.c - see histogram.h. */
#include "histogram.h"

#include <math.h>

/* Halves, since the width of a range from the least to the greatest double overflows. */
static int bin_of(const vdb_histogram *h, double x)
{
    double width = h->high / 2 - h->low / 2;
    double at = width > 0 ? (x / 2 - h->low / 2) / width * h->bins : 0;
    return at < 0 ? 0 : at >= h->bins ? h->bins - 1 : (int)at;
}

void vdb_histogram_widen(vdb_histogram *h, varsdb_dtype dtype, const void *data, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        double x = 0;
        varsdb_element_real(dtype, data, i, &x);
        if (!isfinite(x))
            continue;
        h->low = h->bins == 0 || x < h->low ? x : h->low;
        h->high = h->bins == 0 || x > h->high ? x : h->high;
        h->bins = 1;
    }
}

void vdb_histogram_add(vdb_histogram *h, varsdb_dtype dtype, const void *data, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        double x = 0;
        varsdb_element_real(dtype, data, i, &x);
        if (isfinite(x))
            h->counts[bin_of(h, x)]++;
    }
}

double vdb_histogram_edge(const vdb_histogram *h, int i)
{
    double share = (double)i / h->bins;
    return i >= h->bins ? h->high : h->low * (1 - share) + h->high * share;
}
