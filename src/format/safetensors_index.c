/*
 * safetensors_index.c - sets of safetensors files: a JSON text says which file has which tensor,
 *
 *     {"metadata": {"total_size": 16}, "weight_map": {"a": "model-00001-of-00002.safetensors", ...}}
 *
 * Only weight_map counts; what else is said there is wrong too often.  Files are named without a directory,
 * and lie beside the text.  One of them is open at a time.
 */
#ifndef VARSDB_OMIT_SAFETENSORS

#include <stdlib.h>
#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "safetensors.h"

#define SHOWN      VDB_SAFETENSORS_SHOWN
#define DEPTH_MAX  64
#define NAME_BYTES 255 /* of a file */

/* A line of weight_map. */
typedef struct mapping {
    const char *name, *file;
} mapping;

typedef struct shard {
    const char *file;
    uint64_t bytes;
    vdb_tensor_list list; /* owns names and dims */
} shard;

typedef struct shard_set {
    char *directory; /* with its "/", or "" */
    char *texts;     /* of the mappings */
    shard *shards;
    size_t count;
    uint32_t *shard_of;            /* of each tensor */
    const vdb_tensor_entry *first; /* of them; they are the reader's */
    vdb_input in;                  /* of the shard that was read last */
    size_t open;
} shard_set;

/* What is being read. */
typedef struct index_reading {
    vdb_error *error;
    vdb_json json;
    char *end; /* of the texts */
    vdb_buf scratch, mappings;
} index_reading;

/* ---- The text ----------------------------------------------------------- */

/* Room is as large as the JSON text, in which each of these stands between quotes. */
static int keep_string(index_reading *r, const char *what, const char **out)
{
    vdb_buf_reset(&r->scratch);
    if (vdb_json_unescape(&r->json, &r->scratch) != VARSDB_OK ||
        vdb_buf_append(&r->scratch, "", 0) != VARSDB_OK)
        return vdb_fail_nomem(r->error);
    if (strlen(r->scratch.data) != r->scratch.size || !r->scratch.size)
        return vdb_fail(r->error, VARSDB_FORMAT, "%s " SHOWN " is empty, or holds NUL", what,
                        r->scratch.data);
    memcpy(r->end, r->scratch.data, r->scratch.size + 1);
    *out = r->end;
    r->end += r->scratch.size + 1;
    return VARSDB_OK;
}

static int next_token(index_reading *r, vdb_json_token *out)
{
    int rc = vdb_json_next(&r->json, r->error, out);
    return rc == VARSDB_INVALID ? vdb_fail(r->error, VARSDB_FORMAT, "%s", r->error->text) : rc;
}

static int refuse_path(vdb_error *e, const mapping *m)
{
    if (!strchr(m->file, '/') && strcmp(m->file, "..") != 0 && strcmp(m->file, ".") != 0 &&
        strlen(m->file) <= NAME_BYTES)
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_FORMAT,
                    "tensor " SHOWN " is said to be in " SHOWN ", which is no plain name of a file", m->name,
                    m->file);
}

static int read_mapping(index_reading *r)
{
    mapping m;
    vdb_json_token token;
    int rc = keep_string(r, "a tensor's name", &m.name);
    if (rc == VARSDB_OK)
        rc = next_token(r, &token);
    if (rc == VARSDB_OK && token != VDB_JSON_STRING)
        rc = vdb_fail(r->error, VARSDB_FORMAT,
                      "weight_map says of tensor " SHOWN " something else than a file's name", m.name);
    if (rc == VARSDB_OK)
        rc = keep_string(r, "a file's name", &m.file);
    if (rc == VARSDB_OK)
        rc = refuse_path(r->error, &m);
    if (rc == VARSDB_OK && vdb_buf_append(&r->mappings, &m, sizeof m) != VARSDB_OK)
        rc = vdb_fail_nomem(r->error);
    return rc;
}

