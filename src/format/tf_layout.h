/* tf_layout.h - where the tensors of a checkpoint that is written go: which shard, which bytes. */
#ifndef VDB_TF_LAYOUT_H
#define VDB_TF_LAYOUT_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_bundle.h"

#define VDB_TF_WRITE_SHARDS_MAX 256 /* they are all open until the last is written */

typedef struct vdb_tf_place {
    const vdb_output_tensor *tensor;
    unsigned dtype; /* TensorFlow's */
    bool placed;    /* the file that it came from had it at: */
    uint64_t shard_before, offset_before;
    int64_t shard, offset;
    uint64_t stored;
    uint32_t crc;
} vdb_tf_place;

/* Takes what the tensor's JSON says of it, as far as it still holds. */
void vdb_tf_place_recall(vdb_tf_place *p);
/* Sets the shard and the offset of each, sorts by them, and tells how many shards there are: as they were
 * where all were placed and none grew into another; else back to back by name. */
int vdb_tf_layout(vdb_error *e, vdb_tf_place *places, const vdb_writing *w, int64_t *shards);
void vdb_tf_sort_by_name(vdb_tf_place *places, size_t count);

#endif
#endif
