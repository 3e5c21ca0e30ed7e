/*
 * byte_order.h - numbers as files have them, whatever the machine's own order is.
 */
#ifndef VDB_BYTE_ORDER_H
#define VDB_BYTE_ORDER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* A number of at most 8 bytes, the low one first. */
static inline uint64_t vdb_get_little_endian(const void *data, size_t bytes)
{
    const unsigned char *p = data;
    uint64_t value = 0;
    assert(bytes <= sizeof value);
    while (bytes-- > 0)
        value = value << 8 | p[bytes];
    return value;
}

/* Its low bytes, at most 8 of them. */
static inline void vdb_put_little_endian(void *data, uint64_t value, size_t bytes)
{
    unsigned char *p = data;
    assert(bytes <= sizeof value);
    for (size_t i = 0; i < bytes; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

/* Turns each of the numbers in it round; a piece of one at the end stays. */
static inline void vdb_reverse_numbers(void *data, size_t bytes, size_t number_bytes)
{
    unsigned char *p = data;
    for (; bytes >= number_bytes; p += number_bytes, bytes -= number_bytes)
        for (size_t i = 0; i < number_bytes / 2; i++) {
            unsigned char kept = p[i];
            p[i] = p[number_bytes - 1 - i];
            p[number_bytes - 1 - i] = kept;
        }
}

#endif
