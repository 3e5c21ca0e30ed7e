/*
 * fuzz_spec.c - text as an initializer, a regularizer and a partitioner of a fuzzed variable.
 *
 * Input: a byte for the dtype, one for the rank, one for each dimension; the rest is the text.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "initializer.h"
#include "partition.h"
#include "regularizer.h"

#define RANKS         5
#define FILLED        48 /* elements at either end; a multiple of 8 */
#define ELEMENT_BYTES 16
#define PARTS_MAX     1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The elements from `first` on, at once and in two pieces: the same. */
static void fill_range(const vdb_initializer *init, int64_t first, int64_t count)
{
    unsigned char whole[FILLED * ELEMENT_BYTES + 1], parts[sizeof whole];
    int64_t begin = count / 2 & ~(int64_t)7, bytes, offset;
    if (init->dtype == VARSDB_STRING) {
        bytes = count * 8;
        offset = begin * 8;
    } else {
        assert(vdb_dtype_bytes(init->dtype, count, &bytes) && vdb_dtype_bytes(init->dtype, begin, &offset));
    }
    memset(whole, 0xa5, sizeof whole);
    memset(parts, 0xa5, sizeof parts);
    vdb_initializer_fill(init, first, count, whole);
    vdb_initializer_fill(init, first, begin, parts);
    vdb_initializer_fill(init, first + begin, count - begin, parts + offset);
    assert(whole[bytes] == 0xa5 && memcmp(whole, parts, sizeof whole) == 0);
}

static void fill_ends(const vdb_initializer *init)
{
    int64_t count = init->elements < FILLED ? init->elements : FILLED;
    int64_t last = (init->elements - count + 7) & ~(int64_t)7;
    fill_range(init, 0, count);
    fill_range(init, last, init->elements - last);
}

static void check_initializer(const char *text, varsdb_dtype dtype, const varsdb_shape *shape)
{
    vdb_error e = {0};
    vdb_initializer init;
    int known = vdb_initializer_check(&e, text);
    assert(known == VARSDB_OK || (known == VARSDB_INVALID && e.text[0]));
    int rc = vdb_initializer_open(&e, text, dtype, shape, 7, "a/w", &init);
    assert(rc == VARSDB_INVALID || (rc == VARSDB_OK && known == VARSDB_OK));
    if (rc != VARSDB_OK)
        return;
    if (!init.is_none)
        fill_ends(&init);
    vdb_initializer_close(&init);
}

static void check_parts(const varsdb_shape *shape, const vdb_partition *plan)
{
    assert(plan->axis >= 0 && plan->axis < shape->rank && plan->parts >= 1);
    int64_t length = shape->dims[plan->axis], at = 0;
    assert(plan->parts == 1 || plan->parts <= length);
    for (int64_t i = 0; plan->parts <= PARTS_MAX && i < plan->parts; i++) {
        int64_t offset, part;
        vdb_partition_part(length, plan->parts, i, &offset, &part);
        assert(offset == at && part >= length / plan->parts && part <= length / plan->parts + 1);
        at += part;
    }
    assert(plan->parts > PARTS_MAX || at == length);
}

static void check_partitioner(const char *text, varsdb_dtype dtype, const varsdb_shape *shape)
{
    vdb_error e = {0};
    vdb_partition plan;
    int known = vdb_partitioner_check(&e, text);
    assert(known == VARSDB_OK || (known == VARSDB_INVALID && e.text[0]));
    int rc = vdb_partition_plan(&e, text, dtype, shape, &plan);
    assert(rc == VARSDB_INVALID || (rc == VARSDB_OK && known == VARSDB_OK));
    if (rc == VARSDB_OK && shape->rank > 0)
        check_parts(shape, &plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t lengths[] = {0, 1, 2, 3, 5, 8, 30, 64, 1 << 20, (int64_t)1 << 47};
    int64_t dims[RANKS], elements;
    vdb_error e = {0};
    if (size < 2 + RANKS)
        return 0;
    varsdb_dtype dtype = (varsdb_dtype)(1 + data[0] % VARSDB_STRING);
    varsdb_shape shape = {data[1] % RANKS, dims};
    for (int i = 0; i < shape.rank; i++)
        dims[i] = lengths[data[2 + i] % (sizeof lengths / sizeof *lengths)];
    if (vdb_shape_elements(&e, &shape, &elements) != VARSDB_OK)
        return 0;
    size_t begin = 2 + (size_t)shape.rank;
    char *text = strndup((const char *)data + begin, size - begin);
    if (!text)
        abort();
    check_initializer(text, dtype, &shape);
    int rc = vdb_regularizer_check(&e, text);
    assert(rc == VARSDB_OK || (rc == VARSDB_INVALID && e.text[0]));
    check_partitioner(text, dtype, &shape);
    free(text);
    return 0;
}
