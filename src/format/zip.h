/*
 * zip.h - a zip archive's members, by its central directory alone: what a local header
 * says of sizes is not believed, and what it says of a name must agree.
 */
#ifndef VDB_ZIP_H
#define VDB_ZIP_H
#if !defined(VARSDB_OMIT_NUMPY) || !defined(VARSDB_OMIT_PYTORCH)

#include <stdbool.h>

#include "format.h"

#define VDB_ZIP_STORED   0
#define VDB_ZIP_DEFLATED 8

typedef struct vdb_zip_member {
    const char *name; /* in the arena; without NUL and without ".." */
    uint64_t offset;  /* of the data in the file */
    uint64_t stored_bytes, bytes;
    uint32_t crc;
    int method; /* any; of a stored one both sizes are equal */
} vdb_zip_member;

/* Members by name.  A folder is one too, whose name ends in "/". */
typedef struct vdb_zip {
    vdb_zip_member *members;
    size_t count;
    char *arena;
} vdb_zip;

/* VARSDB_FORMAT; VARSDB_UNSUPPORTED: an encrypted member, several disks.  Every member's data is in the
 * file, before the directory, and overlaps no other's; no name is there twice.  Time is N log N and memory
 * less than 3 N, for a directory of N bytes, N <= 100,000,000. */
int vdb_zip_open(vdb_error *e, const vdb_input *in, vdb_zip *out);
void vdb_zip_release(vdb_zip *zip);
/* The member of that name, or -1. */
int vdb_zip_find(const vdb_zip *zip, const char *name);
/* ".." is one of its parts. */
bool vdb_zip_name_has_parent(const char *name);

#endif
#endif
