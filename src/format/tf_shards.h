/* tf_shards.h - the data files of a TensorFlow checkpoint, opened when they are first read. */
#ifndef VDB_TF_SHARDS_H
#define VDB_TF_SHARDS_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include <stdbool.h>

#include "format.h"

#define VDB_TF_OPEN_MAX     8 /* files at a time */
#define VDB_TF_WINDOWS      8
#define VDB_TF_WINDOW_BYTES 65536u

typedef struct vdb_tf_window {
    int64_t shard; /* -1: nothing is in it */
    uint64_t begin, used;
    size_t bytes;
    unsigned char *data;
} vdb_tf_window;

typedef struct vdb_tf_open_shard {
    int64_t shard; /* -1: none */
    uint64_t used;
    vdb_input in;
} vdb_tf_open_shard;

typedef struct vdb_tf_shards {
    int folder;        /* a descriptor */
    char *folder_text; /* with its "/", for messages and neighbours; "" for the current one */
    char *prefix;      /* in it */
    int64_t count;     /* of shards */
    uint64_t now;      /* counts uses */
    vdb_tf_open_shard open[VDB_TF_OPEN_MAX];
    vdb_tf_window windows[VDB_TF_WINDOWS]; /* for small reads */
} vdb_tf_shards;

/* "P.data-00000-of-00002" of whatever P is. */
int vdb_tf_shard_name(vdb_buf *out, const char *prefix, int64_t shard, int64_t count);
/* For the index at path; nothing of the shards is looked at. */
int vdb_tf_shards_init(vdb_error *e, vdb_tf_shards *s, const char *index_path);
void vdb_tf_shards_release(vdb_tf_shards *s);
bool vdb_tf_shards_has(const vdb_tf_shards *s, int64_t shard);
/* CANTOPEN: it is not there, or no regular file.  FORMAT: it is shorter. */
int vdb_tf_shards_read(vdb_error *e, vdb_tf_shards *s, int64_t shard, uint64_t offset, void *buffer,
                       size_t bytes);
/* At least one byte from offset on, at most `most`, borrowed until the next call. */
int vdb_tf_shards_view(vdb_error *e, vdb_tf_shards *s, int64_t shard, uint64_t offset, uint64_t most,
                       const unsigned char **out, size_t *bytes);
/* Puts "bytes 4 to 8 of shard 'P.data-...'" before the error's text. */
int vdb_tf_shards_fail_in(vdb_error *e, const vdb_tf_shards *s, int64_t shard, uint64_t offset,
                          uint64_t bytes);

#endif
#endif
