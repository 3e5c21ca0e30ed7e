/*
 * registry_row.h - the columns of the registry's own row, as VDB_Q_REGISTRY_GET yields them.
 */
#ifndef VDB_REGISTRY_ROW_H
#define VDB_REGISTRY_ROW_H

enum {
    REGISTRY_ID,
    REGISTRY_UUID,
    REGISTRY_FORMAT,
    REGISTRY_INLINE_BYTES,
    REGISTRY_CHUNK_BYTES,
    REGISTRY_CREATED_AT,
    REGISTRY_COLUMNS /* the digest comes next */
};

#endif
