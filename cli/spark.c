/* spark.c - see spark.h. */
#include "spark.h"

#include <math.h>

#include "print.h"

#define LEVELS 8

static const char *const utf8_bars[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii_bars[LEVELS] = {"_", ".", ":", "-", "=", "+", "*", "#"};

/* The greatest of values[from] to values[to - 1]; NAN as soon as one of them is not finite: it is
 * what is looked for. */
static double greatest(const double *values, size_t from, size_t to)
{
    double most = -INFINITY;
    for (size_t i = from; i < to; i++) {
        if (!isfinite(values[i]))
            return NAN;
        most = values[i] > most ? values[i] : most;
    }
    return most;
}

/* Halves, so that the width of a range of the largest doubles does not overflow. */
static int level_of(double value, double low, double high)
{
    if (low >= high)
        return LEVELS / 2;
    double at = (value / 2 - low / 2) / (high / 2 - low / 2) * LEVELS;
    return at >= LEVELS ? LEVELS - 1 : at > 0 ? (int)at : 0;
}

void spark_print(sink *to, const double *values, size_t count, size_t columns)
{
    const char *const *bars = print_locale_is_utf8() ? utf8_bars : ascii_bars;
    double low = INFINITY, high = -INFINITY;
    size_t shown = count < columns ? count : columns;
    for (size_t i = 0; i < shown; i++) {
        double value = greatest(values, count * i / shown, count * (i + 1) / shown);
        if (!isfinite(value))
            continue;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    for (size_t i = 0; i < shown; i++) {
        double value = greatest(values, count * i / shown, count * (i + 1) / shown);
        sink_text(to, isfinite(value) ? bars[level_of(value, low, high)] : "x");
    }
}
