/* crc32.c - see crc32.h.  zlib's is faster, where there is zlib. */
#if !defined(VARSDB_OMIT_NUMPY) || !defined(VARSDB_OMIT_PYTORCH)

#include "crc32.h"

#ifndef VARSDB_OMIT_ZLIB

#include <zlib.h>

uint32_t vdb_crc32(uint32_t crc, const void *data, size_t bytes)
{
    return bytes ? (uint32_t)crc32_z(crc, data, bytes) : crc;
}

#else

/* Four bits at a time: what the lowest four become when they have been divided. */
static uint32_t divide(uint32_t crc)
{
    static const uint32_t quotients[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    return crc >> 4 ^ quotients[crc & 15];
}

uint32_t vdb_crc32(uint32_t crc, const void *data, size_t bytes)
{
    const unsigned char *p = data;
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++)
        crc = divide(divide(crc ^ p[i]));
    return ~crc;
}

#endif
#endif
