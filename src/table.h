/*
 * table.h - a hash table of pointers, open addressing with linear probing.  It
 * keeps each item's 64-bit hash; equality is the caller's.
 */
#ifndef VDB_TABLE_H
#define VDB_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vdb_slot {
    uint64_t hash;
    void *item; /* NULL: never used */
} vdb_slot;

typedef struct vdb_table {
    vdb_slot *slots;          /* a power of two of them */
    size_t room, used, items; /* used counts removed ones too */
} vdb_table;

typedef bool (*vdb_table_equal)(const void *item, const void *key);

void *vdb_table_find(const vdb_table *t, uint64_t hash, vdb_table_equal equal, const void *key);
/* NOMEM changes nothing.  The item must not be there yet. */
int vdb_table_add(vdb_table *t, uint64_t hash, void *item);
void vdb_table_remove(vdb_table *t, uint64_t hash, const void *item); /* if it is there */
void vdb_table_release(vdb_table *t);

#endif
