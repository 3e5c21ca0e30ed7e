/*
 * crc32.c - see crc32.h.  By carry-less multiplication where the processor has that; else by zlib, where
 * there is zlib.
 */
#if !defined(VARSDB_OMIT_NUMPY) || !defined(VARSDB_OMIT_PYTORCH)

#include "crc32.h"

#ifndef VARSDB_OMIT_ZLIB

#include <zlib.h>

uint32_t vdb_crc32_plain(uint32_t crc, const void *data, size_t bytes)
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

uint32_t vdb_crc32_plain(uint32_t crc, const void *data, size_t bytes)
{
    const unsigned char *p = data;
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++)
        crc = divide(divide(crc ^ p[i]));
    return ~crc;
}

#endif

#if defined __x86_64__ && (defined __GNUC__ || defined __clang__)

#include <string.h>

typedef long long block __attribute__((vector_size(16)));

#define BLOCK ((size_t)16)
#define STEP  (4 * BLOCK)

static block load(const unsigned char *p)
{
    block x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* Moves a block to where `there` stands: each half is multiplied by what its way is, divided by the
 * polynomial. */
__attribute__((target("pclmul"))) static block fold(block x, block way, block there)
{
    return __builtin_ia32_pclmulqdq128(x, way, 0x00) ^ __builtin_ia32_pclmulqdq128(x, way, 0x11) ^ there;
}

/* Whole blocks, of which there are STEP bytes at least, become one that leaves the same remainder. */
__attribute__((target("pclmul"))) static block fold_all(uint32_t crc, const unsigned char *p, size_t bytes)
{
    const block far = {0x154442bd4, 0x1c6e41596},
                near = {0x1751997d0, 0x0ccaa009e}; /* by STEP and by BLOCK */
    block a = load(p) ^ (block) { (uint32_t) ~crc, 0 }, b = load(p + BLOCK), c = load(p + 2 * BLOCK),
          d = load(p + 3 * BLOCK);
    for (p += STEP, bytes -= STEP; bytes >= STEP; p += STEP, bytes -= STEP) {
        a = fold(a, far, load(p));
        b = fold(b, far, load(p + BLOCK));
        c = fold(c, far, load(p + 2 * BLOCK));
        d = fold(d, far, load(p + 3 * BLOCK));
    }
    a = fold(fold(fold(a, near, b), near, c), near, d);
    for (; bytes >= BLOCK; p += BLOCK, bytes -= BLOCK)
        a = fold(a, near, load(p));
    return a;
}

uint32_t vdb_crc32(uint32_t crc, const void *data, size_t bytes)
{
    if (bytes < STEP || !__builtin_cpu_supports("pclmul"))
        return vdb_crc32_plain(crc, data, bytes);
    size_t rest = bytes % BLOCK;
    block folded = fold_all(crc, data, bytes);
    /* What came before is in the block already: the division begins with nothing, which is written inverted.
     */
    crc = vdb_crc32_plain(UINT32_MAX, &folded, sizeof folded);
    return vdb_crc32_plain(crc, (const unsigned char *)data + bytes - rest, rest);
}

#else

uint32_t vdb_crc32(uint32_t crc, const void *data, size_t bytes)
{
    return vdb_crc32_plain(crc, data, bytes);
}

#endif
#endif
