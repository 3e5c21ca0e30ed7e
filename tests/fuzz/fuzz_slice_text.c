/*
 * fuzz_slice_text.c - text as a slice of a fuzzed shape.
 *
 * Input: a byte for the rank, one for each dimension; the rest is the text.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slice_text.h"

#define RANKS     5
#define UNTOUCHED (-77)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, written as begin:end for each axis, is the same again. */
static void check_again(const varsdb_shape *shape, const int64_t *begin, const int64_t *size)
{
    vdb_error e;
    char text[RANKS * 48] = "", *at = text;
    int64_t begins[RANKS], sizes[RANKS];
    size_t bytes = sizeof *begin * (size_t)shape->rank;
    for (int i = 0; i < shape->rank; i++)
        at += sprintf(at, "%s%lld:%lld", i ? "," : "", (long long)begin[i], (long long)(begin[i] + size[i]));
    assert(vdb_slice_parse(&e, shape->rank ? text : NULL, shape, begins, sizes) == VARSDB_OK);
    assert(memcmp(begin, begins, bytes) == 0 && memcmp(size, sizes, bytes) == 0);
}

static void check_slice(const char *text, const varsdb_shape *shape)
{
    vdb_error e = {0};
    int64_t begin[RANKS], size[RANKS];
    for (int i = 0; i < RANKS; i++)
        begin[i] = size[i] = UNTOUCHED;
    int rc = vdb_slice_parse(&e, text, shape, begin, size);
    assert(rc == VARSDB_OK || (rc == VARSDB_INVALID && e.text[0]));
    for (int i = 0; i < RANKS; i++)
        if (rc != VARSDB_OK || i >= shape->rank)
            assert(begin[i] == UNTOUCHED && size[i] == UNTOUCHED);
        else
            assert(begin[i] >= 0 && size[i] >= 0 && begin[i] <= shape->dims[i] - size[i]);
    if (rc == VARSDB_OK)
        check_again(shape, begin, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t lengths[] = {0, 1, 2, 3, 5, 10, 100, 1 << 20, (int64_t)1 << 48};
    int64_t dims[RANKS];
    if (size < 1 + RANKS)
        return 0;
    varsdb_shape shape = {data[0] % (RANKS + 1), dims};
    for (int i = 0; i < shape.rank; i++)
        dims[i] = lengths[data[1 + i] % (sizeof lengths / sizeof *lengths)];
    char *text = strndup((const char *)data + 1 + shape.rank, size - 1 - (size_t)shape.rank);
    if (!text)
        abort();
    check_slice(text, &shape);
    free(text);
    return 0;
}
