/* crc32c.c - by the processor's instruction where it has one, else eight bytes a step by tables. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "crc32c.h"

#include <string.h>

/* A table is linear: what a byte does is the sum of what its bits do.  So eight numbers make 256. */
#define BIT(n, bit, what) (((n) >> (bit)) & 1 ? (what) : 0u)
#define ONE(n, a, b, c, d, e, f, g, h)                                                                       \
    BIT(n, 0, a) ^ BIT(n, 1, b) ^ BIT(n, 2, c) ^ BIT(n, 3, d) ^ BIT(n, 4, e) ^ BIT(n, 5, f) ^ BIT(n, 6, g) ^ \
        BIT(n, 7, h)
#define FOUR(n, ...) \
    ONE(n, __VA_ARGS__), ONE(n + 1, __VA_ARGS__), ONE(n + 2, __VA_ARGS__), ONE(n + 3, __VA_ARGS__)
#define SIXTEEN(n, ...) \
    FOUR(n, __VA_ARGS__), FOUR(n + 4, __VA_ARGS__), FOUR(n + 8, __VA_ARGS__), FOUR(n + 12, __VA_ARGS__)
#define SIXTY_FOUR(n, ...)                                                               \
    SIXTEEN(n, __VA_ARGS__), SIXTEEN(n + 16, __VA_ARGS__), SIXTEEN(n + 32, __VA_ARGS__), \
        SIXTEEN(n + 48, __VA_ARGS__)
#define ALL(...)                                                                           \
    SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__), SIXTY_FOUR(128, __VA_ARGS__), \
        SIXTY_FOUR(192, __VA_ARGS__)

#define STEP 8

/* tables[k] is of a byte with k zero bytes behind it, tables[0] what the polynomial 0x82f63b78 gives. */
static const uint32_t tables[STEP][256] = {
    {ALL(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede, 0x417b1dbc, 0x82f63b78)},
    {ALL(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302, 0xff17c604, 0xfbc3faf9)},
    {ALL(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14, 0xc76580d9, 0x8b277743)},
    {ALL(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b, 0xaba65fe7, 0x52a0c93f)},
    {ALL(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557, 0x37516aae, 0x6ea2d55c)},
    {ALL(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d, 0x0e045beb, 0x1c08b7d6)},
    {ALL(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4)},
    {ALL(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599, 0x1a00cb32, 0x34019664)},
};

/* Of and to the inverted form in which a CRC goes on. */
static uint32_t step_by_tables(uint32_t crc, const unsigned char *p, size_t bytes)
{
    for (; bytes >= STEP; bytes -= STEP, p += STEP)
        crc = tables[7][p[0] ^ (crc & 0xff)] ^ tables[6][p[1] ^ (crc >> 8 & 0xff)] ^
              tables[5][p[2] ^ (crc >> 16 & 0xff)] ^ tables[4][p[3] ^ (crc >> 24)] ^ tables[3][p[4]] ^
              tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
    for (; bytes; bytes--, p++)
        crc = tables[0][(crc ^ *p) & 0xff] ^ crc >> 8;
    return crc;
}

uint32_t vdb_crc32c_by_tables(uint32_t crc, const void *data, size_t bytes)
{
    return ~step_by_tables(~crc, data, bytes);
}

#if defined __x86_64__ && (defined __GNUC__ || defined __clang__)
__attribute__((target("sse4.2"))) static uint32_t step_by_instruction(uint32_t crc, const unsigned char *p,
                                                                      size_t bytes)
{
    uint64_t wide = crc, word;
    for (; bytes >= STEP; bytes -= STEP, p += STEP) {
        memcpy(&word, p, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; bytes; bytes--, p++)
        crc = __builtin_ia32_crc32qi(crc, *p);
    return crc;
}

uint32_t vdb_crc32c(uint32_t crc, const void *data, size_t bytes)
{
    return __builtin_cpu_supports("sse4.2") ? ~step_by_instruction(~crc, data, bytes)
                                            : vdb_crc32c_by_tables(crc, data, bytes);
}
#else
uint32_t vdb_crc32c(uint32_t crc, const void *data, size_t bytes)
{
    return vdb_crc32c_by_tables(crc, data, bytes);
}
#endif

uint32_t vdb_crc32c_mask(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

#endif
