/*
 * pytorch_list.c - the pickle's tree as tensors and metadata.  A tensor's name is the way to it,
 * with points between.  A member without a tensor in it is metadata, as JSON.
 */
#ifndef VARSDB_OMIT_PYTORCH

#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../name.h"
#include "pytorch.h"

#define SHOWN          VDB_PYTORCH_SHOWN
#define JSON_MOST      ((size_t)64 << 10) /* of a member */
#define ROOT_NAME      "tensor"           /* where the file is one tensor */
#define TIMES_THE_FILE 64u
#define FREE_BYTES     ((uint64_t)64 << 20)

/* A container on the way to where we are. */
typedef struct level {
    vdb_pickle_ref ref;
    size_t next;       /* item */
    size_t path_bytes; /* of the way to it */
} level;

typedef struct walk {
    vdb_error *error;
    vdb_pytorch *torch;
    const vdb_pickle *pickle;
    const vdb_pytorch_places *places;
    vdb_tensor_list list;
    size_t tensors_room, metadata_room, steps;
    uint64_t bytes; /* of all tensors so far */
    vdb_buf path, json;
    level levels[VDB_PICKLE_DEPTH_MAX];
    int depth;
} walk;

static int make_room(vdb_error *e, void **list, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room)
        return VARSDB_OK;
    size_t more = *room ? *room + *room / 2 : 16;
    void *p = vdb_realloc(*list, more, item_bytes);
    if (!p)
        return vdb_fail_nomem(e);
    *list = p;
    *room = more;
    return VARSDB_OK;
}

static int keep_text(walk *w, const vdb_buf *text, char **out)
{
    char *p = vdb_pytorch_take(w->error, w->torch, text->size + 1);
    if (!p)
        return w->error->code;
    memcpy(p, text->data, text->size);
    p[text->size] = '\0';
    *out = p;
    return VARSDB_OK;
}

/* ---- Tensors ------------------------------------------------------------ */

/* The view of a call, which is made when it is met first; tied tensors share it. */
static int view_of(walk *w, vdb_pickle_value *call, size_t *out)
{
    vdb_pytorch *t = w->torch;
    if (call->count) {
        *out = call->count - 1;
        return VARSDB_OK;
    }
    void *list = t->views;
    int rc = make_room(w->error, &list, t->count, &t->room, sizeof *t->views);
    t->views = list;
    if (rc == VARSDB_OK)
        rc = vdb_pytorch_make_view(w->error, t, w->pickle, call, w->places, &t->views[t->count]);
    if (rc != VARSDB_OK)
        return rc;
    *out = t->count++;
    call->count = (uint32_t)t->count;
    return VARSDB_OK;
}

/* Strides of 0 and tied tensors make much of a small file; no honest file makes so much. */
static int count_bytes(walk *w, uint64_t bytes)
{
    uint64_t most;
    if (__builtin_mul_overflow(w->places->file_bytes, (uint64_t)TIMES_THE_FILE, &most) ||
        __builtin_add_overflow(most, FREE_BYTES, &most))
        most = UINT64_MAX;
    if (__builtin_add_overflow(w->bytes, bytes, &w->bytes) || w->bytes > most)
        return vdb_fail(w->error, VARSDB_FORMAT,
                        "with it the tensors have more than %u times as many bytes as the file, by strides "
                        "of 0 or by sharing storages",
                        TIMES_THE_FILE);
    return VARSDB_OK;
}

static int add_tensor(walk *w, vdb_pickle_value *call)
{
    char *name = NULL;
    size_t view = 0;
    int rc = keep_text(w, &w->path, &name);
    if (rc == VARSDB_OK)
        rc = view_of(w, call, &view);
    if (rc == VARSDB_OK)
        rc = count_bytes(w, w->torch->views[view].bytes);
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        return vdb_fail_in(w->error, "tensor " SHOWN, w->path.data);
    void *list = w->list.tensors;
    if (rc == VARSDB_OK)
        rc = make_room(w->error, &list, w->list.count, &w->tensors_room, sizeof *w->list.tensors);
    w->list.tensors = list;
    if (rc != VARSDB_OK)
        return rc;
    const vdb_pytorch_view *v = &w->torch->views[view];
    w->list.tensors[w->list.count++] = (vdb_tensor_entry){
        .info = {.name = name, .dtype = v->dtype, .shape = v->shape, .bytes = v->bytes}, .offset = view};
    return VARSDB_OK;
}

/* ---- Metadata ----------------------------------------------------------- */

static int add_metadata(walk *w, vdb_pickle_ref ref)
{
    vdb_metadata pair = {0};
    vdb_buf_reset(&w->json);
    int rc = keep_text(w, &w->path, &pair.key);
    if (rc == VARSDB_OK && vdb_pickle_print(w->pickle, ref, JSON_MOST, &w->json) != VARSDB_OK)
        rc = vdb_fail_nomem(w->error);
    if (rc == VARSDB_OK)
        rc = keep_text(w, &w->json, &pair.json);
    void *list = w->list.metadata;
    if (rc == VARSDB_OK)
        rc = make_room(w->error, &list, w->list.metadata_count, &w->metadata_room, sizeof *w->list.metadata);
    w->list.metadata = list;
    if (rc == VARSDB_OK)
        w->list.metadata[w->list.metadata_count++] = pair;
    return rc;
}

/* ---- The way ------------------------------------------------------------ */

