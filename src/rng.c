/* rng.c - see rng.h. */
#include "rng.h"

#include <xxhash.h>

#define ROUNDS       10
#define MULTIPLIER_0 UINT32_C(0xD2511F53)
#define MULTIPLIER_1 UINT32_C(0xCD9E8D57)
#define WEYL_0       UINT32_C(0x9E3779B9)
#define WEYL_1       UINT32_C(0xBB67AE85)

static vdb_philox_key key_of_bits(uint64_t bits)
{
    return (vdb_philox_key){{(uint32_t)bits, (uint32_t)(bits >> 32)}};
}

vdb_philox_key vdb_philox_key_of_seed(int64_t seed)
{
    return key_of_bits((uint64_t)seed);
}

vdb_philox_key vdb_philox_key_of_name(int64_t namespace_seed, const char *name, size_t bytes)
{
    return key_of_bits(XXH3_64bits_withSeed(name, bytes, (uint64_t)namespace_seed));
}

void vdb_philox_blocks(vdb_philox_key key, uint64_t counter_low, uint64_t counter_high, size_t count,
                       uint32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t low = counter_low + i;
        uint32_t x0 = (uint32_t)low, x1 = (uint32_t)(low >> 32);
        uint32_t x2 = (uint32_t)counter_high, x3 = (uint32_t)(counter_high >> 32);
        uint32_t k0 = key.word[0], k1 = key.word[1];
        for (int round = 0; round < ROUNDS; round++) {
            uint64_t p0 = (uint64_t)MULTIPLIER_0 * x0;
            uint64_t p1 = (uint64_t)MULTIPLIER_1 * x2;
            x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
            x1 = (uint32_t)p1;
            x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
            x3 = (uint32_t)p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        out[4 * i] = x0;
        out[4 * i + 1] = x1;
        out[4 * i + 2] = x2;
        out[4 * i + 3] = x3;
    }
}

void vdb_philox(vdb_philox_key key, uint64_t counter_low, uint64_t counter_high, uint32_t out[4])
{
    vdb_philox_blocks(key, counter_low, counter_high, 1, out);
}
