/*
 * growth.c - how figures change with the size of what they are taken of.
 */
#include "growth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "timer.h"

enum {
    NAME_WIDTH = 44,
    CELL_WIDTH = 24,
    TEXT_ROOM = 64
};

/* The figures of a row at a size. */
struct cell {
    double rounds[GROWTH_ROUNDS_MAX];
    size_t count;
};

struct growth {
    const char *of;
    const struct growth_row *rows;
    size_t row_count, size_count;
    double sizes[GROWTH_SIZES_MAX];
    const char *labels[GROWTH_SIZES_MAX];
    struct cell *cells; /* GROWTH_SIZES_MAX for each row */
};

struct growth *growth_new(const char *of, const struct growth_row *rows, size_t count)
{
    struct growth *growth = must_allocate(1, sizeof *growth);

    *growth = (struct growth){.of = of, .rows = rows, .row_count = count};
    growth->cells = must_allocate(count * GROWTH_SIZES_MAX, sizeof *growth->cells);
    return growth;
}

void growth_free(struct growth *growth)
{
    free(growth->cells);
    free(growth);
}

void growth_at(struct growth *growth, double size, const char *label)
{
    if (growth->size_count == GROWTH_SIZES_MAX)
        fail(label, "is a size too many");
    growth->sizes[growth->size_count] = size;
    growth->labels[growth->size_count++] = label;
}

static struct cell *cell_of(const struct growth *growth, size_t row, size_t size)
{
    return &growth->cells[row * GROWTH_SIZES_MAX + size];
}

void growth_add(struct growth *growth, size_t row, double value)
{
    struct cell *cell = cell_of(growth, row, growth->size_count - 1);

    if (cell->count == GROWTH_ROUNDS_MAX)
        fail(growth->rows[row].name, "has a round too many");
    cell->rounds[cell->count++] = value;
}

static struct summary summary_of(const struct cell *cell)
{
    struct cell copy = *cell; /* a summary sorts */

    return timer_summarize(copy.rounds, copy.count);
}

/* ---- Printing ---- */

/* The slope of the line through (log size, log figure) that least squares choose; one size has none. */
static double exponent_of(const struct growth *growth, size_t row)
{
    double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, n = 0.0;

    for (size_t i = 0; i < growth->size_count; i++) {
        const struct cell *cell = cell_of(growth, row, i);

        if (cell->count > 0) {
            double at = log(growth->sizes[i]), value = log(summary_of(cell).min);

            n += 1.0;
            x += at;
            y += value;
            xx += at * at;
            xy += at * value;
        }
    }
    return n < 2.0 ? NAN : (n * xy - x * y) / (n * xx - x * x);
}

/* The most that a size takes of what the best of those before it took. */
static double worst_of(const struct growth *growth, size_t row)
{
    double best = INFINITY, worst = 1.0;

    for (size_t i = 0; i < growth->size_count; i++)
        if (cell_of(growth, row, i)->count > 0) {
            double least = summary_of(cell_of(growth, row, i)).min;

            worst = fmax(worst, least / best);
            best = fmin(best, least);
        }
    return worst;
}

static const char *verdict(enum growth_goal goal, double exponent, double worst)
{
    switch (goal) {
    case GROWTH_FLAT:
        return worst <= 2.0 ? "flat" : "GROWS";
    case GROWTH_LINEAR:
        return !(exponent > 1.1) ? "linear" : "MORE THAN LINEAR";
    case GROWTH_FREE:
    default:
        return "";
    }
}

static void print_cell(const struct cell *cell)
{
    char text[TEXT_ROOM] = "";

    if (cell->count > 0) {
        struct summary s = summary_of(cell);
        int after = s.median < 10.0 ? 2 : s.median < 100.0 ? 1 : 0;

        if (cell->count == 1)
            snprintf(text, sizeof text, "%.*f", after, s.median);
        else
            snprintf(text, sizeof text, "%.*f (%.*f-%.*f)", after, s.median, after, s.min, after, s.max);
    }
    printf(" | %-*s", CELL_WIDTH, text);
}

static void print_row(const struct growth *growth, size_t row)
{
    char name[TEXT_ROOM + 16];
    double exponent = exponent_of(growth, row), worst = worst_of(growth, row);

    snprintf(name, sizeof name, "%s, %s", growth->rows[row].name, growth->rows[row].unit);
    printf("%-*s", NAME_WIDTH, name);
    for (size_t i = 0; i < growth->size_count; i++)
        print_cell(cell_of(growth, row, i));
    printf(" | %8.2f | %6.2fx | %s\n", exponent, worst, verdict(growth->rows[row].goal, exponent, worst));
}

void growth_print(const struct growth *growth)
{
    printf("\n%-*s", NAME_WIDTH, growth->of);
    for (size_t i = 0; i < growth->size_count; i++)
        printf(" | %-*s", CELL_WIDTH, growth->labels[i]);
    printf(" | exponent | growth  | goal\n");
    for (size_t row = 0; row < growth->row_count; row++)
        print_row(growth, row);
    fflush(stdout);
}
