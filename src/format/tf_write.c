/*
 * tf_write.c - the writer of TensorFlow's checkpoints: data shards, the index, and where
 * there is none of somebody else, the "checkpoint" file that names it.  All are written under
 * other names first, and renamed in this order.
 */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <string.h>
#include <sys/stat.h>

#include "../dtype.h"
#include "../mem.h"
#include "tf_emit.h"
#include "tf_table.h"

#define STATE_NAME  "checkpoint"
#define STATE_OWNER "# written by varsdb\n" /* its last line */

typedef struct shard_file {
    char *path;
    vdb_output out;
} shard_file;

typedef struct bundle_writer {
    vdb_error *e;
    const vdb_writing *w;
    size_t block_bytes;
    char *prefix;
    vdb_tf_place *places;
    vdb_tf_emitter emitter;
    shard_file *shards;
    int64_t shard_count;
    shard_file state; /* not open where others have one */
} bundle_writer;

/* ---- Checks ------------------------------------------------------------- */

/* Names all tensors whose dtype the format lacks, as far as a message goes. */
static int check_dtypes(const bundle_writer *b)
{
    vdb_buf names = {0};
    int rc = VARSDB_OK;
    for (size_t i = 0; i < b->w->count && rc == VARSDB_OK && names.size < VDB_ERROR_BYTES; i++) {
        const vdb_output_tensor *t = &b->w->tensors[i];
        if (!vdb_tf_dtype_of(t->dtype))
            rc = vdb_buf_printf(&names, "%s" VDB_TF_SHOWN " (%s)", names.size ? ", " : "", t->name,
                                varsdb_dtype_name(t->dtype));
    }
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(b->e);
    else if (names.size)
        rc = vdb_fail(b->e, VARSDB_UNSUPPORTED, "tensorflow has no such dtype: %s", names.data);
    vdb_buf_release(&names);
    return rc;
}

static int check_tensor(const bundle_writer *b, const vdb_output_tensor *t)
{
    int64_t elements, bytes;
    if (!*t->name || strlen(t->name) > VDB_TF_TABLE_KEY_MAX)
        return vdb_fail(b->e, VARSDB_UNSUPPORTED, "the name " VDB_TF_SHOWN " is %s", t->name,
                        *t->name ? "too long" : "empty");
    int rc = vdb_shape_elements(b->e, &t->shape, &elements);
    if (rc != VARSDB_OK || t->dtype == VARSDB_STRING)
        return rc;
    if (!vdb_dtype_bytes(t->dtype, elements, &bytes) || (uint64_t)bytes != t->bytes)
        return vdb_fail(b->e, VARSDB_INVALID,
                        VDB_TF_SHOWN " has %llu bytes, not those of its shape and dtype", t->name,
                        (unsigned long long)t->bytes);
    return VARSDB_OK;
}

static int make_places(bundle_writer *b)
{
    size_t count = b->w->count;
    int rc = check_dtypes(b);
    if (rc != VARSDB_OK)
        return rc;
    b->places = vdb_calloc(count ? count : 1, sizeof *b->places);
    if (!b->places)
        return vdb_fail_nomem(b->e);
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++) {
        const vdb_output_tensor *t = &b->w->tensors[i];
        b->places[i] = (vdb_tf_place){.tensor = t, .dtype = vdb_tf_dtype_of(t->dtype)};
        vdb_tf_place_recall(&b->places[i]);
        rc = check_tensor(b, t);
        if (rc == VARSDB_OK)
            rc = vdb_tf_measure(&b->emitter, &b->places[i]);
    }
    return rc;
}

/* ---- Shards ------------------------------------------------------------- */

static int open_shards(bundle_writer *b)
{
    int rc = VARSDB_OK;
    b->shards = vdb_calloc((size_t)b->shard_count, sizeof *b->shards);
    if (!b->shards)
        return vdb_fail_nomem(b->e);
    for (int64_t i = 0; i < b->shard_count; i++)
        b->shards[i].out.fd = -1;
    for (int64_t i = 0; i < b->shard_count && rc == VARSDB_OK; i++) {
        vdb_buf path = {0};
        if (vdb_tf_shard_name(&path, b->prefix, i, b->shard_count) != VARSDB_OK) {
            vdb_buf_release(&path);
            return vdb_fail_nomem(b->e);
        }
        b->shards[i].path = vdb_buf_detach(&path);
        rc = vdb_output_open(b->e, b->shards[i].path, &b->shards[i].out);
    }
    return rc;
}

