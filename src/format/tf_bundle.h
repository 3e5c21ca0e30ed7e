/*
 * tf_bundle.h - a TensorFlow checkpoint (V2, "tensor bundle"): an index, which is a table of
 * tensors by name, and shards with their bytes.  What the files of the format share.
 */
#ifndef VDB_TF_BUNDLE_H
#define VDB_TF_BUNDLE_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_proto.h"
#include "tf_shards.h"

#define VDB_TF_SUFFIX     ".index"
#define VDB_TF_SHOWN      "'%.200s'"
#define VDB_TF_SLICES_MAX 4096u
#define VDB_TF_NUM_SHARDS "num_shards" /* key of the metadata */

/* What the index says under one key. */
typedef struct vdb_tf_item {
    size_t key, key_bytes; /* in keys */
    size_t dims;           /* number of the first one in dims */
    size_t first_piece, pieces;
    int64_t shard, offset, elements;
    uint64_t stored, bytes; /* in the shard; in canonical form */
    uint64_t strings;       /* where behind the offset the strings begin */
    varsdb_dtype dtype;
    unsigned tf_dtype;
    int rank;
    uint32_t crc, strings_crc; /* masked; and what goes on at the strings */
    bool checked;              /* its bytes have the checksum */
    bool joined;               /* a slice that is of a tensor */
} vdb_tf_item;

/* A slice of a partitioned variable. */
typedef struct vdb_tf_piece {
    size_t item;    /* that has its bytes */
    size_t extents; /* number of the first one in extents */
} vdb_tf_piece;

/* Where reading in order has come to. */
typedef struct vdb_tf_stream {
    const vdb_tf_item *item; /* NULL: none is being read */
    uint64_t at;             /* in canonical form */
    uint32_t crc;
    uint64_t lengths_at, strings_at; /* of strings, behind the offset */
    uint64_t string_left;
    unsigned header_left; /* bytes of the length before it */
    unsigned char header[8];
} vdb_tf_stream;

typedef struct vdb_tf_bundle {
    vdb_tf_header header;
    vdb_tf_shards shards;
    vdb_tf_item *items; /* by key */
    size_t count, room;
    vdb_tf_piece *pieces;
    size_t piece_count, piece_room, hint; /* hint: the piece that was read last */
    vdb_buf keys, dims, extents;          /* char, int64_t, vdb_tf_extent */
    uint64_t memory_left;                 /* that the index may still take */
    vdb_buf full_names;                   /* texts, when they were asked for */
    bool began;                           /* the header was read */
    vdb_tf_stream stream;
} vdb_tf_bundle;

static inline const char *vdb_tf_key(const vdb_tf_bundle *b, const vdb_tf_item *i)
{
    return b->keys.data + i->key;
}

static inline varsdb_shape vdb_tf_shape(const vdb_tf_bundle *b, const vdb_tf_item *i)
{
    return (varsdb_shape){i->rank, (const int64_t *)(const void *)b->dims.data + i->dims};
}

static inline vdb_tf_extent *vdb_tf_extents(const vdb_tf_bundle *b, const vdb_tf_piece *p)
{
    return (vdb_tf_extent *)(void *)b->extents.data + p->extents;
}

/* A slice's key begins with a zero, and no other does. */
static inline bool vdb_tf_is_slice(const vdb_tf_bundle *b, const vdb_tf_item *i)
{
    return vdb_tf_key(b, i)[0] == '\0';
}

/* Reads the index into *b, which is zeroed. */
int vdb_tf_bundle_load(vdb_error *e, vdb_tf_bundle *b, const vdb_input *in);
/* Finds the slices of partitioned variables, and checks that they make up the whole. */
int vdb_tf_bundle_join(vdb_error *e, vdb_tf_bundle *b);
/* Measures a string tensor, and checks the lengths of its strings, when its shard is there. */
int vdb_tf_strings_measure(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item);
void vdb_tf_bundle_release(vdb_tf_bundle *b);

/* NULL: there is none. */
const vdb_tf_item *vdb_tf_find_item(const vdb_tf_bundle *b, const void *key, size_t bytes);

/* The parts of vdb_format. */
int vdb_tf_find(vdb_error *e, const char *path, char **out);
int vdb_tf_read(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                uint64_t offset, void *buffer, size_t bytes);
int vdb_tf_name_fully(vdb_error *e, void *state, const vdb_input *in, vdb_tensor_list *list);
int vdb_tf_write(vdb_error *e, const vdb_writing *w);
/* The same with blocks of another size in the index, for tests. */
int vdb_tf_write_blocks(vdb_error *e, const vdb_writing *w, size_t block_bytes);

/* Reads of a string tensor in order, and all of it with its checksum; for tf_read.c. */
int vdb_tf_strings_read(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item, uint64_t offset, void *buffer,
                        size_t bytes);
int vdb_tf_fail_checksum(vdb_error *e, const vdb_tf_bundle *b, const vdb_tf_item *item);

#endif
#endif
