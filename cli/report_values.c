/*
 * report_values.c - of report.h: what takes reading of values, each up to a bound: histograms, the smallest
 * variables first, so that most have one; how far values moved, the newest snapshots first.
 */
#include <math.h>
#include <stdlib.h>

#include "histogram.h"
#include "print.h"
#include "report.h"

/* ---- histograms */

/* More are not looked at, and each variable that is read is held by the handle. */
#define HISTOGRAMS_MAX 20000

typedef struct queue {
    size_t count;
    size_t *numbers;
} queue;

static int smaller_first(const void *left, const void *right, void *payload)
{
    const report_item *items = payload;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    if (items[a].bytes != items[b].bytes)
        return items[a].bytes < items[b].bytes ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Those that have numbers to be counted; complex ones have no order to count them in. */
static bool countable(const report_item *item)
{
    return item->ranges && varsdb_dtype_bits(item->dtype) && item->dtype != VARSDB_COMPLEX64 &&
           item->dtype != VARSDB_COMPLEX128;
}

static bool line_up(const report *r, queue *out)
{
    out->numbers = calloc(r->names.count + 1, sizeof *out->numbers);
    if (!out->numbers)
        return false;
    for (size_t i = 0; i < r->names.count; i++)
        if (countable(&r->items[i]))
            out->numbers[out->count++] = i;
    if (out->count)
        qsort_r(out->numbers, out->count, sizeof *out->numbers, smaller_first, r->items);
    return true;
}

static int read_histogram(report *r, size_t number, histogram *out)
{
    const report_item *item = &r->items[number];
    const char *name = names_at(&r->names, number);
    char low[PRINT_NUMBER_MAX + 1], high[PRINT_NUMBER_MAX + 1];
    subject of = {.snapshot = item->snapshot, .name = name, .dtype = item->dtype, .rank = 1};
    of.dims[0] = item->elements;
    if (!item->snapshot && varsdb_find_variable(r->c->db, name, &of.variable) != VARSDB_OK)
        return cli_fail_db(r->c);
    low[print_double(low, item->low)] = '\0';
    high[print_double(high, item->high)] = '\0';
    return histogram_read(r->c, &of, low, high, out);
}

static void write_histogram(report *r, size_t number, const histogram *h)
{
    json_open(&r->json, '[');
    json_int(&r->json, (int64_t)number);
    json_real(&r->json, h->low);
    json_real(&r->json, h->high);
    for (int i = 0; i < h->bins; i++)
        json_int(&r->json, h->counts[i]);
    json_close(&r->json, ']');
}

static int write_histograms(report *r, const queue *q, uint64_t *left, size_t *left_out)
{
    size_t i = 0;
    int status = CLI_DONE;
    for (; i < q->count && status == CLI_DONE; i++) {
        histogram h = {0};
        uint64_t bytes = (uint64_t)r->items[q->numbers[i]].bytes;
        if (bytes > *left || i == HISTOGRAMS_MAX)
            break;
        *left -= bytes;
        status = report_progress(r, "reading values", i, q->count);
        if (status == CLI_DONE)
            status = read_histogram(r, q->numbers[i], &h);
        if (status == CLI_DONE && h.bins)
            write_histogram(r, q->numbers[i], &h);
    }
    *left_out = q->count - i;
    return status == CLI_DONE ? report_end_list(r, VARSDB_OK) : status;
}

int report_histograms(report *r)
{
    queue q = {0};
    uint64_t left = r->options->histogram_bytes;
    size_t left_out = 0;
    if (!line_up(r, &q))
        return cli_fail_memory(r->c);
    json_key(&r->json, "histograms");
    json_open(&r->json, '[');
    int status = left ? write_histograms(r, &q, &left, &left_out) : CLI_DONE;
    json_close(&r->json, ']');
    if (!r->options->histogram_bytes)
        left_out = q.count;
    free(q.numbers);
    json_key(&r->json, "histogram_bytes");
    json_int(&r->json, (int64_t)r->options->histogram_bytes);
    json_key(&r->json, "without_histogram");
    json_int(&r->json, (int64_t)left_out);
    return status;
}

/* ---- how far values moved */

static int write_change(void *payload, const varsdb_difference *d)
{
    report *r = payload;
    size_t number = names_find(&r->names, d->name);
    if (d->change != VARSDB_VALUE_CHANGED || !d->has_delta || number == REPORT_NO_NAME)
        return report_stop(r);
    json_int(&r->json, (int64_t)number);
    json_real(&r->json, d->rel_l2);
    return report_stop(r);
}

static int stop_when_asked(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    (void)doing;
    return report_progress(payload, "comparing snapshots", done, total) != CLI_DONE;
}

/* From snapshot i to the next newer one, or to the present. */
static int write_step(report *r, size_t i)
{
    int64_t to = i + 1 < r->snapshot_count ? r->snapshots[i + 1].id : 0;
    json_open(&r->json, '[');
    json_int(&r->json, (int64_t)i);
    int rc = varsdb_diff(r->c->db, r->snapshots[i].id, to,
                         VARSDB_DIFF(.filter = r->filter, .progress = stop_when_asked, .payload = r),
                         write_change, r);
    json_close(&r->json, ']');
    sink_char(r->json.to, '\n');
    return report_end_list(r, rc);
}

int report_changes(report *r)
{
    uint64_t left = r->options->change_bytes;
    int status = CLI_DONE;
    json_key(&r->json, "changes");
    json_open(&r->json, '[');
    for (size_t i = r->snapshot_count; i-- > 0 && status == CLI_DONE && left;) {
        if (r->snapshots[i].moved > left)
            break;
        left -= r->snapshots[i].moved;
        status = write_step(r, i);
    }
    json_close(&r->json, ']');
    json_key(&r->json, "change_bytes");
    json_int(&r->json, (int64_t)r->options->change_bytes);
    return status;
}