static int read_map(index_reading *r)
{
    vdb_json_token token;
    int rc = next_token(r, &token);
    if (rc == VARSDB_OK && token != VDB_JSON_OBJECT)
        return vdb_fail(r->error, VARSDB_FORMAT, "weight_map is no object");
    if (rc == VARSDB_OK && r->mappings.size)
        return vdb_fail(r->error, VARSDB_FORMAT, "weight_map is there twice");
    while (rc == VARSDB_OK && (rc = next_token(r, &token)) == VARSDB_OK && token == VDB_JSON_KEY)
        rc = read_mapping(r);
    return rc;
}

static int read_members(index_reading *r)
{
    vdb_json_token token;
    int rc = next_token(r, &token);
    if (rc == VARSDB_OK && token != VDB_JSON_OBJECT)
        return vdb_fail(r->error, VARSDB_FORMAT, "the index is no JSON object");
    while (rc == VARSDB_OK && (rc = next_token(r, &token)) == VARSDB_OK && token == VDB_JSON_KEY) {
        bool is_map = r->json.raw_bytes == strlen("weight_map") &&
                      memcmp(r->json.raw, "weight_map", r->json.raw_bytes) == 0;
        if (is_map) {
            rc = read_map(r);
            continue;
        }
        rc = next_token(r, &token);
        if (rc == VARSDB_OK && vdb_json_skip(&r->json, r->error, token) != VARSDB_OK)
            rc = vdb_fail(r->error, VARSDB_FORMAT, "%s", r->error->text);
    }
    if (rc == VARSDB_OK && token == VDB_JSON_OBJECT_END)
        rc = next_token(r, &token);
    if (rc == VARSDB_OK && !r->mappings.size)
        rc = vdb_fail(r->error, VARSDB_FORMAT, "its weight_map is missing, or names no tensor");
    return rc;
}

static int read_text(vdb_error *e, const vdb_input *in, shard_set *set, vdb_buf *mappings)
{
    if (in->bytes > VDB_SAFETENSORS_HEADER_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "the index has %llu bytes, more than %u",
                        (unsigned long long)in->bytes, VDB_SAFETENSORS_HEADER_MAX);
    size_t bytes = (size_t)in->bytes;
    char *text = vdb_malloc(bytes);
    set->texts = vdb_malloc(bytes + 1);
    int rc = text && set->texts ? vdb_input_read(e, in, 0, text, bytes) : vdb_fail_nomem(e);
    index_reading r = {.error = e, .end = set->texts};
    if (rc == VARSDB_OK) {
        vdb_json_begin(&r.json, text, bytes, DEPTH_MAX);
        rc = read_members(&r);
    }
    vdb_free(text);
    vdb_buf_release(&r.scratch);
    *mappings = r.mappings;
    return rc;
}

/* ---- The files ---------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mapping *)a)->name, ((const mapping *)b)->name);
}

static int by_file_and_name(const void *a, const void *b)
{
    int difference = strcmp(((const mapping *)a)->file, ((const mapping *)b)->file);
    return difference ? difference : by_name(a, b);
}

static int by_entry_name(const void *a, const void *b)
{
    return strcmp((*(const vdb_tensor_entry *const *)a)->info.name,
                  (*(const vdb_tensor_entry *const *)b)->info.name);
}

static int open_shard(vdb_error *e, const shard_set *set, const char *file, vdb_input *out)
{
    vdb_buf path = {0};
    int rc = vdb_buf_printf(&path, "%s%s", set->directory, file);
    rc = rc == VARSDB_OK ? vdb_input_open(e, path.data, out) : vdb_fail_nomem(e);
    out->path = NULL;
    vdb_buf_release(&path);
    return rc;
}

static int list_shard(vdb_error *e, const shard_set *set, shard *s)
{
    vdb_input in = {.fd = -1};
    const vdb_format *format;
    void *state = NULL;
    int rc = open_shard(e, set, s->file, &in);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_format_of_file(e, &in, &format);
    if (rc == VARSDB_OK && format != &vdb_format_safetensors)
        rc = vdb_fail(e, VARSDB_FORMAT, "it is no safetensors file, but of the format %s", format->name);
    if (rc == VARSDB_OK)
        rc = vdb_format_safetensors.open(e, &in, &s->list, &state);
    s->bytes = in.bytes;
    vdb_input_close(&in);
    return rc == VARSDB_OK || rc == VARSDB_NOMEM ? rc : vdb_fail_in(e, SHOWN, s->file);
}

/* What is being collected. */
typedef struct collection {
    shard_set *set;
    const mapping *by_name, *by_file; /* the same ones */
    size_t count;
    vdb_tensor_list *out; /* has room for all */
} collection;

