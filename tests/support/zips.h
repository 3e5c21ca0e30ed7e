/* zips.h - zip archives made by hand, right ones and others. */
#ifndef TEST_ZIPS_H
#define TEST_ZIPS_H

#include <stdbool.h>

#include "tensor_files.h"

#define ZIP_MEMBERS_MAX 16

/* What goes into one member; members not given are those of a right, stored one without data. */
typedef struct zip_piece {
    const char *name, *local_name; /* NULL: the same */
    size_t name_bytes;             /* 0: all of it */
    const void *data;
    size_t data_bytes;
    uint32_t crc, bytes; /* of what is packed; 0: the data's size */
    unsigned method, local_method, flags;
    bool zip64, descriptor;
    bool shared; /* begins where the one before it begins */
} zip_piece;

typedef struct zip_maker {
    unsigned char *data;
    size_t bytes, room;
    size_t offsets[ZIP_MEMBERS_MAX];
    size_t directory, end; /* where they are */
} zip_maker;

static inline void zip_put(zip_maker *z, const void *data, size_t bytes)
{
    if (z->bytes + bytes >= z->room) { /* a sanitizer's realloc() moves each time */
        z->room = 2 * (z->bytes + bytes) + 64;
        z->data = realloc(z->data, z->room);
        if (!z->data)
            ck_abort_msg("out of memory");
    }
    if (bytes)
        memcpy(z->data + z->bytes, data, bytes);
    z->bytes += bytes;
}

static inline void zip_number(zip_maker *z, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        unsigned char byte = (unsigned char)(i < 8 ? value >> (8 * i) : 0);
        zip_put(z, &byte, 1);
    }
}

/* The sizes as a header has them; in zip64 they are in the extra field. */
static inline void zip_sizes(zip_maker *z, const zip_piece *p, bool hidden)
{
    zip_number(z, hidden ? 0 : p->crc, 4);
    zip_number(z, hidden ? 0 : p->zip64 ? UINT32_MAX : p->data_bytes, 4);
    zip_number(z, hidden ? 0 : p->zip64 ? UINT32_MAX : p->bytes ? p->bytes : p->data_bytes, 4);
}

static inline void zip_extra(zip_maker *z, const zip_piece *p, const uint64_t *offset)
{
    if (!p->zip64)
        return;
    zip_number(z, 1, 2);
    zip_number(z, offset ? 24 : 16, 2);
    zip_number(z, p->bytes ? p->bytes : p->data_bytes, 8);
    zip_number(z, p->data_bytes, 8);
    if (offset)
        zip_number(z, *offset, 8);
}

static inline void zip_local(zip_maker *z, const zip_piece *p)
{
    const char *name = p->local_name ? p->local_name : p->name;
    size_t name_bytes = p->name_bytes ? p->name_bytes : strlen(name);
    zip_put(z, "PK\3\4", 4);
    zip_number(z, p->zip64 ? 45 : 20, 2);
    zip_number(z, p->flags | (p->descriptor ? 8u : 0), 2);
    zip_number(z, p->local_method ? p->local_method : p->method, 2);
    zip_number(z, 0, 4);
    zip_sizes(z, p, p->descriptor);
    zip_number(z, name_bytes, 2);
    zip_number(z, p->zip64 ? 20 : 0, 2);
    zip_put(z, name, name_bytes);
    zip_extra(z, p, NULL);
    zip_put(z, p->data, p->data_bytes);
    if (p->descriptor) {
        zip_put(z, "PK\7\10", 4);
        zip_sizes(z, p, false);
    }
}

static inline void zip_entry(zip_maker *z, const zip_piece *p, uint64_t offset)
{
    size_t name_bytes = p->name_bytes ? p->name_bytes : strlen(p->name);
    zip_put(z, "PK\1\2", 4);
    zip_number(z, 45, 2);
    zip_number(z, p->zip64 ? 45 : 20, 2);
    zip_number(z, p->flags | (p->descriptor ? 8u : 0), 2);
    zip_number(z, p->method, 2);
    zip_number(z, 0, 4);
    zip_sizes(z, p, false);
    zip_number(z, name_bytes, 2);
    zip_number(z, p->zip64 ? 28 : 0, 2);
    zip_number(z, 0, 2 + 2 + 2 + 4);
    zip_number(z, p->zip64 ? UINT32_MAX : offset, 4);
    zip_put(z, p->name, name_bytes);
    zip_extra(z, p, &offset);
}

static inline void zip_end64(zip_maker *z, size_t count, uint64_t directory_bytes)
{
    uint64_t at = z->bytes;
    zip_put(z, "PK\6\6", 4);
    zip_number(z, 44, 8);
    zip_number(z, 45, 2);
    zip_number(z, 45, 2);
    zip_number(z, 0, 8);
    zip_number(z, count, 8);
    zip_number(z, count, 8);
    zip_number(z, directory_bytes, 8);
    zip_number(z, z->directory, 8);
    zip_put(z, "PK\6\7", 4);
    zip_number(z, 0, 4);
    zip_number(z, at, 8);
    zip_number(z, 1, 4);
}

/* The archive with its end; zip64: with the records of one that is too large for the old one. */
static inline void zip_make(zip_maker *z, const zip_piece *pieces, size_t count, const char *comment,
                            bool zip64)
{
    *z = (zip_maker){0};
    for (size_t i = 0; i < count; i++) {
        z->offsets[i] = i && pieces[i].shared ? z->offsets[i - 1] : z->bytes;
        if (!pieces[i].shared)
            zip_local(z, &pieces[i]);
    }
    z->directory = z->bytes;
    for (size_t i = 0; i < count; i++)
        zip_entry(z, &pieces[i], z->offsets[i]);
    size_t directory_bytes = z->bytes - z->directory;
    if (zip64)
        zip_end64(z, count, directory_bytes);
    z->end = z->bytes;
    zip_put(z, "PK\5\6", 4);
    zip_number(z, 0, 4);
    zip_number(z, zip64 ? UINT16_MAX : count, 2);
    zip_number(z, zip64 ? UINT16_MAX : count, 2);
    zip_number(z, zip64 ? UINT32_MAX : directory_bytes, 4);
    zip_number(z, zip64 ? UINT32_MAX : z->directory, 4);
    zip_number(z, strlen(comment), 2);
    zip_put(z, comment, strlen(comment));
}

static inline void zip_set(zip_maker *z, size_t at, uint64_t value, unsigned bytes)
{
    ck_assert_uint_le(at + bytes, z->bytes);
    for (unsigned i = 0; i < bytes; i++)
        z->data[at + i] = (unsigned char)(value >> (8 * i));
}

#endif
