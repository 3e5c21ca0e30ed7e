/*
 * foreign.c - files of a model as other programs make them, in forms that the library reads and does not
 * write.
 *
 * Numbers are written as this machine has them, which is little-endian.
 */
#include "foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fail.h"
#include "file.h"

enum {
    DEFLATED = 8,   /* zip's number for it */
    ZIP_NEEDS = 20, /* the version that has it */
    ZIP_DATE = 33,  /* 1980-01-01 */
    NPY_ALIGNMENT = 64,
    GGUF_ALIGNMENT = 32,
    PIECE_BYTES = 1 << 20,
    NAME_ROOM = 64
};

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "wbx");

    if (file == NULL)
        fail_errno(path);
    return file;
}

static void put(FILE *file, const void *data, size_t bytes)
{
    if (fwrite(data, 1, bytes, file) != bytes)
        fail_errno("writing a file");
}

/* An unsigned number of at most 8 bytes. */
static void put_number(FILE *file, uint64_t number, size_t bytes)
{
    put(file, &number, bytes);
}

static void finish(FILE *file)
{
    if (fclose(file) != 0)
        fail_errno("writing a file");
}

/* ---- .npz, deflated ---- */

struct member {
    char name[NAME_ROOM];
    uint32_t crc;
    size_t stored, bytes;
    long offset;
};

/* The header of an array in NumPy's way, padded to its alignment. */
static size_t print_npy_header(const varsdb_tensor_info *info, char header[2 * NPY_ALIGNMENT])
{
    size_t bytes = 2 * NPY_ALIGNMENT;
    int used =
        snprintf(header, bytes,
                 "\x93NUMPY\x01%c%c%c{'descr': '<f4', 'fortran_order': False, "
                 "'shape': (%lld, %lld), }",
                 0, (int)(bytes - 10), 0, (long long)info->shape.dims[0], (long long)info->shape.dims[1]);

    memset(header + used, ' ', bytes - (size_t)used);
    header[bytes - 1] = '\n';
    return bytes;
}

/* Deflates the whole of it; returns how many bytes it became. */
static size_t deflate_all(unsigned char *from, size_t bytes, unsigned char *to, size_t room)
{
    z_stream z = {.next_in = from, .avail_in = (uInt)bytes, .next_out = to, .avail_out = (uInt)room};

    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&z, Z_FINISH) != Z_STREAM_END)
        fail("zlib", "does not deflate");
    (void)deflateEnd(&z);
    return (size_t)z.total_out;
}

/* What a local header and an entry of the directory have in common. */
static void put_member(FILE *file, const struct member *m)
{
    put_number(file, ZIP_NEEDS, 2);
    put_number(file, 0, 2);
    put_number(file, DEFLATED, 2);
    put_number(file, 0, 2);
    put_number(file, ZIP_DATE, 2);
    put_number(file, m->crc, 4);
    put_number(file, m->stored, 4);
    put_number(file, m->bytes, 4);
    put_number(file, strlen(m->name), 2);
    put_number(file, 0, 2);
}

static void write_member(FILE *file, struct model *model, size_t i, struct member *m)
{
    const varsdb_tensor_info *info = &model->infos[i];
    char header[2 * NPY_ALIGNMENT];
    size_t header_bytes = print_npy_header(info, header);
    size_t room;
    unsigned char *from, *to;

    snprintf(m->name, sizeof m->name, "%s.npy", info->name);
    m->bytes = header_bytes + (size_t)info->bytes;
    room = m->bytes + m->bytes / 1000 + 1024;
    from = must_allocate(1, m->bytes);
    to = must_allocate(1, room);
    memcpy(from, header, header_bytes);
    (void)model_pull(model, i, 0, from + header_bytes, (size_t)info->bytes);
    m->crc = (uint32_t)crc32_z(0, from, m->bytes);
    m->stored = deflate_all(from, m->bytes, to, room);
    m->offset = ftell(file);
    put(file, "PK\3\4", 4);
    put_member(file, m);
    put(file, m->name, strlen(m->name));
    put(file, to, m->stored);
    free(from);
    free(to);
}

static void write_directory(FILE *file, const struct member *members, size_t count)
{
    long begin = ftell(file), end;

    for (size_t i = 0; i < count; i++) {
        put(file, "PK\1\2", 4);
        put_number(file, ZIP_NEEDS, 2);
        put_member(file, &members[i]);
        put_number(file, 0, 8); /* comment, disk, attributes */
        put_number(file, 0, 2);
        put_number(file, (uint64_t)members[i].offset, 4);
        put(file, members[i].name, strlen(members[i].name));
    }
    end = ftell(file);
    put(file, "PK\5\6", 4);
    put_number(file, 0, 4);
    put_number(file, count, 2);
    put_number(file, count, 2);
    put_number(file, (uint64_t)(end - begin), 4);
    put_number(file, (uint64_t)begin, 4);
    put_number(file, 0, 2);
}

void foreign_write_deflated(struct model *model, const char *path)
{
    struct member *members = must_allocate(model->count, sizeof *members);
    FILE *file = create(path);

    for (size_t i = 0; i < model->count; i++)
        write_member(file, model, i, &members[i]);
    write_directory(file, members, model->count);
    finish(file);
    free(members);
}

/* ---- GGUF ---- */

static void put_array(FILE *file, struct model *model, size_t i)
{
    unsigned char *piece = must_allocate(1, PIECE_BYTES);
    uint64_t all = model->infos[i].bytes;

    for (uint64_t at = 0; at < all; at += PIECE_BYTES) {
        size_t bytes = all - at < PIECE_BYTES ? (size_t)(all - at) : PIECE_BYTES;

        (void)model_pull(model, i, at, piece, bytes);
        put(file, piece, bytes);
    }
    free(piece);
}

void foreign_write_gguf(struct model *model, const char *path)
{
    FILE *file = create(path);
    uint64_t at = 0;

    put(file, "GGUF", 4);
    put_number(file, 3, 4);
    put_number(file, model->count, 8);
    put_number(file, 0, 8);
    for (size_t i = 0; i < model->count; i++) {
        const varsdb_tensor_info *info = &model->infos[i];

        put_number(file, strlen(info->name), 8);
        put(file, info->name, strlen(info->name));
        put_number(file, 2, 4);
        put_number(file, (uint64_t)info->shape.dims[1], 8); /* the one that varies fastest first */
        put_number(file, (uint64_t)info->shape.dims[0], 8);
        put_number(file, 0, 4); /* F32 */
        put_number(file, at, 8);
        at += info->bytes; /* a multiple of the alignment */
    }
    while (ftell(file) % GGUF_ALIGNMENT != 0)
        put_number(file, 0, 1);
    for (size_t i = 0; i < model->count; i++)
        put_array(file, model, i);
    finish(file);
}