/* The index does not say that it is here: it may say nothing of it, but not that it is elsewhere. */
static int pass_over(vdb_error *e, const collection *c, const shard *s, const char *name)
{
    const mapping key = {.name = name};
    const mapping *m = bsearch(&key, c->by_name, c->count, sizeof key, by_name);
    if (!m)
        return vdb_tensor_list_pass_over(e, c->out, name);
    return vdb_fail(e, VARSDB_FORMAT, "tensor " SHOWN " is in " SHOWN " too, while the index says " SHOWN,
                    name, s->file, m->file);
}

/* Both are sorted: the tensors of a shard, and those that it is said to have, up to `end`. */
static int merge(vdb_error *e, const collection *c, size_t shard_number, const vdb_tensor_entry **sorted,
                 size_t first, size_t end)
{
    const shard *s = &c->set->shards[shard_number];
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < s->list.count; i++) {
        const char *name = sorted[i]->info.name;
        int difference = first < end ? strcmp(c->by_file[first].name, name) : 1;
        if (difference > 0) {
            rc = pass_over(e, c, s, name);
            continue;
        }
        if (difference < 0)
            break;
        c->set->shard_of[c->out->count] = (uint32_t)shard_number;
        c->out->tensors[c->out->count++] = *sorted[i];
        first++;
    }
    if (rc == VARSDB_OK && first < end)
        rc = vdb_fail(e, VARSDB_FORMAT, "tensor " SHOWN " is not in " SHOWN ", where the index says it is",
                      c->by_file[first].name, s->file);
    return rc;
}

static int collect_shard(vdb_error *e, const collection *c, size_t shard_number, size_t first, size_t end)
{
    shard *s = &c->set->shards[shard_number];
    s->file = c->by_file[first].file;
    int rc = list_shard(e, c->set, s);
    const vdb_tensor_entry **sorted = rc == VARSDB_OK ? vdb_calloc(s->list.count + 1, sizeof *sorted) : NULL;
    if (rc == VARSDB_OK && !sorted)
        rc = vdb_fail_nomem(e);
    if (rc == VARSDB_OK) {
        for (size_t i = 0; i < s->list.count; i++)
            sorted[i] = &s->list.tensors[i];
        if (s->list.count)
            qsort(sorted, s->list.count, sizeof *sorted, by_entry_name);
        rc = merge(e, c, shard_number, sorted, first, end);
    }
    vdb_free(sorted);
    vdb_free(s->list.tensors); /* copied; the names and dims stay */
    s->list.tensors = NULL;
    return rc;
}

static int collect_shards(vdb_error *e, const collection *c)
{
    int rc = VARSDB_OK;
    for (size_t first = 0, end; rc == VARSDB_OK && first < c->count; first = end) {
        for (end = first + 1; end < c->count && strcmp(c->by_file[end].file, c->by_file[first].file) == 0;)
            end++;
        rc = collect_shard(e, c, c->set->count++, first, end);
    }
    return rc;
}

static int refuse_duplicates(vdb_error *e, const mapping *by_name, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(by_name[i - 1].name, by_name[i].name) == 0)
            return vdb_fail(e, VARSDB_FORMAT, "tensor " SHOWN " is in weight_map twice", by_name[i].name);
    return VARSDB_OK;
}

/* The first file's; writers give all of a set the same. */
static int take_metadata(vdb_error *e, const shard_set *set, vdb_tensor_list *out)
{
    const vdb_tensor_list *from = &set->shards[0].list;
    if (!from->metadata_count)
        return VARSDB_OK;
    out->metadata = vdb_calloc(from->metadata_count, sizeof *out->metadata);
    if (!out->metadata)
        return vdb_fail_nomem(e);
    memcpy(out->metadata, from->metadata, from->metadata_count * sizeof *out->metadata);
    out->metadata_count = from->metadata_count;
    return VARSDB_OK;
}

