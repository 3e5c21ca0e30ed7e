/*
 * safetensors_write.c - the writer of safetensors, byte for byte as the format's
 * reference writes: metadata first, tensors by descending rank of dtype and then by
 * name, compact JSON, the header padded by spaces to a multiple of eight.
 */
#ifndef VARSDB_OMIT_SAFETENSORS

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../byte_order.h"
#include "../json.h"
#include "../mem.h"
#include "safetensors.h"

#define ALIGNMENT   8u
#define PIECE_BYTES ((size_t)1 << 20)
#define SHOWN       VDB_SAFETENSORS_SHOWN

static int by_rank_and_name(const void *a, const void *b)
{
    const vdb_output_tensor *x = a, *y = b;
    int difference = vdb_safetensors_dtype_rank(y->dtype) - vdb_safetensors_dtype_rank(x->dtype);
    return difference ? difference : strcmp(x->name, y->name);
}

/* ---- Checks ------------------------------------------------------------- */

/* Names all tensors whose dtype the format lacks, as far as a message goes. */
static int check_dtypes(vdb_error *e, const vdb_output_tensor *tensors, size_t count)
{
    vdb_buf names = {0};
    int rc = VARSDB_OK;
    for (size_t i = 0; i < count && rc == VARSDB_OK && names.size < VDB_ERROR_BYTES; i++)
        if (!vdb_safetensors_dtype_name(tensors[i].dtype))
            rc = vdb_buf_printf(&names, "%s" SHOWN " (%s)", names.size ? ", " : "", tensors[i].name,
                                varsdb_dtype_name(tensors[i].dtype));
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    else if (names.size)
        rc = vdb_fail(e, VARSDB_UNSUPPORTED, "safetensors has no such dtype: %s", names.data);
    vdb_buf_release(&names);
    return rc;
}

static int check_tensor(vdb_error *e, const vdb_output_tensor *t)
{
    uint64_t bytes;
    if (strcmp(t->name, VDB_SAFETENSORS_METADATA) == 0)
        return vdb_fail(e, VARSDB_UNSUPPORTED, "safetensors reserves the name '%s'", t->name);
    int rc = vdb_safetensors_tensor_bytes(e, t->dtype, &t->shape, &bytes);
    if (rc != VARSDB_OK) {
        e->code = VARSDB_UNSUPPORTED;
        return vdb_fail_in(e, "safetensors cannot hold " SHOWN, t->name);
    }
    if (bytes != t->bytes)
        return vdb_fail(e, VARSDB_INVALID, SHOWN " has %llu bytes, but its shape and dtype take %llu",
                        t->name, (unsigned long long)t->bytes, (unsigned long long)bytes);
    return VARSDB_OK;
}

static int check(vdb_error *e, const vdb_output_tensor *tensors, size_t count, uint64_t *data_bytes)
{
    uint64_t sum = 0;
    int rc = check_dtypes(e, tensors, count);
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++) {
        rc = check_tensor(e, &tensors[i]);
        if (rc == VARSDB_OK && (__builtin_add_overflow(sum, tensors[i].bytes, &sum) || sum > INT64_MAX))
            rc = vdb_fail(e, VARSDB_UNSUPPORTED, "all tensors together are more bytes than a file can have");
    }
    if (rc == VARSDB_OK)
        *data_bytes = sum;
    return rc;
}

/* ---- Header ------------------------------------------------------------- */

/* A value that is no JSON string is written as the string of its text. */
static int print_value(vdb_buf *out, const char *json)
{
    vdb_json j;
    vdb_error ignored;
    vdb_json_token token;
    vdb_buf text = {0};
    vdb_json_begin(&j, json, strlen(json), VDB_JSON_DEPTH_MAX);
    int rc = vdb_json_next(&j, &ignored, &token);
    if (rc == VARSDB_OK && token == VDB_JSON_STRING) {
        rc = vdb_json_unescape(&j, &text);
        if (rc == VARSDB_OK)
            rc = vdb_json_print_string(out, text.data ? text.data : "", text.size);
    } else {
        rc = vdb_json_print_string(out, json, strlen(json));
    }
    vdb_buf_release(&text);
    return rc;
}

static int by_key(const void *a, const void *b)
{
    const vdb_metadata *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static int print_pairs(vdb_buf *out, const vdb_metadata *const *sorted, size_t count)
{
    int rc = vdb_buf_append_text(out, "\"" VDB_SAFETENSORS_METADATA "\":");
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++) {
        rc = vdb_buf_append_text(out, i ? "," : "{");
        if (rc == VARSDB_OK)
            rc = vdb_json_print_string(out, sorted[i]->key, strlen(sorted[i]->key));
        if (rc == VARSDB_OK)
            rc = vdb_buf_append_text(out, ":");
        if (rc == VARSDB_OK)
            rc = print_value(out, sorted[i]->json);
    }
    return rc == VARSDB_OK ? vdb_buf_append_text(out, "}") : rc;
}