static int append_key(walk *w, const vdb_pickle_value *key)
{
    if (key->kind == VDB_PICKLE_INTEGER)
        return vdb_buf_printf(&w->path, "%lld", (long long)key->as.integer);
    if (key->kind != VDB_PICKLE_TEXT)
        return vdb_fail(w->error, VARSDB_FORMAT,
                        "a key below '%.200s' is %s; with tensors around it must be a text or a number",
                        w->path.size ? w->path.data : "", vdb_pickle_kind_name(key));
    if (memchr(key->as.text, '\0', key->count))
        return vdb_fail(w->error, VARSDB_FORMAT, "a key below '%.200s' holds NUL",
                        w->path.size ? w->path.data : "");
    if (key->count > VDB_NAME_BYTES_MAX - w->path.size)
        return vdb_fail(w->error, VARSDB_FORMAT, "a name has more than %d bytes", VDB_NAME_BYTES_MAX);
    return vdb_buf_append(&w->path, key->as.text, key->count);
}

/* The way to the next item of the innermost container. */
static int next_item(walk *w, level *l, const vdb_pickle_value *v, vdb_pickle_ref *out)
{
    int rc = VARSDB_OK;
    w->path.size = l->path_bytes;
    if (++w->steps > VDB_PICKLE_STEPS_MAX)
        return vdb_fail(w->error, VARSDB_FORMAT, "the pickle has more than %zu members",
                        VDB_PICKLE_STEPS_MAX);
    if (l->path_bytes)
        rc = vdb_buf_append_text(&w->path, ".");
    if (rc == VARSDB_OK && w->path.size > VDB_NAME_BYTES_MAX)
        return vdb_fail(w->error, VARSDB_FORMAT, "a name has more than %d bytes", VDB_NAME_BYTES_MAX);
    if (rc == VARSDB_OK)
        rc = v->kind == VDB_PICKLE_DICT
                 ? append_key(w, vdb_pickle_at(w->pickle, vdb_pickle_item(w->pickle, v, l->next++)))
                 : vdb_buf_printf(&w->path, "%zu", l->next);
    if (rc != VARSDB_OK)
        return rc == VARSDB_NOMEM ? vdb_fail_nomem(w->error) : rc;
    *out = vdb_pickle_item(w->pickle, v, l->next++);
    return VARSDB_OK;
}

static void descend(walk *w, vdb_pickle_ref ref)
{
    w->levels[w->depth++] = (level){.ref = ref, .path_bytes = w->path.size};
}

static int do_item(walk *w, vdb_pickle_ref ref)
{
    vdb_pickle_value *v = vdb_pickle_at(w->pickle, ref);
    if (v->kind == VDB_PICKLE_CALL)
        return add_tensor(w, v);
    if (!v->holds_call)
        return add_metadata(w, ref);
    descend(w, ref); /* vdb_pickle_check_tree saw to the depth */
    return VARSDB_OK;
}

static int walk_root(walk *w)
{
    vdb_pickle_value *root = vdb_pickle_at(w->pickle, w->pickle->root);
    int rc = vdb_buf_append_text(&w->path, ROOT_NAME);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(w->error);
    if (root->kind == VDB_PICKLE_CALL)
        return add_tensor(w, root);
    vdb_buf_reset(&w->path);
    if (vdb_pickle_is_container(root))
        descend(w, w->pickle->root);
    while (w->depth && rc == VARSDB_OK) {
        level *l = &w->levels[w->depth - 1];
        const vdb_pickle_value *v = vdb_pickle_at(w->pickle, l->ref);
        vdb_pickle_ref ref = 0;
        if (l->next == v->count) {
            w->depth--;
            continue;
        }
        rc = next_item(w, l, v, &ref);
        if (rc == VARSDB_OK)
            rc = do_item(w, ref);
    }
    return rc;
}

/* ---- The whole ---------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int refuse_twice(vdb_error *e, const char **names, size_t count)
{
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return vdb_fail(e, VARSDB_FORMAT, SHOWN " is in the file twice", names[i]);
    return VARSDB_OK;
}

static int refuse_duplicates(vdb_error *e, const vdb_tensor_list *l)
{
    size_t room = l->count > l->metadata_count ? l->count : l->metadata_count;
    const char **names = vdb_calloc(room + 1, sizeof *names);
    if (!names)
        return vdb_fail_nomem(e);
    for (size_t i = 0; i < l->count; i++)
        names[i] = l->tensors[i].info.name;
    int rc = refuse_twice(e, names, l->count);
    for (size_t i = 0; i < l->metadata_count; i++)
        names[i] = l->metadata[i].key;
    if (rc == VARSDB_OK)
        rc = refuse_twice(e, names, l->metadata_count);
    vdb_free(names);
    return rc;
}

int vdb_pytorch_list(vdb_error *e, vdb_pytorch *t, const vdb_pickle *p, const vdb_pytorch_places *places,
                     vdb_tensor_list *out)
{
    walk w = {.error = e, .torch = t, .pickle = p, .places = places};
    int rc = vdb_pickle_check_tree(e, p, p->root);
    if (rc == VARSDB_OK)
        rc = walk_root(&w);
    if (rc == VARSDB_OK)
        rc = refuse_duplicates(e, &w.list);
    vdb_buf_release(&w.path);
    vdb_buf_release(&w.json);
    if (rc == VARSDB_OK)
        *out = w.list;
    else
        vdb_tensor_list_release(&w.list);
    return rc;
}

#endif
