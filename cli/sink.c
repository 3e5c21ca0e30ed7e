/* sink.c - see sink.h. */
#include "sink.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "progress.h"

void sink_open(sink *s, int fd)
{
    s->fd = fd;
    s->terminal = fd >= 0 && isatty(fd);
    s->paged = false;
    s->style = NULL;
    s->error = 0;
    s->used = 0;
}

bool sink_left(const sink *s)
{
    return s->paged && s->error == EPIPE;
}

/* All of it, through short writes and interruptions. */
static void write_out(sink *s, const char *data, size_t bytes)
{
    if (bytes)
        progress_erase();
    while (bytes && !s->error) {
        ssize_t n = write(s->fd, data, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s->error = errno;
            return;
        }
        data += n;
        bytes -= (size_t)n;
    }
}

int sink_flush(sink *s)
{
    write_out(s, s->data, s->used);
    s->used = 0;
    return s->error;
}

void sink_discard(sink *s)
{
    s->used = 0;
}

void sink_bytes(sink *s, const void *data, size_t bytes)
{
    if (bytes > SINK_BYTES - s->used) {
        sink_flush(s);
        if (bytes >= SINK_BYTES) {
            write_out(s, data, bytes);
            return;
        }
    }
    if (bytes)
        memcpy(s->data + s->used, data, bytes);
    s->used += bytes;
}

void sink_text(sink *s, const char *text)
{
    sink_bytes(s, text, strlen(text));
}

void sink_char(sink *s, char c)
{
    if (s->used == SINK_BYTES)
        sink_flush(s);
    s->data[s->used++] = c;
}

void sink_repeat(sink *s, char c, size_t count)
{
    while (count--)
        sink_char(s, c);
}

void sink_printf(sink *s, const char *format, ...)
{
    char line[1024];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    assert(n >= 0 && (size_t)n < sizeof line);
    sink_bytes(s, line, (size_t)n);
}

char *sink_reserve(sink *s)
{
    if (SINK_BYTES - s->used < SINK_RESERVE_MAX)
        sink_flush(s);
    return s->data + s->used;
}

void sink_commit(sink *s, size_t bytes)
{
    assert(bytes <= SINK_RESERVE_MAX && bytes <= SINK_BYTES - s->used);
    s->used += bytes;
}
