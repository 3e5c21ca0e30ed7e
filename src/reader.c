/* reader.c - a tensor file as a list of tensors; the public face of the formats. */
#include <stdbool.h>
#include <string.h>

#include "mem.h"
#include "reader.h"

struct varsdb_reader {
    vdb_error error;
    char *path, *file; /* as given; that is opened */
    vdb_input input;
    const vdb_format *format; /* NULL until it is recognized */
    vdb_tensor_list list;
    void *state; /* the format's */
    bool usable;
};

static int open_file(varsdb_reader *r)
{
    vdb_error *e = &r->error;
    int rc = vdb_format_find_file(e, r->path, &r->file);
    if (rc == VARSDB_OK)
        rc = vdb_input_open(e, r->file, &r->input);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_format_of_file(e, &r->input, &r->format);
    if (rc == VARSDB_OK)
        rc = r->format->open(e, &r->input, &r->list, &r->state);
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        vdb_fail_in(e, "'%s'", r->path);
    r->usable = rc == VARSDB_OK;
    return rc;
}

int varsdb_open_reader(const char *path, varsdb_reader **out)
{
    if (!out)
        return VARSDB_MISUSE;
    *out = NULL;
    varsdb_reader *r = vdb_calloc(1, sizeof *r);
    if (!r)
        return VARSDB_NOMEM;
    r->input.fd = -1;
    *out = r;
    if (!path)
        return vdb_fail(&r->error, VARSDB_MISUSE, "varsdb_open_reader: path is NULL");
    r->path = vdb_strdup(path);
    int rc = r->path ? open_file(r) : VARSDB_NOMEM;
    if (rc == VARSDB_NOMEM) {
        varsdb_close_reader(r);
        *out = NULL;
    }
    return rc;
}

void varsdb_close_reader(varsdb_reader *reader)
{
    if (!reader)
        return;
    vdb_tensor_list_release(&reader->list);
    if (reader->state)
        reader->format->close(reader->state);
    vdb_input_close(&reader->input);
    vdb_free(reader->file);
    vdb_free(reader->path);
    vdb_free(reader);
}

const char *varsdb_reader_errmsg(const varsdb_reader *reader)
{
    return reader ? reader->error.text : varsdb_errstr(VARSDB_NOMEM);
}

const char *varsdb_reader_format(const varsdb_reader *reader)
{
    return reader && reader->format ? reader->format->name : NULL;
}

size_t varsdb_reader_count(const varsdb_reader *reader)
{
    return reader ? reader->list.count : 0;
}

const varsdb_tensor_info *varsdb_reader_tensor(const varsdb_reader *reader, size_t i)
{
    return i < varsdb_reader_count(reader) ? &reader->list.tensors[i].info : NULL;
}

const char *varsdb_reader_passed_over(const varsdb_reader *reader, const char *previous)
{
    if (!reader || !reader->list.passed_over.size)
        return NULL;
    const vdb_buf *names = &reader->list.passed_over;
    const char *next = previous ? previous + strlen(previous) + 1 : names->data;
    return next < names->data + names->size ? next : NULL;
}

const vdb_tensor_entry *vdb_reader_entry(const varsdb_reader *reader, size_t i)
{
    return &reader->list.tensors[i];
}

int vdb_reader_name_fully(varsdb_reader *reader)
{
    vdb_error *e = &reader->error;
    if (!reader->format->name_fully)
        return VARSDB_OK;
    int rc = reader->format->name_fully(e, reader->state, &reader->input, &reader->list);
    return rc == VARSDB_OK || rc == VARSDB_NOMEM ? rc : vdb_fail_in(e, "'%s'", reader->path);
}

static int check_usable(varsdb_reader *r)
{
    if (!r->usable)
        return vdb_fail(&r->error, VARSDB_MISUSE, "the tensor file could not be opened");
    vdb_error_clear(&r->error);
    return VARSDB_OK;
}

/* The bytes were claimed to be bool by whoever made the file. */
static int check_bools(vdb_error *e, uint64_t offset, const unsigned char *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (data[i] > 1)
            return vdb_fail(e, VARSDB_FORMAT, "element %llu is byte 0x%02x; a bool is 0 or 1",
                            (unsigned long long)(offset + i), data[i]);
    return VARSDB_OK;
}

int varsdb_reader_read(varsdb_reader *reader, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    if (!reader || (!buffer && bytes))
        return VARSDB_MISUSE;
    vdb_error *e = &reader->error;
    int rc = check_usable(reader);
    if (rc != VARSDB_OK)
        return rc;
    if (i >= reader->list.count)
        return vdb_fail(e, VARSDB_INVALID, "there is no tensor %zu; '%s' has %zu", i, reader->path,
                        reader->list.count);
    const vdb_tensor_entry *t = &reader->list.tensors[i];
    if (offset > t->info.bytes || bytes > t->info.bytes - offset)
        return vdb_fail(e, VARSDB_INVALID, "tensor '%.200s' has %llu bytes; %zu from %llu on are not in it",
                        t->info.name, (unsigned long long)t->info.bytes, bytes, (unsigned long long)offset);
    if (t->unread)
        rc = vdb_fail(e, VARSDB_UNSUPPORTED, "it %s", t->unread);
    else
        rc = reader->format->read
                 ? reader->format->read(e, reader->state, &reader->input, t, offset, buffer, bytes)
                 : vdb_input_read(e, &reader->input, t->offset + offset, buffer, bytes);
    if (rc == VARSDB_OK && t->info.dtype == VARSDB_BOOL)
        rc = check_bools(e, offset, buffer, bytes);
    if (rc != VARSDB_OK)
        vdb_fail_in(e, "'%s': tensor '%.200s'", reader->path, t->info.name);
    return rc;
}

int varsdb_reader_metadata(varsdb_reader *reader, varsdb_attribute_cb callback, void *payload)
{
    if (!reader || !callback)
        return VARSDB_MISUSE;
    int rc = check_usable(reader);
    if (rc != VARSDB_OK)
        return rc;
    const vdb_tensor_list *l = &reader->list;
    for (size_t i = 0; i < l->metadata_count; i++)
        if (callback(payload, l->metadata[i].key, l->metadata[i].json) != 0)
            return vdb_fail(&reader->error, VARSDB_CANCELLED, "the callback stopped the list of metadata");
    return VARSDB_OK;
}
