/* hash.c - see hash.h. */
#include "hash.h"

#include <stdio.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* lets the state be a member, of known size */
#include <xxhash.h>

static XXH128_hash_t hash_little(const void *data, size_t bytes)
{
    return XXH3_128bits(data, bytes);
}

static void add_plainly(XXH3_state_t *state, const void *data, size_t bytes)
{
    XXH3_128bits_update(state, data, bytes);
}

#ifdef VDB_XXH_DISPATCH /* by the Makefile, where the library has it: the processor's widest registers */
#include <xxh_x86dispatch.h>

/* Debian's shared library has these two, its archive has not: a program that is linked statically
 * does without. */
#pragma weak XXH3_128bits_dispatch
#pragma weak XXH3_128bits_update_dispatch

static XXH128_hash_t hash_much(const void *data, size_t bytes)
{
    return XXH3_128bits_dispatch ? XXH3_128bits_dispatch(data, bytes) : hash_little(data, bytes);
}

static void add(XXH3_state_t *state, const void *data, size_t bytes)
{
    if (XXH3_128bits_update_dispatch)
        XXH3_128bits_update_dispatch(state, data, bytes);
    else
        add_plainly(state, data, bytes);
}

/* The library's AVX-512 code leaves the upper halves of registers in use, which slows all narrower
 * code down from then on. */
__attribute__((target("avx"))) static void clear_upper_halves(void)
{
    __builtin_ia32_vzeroupper();
}

static void leave_wide_registers(void)
{
    if (__builtin_cpu_supports("avx"))
        clear_upper_halves();
}
#else
static XXH128_hash_t hash_much(const void *data, size_t bytes)
{
    return hash_little(data, bytes);
}

static void add(XXH3_state_t *state, const void *data, size_t bytes)
{
    add_plainly(state, data, bytes);
}

static void leave_wide_registers(void)
{
}
#endif

#include "mem.h"

#define LARGE ((size_t)4096) /* from here on wide registers pay */

struct vdb_hasher {
    XXH3_state_t *state; /* within memory, aligned as it wants */
    unsigned char memory[sizeof(XXH3_state_t) + 63];
};

static vdb_hash canonical(XXH128_hash_t hash)
{
    XXH128_canonical_t c;
    vdb_hash out;
    XXH128_canonicalFromHash(&c, hash);
    memcpy(out.byte, c.digest, sizeof out.byte);
    return out;
}

vdb_hash vdb_hash_bytes(const void *data, size_t bytes)
{
    if (bytes < LARGE)
        return canonical(hash_little(data, bytes));
    XXH128_hash_t hash = hash_much(data, bytes);
    leave_wide_registers();
    return canonical(hash);
}

vdb_hasher *vdb_hasher_new(void)
{
    vdb_hasher *h = vdb_malloc(sizeof *h);
    if (!h)
        return NULL;
    uintptr_t at = ((uintptr_t)h->memory + 63) & ~(uintptr_t)63;
    h->state = (XXH3_state_t *)at;
    XXH3_128bits_reset(h->state);
    return h;
}

void vdb_hasher_add(vdb_hasher *h, const void *data, size_t bytes)
{
    add(h->state, data, bytes);
    leave_wide_registers();
}

vdb_hash vdb_hasher_end(const vdb_hasher *h)
{
    return canonical(XXH3_128bits_digest(h->state));
}

void vdb_hasher_free(vdb_hasher *h)
{
    vdb_free(h);
}

void vdb_hash_print(const void *hash, char out[33])
{
    const unsigned char *byte = hash;
    for (size_t i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", byte[i]);
}
