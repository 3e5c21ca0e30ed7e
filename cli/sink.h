/*
 * sink.h - standard output as one 64 KiB buffer with a sticky error, so that a
 * long listing costs a system call for each buffer and a failed write is seen
 * at the end, whichever row it hit.
 */
#ifndef CLI_SINK_H
#define CLI_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SINK_BYTES       65536
#define SINK_RESERVE_MAX 256

struct out_style;

typedef struct sink {
    int fd;
    bool terminal;           /* a person reads it, through a pager or not */
    bool paged;              /* the reader may leave early, and nothing is wrong then */
    struct out_style *style; /* how rows are printed here (out.h); NULL: plainly */
    int error;               /* errno of the first write that failed; what follows is dropped */
    size_t used;
    char data[SINK_BYTES];
} sink;

void sink_open(sink *s, int fd);
/* Whether the reader had enough of it, and left. */
bool sink_left(const sink *s);
/* Writes what is buffered; returns the sticky error, 0 for none. */
int sink_flush(sink *s);
/* Forgets what is buffered still: it did not come true. */
void sink_discard(sink *s);

void sink_bytes(sink *s, const void *data, size_t bytes);
void sink_text(sink *s, const char *text);
void sink_char(sink *s, char c);
void sink_repeat(sink *s, char c, size_t count);
__attribute__((format(printf, 2, 3))) void sink_printf(sink *s, const char *format, ...);
/* Room for SINK_RESERVE_MAX bytes to write into; sink_commit tells how many it were. */
char *sink_reserve(sink *s);
void sink_commit(sink *s, size_t bytes);

#endif