static int collect(vdb_error *e, shard_set *set, vdb_buf *mappings, vdb_tensor_list *out)
{
    size_t count = mappings->size / sizeof(mapping);
    mapping *sorted = (mapping *)(void *)mappings->data, *by_file = vdb_calloc(count, sizeof *by_file);
    set->shards = vdb_calloc(count, sizeof *set->shards);
    set->shard_of = vdb_calloc(count, sizeof *set->shard_of);
    out->tensors = vdb_calloc(count, sizeof *out->tensors);
    int rc = by_file && set->shards && set->shard_of && out->tensors ? VARSDB_OK : vdb_fail_nomem(e);
    if (rc == VARSDB_OK) {
        qsort(sorted, count, sizeof *sorted, by_name);
        memcpy(by_file, sorted, count * sizeof *sorted);
        qsort(by_file, count, sizeof *by_file, by_file_and_name);
        rc = refuse_duplicates(e, sorted, count);
    }
    const collection c = {set, sorted, by_file, count, out};
    if (rc == VARSDB_OK)
        rc = collect_shards(e, &c);
    if (rc == VARSDB_OK)
        rc = take_metadata(e, set, out);
    set->first = out->tensors;
    vdb_free(by_file);
    return rc;
}

/* ---- The format --------------------------------------------------------- */

static void close_set(void *state)
{
    shard_set *set = state;
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        vdb_tensor_list_release(&set->shards[i].list);
    vdb_input_close(&set->in);
    vdb_free(set->shards);
    vdb_free(set->shard_of);
    vdb_free(set->directory);
    vdb_free(set->texts);
    vdb_free(set);
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return vdb_strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
}

static int open_index(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    vdb_tensor_list list = {0};
    vdb_buf mappings = {0};
    shard_set *set = vdb_calloc(1, sizeof *set);
    if (!set)
        return vdb_fail_nomem(e);
    set->in.fd = -1;
    set->directory = directory_of(in->path);
    int rc = set->directory ? read_text(e, in, set, &mappings) : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = collect(e, set, &mappings, &list);
    vdb_buf_release(&mappings);
    if (rc == VARSDB_OK) {
        *out = list;
        *state = set;
    } else {
        vdb_tensor_list_release(&list);
        close_set(set);
    }
    return rc;
}

static int read_tensor(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                       uint64_t offset, void *buffer, size_t bytes)
{
    shard_set *set = state;
    size_t number = set->shard_of[tensor - set->first];
    const shard *s = &set->shards[number];
    int rc = VARSDB_OK;
    (void)in;
    if (set->in.fd < 0 || set->open != number) {
        vdb_input_close(&set->in);
        rc = open_shard(e, set, s->file, &set->in);
        set->open = number;
    }
    if (rc == VARSDB_OK && set->in.bytes != s->bytes)
        rc = vdb_fail(e, VARSDB_FORMAT, "it was changed while it was read");
    if (rc == VARSDB_OK)
        rc = vdb_input_read(e, &set->in, tensor->offset + offset, buffer, bytes);
    return rc == VARSDB_OK ? rc : vdb_fail_in(e, SHOWN, s->file);
}

static int recognize_index(const vdb_sniff *sniff)
{
    static const char *const keys[] = {"\"metadata\"", "\"weight_map\""};
    const char *at = (const char *)sniff->head;
    size_t left = sniff->head_bytes, n = 0;
    while (n < left && memchr(" \t\r\n", at[n], 4))
        n++;
    if (n == left || at[n] != '{')
        return 0;
    for (n++; n < left && memchr(" \t\r\n", at[n], 4);)
        n++;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (left - n >= strlen(keys[i]) && memcmp(at + n, keys[i], strlen(keys[i])) == 0)
            return 2;
    return 0;
}

const vdb_format vdb_format_safetensors_index = {
    .name = "safetensors",
    .suffix = VDB_SAFETENSORS_INDEX,
    .recognize = recognize_index,
    .open = open_index,
    .read = read_tensor,
    .close = close_set,
    .write = vdb_safetensors_write_set,
};

#endif
