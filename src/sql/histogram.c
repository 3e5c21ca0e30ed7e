/* histogram.c - see histogram.h. */
#include "histogram.h"

#include <math.h>

/* Halves where the width from the least to the greatest double overflows.  Rounding may miss by one what
 * the edges say. */
static int bin_of(const vdb_histogram *h, double x)
{
    double width = h->high - h->low;
    double share = isfinite(width) ? (x - h->low) / width : (x / 2 - h->low / 2) / (h->high / 2 - h->low / 2);
    if (h->bins == 1)
        return 0;
    int i = share < 1 ? (int)(share * h->bins) : h->bins - 1;
    if (i > 0 && x < vdb_histogram_edge(h, i))
        return i - 1;
    return i + 1 < h->bins && x >= vdb_histogram_edge(h, i + 1) ? i + 1 : i;
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

/* Products first, so that whole numbers stay whole; shares where they overflow. */
double vdb_histogram_edge(const vdb_histogram *h, int i)
{
    double width = h->high - h->low, share = (double)i / h->bins;
    if (i >= h->bins)
        return h->high;
    return isfinite(width * h->bins) ? h->low + width * i / h->bins : h->low * (1 - share) + h->high * share;
}
