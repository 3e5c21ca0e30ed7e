/*
 * contents.h - the bytes of a file in memory; copies share what neither has changed since.
 */
#ifndef POWER_CONTENTS_H
#define POWER_CONTENTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct contents {
    uint64_t bytes;
    size_t count;                   /* of blocks */
    struct contents_block **blocks; /* NULL where nothing but zeros is */
} contents;

void contents_copy(const contents *from, contents *to); /* *to is overwritten */
void contents_free(contents *c);
/* What is between the end and the offset becomes zeros. */
void contents_write(contents *c, uint64_t offset, const void *data, size_t bytes);
/* As many as there are; the rest of out is left as it is. */
size_t contents_read(const contents *c, uint64_t offset, void *out, size_t bytes);
void contents_resize(contents *c, uint64_t bytes);
uint64_t contents_hash(const contents *c);

#endif
