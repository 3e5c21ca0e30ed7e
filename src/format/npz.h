/*
 * npz.h - what the files of the format npz share.
 *
 *   npz.c         the list of arrays in a zip archive
 *   npz_member.c  the bytes of one member, stored or deflated
 *   npz_write.c   the writer
 */
#ifndef VDB_NPZ_H
#define VDB_NPZ_H
#ifndef VARSDB_OMIT_NUMPY

#include "npy.h"
#include "zip.h"

#ifndef VARSDB_OMIT_ZLIB
#include <zlib.h>
#endif

#define VDB_NPZ_SUFFIX       ".npy" /* of a member */
#define VDB_NPZ_SUFFIX_BYTES (sizeof VDB_NPZ_SUFFIX - 1)
#define VDB_NPZ_PIECE_BYTES  65536u

/* Where a member is being read.  Zeroed is a right one. */
typedef struct vdb_npz_stream {
    const vdb_input *in;
    const vdb_zip_member *member; /* NULL: none */
    uint64_t next;                /* byte */
    bool whole;                   /* all before it were read, and are in: */
    uint32_t crc;
    const vdb_zip_member *verified; /* the last whose checksum was found right */
#ifndef VARSDB_OMIT_ZLIB
    z_stream inflater;
    bool inflates, ended;
    uint64_t taken; /* of the stored bytes */
    unsigned char packed[VDB_NPZ_PIECE_BYTES];
#endif
    unsigned char passed[VDB_NPZ_PIECE_BYTES]; /* what nobody asked for */
} vdb_npz_stream;

/* NULL, or why the member cannot be read: "is compressed by ...". */
const char *vdb_npz_why_unread(const vdb_zip_member *member);
/* VARSDB_FORMAT: so many bytes cannot come from what is stored. */
int vdb_npz_check_size(vdb_error *e, const vdb_zip_member *member);
/* Bytes of s->in's member, of which there are so many.  In order it is one pass; to go back begins anew.  Its
 * last byte is given only where all before it were read and the checksum is right, or where bytes were left
 * out. */
int vdb_npz_read_member(vdb_error *e, vdb_npz_stream *s, const vdb_zip_member *member, uint64_t offset,
                        void *buffer, size_t bytes);
/* Reads all of it for the checksum's sake. */
int vdb_npz_verify_member(vdb_error *e, vdb_npz_stream *s, const vdb_zip_member *member);
void vdb_npz_stream_release(vdb_npz_stream *s);

/* vdb_format.write */
int vdb_npz_write(vdb_error *e, const vdb_writing *w);

#endif
#endif
