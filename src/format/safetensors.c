/*
 * safetensors.c - the reader of safetensors: eight bytes with the header's length,
 * a JSON header that names the tensors and where their bytes lie, and the bytes.
 *
 * Time is N log N and memory at most 12 times N plus a few KiB, for a header of N
 * bytes, N <= 100,000,000 and within the file; tensor bytes are not read here.  Of
 * that memory, 1 N is the header, 1 N the texts, at most 8 N the dimensions (8
 * bytes for each comma and bracket), and the rest the lists of tensors (48 bytes
 * for a tensor, which takes at least 48 in the header) and metadata.
 */
#ifndef VARSDB_OMIT_SAFETENSORS

#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "../byte_order.h"
#include "../mem.h"

#define LENGTH_MIN 2u

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_tensor_entry *)a)->info.name, ((const vdb_tensor_entry *)b)->info.name);
}

static int by_place(const void *a, const void *b)
{
    const vdb_tensor_entry *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->info.bytes != y->info.bytes)
        return x->info.bytes < y->info.bytes ? -1 : 1;
    return by_name(a, b);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const vdb_metadata *)a)->key, ((const vdb_metadata *)b)->key);
}

static int refuse_duplicates(vdb_error *e, const vdb_tensor_list *l)
{
    if (l->count)
        qsort(l->tensors, l->count, sizeof *l->tensors, by_name);
    for (size_t i = 1; i < l->count; i++)
        if (by_name(&l->tensors[i - 1], &l->tensors[i]) == 0)
            return vdb_fail(e, VARSDB_FORMAT, "tensor " VDB_SAFETENSORS_SHOWN " is in the header twice",
                            l->tensors[i].info.name);
    if (l->metadata_count)
        qsort(l->metadata, l->metadata_count, sizeof *l->metadata, by_key);
    for (size_t i = 1; i < l->metadata_count; i++)
        if (by_key(&l->metadata[i - 1], &l->metadata[i]) == 0)
            return vdb_fail(e, VARSDB_FORMAT, "metadata " VDB_SAFETENSORS_SHOWN " is in the header twice",
                            l->metadata[i].key);
    return VARSDB_OK;
}

/* Each tensor begins where the one before it ended, from the first byte of data to the last. */
static int check_chain(vdb_error *e, const vdb_tensor_list *l, uint64_t data_offset, uint64_t file_bytes)
{
    uint64_t at = data_offset;
    if (l->count)
        qsort(l->tensors, l->count, sizeof *l->tensors, by_place);
    for (size_t i = 0; i < l->count; i++) {
        const vdb_tensor_entry *t = &l->tensors[i];
        if (t->offset < at)
            return vdb_fail(e, VARSDB_FORMAT,
                            "tensor " VDB_SAFETENSORS_SHOWN " overlaps tensor " VDB_SAFETENSORS_SHOWN,
                            t->info.name, l->tensors[i - 1].info.name);
        if (t->offset > at)
            return vdb_fail(e, VARSDB_FORMAT,
                            "%llu bytes before tensor " VDB_SAFETENSORS_SHOWN " belong to no tensor",
                            (unsigned long long)(t->offset - at), t->info.name);
        at += t->info.bytes;
    }
    uint64_t left = file_bytes - at;
    if (left)
        return vdb_fail(e, VARSDB_FORMAT, "%llu bytes at the end of the file belong to no tensor",
                        (unsigned long long)left);
    return VARSDB_OK;
}

static int read_length(vdb_error *e, const vdb_input *in, uint64_t *out)
{
    unsigned char bytes[VDB_SAFETENSORS_LENGTH_BYTES];
    if (in->bytes < sizeof bytes)
        return vdb_fail(e, VARSDB_FORMAT, "the file has %llu bytes, too few for a header's length",
                        (unsigned long long)in->bytes);
    int rc = vdb_input_read(e, in, 0, bytes, sizeof bytes);
    if (rc != VARSDB_OK)
        return rc;
    unsigned long long length = vdb_get_little_endian(bytes, sizeof bytes), room = in->bytes - sizeof bytes;
    if (length < LENGTH_MIN || length > VDB_SAFETENSORS_HEADER_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "the header's length is given as %llu; it must be %u to %u", length,
                        LENGTH_MIN, VDB_SAFETENSORS_HEADER_MAX);
    if (length > room)
        return vdb_fail(
            e, VARSDB_FORMAT,
            "the header's length is given as %llu, but only %llu bytes follow; it is truncated (an "
            "incomplete download?)",
            length, room);
    *out = length;
    return VARSDB_OK;
}

static int read_header(vdb_error *e, const vdb_input *in, size_t length, vdb_tensor_list *out)
{
    char *text = vdb_malloc(length);
    if (!text)
        return vdb_fail_nomem(e);
    int rc = vdb_input_read(e, in, VDB_SAFETENSORS_LENGTH_BYTES, text, length);
    if (rc == VARSDB_OK)
        rc = vdb_safetensors_parse_header(e, text, length, in->bytes - VDB_SAFETENSORS_LENGTH_BYTES - length,
                                          out);
    vdb_free(text);
    return rc;
}

static int open_list(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    uint64_t length = 0;
    vdb_tensor_list list = {0};
    (void)state;
    int rc = read_length(e, in, &length);
    if (rc == VARSDB_OK)
        rc = read_header(e, in, (size_t)length, &list);
    if (rc == VARSDB_OK)
        rc = refuse_duplicates(e, &list);
    if (rc == VARSDB_OK)
        rc = check_chain(e, &list, VDB_SAFETENSORS_LENGTH_BYTES + length, in->bytes);
    if (rc == VARSDB_OK)
        *out = list;
    else
        vdb_tensor_list_release(&list);
    return rc;
}

static int recognize(const vdb_sniff *sniff)
{
    size_t at = VDB_SAFETENSORS_LENGTH_BYTES;
    while (at < sniff->head_bytes && memchr(" \t\r\n", sniff->head[at], 4))
        at++;
    if (at >= sniff->head_bytes || sniff->head[at] != '{')
        return 0;
    return vdb_get_little_endian(sniff->head, VDB_SAFETENSORS_LENGTH_BYTES) <= VDB_SAFETENSORS_HEADER_MAX ? 2
                                                                                                          : 1;
}

const vdb_format vdb_format_safetensors = {
    .name = "safetensors",
    .suffix = ".safetensors",
    .recognize = recognize,
    .open = open_list,
    .write = vdb_safetensors_write_file,
};

#endif