static int print_metadata(vdb_buf *out, const vdb_metadata *metadata, size_t count)
{
    if (!count)
        return VARSDB_OK;
    const vdb_metadata **sorted = vdb_calloc(count, sizeof *sorted);
    if (!sorted)
        return VARSDB_NOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &metadata[i];
    qsort(sorted, count, sizeof *sorted, by_key);
    int rc = print_pairs(out, sorted, count);
    vdb_free(sorted);
    return rc;
}

static int print_tensor(vdb_buf *out, const vdb_output_tensor *t, uint64_t begin)
{
    int rc = vdb_json_print_string(out, t->name, strlen(t->name));
    if (rc == VARSDB_OK)
        rc = vdb_buf_printf(out, ":{\"dtype\":\"%s\",\"shape\":[", vdb_safetensors_dtype_name(t->dtype));
    for (int i = 0; i < t->shape.rank && rc == VARSDB_OK; i++)
        rc = vdb_buf_printf(out, "%s%lld", i ? "," : "", (long long)t->shape.dims[i]);
    if (rc == VARSDB_OK)
        rc = vdb_buf_printf(out, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)begin,
                            (unsigned long long)begin + t->bytes);
    return rc;
}

static int print_header(vdb_buf *out, const vdb_output_tensor *tensors, size_t count,
                        const vdb_metadata *metadata, size_t metadata_count)
{
    uint64_t at = 0;
    int rc = vdb_buf_append_text(out, "{");
    if (rc == VARSDB_OK)
        rc = print_metadata(out, metadata, metadata_count);
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++) {
        if (i || metadata_count)
            rc = vdb_buf_append_text(out, ",");
        if (rc == VARSDB_OK)
            rc = print_tensor(out, &tensors[i], at);
        at += tensors[i].bytes;
    }
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, "}");
    while (rc == VARSDB_OK && out->size % ALIGNMENT)
        rc = vdb_buf_append_text(out, " ");
    return rc;
}

static int make_header(vdb_error *e, vdb_buf *out, const vdb_output_tensor *tensors, size_t count,
                       const vdb_metadata *metadata, size_t metadata_count)
{
    int rc = print_header(out, tensors, count, metadata, metadata_count);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(e);
    if (out->size > VDB_SAFETENSORS_HEADER_MAX)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "the header would have %zu bytes for %zu tensors; safetensors allows %u", out->size,
                        count, VDB_SAFETENSORS_HEADER_MAX);
    return VARSDB_OK;
}

/* ---- File --------------------------------------------------------------- */

static int write_header(vdb_error *e, int fd, const vdb_buf *header)
{
    unsigned char length[VDB_SAFETENSORS_LENGTH_BYTES];
    vdb_put_little_endian(length, header->size, sizeof length);
    int rc = vdb_output_write(e, fd, length, sizeof length);
    return rc == VARSDB_OK ? vdb_output_write(e, fd, header->data, header->size) : rc;
}

/* A disk that is too small is told before anything was written, where the file system can. */
static int reserve(vdb_error *e, int fd, uint64_t bytes)
{
    if (bytes <= INT64_MAX && fallocate(fd, 0, 0, (off_t)bytes) != 0 && errno == ENOSPC)
        return vdb_fail(e, VARSDB_FULL, "the disk has no room for %llu bytes", (unsigned long long)bytes);
    return VARSDB_OK;
}

static int write_tensor(vdb_error *e, int fd, const vdb_output_tensor *t, vdb_tensor_source_cb source,
                        void *payload, char *piece)
{
    int rc = VARSDB_OK;
    for (uint64_t at = 0; at < t->bytes && rc == VARSDB_OK;) {
        size_t bytes = t->bytes - at < PIECE_BYTES ? (size_t)(t->bytes - at) : PIECE_BYTES;
        rc = source(payload, t->tag, at, piece, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_output_write(e, fd, piece, bytes);
        at += bytes;
    }
    return rc;
}

static int write_tensors(vdb_error *e, int fd, const vdb_output_tensor *tensors, size_t count,
                         vdb_tensor_source_cb source, void *payload)
{
    int rc = VARSDB_OK;
    char *piece = vdb_malloc(PIECE_BYTES);
    if (!piece)
        return vdb_fail_nomem(e);
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++)
        rc = write_tensor(e, fd, &tensors[i], source, payload, piece);
    vdb_free(piece);
    return rc;
}

int vdb_safetensors_write(vdb_error *e, int fd, const vdb_writing *w)
{
    vdb_buf header = {0};
    uint64_t data_bytes;
    int rc = check(e, w->tensors, w->count, &data_bytes);
    if (rc != VARSDB_OK)
        goto out;
    if (w->count)
        qsort(w->tensors, w->count, sizeof *w->tensors, by_rank_and_name);
    rc = make_header(e, &header, w->tensors, w->count, w->metadata, w->metadata_count);
    if (rc == VARSDB_OK)
        rc = reserve(e, fd, VDB_SAFETENSORS_LENGTH_BYTES + header.size + data_bytes);
    if (rc == VARSDB_OK)
        rc = write_header(e, fd, &header);
    if (rc == VARSDB_OK)
        rc = write_tensors(e, fd, w->tensors, w->count, w->source, w->payload);
out:
    vdb_buf_release(&header);
    return rc;
}

#endif
