/*
 * strided.h - elements that lie in a file at regular distances, as varsdb has them: in C order and
 * little-endian.  Arrays in Fortran order are such, and views of PyTorch's storages.
 */
#ifndef VDB_STRIDED_H
#define VDB_STRIDED_H

#if !defined(VARSDB_OMIT_PYTORCH) || !defined(VARSDB_OMIT_NUMPY)

#include "format.h"

#define VDB_STRIDED_BLOCK_BYTES ((size_t)4 << 20) /* are put in order at a time, in one pass forward */

/* All elements lie in the source: whoever makes one has checked that. */
typedef struct vdb_strided {
    uint64_t base;                     /* in the source: the first element */
    unsigned item_bytes, number_bytes; /* number_bytes: of what is to be turned round, 1: nothing */
    int rank;
    const uint64_t *dims, *strides; /* strides in elements */
} vdb_strided;

/* A block of elements in their order, and a window on the source; {0} is an empty one.  It takes a few MiB,
 * however large the tensor and however far apart its elements. */
typedef struct vdb_strided_cache {
    uint64_t key; /* whose elements they are */
    uint64_t begin;
    size_t count, room; /* room in bytes */
    unsigned char *block, *window;
    uint64_t window_begin;
    size_t window_bytes;
} vdb_strided_cache;

/* Bytes [offset, offset + bytes) of the elements.  `key` tells one tensor of the source from another. */
int vdb_strided_read(vdb_error *e, const vdb_source *source, const vdb_strided *s, vdb_strided_cache *cache,
                     uint64_t key, uint64_t offset, void *buffer, size_t bytes);
void vdb_strided_release(vdb_strided_cache *cache);

#endif
#endif
