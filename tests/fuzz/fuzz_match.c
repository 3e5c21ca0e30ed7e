/*
 * fuzz_match.c - any expression over any text, found and replaced, in bounded time and memory.
 *
 * Input: expression, replacement and text, with a NUL between them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "match.h"

#define TEXT_BYTES_MAX 4096 /* as long as a name can be */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_match(vdb_match *m, const char *replacement, const char *text, size_t bytes)
{
    vdb_error e = {0};
    vdb_buf out = {0};
    bool found = false, changed = false;
    int rc = vdb_match_find(m, &e, text, bytes, &found);
    assert(rc == VARSDB_OK || rc == VARSDB_INVALID);
    int replaced = vdb_match_replace(m, &e, text, bytes, replacement, &out, &changed);
    assert(replaced == VARSDB_OK || replaced == VARSDB_INVALID);
    if (rc == VARSDB_OK && replaced == VARSDB_OK)
        assert(found == changed && (changed || out.size == 0));
    vdb_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vdb_error e = {0};
    vdb_match *m = NULL;
    bounds cost;
    char *pattern = malloc(size + 3); /* so that each part ends in a NUL, the last ones perhaps empty */
    if (!pattern)
        abort();
    if (size)
        memcpy(pattern, data, size);
    memset(pattern + size, 0, 3);
    char *replacement = pattern + strlen(pattern) + 1;
    char *text = replacement + strlen(replacement) + 1;
    size_t bytes = text < pattern + size ? (size_t)(pattern + size - text) : 0;
    bounds_begin(&cost);
    int rc = vdb_match_new(&e, pattern, &m);
    assert(rc == VARSDB_OK || (rc == VARSDB_INVALID && !m && e.text[0]));
    if (rc == VARSDB_OK)
        check_match(m, replacement, text, bytes < TEXT_BYTES_MAX ? bytes : TEXT_BYTES_MAX);
    vdb_match_free(m);
    bounds_check(&cost);
    free(pattern);
    return 0;
}
