/* histogram.c - see histogram.h. */
#include "histogram.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "spark.h"
#include "values.h"

#define BAR_COLUMNS 36 /* a row is 80 columns with its numbers */
#define ROW_BYTES   160

typedef struct counting {
    histogram h;
    varsdb_dtype dtype;
} counting;

/* Halves, so that the width of a range of the largest doubles does not overflow. */
static int bin_of(const histogram *h, double value)
{
    double at = (value / 2 - h->low / 2) / (h->high / 2 - h->low / 2) * h->bins;
    return at < 0 ? 0 : at >= h->bins ? h->bins - 1 : (int)at;
}

static int count_block(void *payload, const void *data, size_t from, size_t count)
{
    counting *c = payload;
    for (size_t i = from; i < from + count; i++) {
        double value;
        if (varsdb_element_real(c->dtype, data, i, &value) == VARSDB_OK && isfinite(value))
            c->h.counts[c->h.bins > 1 ? bin_of(&c->h, value) : 0]++;
    }
    return CLI_DONE;
}

static int64_t element_count(const subject *of)
{
    int64_t n = 1;
    for (int i = 0; i < of->rank; i++)
        n *= of->dims[i];
    return n;
}

int histogram_read(cli *c, const subject *of, const char *min, const char *max, histogram *out)
{
    counting counted = {.dtype = of->dtype};
    values v;
    *out = counted.h;
    if (!varsdb_dtype_bits(counted.dtype))
        return CLI_DONE;
    counted.h.low = strtod(min, NULL);
    counted.h.high = strtod(max, NULL);
    if (!isfinite(counted.h.low) || !isfinite(counted.h.high))
        return CLI_DONE;
    counted.h.bins = counted.h.low < counted.h.high ? HISTOGRAM_BINS : 1;
    int status = values_open(c, of, &v);
    if (status != CLI_DONE)
        return status;
    status = values_each(&v, 0, element_count(of), count_block, &counted);
    values_close(&v);
    if (status == CLI_DONE)
        *out = counted.h;
    return status;
}

double histogram_edge(const histogram *h, int i)
{
    if (i >= h->bins)
        return h->high;
    double part = (double)i / h->bins;
    return h->low * (1 - part) + h->high * part;
}

void histogram_print_line(sink *to, const histogram *h)
{
    double counts[HISTOGRAM_BINS];
    if (h->bins < 2)
        return;
    for (int i = 0; i < h->bins; i++)
        counts[i] = (double)h->counts[i];
    sink_text(to, "spread       ");
    spark_print(to, counts, (size_t)h->bins, HISTOGRAM_BINS);
    sink_printf(to, "  %.5g to %.5g\n", h->low, h->high);
}

void histogram_print(sink *to, const histogram *h)
{
    const char *stroke = print_locale_is_utf8() ? "█" : "#";
    int64_t most = 1;
    for (int i = 0; i < h->bins; i++)
        most = h->counts[i] > most ? h->counts[i] : most;
    for (int i = 0; i < h->bins; i++) {
        double columns = (double)h->counts[i] / (double)most * BAR_COLUMNS;
        int bar = h->counts[i] && columns < 1 ? 1 : (int)columns;
        sink_printf(to, "  %12.5g %12.5g %12lld", histogram_edge(h, i), histogram_edge(h, i + 1),
                    (long long)h->counts[i]);
        if (bar)
            sink_text(to, "  ");
        while (bar--)
            sink_text(to, stroke);
        sink_char(to, '\n');
    }
}

char *histogram_json(const histogram *h)
{
    char *text = malloc((size_t)h->bins * ROW_BYTES + 3);
    size_t used = 0;
    if (!text)
        return NULL;
    text[used++] = '[';
    for (int i = 0; i < h->bins; i++) {
        char low[PRINT_NUMBER_MAX], high[PRINT_NUMBER_MAX];
        int low_bytes = (int)print_double(low, histogram_edge(h, i));
        int high_bytes = (int)print_double(high, histogram_edge(h, i + 1));
        used += (size_t)snprintf(text + used, ROW_BYTES, "%s{\"low\":%.*s,\"high\":%.*s,\"count\":%lld}",
                                 i ? "," : "", low_bytes, low, high_bytes, high, (long long)h->counts[i]);
    }
    memcpy(text + used, "]", 2);
    return text;
}
