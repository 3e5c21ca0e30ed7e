/* gguf.h - what the files of the reader of GGUF share: gguf.c the tensors, gguf_header.c what it is read
 * from. */
#ifndef VDB_GGUF_H
#define VDB_GGUF_H

#ifndef VARSDB_OMIT_GGUF

#include <stdbool.h>

#include "arena.h"
#include "format.h"

#define VDB_GGUF_SHOWN      "'%.200s'" /* a name in a message */
#define VDB_GGUF_NAME_MAX   64u        /* bytes of a tensor's name, with a NUL */
#define VDB_GGUF_KEY_MAX    65535u
#define VDB_GGUF_TEXT_MAX   ((uint64_t)1 << 30)
#define VDB_GGUF_JSON_MOST  ((size_t)64 << 10) /* of a value: what is longer is named by its length */
#define VDB_GGUF_ARENA_MOST ((size_t)256 << 20)

/* The header, read in order through a window. */
typedef struct vdb_gguf_source {
    vdb_error *error;
    const vdb_input *in;
    uint64_t at;
    unsigned char *window;
    uint64_t window_at;
    size_t window_bytes;
} vdb_gguf_source;

int vdb_gguf_begin(vdb_error *e, const vdb_input *in, vdb_gguf_source *out);
void vdb_gguf_end(vdb_gguf_source *s);
uint64_t vdb_gguf_left(const vdb_gguf_source *s);
int vdb_gguf_take(vdb_gguf_source *s, void *out, size_t bytes);
int vdb_gguf_skip(vdb_gguf_source *s, uint64_t bytes);
int vdb_gguf_number(vdb_gguf_source *s, size_t bytes, uint64_t *out); /* without a sign */
/* A text of at most `most` bytes, UTF-8 and without NUL, with a NUL behind it; out is emptied before. */
int vdb_gguf_text(vdb_gguf_source *s, const char *what, size_t most, vdb_buf *out);

/* The value of a metadata key, of type `type`, as JSON; what takes more than VDB_GGUF_JSON_MOST bytes becomes
 * {"type":"array","length":9}.  *whole: the number, of an integer that is not negative; UINT64_MAX of others.
 */
int vdb_gguf_value(vdb_gguf_source *s, uint64_t type, vdb_buf *out, uint64_t *whole);

#endif
#endif
