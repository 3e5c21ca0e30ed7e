/*
 * arena.h - memory that only grows, stays where it is, and is given back all at once:
 * names, dimensions and texts of a tensor file.  {.most = N} is an empty one that
 * gives out N bytes and no more.
 */
#ifndef VDB_ARENA_H
#define VDB_ARENA_H

#if !defined(VARSDB_OMIT_PYTORCH) || !defined(VARSDB_OMIT_GGUF)

#include <stddef.h>

typedef struct vdb_arena {
    void *blocks;
    char *at;
    size_t left; /* behind at */
    size_t given, most;
} vdb_arena;

/* Aligned for numbers of 8 bytes.  NULL: out of memory, or `most` is reached, which vdb_arena_is_full tells.
 */
void *vdb_arena_take(vdb_arena *a, size_t bytes);
char *vdb_arena_text(vdb_arena *a, const char *text, size_t bytes); /* ends in NUL */
int vdb_arena_is_full(const vdb_arena *a, size_t bytes);
void vdb_arena_release(vdb_arena *a);

#endif
#endif
