/* safetensors.h - what the reader and the writer of safetensors share. */
#ifndef VDB_SAFETENSORS_H
#define VDB_SAFETENSORS_H
#ifndef VARSDB_OMIT_SAFETENSORS

#include "format.h"

#define VDB_SAFETENSORS_HEADER_MAX   100000000u
#define VDB_SAFETENSORS_LENGTH_BYTES 8u
#define VDB_SAFETENSORS_METADATA     "__metadata__"
#define VDB_SAFETENSORS_SHOWN        "'%.200s'" /* a name in a message */

/* The format's name of a dtype and its place in the order of data, low to high; NULL and -1 if
 * it has none. */
const char *vdb_safetensors_dtype_name(varsdb_dtype dtype);
int vdb_safetensors_dtype_rank(varsdb_dtype dtype);
/* VARSDB_DTYPE_NOT_SAID if there is none of that name. */
varsdb_dtype vdb_safetensors_dtype_of(const char *name, size_t bytes);

/* Bytes of a tensor.  VARSDB_INVALID: they overflow, or the elements do not fill whole bytes. */
int vdb_safetensors_tensor_bytes(vdb_error *e, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t *out);

/* The header's tensors and metadata as they come, each checked by itself.  VARSDB_FORMAT. */
int vdb_safetensors_parse_header(vdb_error *e, const char *text, size_t bytes, uint64_t data_bytes,
                                 vdb_tensor_list *out);

/* vdb_format.write */
int vdb_safetensors_write(vdb_error *e, int fd, const vdb_writing *w);

/* The whole as one file, or as a set with an index when it is larger than w->max_shard_bytes; always as a
 * set.  Nothing appears before all of it is written. */
int vdb_safetensors_write_file(vdb_error *e, const vdb_writing *w);
int vdb_safetensors_write_set(vdb_error *e, const vdb_writing *w);
#define VDB_SAFETENSORS_INDEX ".safetensors.index.json"

#endif

#endif
