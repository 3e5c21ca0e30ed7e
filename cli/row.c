/* row.c - see row.h. */
#include "row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A long double holds each integer of 64 bits where it has 64 bits of its own, as on x86 and ARM. */
static row_value value_of(const row_cell *cell)
{
    char text[64] = "";
    row_value value = {.kind = cell->kind, .text = cell->text, .bytes = cell->bytes};
    if (cell->kind == OUT_NUMBER && cell->bytes < sizeof text) {
        memcpy(text, cell->text, cell->bytes);
        value.number = strtold(text, NULL);
    }
    return value;
}

row *row_copy(const row_cell *cells, size_t count, const row_key *keys, size_t key_count)
{
    size_t head = sizeof(row) + count * sizeof(row_cell), bytes = 0;
    head = (head + _Alignof(row_value) - 1) / _Alignof(row_value) * _Alignof(row_value);
    for (size_t i = 0; i < count; i++)
        bytes += cells[i].bytes;
    char *memory = malloc(head + key_count * sizeof(row_value) + bytes + 1);
    if (!memory)
        return NULL;
    row *copy = (row *)(void *)memory;
    row_value *values = (row_value *)(void *)(memory + head);
    char *text = memory + head + key_count * sizeof *values;
    for (size_t i = 0; i < count; i++) {
        copy->cells[i] = cells[i];
        copy->cells[i].text = text;
        if (cells[i].bytes)
            memcpy(text, cells[i].text, cells[i].bytes);
        text += cells[i].bytes;
    }
    for (size_t i = 0; i < key_count; i++)
        values[i] = value_of(&copy->cells[keys[i].column]);
    copy->ordinal = 0;
    copy->values = values;
    return copy;
}

bool row_list_add(row_list *list, row *added)
{
    if (added && list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 256;
        row **bigger = realloc(list->rows, room * sizeof(row *));
        if (!bigger) {
            free(added);
            return false;
        }
        list->rows = bigger;
        list->room = room;
    }
    if (!added)
        return false;
    added->ordinal = list->count;
    list->rows[list->count++] = added;
    return true;
}

void row_list_clear(row_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->rows[i]);
    free(list->rows);
    *list = (row_list){0};
}

/* ---- Order ---- */

/* NaN counts as more than Infinity: who sorts for what is large wants to see it. */
static int compare_numbers(long double a, long double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    return (a > b) - (a < b);
}

static int compare_values(const row_value *a, const row_value *b)
{
    bool a_number = a->kind == OUT_NUMBER, b_number = b->kind == OUT_NUMBER;
    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number)
        return compare_numbers(a->number, b->number);
    size_t shorter = a->bytes < b->bytes ? a->bytes : b->bytes;
    int order = shorter ? memcmp(a->text, b->text, shorter) : 0;
    return order ? order : (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

typedef struct order {
    const row_key *keys;
    size_t count;
} order;

static int compare_rows(const void *left, const void *right, void *payload)
{
    const row *a = *(const row *const *)left, *b = *(const row *const *)right;
    const order *by = payload;
    for (size_t i = 0; i < by->count; i++) {
        const row_value *x = &a->values[i], *y = &b->values[i];
        /* Nothing is last either way. */
        if (x->kind == OUT_NULL || y->kind == OUT_NULL) {
            if (x->kind != y->kind)
                return x->kind == OUT_NULL ? 1 : -1;
            continue;
        }
        int compared = compare_values(x, y);
        if (compared)
            return by->keys[i].descending ? (compared < 0 ? 1 : -1) : compared;
    }
    return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

void row_list_sort(row_list *list, const row_key *keys, size_t key_count)
{
    order by = {keys, key_count};
    if (list->count > 1)
        qsort_r(list->rows, list->count, sizeof(row *), compare_rows, &by);
}
