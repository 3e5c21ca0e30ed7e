/*
 * pytorch.h - what the files of the reader of PyTorch's .pt share.
 *
 *   pytorch.c         the zip archive of today, and the format
 *   pytorch_legacy.c  the file of before 1.6: five pickles, and the storages
 *   pytorch_name.c    the names that a pickle may hold
 *   pytorch_list.c    the pickle's tree as a list of tensors, and metadata
 *   pytorch_view.c    a tensor's call as a view of a storage, checked
 */
#ifndef VDB_PYTORCH_H
#define VDB_PYTORCH_H

#ifndef VARSDB_OMIT_PYTORCH

#include "arena.h"
#include "format.h"
#include "pickle.h"
#include "strided.h"

#define VDB_PYTORCH_SHOWN      "'%.200s'" /* a name in a message */
#define VDB_PYTORCH_ARENA_MOST ((size_t)256 << 20)
#define VDB_PYTORCH_LEGACY                                                          \
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." /* the first pickle \
                                                                 */
#define VDB_PYTORCH_LEGACY_SIZE (sizeof VDB_PYTORCH_LEGACY - 1)

/* The tags of the names. */
typedef enum vdb_pytorch_tag {
    VDB_PYTORCH_OTHER,
    VDB_PYTORCH_TENSOR,       /* _rebuild_tensor_v2 */
    VDB_PYTORCH_TYPED_TENSOR, /* _rebuild_tensor_v3, whose dtype is said */
    VDB_PYTORCH_PARAMETER,    /* around a tensor */
    VDB_PYTORCH_STORAGE,      /* its dtype is with the name */
    VDB_PYTORCH_BYTES,        /* a storage of bytes */
    VDB_PYTORCH_DTYPE
} vdb_pytorch_tag;

const vdb_pickle_name *vdb_pytorch_names(size_t *count);

/* What a persistent id says. */
typedef struct vdb_pytorch_storage {
    const char *key; /* digits, without a NUL behind them */
    size_t key_bytes;
    varsdb_dtype dtype; /* VARSDB_DTYPE_NOT_SAID: bytes */
    unsigned item_bytes;
    uint64_t items;       /* of the whole */
    uint64_t first, used; /* items that a view of it has, see pytorch_legacy.c */
} vdb_pytorch_storage;

int vdb_pytorch_parse_storage(vdb_error *e, const vdb_pickle *p, const vdb_pickle_value *v,
                              vdb_pytorch_storage *out);

/* Where storages lie: the offset in the file of one that has just these bytes.  VARSDB_FORMAT. */
typedef struct vdb_pytorch_places {
    int (*find)(vdb_error *e, const void *payload, const vdb_pytorch_storage *storage, uint64_t *offset);
    const void *payload;
    bool big_endian;
    uint64_t file_bytes;
} vdb_pytorch_places;

/* Elements of a storage as a tensor.  Dimensions of 1 are left out of `at`, and neighbours joined where they
 * can. */
typedef struct vdb_pytorch_view {
    varsdb_dtype dtype;
    varsdb_shape shape; /* as the file has it */
    uint64_t bytes;
    vdb_strided at; /* in the file */
} vdb_pytorch_view;

/* The format's state.  What a list of tensors points to is in the arena. */
typedef struct vdb_pytorch {
    vdb_arena arena;
    vdb_pytorch_view *views; /* an entry's offset is a number of one */
    size_t count, room;
    vdb_strided_cache cache;
} vdb_pytorch;

/* NULL if there is none to be had: *e says why. */
void *vdb_pytorch_take(vdb_error *e, vdb_pytorch *t, size_t bytes);
/* The call is one of a tensor or a parameter. */
int vdb_pytorch_make_view(vdb_error *e, vdb_pytorch *t, const vdb_pickle *p, const vdb_pickle_value *call,
                          const vdb_pytorch_places *places, vdb_pytorch_view *out);
/* Every tensor that the pickle's root holds, in its order, and its other members as metadata. */
int vdb_pytorch_list(vdb_error *e, vdb_pytorch *t, const vdb_pickle *p, const vdb_pytorch_places *places,
                     vdb_tensor_list *out);
int vdb_pytorch_open_legacy(vdb_error *e, const vdb_input *in, vdb_pytorch *t, vdb_tensor_list *out);

#endif
#endif