/* In the order of shards and offsets. */
static int write_shards(bundle_writer *b)
{
    vdb_tf_emitter *x = &b->emitter;
    int64_t shard = 0;
    uint64_t at = 0;
    int rc = VARSDB_OK;
    x->fd = b->shards[0].out.fd;
    for (size_t i = 0; i < b->w->count && rc == VARSDB_OK; i++) {
        vdb_tf_place *p = &b->places[i];
        if (p->shard != shard) {
            rc = vdb_tf_emit_rest(x);
            shard = p->shard;
            x->fd = b->shards[shard].out.fd;
            at = 0;
        }
        if (rc == VARSDB_OK && p->stored && (uint64_t)p->offset > at) {
            rc = vdb_tf_emit_zeros(x, (uint64_t)p->offset - at);
            at = (uint64_t)p->offset;
        }
        if (rc == VARSDB_OK)
            rc = vdb_tf_emit(x, p);
        at += p->stored;
    }
    return rc == VARSDB_OK ? vdb_tf_emit_rest(x) : rc;
}

/* ---- Index -------------------------------------------------------------- */

static int add_entry(const bundle_writer *b, vdb_tf_table *table, const vdb_tf_place *p, vdb_buf *value)
{
    const vdb_tf_entry entry = {.dtype = p->dtype,
                                .shard = p->shard,
                                .offset = p->offset,
                                .bytes = (int64_t)p->stored,
                                .crc = p->crc};
    vdb_buf_reset(value);
    if (vdb_tf_write_entry(value, &entry, &p->tensor->shape) != VARSDB_OK)
        return vdb_fail_nomem(b->e);
    return vdb_tf_table_add(b->e, table, p->tensor->name, strlen(p->tensor->name), value->data, value->size);
}

static int write_index(bundle_writer *b, int fd)
{
    vdb_tf_table table;
    vdb_buf value = {0};
    vdb_tf_table_begin(&table, fd, b->block_bytes);
    vdb_tf_sort_by_name(b->places, b->w->count);
    int rc = vdb_tf_write_header(&value, b->shard_count);
    rc = rc == VARSDB_OK ? vdb_tf_table_add(b->e, &table, "", 0, value.data, value.size)
                         : vdb_fail_nomem(b->e);
    for (size_t i = 0; i < b->w->count && rc == VARSDB_OK; i++)
        rc = add_entry(b, &table, &b->places[i], &value);
    if (rc == VARSDB_OK)
        rc = vdb_tf_table_finish(b->e, &table);
    vdb_tf_table_release(&table);
    vdb_buf_release(&value);
    return rc;
}

/* ---- The state file ----------------------------------------------------- */

/* One that a training program keeps is left alone: it may list more, and say what to delete next. */
static bool is_of_others(const char *path)
{
    struct stat st;
    vdb_error ignored;
    vdb_input in;
    char tail[sizeof STATE_OWNER - 1];
    if (lstat(path, &st) != 0)
        return false;
    if (!S_ISREG(st.st_mode) || vdb_input_open(&ignored, path, &in) != VARSDB_OK)
        return true;
    bool ours = in.bytes >= sizeof tail &&
                vdb_input_read(&ignored, &in, in.bytes - sizeof tail, tail, sizeof tail) == VARSDB_OK &&
                memcmp(tail, STATE_OWNER, sizeof tail) == 0;
    vdb_input_close(&in);
    return !ours;
}

static int print_quoted(vdb_buf *out, const char *text)
{
    int rc = vdb_buf_append_text(out, "\"");
    for (const char *p = text; *p && rc == VARSDB_OK; p++) {
        unsigned char byte = (unsigned char)*p;
        rc = byte == '"' || byte == '\\' ? vdb_buf_printf(out, "\\%c", byte)
             : byte < ' ' || byte > '~'  ? vdb_buf_printf(out, "\\%03o", byte)
                                         : vdb_buf_append(out, p, 1);
    }
    return rc == VARSDB_OK ? vdb_buf_append_text(out, "\"\n") : rc;
}

