/* renames.c - see renames.h. */
#include "renames.h"

#include <string.h>

#include "mem.h"

int vdb_renames_open(vdb_error *e, const varsdb_rename *items, size_t count, vdb_renames *out)
{
    vdb_renames r = {.items = items};
    int rc = VARSDB_OK;
    if (count && !items)
        return vdb_fail(e, VARSDB_MISUSE, "renames is NULL");
    r.matches = vdb_calloc(count, sizeof(vdb_match *));
    if (!r.matches)
        return vdb_fail_nomem(e);
    for (; rc == VARSDB_OK && r.count < count; r.count++) {
        const varsdb_rename *item = &items[r.count];
        rc = item->from && item->to
                 ? vdb_match_new(e, item->from, &r.matches[r.count])
                 : vdb_fail(e, VARSDB_MISUSE, "a rename needs an expression and what to put for it");
    }
    if (rc == VARSDB_OK)
        *out = r;
    else
        vdb_renames_close(&r);
    return rc;
}

int vdb_renames_apply(const vdb_renames *r, vdb_error *e, const char *name, vdb_buf *out)
{
    vdb_buf next = {0};
    bool changed;
    vdb_buf_reset(out);
    int rc = vdb_buf_append_text(out, name) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(e);
    for (size_t i = 0; rc == VARSDB_OK && i < r->count; i++) {
        vdb_buf_reset(&next);
        rc = vdb_match_replace(r->matches[i], e, out->data, out->size, r->items[i].to, &next, &changed);
        if (rc == VARSDB_OK && changed) {
            vdb_buf before = *out;
            *out = next;
            next = before;
        }
    }
    vdb_buf_release(&next);
    return rc;
}

void vdb_renames_close(vdb_renames *r)
{
    for (size_t i = 0; i < r->count; i++)
        vdb_match_free(r->matches[i]);
    vdb_free(r->matches);
    *r = (vdb_renames){0};
}
