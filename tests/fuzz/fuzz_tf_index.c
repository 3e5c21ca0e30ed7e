/*
 * fuzz_tf_index.c - any bytes as the index of a checkpoint, and as the one block in such an index, for
 * which the checksums are made; its only shard is the input itself.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/crc32c.h"
#include "format/tf_table.h"

#define PIECE_BYTES 4096
#define READ_MAX    65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[128], index_path[160], shard_path[192];

static void clean_up(void)
{
    unlink(index_path);
    unlink(shard_path);
    rmdir(folder);
}

static void prepare(void)
{
    const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/varsdb-fuzz-XXXXXX", root);
    if (!mkdtemp(folder))
        abort();
    snprintf(index_path, sizeof index_path, "%s/p.index", folder);
    snprintf(shard_path, sizeof shard_path, "%s/p.data-00000-of-00001", folder);
    atexit(clean_up);
}

static void put_file(const char *path, const void *data, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes || close(fd) != 0)
        abort();
}

static void put(vdb_buf *out, const void *data, size_t bytes)
{
    if (vdb_buf_append(out, data, bytes) != VARSDB_OK)
        abort();
}

static void put_checksum(vdb_buf *out, size_t begin)
{
    if (vdb_tf_put32(out, vdb_crc32c_mask(vdb_crc32c(0, out->data + begin, out->size - begin))) != VARSDB_OK)
        abort();
}

static void put_number(vdb_buf *out, uint64_t value)
{
    if (vdb_tf_put_varint(out, value) != VARSDB_OK)
        abort();
}

/* The block, raw or compressed, the block of blocks, and the footer. */
static void make_table(vdb_buf *out, const uint8_t *block, size_t bytes, unsigned char type)
{
    vdb_buf place = {0}, footer = {0};
    put_number(&place, 0);
    put_number(&place, bytes);
    put(out, block, bytes);
    put(out, &type, 1);
    put_checksum(out, 0);
    size_t begin = out->size;
    put(out, "\0\1", 2);
    put_number(out, place.size);
    put(out, "\xff", 1);
    put(out, place.data, place.size);
    put(out, "\0\0\0\0\1\0\0\0", 8);
    size_t end = out->size;
    put(out, "", 1);
    put_checksum(out, begin);
    put_number(&footer, 0);
    put_number(&footer, 0);
    put_number(&footer, begin);
    put_number(&footer, end - begin);
    while (footer.size < 40)
        put(&footer, "", 1);
    put(&footer, VDB_TF_TABLE_MAGIC, VDB_TF_TABLE_MAGIC_BYTES);
    put(out, footer.data, footer.size);
    vdb_buf_release(&place);
    vdb_buf_release(&footer);
}

static void read_all(varsdb_reader *r)
{
    char piece[PIECE_BYTES];
    for (size_t i = 0; i < varsdb_reader_count(r) && i < 64; i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
        int rc = VARSDB_OK;
        for (uint64_t at = 0; at < t->bytes && at < READ_MAX && rc == VARSDB_OK; at += sizeof piece)
            rc = varsdb_reader_read(r, i, at, piece,
                                    t->bytes - at < sizeof piece ? (size_t)(t->bytes - at) : sizeof piece);
        assert(rc == VARSDB_OK || varsdb_reader_errmsg(r)[0]);
        if (t->bytes > 1)
            varsdb_reader_read(r, i, t->bytes / 2, piece, 1);
    }
}

static void read_index(void)
{
    varsdb_reader *r = NULL;
    int rc = varsdb_open_reader(index_path, &r);
    assert(r && (rc == VARSDB_OK) == (varsdb_reader_errmsg(r)[0] == '\0'));
    /* CANTOPEN: it became the index of a set of another format. */
    assert(rc == VARSDB_OK || rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED || rc == VARSDB_CANTOPEN);
    if (rc == VARSDB_OK)
        read_all(r);
    varsdb_close_reader(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!*folder)
        prepare();
    put_file(shard_path, data, size);
    put_file(index_path, data, size);
    read_index();
    for (unsigned char type = 0; type < 2; type++) {
        vdb_buf table = {0};
        make_table(&table, data, size, type);
        put_file(index_path, table.data, table.size);
        read_index();
        vdb_buf_release(&table);
    }
    return 0;
}
