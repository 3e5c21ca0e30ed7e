/* distance.c - see distance.h. */
#include "distance.h"

#include <stdint.h>
#include <string.h>

#include "print.h"

unsigned char distance_fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

size_t distance_limit(size_t bytes)
{
    return bytes < 2 ? 0 : bytes <= 5 ? 1 : bytes <= 10 ? 2 : 3;
}

/* The characters as numbers; bytes that are not UTF-8 are characters of their own.  Their count, or
 * DISTANCE_MAX + 1. */
static size_t split(uint32_t out[DISTANCE_MAX], const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes;) {
        size_t length = print_utf8_length(text + i, bytes - i);
        uint32_t character = 0;
        if (count == DISTANCE_MAX)
            return DISTANCE_MAX + 1;
        if (length <= 1)
            character = distance_fold(text[i]);
        else
            memcpy(&character, text + i, length);
        out[count++] = character;
        i += length ? length : 1;
    }
    return count;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Rows of the table of all beginnings, three at a time: a swap looks back by two. */
static size_t count_slips(const uint32_t *a, size_t rows, const uint32_t *b, size_t columns, size_t limit)
{
    size_t lines[3][DISTANCE_MAX + 1];
    for (size_t j = 0; j <= columns; j++)
        lines[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t *line = lines[i % 3], *above = lines[(i + 2) % 3], *twice = lines[(i + 1) % 3];
        size_t least = line[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            line[j] = smaller(smaller(above[j], line[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                line[j] = smaller(line[j], twice[j - 2] + 1);
            least = smaller(least, line[j]);
        }
        /* A swap goes over one row, and costs one. */
        if (least > limit + 1)
            return limit + 1;
    }
    return smaller(lines[rows % 3][columns], limit + 1);
}

size_t distance_between(const char *a, size_t a_bytes, const char *b, size_t b_bytes, size_t limit)
{
    uint32_t left[DISTANCE_MAX], right[DISTANCE_MAX];
    /* A character has four bytes at most. */
    if (a_bytes > b_bytes + 4 * limit || b_bytes > a_bytes + 4 * limit)
        return limit + 1;
    /* ASCII alone is cut off, so that no character is cut through. */
    while (a_bytes && b_bytes && (unsigned char)*a < 0x80 && distance_fold(*a) == distance_fold(*b))
        a++, b++, a_bytes--, b_bytes--;
    while (a_bytes && b_bytes && (unsigned char)a[a_bytes - 1] < 0x80 &&
           distance_fold(a[a_bytes - 1]) == distance_fold(b[b_bytes - 1]))
        a_bytes--, b_bytes--;
    size_t rows = split(left, a, a_bytes), columns = split(right, b, b_bytes);
    if (rows > DISTANCE_MAX || columns > DISTANCE_MAX || rows > columns + limit || columns > rows + limit)
        return limit + 1;
    return count_slips(left, rows, right, columns, limit);
}
