/*
 * npz_write.c - the writer of npz, byte for byte as numpy.savez writes the same arrays
 * in the order of their names: stored members with zip64 local headers, the earliest
 * date that there is.  A checksum is known when its member is written, and put into the
 * header then.
 */
#ifndef VARSDB_OMIT_NUMPY

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../byte_order.h"
#include "../mem.h"
#include "crc32.h"
#include "npz.h"

#define SHOWN          "'%.200s'"
#define PIECE_BYTES    ((size_t)1 << 20)
#define VERSION        45u /* of the format, which has zip64 */
#define SYSTEM         (3u << 8)
#define MODE           (0600u << 16)
#define UTF8           0x800u
#define DATE           33u         /* 1980-01-01 */
#define LIMIT_32       0x7fffffffu /* above it zip64 says it */
#define LIMIT_16       0xffffu
#define ESCAPE_32      0xffffffffu
#define CRC_AT         14u
#define NAME_BYTES_MAX (65535u - VDB_NPZ_SUFFIX_BYTES)

typedef struct writing {
    vdb_error *error;
    int fd;
    uint64_t at; /* in the file */
    vdb_buf head;
    vdb_buf directory;
    char *piece;
} writing;

/* Appends `value`, low byte first. */
static int put(vdb_buf *out, uint64_t value, unsigned bytes)
{
    unsigned char text[8];
    vdb_put_little_endian(text, value, bytes);
    return vdb_buf_append(out, text, bytes);
}

/* A list of pairs of numbers and their bytes. */
typedef struct field {
    uint64_t value;
    unsigned bytes;
} field;

static int put_all(vdb_buf *out, const char *signature, const field *fields, size_t count)
{
    int rc = vdb_buf_append(out, signature, 4);
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++)
        rc = put(out, fields[i].value, fields[i].bytes);
    return rc;
}
#define PUT(out, signature, ...)                          \
    put_all(out, signature, (const field[]){__VA_ARGS__}, \
            sizeof((const field[]){__VA_ARGS__}) / sizeof(field))

static uint64_t at_most(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

static int put_name(vdb_buf *out, const char *name)
{
    int rc = vdb_buf_append_text(out, name);
    return rc == VARSDB_OK ? vdb_buf_append_text(out, VDB_NPZ_SUFFIX) : rc;
}

static unsigned flags_of(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name > 127)
            return UTF8;
    return 0;
}

/* ---- A member ----------------------------------------------------------- */

static int write_all(writing *w, const void *data, size_t bytes)
{
    int rc = vdb_output_write(w->error, w->fd, data, bytes);
    w->at += bytes;
    return rc;
}

static int put_local(vdb_buf *out, const vdb_output_tensor *t, uint64_t bytes)
{
    int rc = PUT(out, "PK\3\4", {VERSION, 2}, {flags_of(t->name), 2}, {0, 2}, {0, 2}, {DATE, 2}, {0, 4},
                 {ESCAPE_32, 4}, {ESCAPE_32, 4}, {strlen(t->name) + VDB_NPZ_SUFFIX_BYTES, 2}, {20, 2});
    if (rc == VARSDB_OK)
        rc = put_name(out, t->name);
    if (rc == VARSDB_OK)
        rc = put(out, 1, 2);
    if (rc == VARSDB_OK)
        rc = put(out, 16, 2);
    if (rc == VARSDB_OK)
        rc = put(out, bytes, 8);
    return rc == VARSDB_OK ? put(out, bytes, 8) : rc;
}

static int put_entry(vdb_buf *out, const vdb_output_tensor *t, uint64_t bytes, uint32_t crc, uint64_t offset)
{
    bool large = bytes > LIMIT_32, far = offset > LIMIT_32;
    unsigned extra = (large ? 16u : 0) + (far ? 8u : 0);
    int rc = PUT(out, "PK\1\2", {VERSION | SYSTEM, 2}, {VERSION, 2}, {flags_of(t->name), 2}, {0, 2}, {0, 2},
                 {DATE, 2}, {crc, 4}, {large ? ESCAPE_32 : bytes, 4}, {large ? ESCAPE_32 : bytes, 4},
                 {strlen(t->name) + VDB_NPZ_SUFFIX_BYTES, 2}, {extra ? extra + 4 : 0, 2}, {0, 2}, {0, 2},
                 {0, 2}, {MODE, 4}, {far ? ESCAPE_32 : offset, 4});
    if (rc == VARSDB_OK)
        rc = put_name(out, t->name);
    if (rc == VARSDB_OK && extra)
        rc = put(out, 1, 2);
    if (rc == VARSDB_OK && extra)
        rc = put(out, extra, 2);
    if (rc == VARSDB_OK && large)
        rc = put(out, bytes, 8);
    if (rc == VARSDB_OK && large)
        rc = put(out, bytes, 8);
    return rc == VARSDB_OK && far ? put(out, offset, 8) : rc;
}