static int print_state(vdb_buf *out, const char *name)
{
    int rc = vdb_buf_append_text(out, "model_checkpoint_path: ");
    if (rc == VARSDB_OK)
        rc = print_quoted(out, name);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, "all_model_checkpoint_paths: ");
    if (rc == VARSDB_OK)
        rc = print_quoted(out, name);
    return rc == VARSDB_OK ? vdb_buf_append_text(out, STATE_OWNER) : rc;
}

static int write_state(bundle_writer *b)
{
    vdb_buf path = {0}, text = {0};
    const char *slash = strrchr(b->prefix, '/'), *name = slash ? slash + 1 : b->prefix;
    int rc = vdb_buf_append(&path, b->prefix, (size_t)(name - b->prefix));
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&path, STATE_NAME);
    if (rc == VARSDB_OK)
        rc = print_state(&text, name);
    b->state.path = vdb_buf_detach(&path);
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(b->e);
    else if (!is_of_others(b->state.path)) {
        rc = vdb_output_open(b->e, b->state.path, &b->state.out);
        if (rc == VARSDB_OK)
            rc = vdb_output_write(b->e, b->state.out.fd, text.data, text.size);
    }
    vdb_buf_release(&text);
    return rc;
}

/* ---- All ---------------------------------------------------------------- */

static int publish(bundle_writer *b, vdb_output *index)
{
    int rc = vdb_output_finish(b->e, index);
    for (int64_t i = 0; i < b->shard_count && rc == VARSDB_OK; i++)
        rc = vdb_output_finish(b->e, &b->shards[i].out);
    if (rc == VARSDB_OK)
        rc = vdb_output_finish(b->e, &b->state.out);
    for (int64_t i = 0; i < b->shard_count && rc == VARSDB_OK; i++)
        rc = vdb_output_publish(b->e, &b->shards[i].out);
    if (rc == VARSDB_OK)
        rc = vdb_output_publish(b->e, index);
    if (rc == VARSDB_OK && b->state.out.temporary)
        rc = vdb_output_publish(b->e, &b->state.out);
    return rc;
}

static int write_files(bundle_writer *b, const char *index_path)
{
    vdb_output index = {.fd = -1};
    int rc = open_shards(b);
    if (rc == VARSDB_OK)
        rc = vdb_output_open(b->e, index_path, &index);
    if (rc == VARSDB_OK)
        rc = write_shards(b);
    if (rc == VARSDB_OK)
        rc = write_index(b, index.fd);
    if (rc == VARSDB_OK)
        rc = write_state(b);
    if (rc == VARSDB_OK)
        rc = publish(b, &index);
    vdb_output_close(&index);
    return rc;
}

static void release_writer(bundle_writer *b)
{
    for (int64_t i = 0; b->shards && i < b->shard_count; i++) {
        vdb_output_close(&b->shards[i].out);
        vdb_free(b->shards[i].path);
    }
    vdb_output_close(&b->state.out);
    vdb_free(b->state.path);
    vdb_free(b->shards);
    vdb_free(b->places);
    vdb_free(b->prefix);
    vdb_tf_emitter_release(&b->emitter);
}

int vdb_tf_write_blocks(vdb_error *e, const vdb_writing *w, size_t block_bytes)
{
    vdb_buf index_path = {0};
    bundle_writer b = {.e = e, .w = w, .block_bytes = block_bytes, .state.out.fd = -1};
    size_t bytes = strlen(w->path), suffix = sizeof VDB_TF_SUFFIX - 1;
    if (bytes > suffix && strcmp(w->path + bytes - suffix, VDB_TF_SUFFIX) == 0)
        bytes -= suffix;
    int rc = vdb_tf_emitter_init(e, &b.emitter, w);
    b.prefix = vdb_strndup(w->path, bytes);
    if (rc == VARSDB_OK &&
        (!b.prefix || vdb_buf_printf(&index_path, "%s" VDB_TF_SUFFIX, b.prefix) != VARSDB_OK))
        rc = vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = make_places(&b);
    if (rc == VARSDB_OK)
        rc = vdb_tf_layout(e, b.places, w, &b.shard_count);
    if (rc == VARSDB_OK)
        rc = write_files(&b, index_path.data);
    release_writer(&b);
    vdb_buf_release(&index_path);
    return rc;
}

int vdb_tf_write(vdb_error *e, const vdb_writing *w)
{
    return vdb_tf_write_blocks(e, w, VDB_TF_TABLE_BLOCK_BYTES);
}

#endif
