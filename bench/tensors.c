/*
 * tensors.c - tensors of random float32 in memory, as a program that trains has them.
 */
#include "tensors.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"

enum {
    STAMP_EVERY = 4096
};

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void tensors_fill(void *data, size_t bytes, uint64_t seed)
{
    float *values = data;

    for (size_t i = 0; i + 1 < bytes / sizeof *values; i += 2) {
        uint64_t bits = draw(&seed);

        values[i] = (float)(bits >> 40) * 0x1p-24F - 0.5F;
        values[i + 1] = (float)(bits & 0xffffff) * 0x1p-24F - 0.5F;
    }
}

void tensors_stamp(void *data, size_t bytes, float series, float piece)
{
    const float stamp[] = {series, piece};

    for (size_t at = 0; at + sizeof stamp <= bytes; at += STAMP_EVERY)
        memcpy((unsigned char *)data + at, stamp, sizeof stamp);
}

struct tensors *tensors_new(size_t count, size_t bytes, int filled)
{
    struct tensors *tensors = must_allocate(1, sizeof *tensors);

    tensors->count = count;
    tensors->bytes = bytes;
    tensors->data = must_allocate(count, sizeof *tensors->data);
    for (size_t i = 0; i < count; i++) {
        tensors->data[i] = must_allocate(1, bytes);
        if (filled)
            tensors_fill(tensors->data[i], bytes, i << 32);
        else
            tensors_stamp(tensors->data[i], bytes, 1.0F, 1.0F);
    }
    return tensors;
}

void tensors_free(struct tensors *tensors)
{
    for (size_t i = 0; i < tensors->count; i++)
        free(tensors->data[i]);
    free(tensors->data);
    free(tensors);
}

void tensors_change(struct tensors *tensors, size_t first, size_t count)
{
    tensors->changes += 1.0F;
    for (size_t i = first; i < first + count; i++)
        tensors_stamp(tensors->data[i], tensors->bytes, tensors->changes, (float)i);
}

int tensors_equal(const struct tensors *a, const struct tensors *b)
{
    if (a->count != b->count || a->bytes != b->bytes)
        return 0;
    for (size_t i = 0; i < a->count; i++)
        if (memcmp(a->data[i], b->data[i], a->bytes) != 0)
            return 0;
    return 1;
}

size_t tensors_total(const struct tensors *tensors)
{
    return tensors->count * tensors->bytes;
}
