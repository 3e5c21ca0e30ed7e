/* selection.c - see selection.h. */
#include "selection.h"

#include "slice_text.h"

int vdb_selection_parse(vdb_error *e, const vdb_stored *of, const char *text, vdb_selection *out)
{
    vdb_selection s = {.rank = of->dims.rank, .elements = 1};
    vdb_dims dims = of->dims;
    if (of->is_part)
        dims.dim[of->axis] = of->length;
    varsdb_shape shape = vdb_dims_shape(&dims);
    int rc = vdb_slice_parse(e, text, &shape, s.begin, s.size);
    if (rc != VARSDB_OK)
        return rc == VARSDB_INVALID ? vdb_fail_in(e, "variable %.200s", of->name) : rc;
    if (of->is_part)
        s.begin[of->axis] += of->offset;
    s.whole = true;
    for (int i = 0; i < s.rank; i++) {
        s.dims[i] = of->dims.dim[i];
        s.elements *= s.size[i];
        s.whole = s.whole && s.size[i] == s.dims[i];
    }
    vdb_selection_seek(&s, 0);
    *out = s;
    return VARSDB_OK;
}

void vdb_selection_seek(vdb_selection *s, int64_t place)
{
    s->place = s->flat = place;
    if (s->whole || place >= s->elements)
        return;
    s->flat = 0;
    for (int i = s->rank - 1; i >= 0; i--) {
        s->index[i] = place % s->size[i];
        place /= s->size[i];
    }
    for (int i = 0; i < s->rank; i++)
        s->flat = s->flat * s->dims[i] + s->begin[i] + s->index[i];
}

void vdb_selection_next(vdb_selection *s)
{
    int last = s->rank - 1;
    if (s->whole || s->index[last] + 1 == s->size[last]) {
        vdb_selection_seek(s, s->place + 1);
        return;
    }
    s->place++;
    s->flat++;
    s->index[last]++;
}

int vdb_selection_each(vdb_selection *s, vdb_stored *of, vdb_error *e, vdb_block_cb callback, void *payload)
{
    while (s->place < s->elements) {
        int64_t i = s->flat - of->first;
        if (i < 0 || i >= of->count) {
            int rc = vdb_stored_load(of, e, s->flat);
            if (rc != VARSDB_OK)
                return rc;
            i = s->flat - of->first;
        }
        int64_t count = s->whole ? of->count - i : 1;
        const vdb_block block = {of->dtype, of->window, (size_t)i, (size_t)count, s->place};
        callback(payload, &block);
        if (s->whole)
            vdb_selection_seek(s, s->place + count);
        else
            vdb_selection_next(s);
    }
    return VARSDB_OK;
}
