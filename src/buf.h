/*
 * buf.h - growable bytes, always followed by a NUL.  {0} is an empty one.
 * A failed append changes nothing and returns VARSDB_NOMEM.
 */
#ifndef VDB_BUF_H
#define VDB_BUF_H

#include <stddef.h>

typedef struct vdb_buf {
    char *data; /* NULL until something was appended */
    size_t size, room;
} vdb_buf;

int vdb_buf_append(vdb_buf *b, const void *data, size_t bytes);
int vdb_buf_append_text(vdb_buf *b, const char *text);
__attribute__((format(printf, 2, 3))) int vdb_buf_printf(vdb_buf *b, const char *format, ...);
/* Makes room for `bytes` more and counts them as there; *out is where they go. */
int vdb_buf_extend(vdb_buf *b, size_t bytes, void **out);
void vdb_buf_reset(vdb_buf *b);   /* empties it, keeps the memory */
char *vdb_buf_detach(vdb_buf *b); /* the caller's now, NULL if empty; b is empty */
void vdb_buf_release(vdb_buf *b);

#endif