static int write_elements(writing *w, const vdb_writing *given, const vdb_output_tensor *t, uint32_t *crc)
{
    int rc = VARSDB_OK;
    for (uint64_t at = 0; at < t->bytes && rc == VARSDB_OK; at += PIECE_BYTES) {
        size_t bytes = (size_t)at_most(t->bytes - at, PIECE_BYTES);
        rc = given->source(given->payload, t->tag, at, w->piece, bytes);
        if (rc == VARSDB_OK) {
            *crc = vdb_crc32(*crc, w->piece, bytes);
            rc = write_all(w, w->piece, bytes);
        }
    }
    return rc;
}

static int patch_crc(writing *w, uint64_t header, uint32_t crc)
{
    unsigned char text[4];
    vdb_put_little_endian(text, crc, sizeof text);
    ssize_t n;
    do
        n = pwrite(w->fd, text, sizeof text, (off_t)(header + CRC_AT));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof text ? VARSDB_OK
                                     : vdb_fail(w->error, VARSDB_IO, "a checksum cannot be written: %m");
}

static int write_member(writing *w, const vdb_writing *given, const vdb_output_tensor *t)
{
    uint64_t header = w->at, bytes;
    vdb_buf_reset(&w->head);
    int rc = vdb_npy_print_header(&w->head, t->dtype, &t->shape);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(w->error);
    size_t array_header = w->head.size;
    uint32_t crc = vdb_crc32(0, w->head.data, array_header);
    vdb_buf local = {0};
    if (__builtin_add_overflow(t->bytes, array_header, &bytes))
        return vdb_fail(w->error, VARSDB_UNSUPPORTED, SHOWN " has more bytes than can be counted", t->name);
    rc = put_local(&local, t, bytes);
    rc = rc == VARSDB_OK ? write_all(w, local.data, local.size) : vdb_fail_nomem(w->error);
    vdb_buf_release(&local);
    if (rc == VARSDB_OK)
        rc = write_all(w, w->head.data, array_header);
    if (rc == VARSDB_OK)
        rc = write_elements(w, given, t, &crc);
    if (rc == VARSDB_OK)
        rc = patch_crc(w, header, crc);
    if (rc == VARSDB_OK && put_entry(&w->directory, t, bytes, crc, header) != VARSDB_OK)
        rc = vdb_fail_nomem(w->error);
    return rc;
}

/* ---- The archive -------------------------------------------------------- */

static int put_end(vdb_buf *out, uint64_t count, uint64_t bytes, uint64_t offset)
{
    int rc = VARSDB_OK;
    if (count > LIMIT_16 || bytes > LIMIT_32 || offset > LIMIT_32) {
        rc = PUT(out, "PK\6\6", {44, 8}, {VERSION, 2}, {VERSION, 2}, {0, 8}, {count, 8}, {count, 8},
                 {bytes, 8}, {offset, 8});
        if (rc == VARSDB_OK)
            rc = PUT(out, "PK\6\7", {0, 4}, {offset + bytes, 8}, {1, 4});
    }
    if (rc == VARSDB_OK)
        rc = PUT(out, "PK\5\6", {0, 4}, {at_most(count, LIMIT_16), 2}, {at_most(count, LIMIT_16), 2},
                 {at_most(bytes, ESCAPE_32), 4}, {at_most(offset, ESCAPE_32), 4}, {0, 2});
    return rc;
}

static int stream_archive(vdb_error *e, int fd, const vdb_writing *given)
{
    writing w = {.error = e, .fd = fd, .piece = vdb_malloc(PIECE_BYTES)};
    int rc = w.piece ? VARSDB_OK : vdb_fail_nomem(e);
    for (size_t i = 0; i < given->count && rc == VARSDB_OK; i++)
        rc = write_member(&w, given, &given->tensors[i]);
    if (rc == VARSDB_OK && put_end(&w.directory, given->count, w.directory.size, w.at) != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = write_all(&w, w.directory.data, w.directory.size);
    vdb_buf_release(&w.head);
    vdb_buf_release(&w.directory);
    vdb_free(w.piece);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_output_tensor *)a)->name, ((const vdb_output_tensor *)b)->name);
}

int vdb_npz_write(vdb_error *e, const vdb_writing *w)
{
    int rc = vdb_npy_check_dtypes(e, w->tensors, w->count);
    for (size_t i = 0; i < w->count && rc == VARSDB_OK; i++)
        if (strlen(w->tensors[i].name) > NAME_BYTES_MAX || vdb_zip_name_has_parent(w->tensors[i].name))
            rc = vdb_fail(e, VARSDB_UNSUPPORTED,
                          "an npz cannot have " SHOWN
                          ": a name may not be that long, nor have '..' for a part",
                          w->tensors[i].name);
    if (w->count)
        qsort(w->tensors, w->count, sizeof *w->tensors, by_name);
    return rc == VARSDB_OK ? vdb_output_file(e, w, stream_archive) : rc;
}

#endif
