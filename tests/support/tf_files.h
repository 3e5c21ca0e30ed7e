/* tf_files.h - TensorFlow checkpoints made of given keys and bytes, right and wrong ones. */
#ifndef TEST_TF_FILES_H
#define TEST_TF_FILES_H

#include <fcntl.h>

#include "format/crc32c.h"
#include "format/tf_bundle.h"
#include "format/tf_table.h"
#include "tensor_files.h"

#define TF_HEADER     "\x08\x01\x1a\x02\x08\x01"
#define TF_HEADER_BIG "\x08\x01\x10\x01\x1a\x02\x08\x01"

typedef struct tf_table_file {
    vdb_error error;
    vdb_tf_table table;
} tf_table_file;

static inline void tf_table_open(tf_table_file *f, const char *path, size_t block_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    vdb_tf_table_begin(&f->table, fd, block_bytes);
}

static inline void tf_table_put(tf_table_file *f, const void *key, size_t key_bytes, const void *value,
                                size_t value_bytes)
{
    ck_assert_int_eq(vdb_tf_table_add(&f->error, &f->table, key, key_bytes, value, value_bytes), VARSDB_OK);
}

static inline void tf_table_close(tf_table_file *f)
{
    ck_assert_int_eq(vdb_tf_table_finish(&f->error, &f->table), VARSDB_OK);
    close(f->table.fd);
    vdb_tf_table_release(&f->table);
}

/* A table of one block with these bytes, whose checksums are right. */
static inline void tf_table_raw(const char *path, const void *block, size_t bytes, unsigned char type,
                                const void *handle, size_t handle_bytes)
{
    static const char meta[] = "\0\0\0\0\1\0\0\0\0\xc0\xf2\xa1\xb0";
    const size_t meta_bytes = sizeof meta - 1;
    vdb_buf all = {0}, index = {0}, footer = {0};
    vdb_buf_append(&all, block, bytes);
    vdb_buf_append(&all, &type, 1);
    vdb_tf_put32(&all, vdb_crc32c_mask(vdb_crc32c(0, all.data, all.size)));
    const size_t meta_at = all.size;
    vdb_buf_append(&all, meta, meta_bytes);
    vdb_buf own = {0};
    vdb_tf_put_varint(&own, 0);
    vdb_tf_put_varint(&own, bytes);
    vdb_buf_append(&index, "\0\1", 2);
    vdb_tf_put_varint(&index, handle ? handle_bytes : own.size);
    vdb_buf_append(&index, "z", 1);
    vdb_buf_append(&index, handle ? handle : own.data, handle ? handle_bytes : own.size);
    vdb_buf_append(&index, "\0\0\0\0\1\0\0\0", 8);
    const size_t index_at = all.size, index_bytes = index.size;
    vdb_buf_append(&index, "", 1);
    vdb_tf_put32(&index, vdb_crc32c_mask(vdb_crc32c(0, index.data, index.size)));
    vdb_buf_append(&all, index.data, index.size);
    vdb_tf_put_varint(&footer, meta_at);
    vdb_tf_put_varint(&footer, meta_bytes - 5);
    vdb_tf_put_varint(&footer, index_at);
    vdb_tf_put_varint(&footer, index_bytes);
    while (footer.size < 40)
        vdb_buf_append(&footer, "", 1);
    vdb_buf_append(&footer, VDB_TF_TABLE_MAGIC, 8);
    vdb_buf_append(&all, footer.data, footer.size);
    file_write(path, all.data, all.size);
    vdb_buf_release(&all);
    vdb_buf_release(&own);
    vdb_buf_release(&index);
    vdb_buf_release(&footer);
}

typedef struct tf_item {
    const void *key;
    size_t key_bytes;
    const void *value;
    size_t value_bytes;
} tf_item;
#define ITEM(key, value)                               \
    {                                                  \
        key, sizeof(key) - 1, value, sizeof(value) - 1 \
    }

static inline void tf_write_items(const char *path, const tf_item *items, size_t count, size_t block_bytes)
{
    tf_table_file f;
    tf_table_open(&f, path, block_bytes);
    for (size_t i = 0; i < count; i++)
        tf_table_put(&f, items[i].key, items[i].key_bytes, items[i].value, items[i].value_bytes);
    tf_table_close(&f);
}

/* An entry by its numbers, for what has bytes. */
static inline void tf_print_entry(vdb_buf *out, unsigned dtype, varsdb_shape shape, int64_t offset,
                                  const void *data, size_t bytes)
{
    const vdb_tf_entry e = {.dtype = dtype,
                            .offset = offset,
                            .bytes = (int64_t)bytes,
                            .crc = vdb_crc32c_mask(vdb_crc32c(0, (const char *)data + offset, bytes))};
    ck_assert_int_eq(vdb_tf_write_entry(out, &e, &shape), VARSDB_OK);
}

#endif
