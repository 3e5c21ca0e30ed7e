/*
 * results.c - the rows of the tables for programs: JSON, one object a line.
 */
#include "results.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "timer.h"

static void write_text(FILE *file, const char *key, const char *text)
{
    fprintf(file, "\"%s\": \"", key);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < ' ')
            fprintf(file, "\\u%04x", (unsigned)*at);
        else
            fprintf(file, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
    fprintf(file, "\"");
}

/* JSON has neither infinities nor NaN, which a ratio of noughts would be. */
static void write_number(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, "%.9g", value);
    else
        fprintf(file, "null");
}

static void write_side(FILE *file, const char *key, const double *values, size_t rounds)
{
    double sorted[REPORT_ROUNDS_MAX];
    struct summary s;

    for (size_t i = 0; i < rounds; i++)
        sorted[i] = values[i];
    s = timer_summarize(sorted, rounds);
    fprintf(file, ", \"%s\": {\"median\": ", key);
    write_number(file, s.median);
    fprintf(file, ", \"min\": ");
    write_number(file, s.min);
    fprintf(file, ", \"max\": ");
    write_number(file, s.max);
    fprintf(file, ", \"rounds\": [");
    for (size_t i = 0; i < rounds; i++) {
        fprintf(file, "%s", i > 0 ? ", " : "");
        write_number(file, values[i]);
    }
    fprintf(file, "]}");
}

/* NULL: nobody asks for results. */
static FILE *begin_row(const char *name, const char *unit, const char *goal)
{
    const char *path = getenv("RESULTS");
    FILE *file;

    if (path == NULL || *path == '\0')
        return NULL;
    file = fopen(path, "ae");
    if (file == NULL)
        fail_errno(path);
    fprintf(file, "{");
    write_text(file, "program", program_invocation_short_name);
    fprintf(file, ", ");
    write_text(file, "name", name);
    fprintf(file, ", ");
    write_text(file, "unit", unit);
    fprintf(file, ", ");
    write_text(file, "goal", goal);
    return file;
}

static void end_row(FILE *file)
{
    fprintf(file, "}\n");
    if (fclose(file) != 0)
        fail_errno("results");
}

void results_workload(const struct workload *workload)
{
    FILE *file = begin_row(workload->name, workload->unit, workload->goal);
    double ratios[REPORT_ROUNDS_MAX];

    if (file == NULL)
        return;
    for (size_t i = 0; i < workload->rounds; i++)
        ratios[i] = workload->ours[i] / workload->peer[i];
    write_side(file, "ratio", ratios, workload->rounds);
    write_side(file, "ours", workload->ours, workload->rounds);
    write_side(file, "peer", workload->peer, workload->rounds);
    end_row(file);
}

void results_figure(const struct workload *workload)
{
    FILE *file = begin_row(workload->name, workload->unit, workload->goal);

    if (file == NULL)
        return;
    fprintf(file, ", \"ratio\": null");
    write_side(file, "ours", workload->ours, workload->rounds);
    fprintf(file, ", \"peer\": null");
    end_row(file);
}

void results_left_out(const char *name, const char *goal, const char *why)
{
    FILE *file = begin_row(name, "", goal);

    if (file == NULL)
        return;
    fprintf(file, ", \"ratio\": null, \"ours\": null, \"peer\": null, ");
    write_text(file, "left_out", why);
    end_row(file);
}
