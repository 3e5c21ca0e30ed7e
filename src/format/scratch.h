/*
 * scratch.h - a file without a name, for what is too large for memory and is to be read in any order.  Nobody
 * else sees it, and nothing is left of it.
 */
#ifndef VDB_SCRATCH_H
#define VDB_SCRATCH_H
#ifndef VARSDB_OMIT_NUMPY

#include "format.h"

/* An empty one in $TMPDIR, else in /var/tmp, else in /tmp.  VARSDB_CANTOPEN. */
int vdb_scratch_open(vdb_error *e, vdb_input *out);
/* Empties it. */
int vdb_scratch_clear(vdb_error *e, vdb_input *scratch);
/* Adds at the end.  VARSDB_FULL and VARSDB_IO name the directory that they speak of. */
int vdb_scratch_append(vdb_error *e, vdb_input *scratch, const void *data, size_t bytes);

#endif
#endif
