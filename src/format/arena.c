/* arena.c - see arena.h. */
#if !defined(VARSDB_OMIT_PYTORCH) || !defined(VARSDB_OMIT_GGUF)

#include "arena.h"

#include <string.h>

#include "../mem.h"

#define BLOCK_BYTES ((size_t)32 << 10)
#define ALIGNMENT   ((size_t)8) /* what SQLite's allocator gives */

typedef struct block {
    struct block *next;
    _Alignas(ALIGNMENT) char data[];
} block;

static size_t rounded(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int vdb_arena_is_full(const vdb_arena *a, size_t bytes)
{
    return bytes > a->most || a->given > a->most - bytes;
}

static int add_block(vdb_arena *a, size_t bytes)
{
    size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    block *b = vdb_malloc(sizeof *b + room);
    if (!b)
        return 0;
    b->next = a->blocks;
    a->blocks = b;
    a->at = b->data;
    a->left = room;
    return 1;
}

void *vdb_arena_take(vdb_arena *a, size_t bytes)
{
    if (vdb_arena_is_full(a, bytes))
        return NULL;
    size_t taken = rounded(bytes ? bytes : 1);
    if (taken > a->left && !add_block(a, taken))
        return NULL;
    char *p = a->at;
    a->at += taken;
    a->left -= taken;
    a->given += taken < a->most - a->given ? taken : a->most - a->given;
    return p;
}

char *vdb_arena_text(vdb_arena *a, const char *text, size_t bytes)
{
    char *p = bytes < a->most ? vdb_arena_take(a, bytes + 1) : NULL;
    if (p) {
        memcpy(p, text, bytes);
        p[bytes] = '\0';
    }
    return p;
}

void vdb_arena_release(vdb_arena *a)
{
    for (block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        vdb_free(b);
    }
    *a = (vdb_arena){.most = a->most};
}

#endif
