/* contents.c - see contents.h. */
#include "contents.h"

#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

#include "need.h"

#define BLOCK 16384

typedef struct contents_block {
    int users;
    bool is_hashed;
    uint64_t hash;
    unsigned char data[BLOCK];
} contents_block;

static const unsigned char zeros[BLOCK];

static void leave_block(contents_block *b)
{
    if (b && --b->users == 0)
        free(b);
}

/* The block, for this file alone. */
static contents_block *own_block(contents *c, size_t i)
{
    contents_block *b = c->blocks[i];
    if (b && b->users == 1) {
        b->is_hashed = false;
        return b;
    }
    contents_block *own = need(malloc(sizeof *own));
    own->users = 1;
    own->is_hashed = false;
    memcpy(own->data, b ? b->data : zeros, BLOCK);
    leave_block(b);
    c->blocks[i] = own;
    return own;
}

void contents_copy(const contents *from, contents *to)
{
    *to = *from;
    if (!from->count)
        return;
    to->blocks = need(malloc(from->count * sizeof *to->blocks));
    for (size_t i = 0; i < from->count; i++) {
        to->blocks[i] = from->blocks[i];
        if (to->blocks[i])
            to->blocks[i]->users++;
    }
}

void contents_free(contents *c)
{
    for (size_t i = 0; i < c->count; i++)
        leave_block(c->blocks[i]);
    free(c->blocks);
    *c = (contents){0};
}

void contents_resize(contents *c, uint64_t bytes)
{
    size_t count = (size_t)((bytes + BLOCK - 1) / BLOCK);
    for (size_t i = count; i < c->count; i++)
        leave_block(c->blocks[i]);
    if (count != c->count && count)
        c->blocks = need(realloc(c->blocks, count * sizeof *c->blocks));
    for (size_t i = c->count; i < count; i++)
        c->blocks[i] = NULL;
    if (!count) {
        free(c->blocks);
        c->blocks = NULL;
    }
    c->count = count;
    /* What is cut off is zeros if the file grows again. */
    size_t rest = (size_t)(bytes % BLOCK);
    if (bytes < c->bytes && rest && c->blocks[count - 1])
        memset(own_block(c, count - 1)->data + rest, 0, BLOCK - rest);
    c->bytes = bytes;
}

void contents_write(contents *c, uint64_t offset, const void *data, size_t bytes)
{
    const unsigned char *from = data;
    if (offset + bytes > c->bytes)
        contents_resize(c, offset + bytes);
    while (bytes) {
        size_t at = (size_t)(offset % BLOCK), n = bytes < BLOCK - at ? bytes : BLOCK - at;
        memcpy(own_block(c, (size_t)(offset / BLOCK))->data + at, from, n);
        offset += n;
        from += n;
        bytes -= n;
    }
}

size_t contents_read(const contents *c, uint64_t offset, void *out, size_t bytes)
{
    unsigned char *to = out;
    if (offset >= c->bytes)
        return 0;
    if (bytes > c->bytes - offset)
        bytes = (size_t)(c->bytes - offset);
    for (size_t left = bytes, n; left; left -= n) {
        const contents_block *b = c->blocks[offset / BLOCK];
        size_t at = (size_t)(offset % BLOCK);
        n = left < BLOCK - at ? left : BLOCK - at;
        memcpy(to, (b ? b->data : zeros) + at, n);
        offset += n;
        to += n;
    }
    return bytes;
}

static uint64_t hash_of(contents_block *b)
{
    if (!b)
        return XXH3_64bits(zeros, BLOCK);
    if (!b->is_hashed)
        b->hash = XXH3_64bits(b->data, BLOCK);
    b->is_hashed = true;
    return b->hash;
}

/* Blocks are hashed once, however many files have them.  (One of zeros is not one that is missing: contents
 * that are equal may have different hashes, but not the other way round.) */
uint64_t contents_hash(const contents *c)
{
    uint64_t hash = c->bytes;
    for (size_t i = 0; i < c->count; i++) {
        uint64_t of_block = hash_of(c->blocks[i]);
        hash = XXH3_64bits_withSeed(&of_block, sizeof of_block, hash);
    }
    return hash;
}
