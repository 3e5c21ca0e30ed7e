/*
 * tf_table.h - the sorted table of keys and values (LevelDB's) that is the index of a
 * TensorFlow checkpoint: read in order, and written byte for byte as TensorFlow does.
 */
#ifndef VDB_TF_TABLE_H
#define VDB_TF_TABLE_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include <stdbool.h>

#include "format.h"

#define VDB_TF_TABLE_BLOCK_BYTES 262144u /* after so many a block ends */
#define VDB_TF_TABLE_KEY_MAX     65536u

/* Its last bytes. */
#define VDB_TF_TABLE_MAGIC       "\x57\xfb\x80\x8b\x24\x75\x47\xdb"
#define VDB_TF_TABLE_MAGIC_BYTES 8u

/* A little-endian base-128 number of at most 64 bits; false: there is none, *at is anywhere then. */
bool vdb_tf_take_varint(const unsigned char **at, const unsigned char *end, uint64_t *out);
int vdb_tf_put_varint(vdb_buf *out, uint64_t value);
int vdb_tf_put32(vdb_buf *out, uint32_t value);

typedef int (*vdb_tf_item_cb)(void *payload, const void *key, size_t key_bytes, const void *value,
                              size_t value_bytes);
/* Calls back for each item by ascending key; stops at what is not OK and passes it on.  Every checksum
 * is checked, and that keys ascend.  Memory is that of one block.  VARSDB_FORMAT. */
int vdb_tf_table_each(vdb_error *e, const vdb_input *in, vdb_tf_item_cb callback, void *payload);

typedef struct vdb_tf_block {
    vdb_buf bytes, restarts, last_key;
    unsigned interval, since_restart;
} vdb_tf_block;

typedef struct vdb_tf_table {
    int fd;
    size_t block_bytes;
    uint64_t offset;
    vdb_tf_block data, index;
    bool pending; /* a block is written, and not yet in the index */
    uint64_t pending_offset, pending_bytes;
} vdb_tf_table;

void vdb_tf_table_begin(vdb_tf_table *t, int fd, size_t block_bytes);
/* Keys ascend. */
int vdb_tf_table_add(vdb_error *e, vdb_tf_table *t, const void *key, size_t key_bytes, const void *value,
                     size_t value_bytes);
int vdb_tf_table_finish(vdb_error *e, vdb_tf_table *t);
void vdb_tf_table_release(vdb_tf_table *t);

#endif
#endif
