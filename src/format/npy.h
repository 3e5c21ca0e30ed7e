/*
 * npy.h - one array in NumPy's own format, wherever it lies: in a file, or in a member
 * of an .npz.
 */
#ifndef VDB_NPY_H
#define VDB_NPY_H
#ifndef VARSDB_OMIT_NUMPY

#include "../shape.h"
#include "format.h"
#include "strided.h"

#define VDB_NPY_PREFIX_BYTES 12u /* magic, version, length; at most */
#define VDB_NPY_HEADER_MAX   10000u
#define VDB_NPY_UNREAD_BYTES 160

/* How the elements lie. */
typedef struct vdb_npy_layout {
    uint32_t data;   /* where they begin in the source */
    uint32_t member; /* of an archive */
    bool fortran, big_endian;
} vdb_npy_layout;

typedef struct vdb_npy_header {
    varsdb_dtype dtype; /* VARSDB_DTYPE_NOT_SAID: the registry has none such */
    vdb_dims dims;
    uint64_t bytes; /* of the elements */
    vdb_npy_layout layout;
    char unread[VDB_NPY_UNREAD_BYTES]; /* why there is no dtype */
} vdb_npy_header;

/* Reads no more than the header of what the source has, and holds it against the source's size.
 * VARSDB_FORMAT. */
int vdb_npy_read_header(vdb_error *e, const vdb_source *source, vdb_npy_header *out);

/* Bytes of the tensor as varsdb has them.  `key` tells one tensor from another. */
int vdb_npy_read_data(vdb_error *e, const vdb_source *source, const varsdb_tensor_info *info,
                      const vdb_npy_layout *layout, vdb_strided_cache *cache, uint64_t key, uint64_t offset,
                      void *buffer, size_t bytes);

/* A list of tensors that is made one by one. */
typedef struct vdb_npy_list {
    vdb_tensor_list list;
    vdb_npy_layout *layouts;
    size_t room;
    vdb_buf dims, texts;
} vdb_npy_list;

/* The entry's offset is its place among the layouts. */
int vdb_npy_list_add(vdb_error *e, vdb_npy_list *l, const char *name, size_t name_bytes,
                     const vdb_npy_header *header);
/* Gives the names, shapes and texts their places. */
int vdb_npy_list_finish(vdb_error *e, vdb_npy_list *l);
void vdb_npy_list_release(vdb_npy_list *l);

/* Appends what numpy.save writes before the elements, byte for byte. */
int vdb_npy_print_header(vdb_buf *out, varsdb_dtype dtype, const varsdb_shape *shape);
/* Names all tensors whose dtype NumPy lacks, as far as a message goes.  VARSDB_UNSUPPORTED. */
int vdb_npy_check_dtypes(vdb_error *e, const vdb_output_tensor *tensors, size_t count);

#endif
#endif
