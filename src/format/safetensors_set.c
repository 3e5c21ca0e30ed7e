/*
 * safetensors_set.c - writing several safetensors files and the index of them, as the Hub has them:
 * model-00001-of-00002.safetensors, ..., and model.safetensors.index.json, which is there last.
 */
#ifndef VARSDB_OMIT_SAFETENSORS

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "safetensors.h"

#define SUFFIX     ".safetensors"
#define SHARDS_MAX 500 /* temporary files at a time */

typedef struct file_set {
    const vdb_writing *w;
    size_t stem_bytes;   /* of w->path */
    size_t *ends;        /* tensors before these are in shards 0, 1, ... */
    size_t count;        /* shards */
    vdb_output *outputs; /* of each, and of the index */
    char **paths;        /* the same */
    vdb_buf index;
    uint64_t total;
} file_set;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_output_tensor *)a)->name, ((const vdb_output_tensor *)b)->name);
}

static size_t stem_of(const char *path)
{
    static const char *const suffixes[] = {VDB_SAFETENSORS_INDEX, SUFFIX};
    size_t bytes = strlen(path);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t n = strlen(suffixes[i]);
        if (bytes > n && strcmp(path + bytes - n, suffixes[i]) == 0)
            return bytes - n;
    }
    return bytes;
}

/* Tensors go to files in the order of their names; none is split. */
static int share_out(vdb_error *e, file_set *s)
{
    const vdb_writing *w = s->w;
    uint64_t here = 0, most = w->max_shard_bytes ? w->max_shard_bytes : UINT64_MAX;
    s->ends = vdb_calloc(SHARDS_MAX, sizeof *s->ends);
    if (!s->ends)
        return vdb_fail_nomem(e);
    if (w->count)
        qsort(w->tensors, w->count, sizeof *w->tensors, by_name);
    s->count = 1;
    for (size_t i = 0; i < w->count; i++) {
        uint64_t bytes = w->tensors[i].bytes;
        if (here && (bytes > most || here > most - bytes)) {
            if (s->count == SHARDS_MAX)
                return vdb_fail(e, VARSDB_UNSUPPORTED,
                                "files of at most %llu bytes would be more than %d; allow more",
                                (unsigned long long)most, SHARDS_MAX);
            s->count++;
            here = 0;
        }
        s->ends[s->count - 1] = i + 1;
        here += bytes;
        s->total += bytes;
    }
    return VARSDB_OK;
}

static int name_files(vdb_error *e, file_set *s)
{
    s->outputs = vdb_calloc(s->count + 1, sizeof *s->outputs);
    s->paths = vdb_calloc(s->count + 1, sizeof *s->paths);
    if (!s->outputs || !s->paths)
        return vdb_fail_nomem(e);
    for (size_t i = 0; i <= s->count; i++) {
        vdb_buf path = {0};
        int rc = vdb_buf_append(&path, s->w->path, s->stem_bytes);
        if (rc == VARSDB_OK)
            rc = i < s->count ? vdb_buf_printf(&path, "-%05zu-of-%05zu" SUFFIX, i + 1, s->count)
                              : vdb_buf_append_text(&path, VDB_SAFETENSORS_INDEX);
        s->paths[i] = vdb_buf_detach(&path);
        if (rc != VARSDB_OK)
            return vdb_fail_nomem(e);
    }
    return VARSDB_OK;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* As Python prints it with an indent of two and sorted keys. */
static int print_index(vdb_error *e, file_set *s)
{
    size_t shard = 0;
    int rc =
        vdb_buf_printf(&s->index, "{\n  \"metadata\": {\n    \"total_size\": %llu\n  },\n  \"weight_map\": {",
                       (unsigned long long)s->total);
    for (size_t i = 0; rc == VARSDB_OK && i < s->w->count; i++) {
        const char *name = s->w->tensors[i].name, *file;
        while (i >= s->ends[shard])
            shard++;
        file = base_name(s->paths[shard]);
        rc = vdb_buf_append_text(&s->index, i ? ",\n    " : "\n    ");
        if (rc == VARSDB_OK)
            rc = vdb_json_print_string(&s->index, name, strlen(name));
        if (rc == VARSDB_OK)
            rc = vdb_buf_append_text(&s->index, ": ");
        if (rc == VARSDB_OK)
            rc = vdb_json_print_string(&s->index, file, strlen(file));
    }
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&s->index, "\n  }\n}\n");
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(e);
}

/* A shard's tensors are put into another order; the index was printed before. */
static int write_shard(vdb_error *e, const file_set *s, size_t i)
{
    size_t first = i ? s->ends[i - 1] : 0;
    vdb_writing w = *s->w;
    w.path = s->paths[i];
    w.tensors += first;
    w.count = s->ends[i] - first;
    int rc = vdb_output_open(e, w.path, &s->outputs[i]);
    if (rc == VARSDB_OK)
        rc = vdb_safetensors_write(e, s->outputs[i].fd, &w);
    return rc == VARSDB_OK ? vdb_output_finish(e, &s->outputs[i]) : rc;
}

static int write_all(vdb_error *e, const file_set *s)
{
    int rc = VARSDB_OK;
    vdb_output *index = &s->outputs[s->count];
    for (size_t i = 0; rc == VARSDB_OK && i < s->count; i++)
        rc = write_shard(e, s, i);
    if (rc == VARSDB_OK)
        rc = vdb_output_open(e, s->paths[s->count], index);
    if (rc == VARSDB_OK)
        rc = vdb_output_write(e, index->fd, s->index.data, s->index.size);
    if (rc == VARSDB_OK)
        rc = vdb_output_finish(e, index);
    for (size_t i = 0; rc == VARSDB_OK && i <= s->count; i++)
        rc = vdb_output_publish(e, &s->outputs[i]);
    return rc;
}

static void release(file_set *s)
{
    for (size_t i = 0; s->outputs && i <= s->count; i++)
        vdb_output_close(&s->outputs[i]);
    for (size_t i = 0; s->paths && i <= s->count; i++)
        vdb_free(s->paths[i]);
    vdb_free(s->outputs);
    vdb_free(s->paths);
    vdb_free(s->ends);
    vdb_buf_release(&s->index);
}

int vdb_safetensors_write_set(vdb_error *e, const vdb_writing *w)
{
    file_set s = {.w = w, .stem_bytes = stem_of(w->path)};
    int rc = share_out(e, &s);
    if (rc == VARSDB_OK)
        rc = name_files(e, &s);
    if (rc == VARSDB_OK)
        rc = print_index(e, &s);
    if (rc == VARSDB_OK)
        rc = write_all(e, &s);
    release(&s);
    return rc;
}

int vdb_safetensors_write_file(vdb_error *e, const vdb_writing *w)
{
    uint64_t total = 0;
    for (size_t i = 0; w->max_shard_bytes && i < w->count; i++)
        if (__builtin_add_overflow(total, w->tensors[i].bytes, &total))
            total = UINT64_MAX;
    return total > w->max_shard_bytes ? vdb_safetensors_write_set(e, w)
                                      : vdb_output_file(e, w, vdb_safetensors_write);
}

#endif
