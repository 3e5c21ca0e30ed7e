/* upkeep.c - see upkeep.h. */
#include "upkeep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"

#define MIB          ((size_t)1 << 20)
#define ROW_ELEMENTS 100000
#define COMMON       24 /* chunks that any keeper may have */

const char *keeper_space(int keeper, char out[KEEPER_BYTES])
{
    snprintf(out, KEEPER_BYTES, "keeper%d", keeper);
    return out;
}

const char *keeper_name(unsigned thing)
{
    static const char *const names[] = {"large", "a/pair", "b/pair", "written", "sum", "again"};
    return thing < THING_ROW ? names[thing] : "rows";
}

size_t keeper_bytes(int keeper, unsigned thing)
{
    static const size_t bytes[] = {2 * MIB + 5, MIB + 70000, MIB, 2 * MIB, 3 * MIB / 2, MIB};
    if (thing == THING_LARGE && keeper == 0)
        return 9 * MIB + 5;
    return thing < THING_ROW ? bytes[thing] : ROW_ELEMENTS * sizeof(int64_t);
}

varsdb_dtype keeper_dtype(unsigned thing)
{
    return thing == THING_SUM || thing >= THING_ROW ? VARSDB_INT64 : VARSDB_UINT8;
}

static void fill_stream(uint64_t seed, unsigned char *out, size_t bytes)
{
    test_random r = {seed};
    for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
        uint64_t word = random_next(&r);
        memcpy(out + at, &word, bytes - at < sizeof word ? bytes - at : sizeof word);
    }
}

static void fill_chunks(int keeper, unsigned thing, int64_t number, unsigned char *out, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += KEEPER_CHUNKED) {
        test_random r = {((uint64_t)number << 16) ^ (at / KEEPER_CHUNKED)};
        uint64_t mine = random_next(&r) ^ ((uint64_t)keeper << 8 | thing) << 32;
        size_t size = bytes - at < KEEPER_CHUNKED ? bytes - at : KEEPER_CHUNKED;
        fill_stream(at && random_below(&r, 2) ? random_below(&r, COMMON) : mine, out + at, size);
    }
    memcpy(out, &number, sizeof number);
}

void keeper_fill(int keeper, unsigned thing, int64_t number, void *out)
{
    size_t bytes = keeper_bytes(keeper, thing);
    if (keeper_dtype(thing) == VARSDB_UINT8) {
        fill_chunks(keeper, thing, number, out, bytes);
        return;
    }
    for (size_t at = 0; at < bytes; at += sizeof number)
        memcpy((char *)out + at, &number, sizeof number);
}

int64_t keeper_recognize(int keeper, unsigned thing, const void *data)
{
    size_t bytes = keeper_bytes(keeper, thing);
    int64_t number;
    void *expected = malloc(bytes);
    memcpy(&number, data, sizeof number);
    if (!expected)
        abort();
    keeper_fill(keeper, thing, number, expected);
    bool whole = number >= 0 && memcmp(expected, data, bytes) == 0;
    free(expected);
    return whole ? number : KEEPER_TORN;
}

int keeper_read(varsdb *db, int keeper, unsigned thing, int64_t snapshot, int64_t *number)
{
    const varsdb_variable *v = NULL;
    size_t bytes = keeper_bytes(keeper, thing);
    uint64_t offset = thing >= THING_ROW ? (thing - THING_ROW) * bytes : 0;
    void *data = malloc(bytes);
    if (!data)
        abort();
    int rc = snapshot ? varsdb_read_range_at(db, snapshot, keeper_name(thing), offset, data, bytes)
                      : varsdb_find_variable(db, keeper_name(thing), &v);
    if (rc == VARSDB_OK && !snapshot)
        rc = varsdb_read_range(db, v, offset, data, bytes);
    if (rc == VARSDB_OK)
        *number = keeper_recognize(keeper, thing, data);
    free(data);
    if (rc != VARSDB_NOTFOUND)
        return rc;
    *number = KEEPER_ABSENT;
    return VARSDB_OK;
}

void keeper_describe(int64_t step, const int64_t numbers[THINGS], char *out, size_t room)
{
    int at = snprintf(out, room, "[%" PRId64, step);
    for (int i = 0; i < THINGS; i++)
        at += snprintf(out + at, room - (size_t)at, ",%" PRId64, numbers[i]);
    snprintf(out + at, room - (size_t)at, "]");
}

bool keeper_understand(const char *metadata, int64_t *step, int64_t numbers[THINGS])
{
    char *end;
    if (!metadata || *metadata != '[')
        return false;
    *step = strtoll(metadata + 1, &end, 10);
    for (int i = 0; i < THINGS; i++) {
        if (*end != ',')
            return false;
        numbers[i] = strtoll(end + 1, &end, 10);
    }
    return *end == ']';
}
