/* values.c - see values.h. */
#include "values.h"

#include <assert.h>
#include <stdlib.h>

/* Elements that begin together on a byte: a window starts at such a group. */
#define GROUP 8

int values_open(cli *c, const subject *of, values *out)
{
    values v = {.c = c, .of = of, .dtype = of->dtype};
    uint64_t elements = 1;
    for (int i = 0; i < of->rank; i++)
        elements *= (uint64_t)of->dims[i];
    int block_bytes;
    v.block = (uint64_t)varsdb_dtype_block(v.dtype, &block_bytes);
    v.bits = v.block ? (uint64_t)block_bytes * 8 : (uint64_t)varsdb_dtype_bits(v.dtype);
    if (!v.block)
        v.block = 1;
    elements /= v.block;
    v.total = elements / 8 * v.bits + (elements % 8 * v.bits + 7) / 8;
    assert(v.bits > 0);
    v.window = malloc(VALUES_WINDOW);
    if (!v.window)
        return cli_fail_memory(c);
    /* A tensor without elements is never read, but may be without a value too. */
    if (subject_read_range(c, of, 0, v.window, 0) != VARSDB_OK) {
        free(v.window);
        return cli_fail_db(c);
    }
    *out = v;
    return CLI_DONE;
}

void values_close(values *v)
{
    free(v->window);
    *v = (values){0};
}

static uint64_t group_size(const values *v)
{
    return v->bits % 8 ? GROUP : 1;
}

/* Byte where the element's group begins. */
static uint64_t group_offset(const values *v, uint64_t element)
{
    return v->bits % 8 ? element / GROUP * v->bits : element * (v->bits / 8);
}

static bool in_window(const values *v, uint64_t element)
{
    uint64_t begin = group_offset(v, element),
             end = begin + (element % group_size(v) * v->bits + v->bits + 7) / 8;
    return begin >= v->at && end <= v->at + v->held;
}

static int load(values *v, uint64_t element)
{
    uint64_t begin = group_offset(v, element), rest = v->total - begin;
    size_t bytes = rest < VALUES_WINDOW ? (size_t)rest : VALUES_WINDOW;
    v->held = 0;
    if (subject_read_range(v->c, v->of, begin, v->window, bytes) != VARSDB_OK)
        return cli_fail_db(v->c);
    v->at = begin;
    v->held = bytes;
    return CLI_DONE;
}

int values_each(values *v, int64_t first, int64_t count, values_cb callback, void *payload)
{
    uint64_t element = (uint64_t)first, end = element + (uint64_t)count;
    while (element < end) {
        int status = in_window(v, element) ? CLI_DONE : load(v, element);
        if (status != CLI_DONE)
            return status;
        uint64_t offset = group_offset(v, element), from = element % group_size(v);
        uint64_t there = (v->at + v->held - offset) * 8 / v->bits - from;
        size_t n = (size_t)(end - element < there ? end - element : there);
        status = callback(payload, v->window + (offset - v->at), (size_t)from, n);
        if (status != CLI_DONE)
            return status;
        element += n;
    }
    return CLI_DONE;
}
