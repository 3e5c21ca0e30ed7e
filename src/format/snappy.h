/* snappy.h - decompresses one block of Snappy's raw format.  No I/O. */
#ifndef VDB_SNAPPY_H
#define VDB_SNAPPY_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include "../buf.h"
#include "../error.h"

/* Puts what `data` decompresses to into out, which it empties first.  Memory is that many bytes, which
 * can be 22 times what is given.  VARSDB_FORMAT. */
int vdb_snappy_decode(vdb_error *e, const void *data, size_t bytes, vdb_buf *out);

#endif
#endif
