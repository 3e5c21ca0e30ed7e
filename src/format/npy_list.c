/* npy_list.c - tensors of NumPy's arrays as a list; see npy.h. */
#ifndef VARSDB_OMIT_NUMPY

#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "npy.h"

#define LEFT_OUT "left_out"

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

int vdb_npy_list_leave_out(vdb_error *e, vdb_npy_list *l, const char *name)
{
    int rc = vdb_buf_append_text(&l->left_out, l->left_out.size ? "," : "[");
    if (rc == VARSDB_OK)
        rc = vdb_json_print_string(&l->left_out, name, strlen(name));
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(e);
}

/* The one piece of metadata that there may be, behind all other texts. */
static int keep_left_out(vdb_npy_list *l)
{
    if (!l->left_out.size)
        return VARSDB_OK;
    int rc = vdb_buf_append(&l->texts, LEFT_OUT, sizeof LEFT_OUT);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&l->texts, l->left_out.data, l->left_out.size);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&l->texts, "]", sizeof "]");
    if (rc == VARSDB_OK && !(l->list.metadata = vdb_calloc(1, sizeof *l->list.metadata)))
        rc = VARSDB_NOMEM;
    if (rc == VARSDB_OK)
        l->list.metadata_count = 1;
    return rc;
}

int vdb_npy_list_finish(vdb_error *e, vdb_npy_list *l)
{
    char *arena = keep_left_out(l) == VARSDB_OK ? vdb_malloc(l->dims.size + l->texts.size + 1) : NULL;
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
    if (l->list.metadata_count)
        l->list.metadata[0] = (vdb_metadata){.key = text, .json = text + sizeof LEFT_OUT};
    return VARSDB_OK;
}

void vdb_npy_list_release(vdb_npy_list *l)
{
    vdb_tensor_list_release(&l->list);
    vdb_free(l->layouts);
    vdb_buf_release(&l->dims);
    vdb_buf_release(&l->texts);
    vdb_buf_release(&l->left_out);
    *l = (vdb_npy_list){0};
}

#endif
