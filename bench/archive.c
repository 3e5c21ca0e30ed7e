/*
 * archive.c - a zip file, below 4 GiB, as other programs make them.
 */
#include "archive.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fail.h"
#include "sink.h"

enum {
    STORED = 0, /* zip's numbers for them */
    DEFLATED = 8,
    ZIP_NEEDS = 20, /* the version that has both */
    ZIP_DATE = 33,  /* 1980-01-01 */
    MEMBERS = 1024,
    NAME_ROOM = 64
};

struct member {
    char name[NAME_ROOM];
    unsigned method;
    uint32_t crc;
    size_t stored, bytes;
    long offset;
};

struct archive {
    FILE *file;
    size_t count;
    struct member members[MEMBERS];
};

struct archive *archive_new(const char *path)
{
    struct archive *archive = must_allocate(1, sizeof *archive);

    archive->file = sink_open(path);
    return archive;
}

/* What a local header and an entry of the directory have in common. */
static void put_member(FILE *file, const struct member *m)
{
    sink_put_number(file, ZIP_NEEDS, 2);
    sink_put_number(file, 0, 2);
    sink_put_number(file, m->method, 2);
    sink_put_number(file, 0, 2);
    sink_put_number(file, ZIP_DATE, 2);
    sink_put_number(file, m->crc, 4);
    sink_put_number(file, m->stored, 4);
    sink_put_number(file, m->bytes, 4);
    sink_put_number(file, strlen(m->name), 2);
    sink_put_number(file, 0, 2);
}

static void add(struct archive *archive, const char *name, const struct member *like, const void *stored)
{
    struct member *m = &archive->members[archive->count];

    if (archive->count == MEMBERS || strlen(name) >= NAME_ROOM)
        fail(name, "the archive is full");
    *m = *like;
    strcpy(m->name, name);
    m->offset = ftell(archive->file);
    sink_put(archive->file, "PK\3\4", 4);
    put_member(archive->file, m);
    sink_put(archive->file, m->name, strlen(m->name));
    sink_put(archive->file, stored, m->stored);
    archive->count++;
}

void archive_store(struct archive *archive, const char *name, const void *bytes, size_t count)
{
    struct member m = {
        .method = STORED, .crc = (uint32_t)crc32_z(0, bytes, count), .stored = count, .bytes = count};

    add(archive, name, &m, bytes);
}

/* Deflates the whole of it; returns how many bytes it became. */
static size_t deflate_all(const void *from, size_t bytes, unsigned char *to, size_t room)
{
    z_stream z = {.next_in = (Bytef *)from, .avail_in = (uInt)bytes, .next_out = to, .avail_out = (uInt)room};

    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&z, Z_FINISH) != Z_STREAM_END)
        fail("zlib", "does not deflate");
    (void)deflateEnd(&z);
    return (size_t)z.total_out;
}

void archive_deflate(struct archive *archive, const char *name, const void *bytes, size_t count)
{
    size_t room = count + count / 1000 + 1024;
    unsigned char *stored = must_allocate(1, room);
    struct member m = {.method = DEFLATED,
                       .crc = (uint32_t)crc32_z(0, bytes, count),
                       .stored = deflate_all(bytes, count, stored, room),
                       .bytes = count};

    add(archive, name, &m, stored);
    free(stored);
}

static void put_directory(const struct archive *archive)
{
    FILE *file = archive->file;
    long begin = ftell(file), end;

    for (size_t i = 0; i < archive->count; i++) {
        const struct member *m = &archive->members[i];

        sink_put(file, "PK\1\2", 4);
        sink_put_number(file, ZIP_NEEDS, 2);
        put_member(file, m);
        sink_put_number(file, 0, 8); /* comment, disk, attributes */
        sink_put_number(file, 0, 2);
        sink_put_number(file, (uint64_t)m->offset, 4);
        sink_put(file, m->name, strlen(m->name));
    }
    end = ftell(file);
    sink_put(file, "PK\5\6", 4);
    sink_put_number(file, 0, 4);
    sink_put_number(file, archive->count, 2);
    sink_put_number(file, archive->count, 2);
    sink_put_number(file, (uint64_t)(end - begin), 4);
    sink_put_number(file, (uint64_t)begin, 4);
    sink_put_number(file, 0, 2);
}

void archive_end(struct archive *archive)
{
    put_directory(archive);
    sink_close(archive->file);
    free(archive);
}
