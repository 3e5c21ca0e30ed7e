/* error.c - see error.h. */
#include "error.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"

const char *varsdb_errname(int code)
{
    switch (code) {
#define CASE(name, number, text) \
    case number:                 \
        return "VARSDB_" #name;
        VARSDB_RESULTS(CASE)
#undef CASE
    default:
        return "VARSDB_?";
    }
}

const char *varsdb_errstr(int code)
{
    switch (code) {
#define CASE(name, number, text) \
    case number:                 \
        return text;
        VARSDB_RESULTS(CASE)
#undef CASE
    default:
        return "unknown result";
    }
}

/* Messages quote names and text from files; a terminal must not obey them. */
static void defuse(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
}

int vdb_fail(vdb_error *e, int code, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    defuse(e->text);
    e->code = code;
    return code;
}

int vdb_fail_in(vdb_error *e, const char *format, ...)
{
    char inner[VDB_ERROR_BYTES];
    memcpy(inner, e->text, sizeof inner);
    inner[sizeof inner - 1] = '\0';
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    size_t at = n < 0 ? 0 : (size_t)n < sizeof e->text ? (size_t)n : sizeof e->text - 1;
    int room = (int)(sizeof e->text - at) - 3;
    if (room > 0)
        snprintf(e->text + at, sizeof e->text - at, ": %.*s", room, inner);
    defuse(e->text);
    return e->code;
}

int vdb_fail_nomem(vdb_error *e)
{
    return vdb_fail(e, VARSDB_NOMEM, "out of memory");
}

void vdb_error_clear(vdb_error *e)
{
    e->code = VARSDB_OK;
    e->text[0] = '\0';
}
