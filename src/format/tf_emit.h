/* tf_emit.h - a tensor's bytes as a checkpoint has them, from the canonical ones, with their checksum. */
#ifndef VDB_TF_EMIT_H
#define VDB_TF_EMIT_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_layout.h"

typedef struct vdb_tf_emitter {
    vdb_error *e;
    const vdb_writing *w;
    int fd;          /* that is written to */
    vdb_buf waiting; /* of small writes */
    char *piece;
    const vdb_output_tensor *held; /* that is in piece as a whole; NULL: none */
} vdb_tf_emitter;

int vdb_tf_emitter_init(vdb_error *e, vdb_tf_emitter *x, const vdb_writing *w);
void vdb_tf_emitter_release(vdb_tf_emitter *x);
/* p->stored of strings, which takes reading them. */
int vdb_tf_measure(vdb_tf_emitter *x, vdb_tf_place *p);
/* Writes the tensor and sets p->crc. */
int vdb_tf_emit(vdb_tf_emitter *x, vdb_tf_place *p);
int vdb_tf_emit_zeros(vdb_tf_emitter *x, uint64_t bytes);
/* What waits is written. */
int vdb_tf_emit_rest(vdb_tf_emitter *x);

#endif
#endif
