/* write_file.c - a tensor file from whatever a program has, without a registry. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "format/format.h"
#include "mem.h"
#include "shape.h"

#define SHOWN "'%.200s'"

typedef struct source {
    vdb_error *error;
    varsdb_tensor_cb callback;
    void *payload;
    const varsdb_tensor_info *tensors;
} source;

/* vdb_tensor_source_cb */
static int pull(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const source *s = payload;
    int rc = s->callback(s->payload, (size_t)tag, offset, buffer, bytes);
    return rc == VARSDB_OK ? rc
                           : vdb_fail(s->error, rc, "the callback for tensor " SHOWN " returned %s",
                                      s->tensors[tag].name, varsdb_errname(rc));
}

static int check_tensor(vdb_error *e, const varsdb_tensor_info *t)
{
    int64_t elements, bytes;
    if (!t->name || !vdb_dtype_valid(t->dtype))
        return vdb_fail(e, VARSDB_INVALID, "a tensor without a name or a dtype");
    int rc = vdb_shape_check(e, &t->shape, false);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(e, &t->shape, &elements);
    if (rc != VARSDB_OK)
        return vdb_fail_in(e, "tensor " SHOWN, t->name);
    if (t->dtype == VARSDB_STRING)
        return VARSDB_OK;
    if (!vdb_dtype_bytes(t->dtype, elements, &bytes) || (uint64_t)bytes != t->bytes)
        return vdb_fail(e, VARSDB_INVALID, "tensor " SHOWN ": its shape and dtype do not take %llu bytes",
                        t->name, (unsigned long long)t->bytes);
    return VARSDB_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_output_tensor *)a)->name, ((const vdb_output_tensor *)b)->name);
}

static int describe(vdb_error *e, const varsdb_tensor_info *tensors, size_t count, vdb_output_tensor *out)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        const varsdb_tensor_info *t = &tensors[i];
        rc = check_tensor(e, t);
        out[i] = (vdb_output_tensor){
            .name = t->name, .dtype = t->dtype, .shape = t->shape, .bytes = t->bytes, .tag = (int64_t)i};
    }
    if (rc == VARSDB_OK && count)
        qsort(out, count, sizeof *out, by_name);
    for (size_t i = 1; rc == VARSDB_OK && i < count; i++)
        if (by_name(&out[i - 1], &out[i]) == 0)
            rc = vdb_fail(e, VARSDB_INVALID, "there are two tensors " SHOWN, out[i].name);
    return rc;
}

static int write_tensors(const vdb_format *format, vdb_writing *w, const varsdb_tensor_info *tensors,
                         vdb_error *e)
{
    w->tensors = vdb_calloc(w->count + 1, sizeof *w->tensors);
    int rc = w->tensors ? describe(e, tensors, w->count, w->tensors) : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = format->write(e, w);
    vdb_free(w->tensors);
    return rc;
}

int varsdb_write_file(const char *path, const char *format, const varsdb_tensor_info *tensors, size_t count,
                      varsdb_tensor_cb callback, void *payload, char *error, size_t error_room)
{
    vdb_error e = {0};
    const vdb_format *f = NULL;
    source s = {&e, callback, payload, tensors};
    vdb_writing w = {.path = path, .count = count, .source = pull, .payload = &s};
    if (!path || (count && (!tensors || !callback)))
        return VARSDB_MISUSE;
    int rc = vdb_format_of_name(&e, format, path, &f);
    if (rc == VARSDB_OK && !f->write)
        rc = vdb_fail(&e, VARSDB_UNSUPPORTED, "%s is read, and not written", f->name);
    if (rc == VARSDB_OK)
        rc = write_tensors(f, &w, tensors, &e);
    if (error && error_room)
        snprintf(error, error_room, "%s", rc == VARSDB_OK ? "" : e.text);
    return rc;
}
