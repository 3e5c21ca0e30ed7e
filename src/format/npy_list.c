/* npy_list.c - tensors of NumPy's arrays as a list; see npy.h. */
#ifndef VARSDB_OMIT_NUMPY

#include <string.h>

#include "../mem.h"
#include "npy.h"

static int make_room(vdb_error *e, vdb_npy_list *l)
{
    if (l->list.count < l->room)
        return VARSDB_OK;
    size_t room = l->room ? l->room * 2 : 1;
    void *tensors = vdb_realloc(l->list.tensors, room, sizeof *l->list.tensors);
    if (tensors)
        l->list.tensors = tensors;
    void *layouts = tensors ? vdb_realloc(l->layouts, room, sizeof *l->layouts) : NULL;
    if (!layouts)
        return vdb_fail_nomem(e);
    l->layouts = layouts;
    l->room = room;
    return VARSDB_OK;
}

static int keep_texts(vdb_npy_list *l, const char *name, size_t name_bytes, const vdb_npy_header *h)
{
    int rc = vdb_buf_append(&l->texts, name, name_bytes);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&l->texts, "", 1);
    if (rc == VARSDB_OK && h->dtype == VARSDB_DTYPE_NOT_SAID)
        rc = vdb_buf_append(&l->texts, h->unread, strlen(h->unread) + 1);
    if (rc == VARSDB_OK && h->dims.rank)
        rc = vdb_buf_append(&l->dims, h->dims.dim, (size_t)h->dims.rank * sizeof *h->dims.dim);
    return rc;
}

int vdb_npy_list_add(vdb_error *e, vdb_npy_list *l, const char *name, size_t name_bytes,
                     const vdb_npy_header *h)
{
    int rc = make_room(e, l);
    if (rc != VARSDB_OK)
        return rc;
    if (keep_texts(l, name, name_bytes, h) != VARSDB_OK)
        return vdb_fail_nomem(e);
    l->layouts[l->list.count] = h->layout;
    l->list.tensors[l->list.count] =
        (vdb_tensor_entry){.info = {.dtype = h->dtype, .shape = {.rank = h->dims.rank}, .bytes = h->bytes},
                           .offset = l->list.count};
    l->list.count++;
    return VARSDB_OK;
}

int vdb_npy_list_finish(vdb_error *e, vdb_npy_list *l)
{
    char *arena = vdb_malloc(l->dims.size + l->texts.size + 1);
    if (!arena)
        return vdb_fail_nomem(e);
    int64_t *dims = (int64_t *)(void *)arena;
    char *text = arena + l->dims.size;
    if (l->dims.size)
        memcpy(arena, l->dims.data, l->dims.size);
    if (l->texts.size)
        memcpy(text, l->texts.data, l->texts.size);
    l->list.arena = arena;
    for (size_t i = 0; i < l->list.count; i++) {
        vdb_tensor_entry *t = &l->list.tensors[i];
        t->info.name = text;
        text += strlen(text) + 1;
        t->info.shape.dims = dims;
        dims += t->info.shape.rank;
        if (t->info.dtype != VARSDB_DTYPE_NOT_SAID)
            continue;
        t->unread = text;
        text += strlen(text) + 1;
    }
    return VARSDB_OK;
}

void vdb_npy_list_release(vdb_npy_list *l)
{
    vdb_tensor_list_release(&l->list);
    vdb_free(l->layouts);
    vdb_buf_release(&l->dims);
    vdb_buf_release(&l->texts);
    *l = (vdb_npy_list){0};
}

#endif
