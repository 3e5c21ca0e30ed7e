/* buf.c - see buf.h. */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "varsdb.h"

/* Room for `more` bytes and the NUL. */
static int grow(vdb_buf *b, size_t more)
{
    if (more >= SIZE_MAX / 2 - b->size)
        return VARSDB_NOMEM;
    size_t need = b->size + more + 1;
    if (need <= b->room)
        return VARSDB_OK;
    size_t room = b->room < 64 ? 64 : b->room * 2;
    if (room < need)
        room = need;
    char *data = vdb_realloc(b->data, room, 1);
    if (!data)
        return VARSDB_NOMEM;
    b->data = data;
    b->room = room;
    return VARSDB_OK;
}

int vdb_buf_extend(vdb_buf *b, size_t bytes, void **out)
{
    int rc = grow(b, bytes);
    if (rc != VARSDB_OK)
        return rc;
    *out = b->data + b->size;
    b->size += bytes;
    b->data[b->size] = '\0';
    assert(b->size < b->room);
    return VARSDB_OK;
}

int vdb_buf_append(vdb_buf *b, const void *data, size_t bytes)
{
    void *at;
    int rc = vdb_buf_extend(b, bytes, &at);
    if (rc == VARSDB_OK && bytes)
        memcpy(at, data, bytes);
    return rc;
}

int vdb_buf_append_text(vdb_buf *b, const char *text)
{
    return vdb_buf_append(b, text, strlen(text));
}

int vdb_buf_printf(vdb_buf *b, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    int rc = n < 0 ? VARSDB_ERROR : grow(b, (size_t)n);
    if (rc == VARSDB_OK) {
        vsnprintf(b->data + b->size, (size_t)n + 1, format, again);
        b->size += (size_t)n;
    }
    va_end(again);
    return rc;
}

void vdb_buf_reset(vdb_buf *b)
{
    b->size = 0;
    if (b->data)
        b->data[0] = '\0';
}

char *vdb_buf_detach(vdb_buf *b)
{
    char *data = b->data;
    *b = (vdb_buf){0};
    return data;
}

void vdb_buf_release(vdb_buf *b)
{
    vdb_free(b->data);
    *b = (vdb_buf){0};
}
