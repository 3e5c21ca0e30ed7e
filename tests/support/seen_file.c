/* seen_file.c - see seen_file.h. */
#include <check.h>
#include <string.h>
#include <xxhash.h>

#include "reader.h"
#include "seen_file.h"

#define READ_MAX (256 << 10) /* of a tensor */
#define PIECE    1000
#define LESS     7 /* backwards, a piece is no divisor of anything */

static void see(seen_file *o, const void *data, size_t bytes)
{
    o->seen = XXH3_64bits_withSeed(data, bytes, o->seen);
}

static int see_metadatum(void *payload, const char *key, const char *json)
{
    see(payload, key, strlen(key));
    see(payload, json, strlen(json));
    return 0;
}

/* Shape and dtype take the bytes that are said; of strings each takes a length at least. */
static void check_size(const varsdb_tensor_info *t, const char *path)
{
    int block_bytes, block = varsdb_dtype_block(t->dtype, &block_bytes);
    unsigned __int128 elements = 1, bits = (unsigned)varsdb_dtype_bits(t->dtype);
    for (int i = 0; i < t->shape.rank; i++)
        elements *= (uint64_t)t->shape.dims[i];
    bool right = t->dtype == VARSDB_STRING ? t->bytes == 0 || t->bytes / 8 >= elements
                 : block                   ? elements / (unsigned)block * (unsigned)block_bytes == t->bytes
                                           : elements * bits == (unsigned __int128)t->bytes * 8;
    ck_assert_msg(right || t->dtype == VARSDB_DTYPE_NOT_SAID, "%s: %s has %llu bytes", path, t->name,
                  (unsigned long long)t->bytes);
}

static int read_pieces(varsdb_reader *r, size_t i, uint64_t bytes, seen_order order, char *out)
{
    const size_t step = order == SEEN_BACKWARDS ? bytes / LESS + 1 : PIECE;
    int rc = VARSDB_OK;
    for (uint64_t done = 0; rc == VARSDB_OK && done < bytes;) {
        size_t n = bytes - done < step ? (size_t)(bytes - done) : step;
        uint64_t at = order == SEEN_BACKWARDS ? bytes - done - n : done;
        rc = varsdb_reader_read(r, i, at, out + at, n);
        done += n;
    }
    return rc;
}

static int see_tensor(varsdb_reader *r, size_t i, seen_order order, const char *path, seen_file *o)
{
    static char data[READ_MAX];
    const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
    const char *full_name = vdb_reader_entry(r, i)->full_name;
    const uint64_t bytes = t->bytes < READ_MAX ? t->bytes : READ_MAX;
    check_size(t, path);
    int rc = read_pieces(r, i, bytes, order, data);
    see(o, t->name, strlen(t->name));
    see(o, full_name ? full_name : "", full_name ? strlen(full_name) : 0);
    see(o, t->shape.dims, sizeof *t->shape.dims * (size_t)t->shape.rank);
    see(o, &t->dtype, sizeof t->dtype);
    see(o, &t->bytes, sizeof t->bytes);
    if (rc == VARSDB_OK)
        see(o, data, (size_t)bytes);
    return rc;
}

seen_file seen_of(const char *path, seen_order order, bool fully)
{
    return seen_of_changed(path, order, fully, NULL);
}

seen_file seen_of_changed(const char *path, seen_order order, bool fully, void (*change)(void))
{
    seen_file o = {0};
    varsdb_reader *r = NULL;
    o.rc = varsdb_open_reader(path, &r);
    if (change)
        change();
    if (o.rc == VARSDB_OK && fully)
        o.rc = vdb_reader_name_fully(r);
    for (size_t i = 0; o.rc == VARSDB_OK && i < varsdb_reader_count(r); i++)
        o.rc = see_tensor(r, i, order, path, &o);
    if (o.rc == VARSDB_OK)
        o.rc = varsdb_reader_metadata(r, see_metadatum, &o);
    const char *said = varsdb_reader_errmsg(r);
    ck_assert_msg((o.rc == VARSDB_OK) == (*said == '\0'), "%s: %s, '%s'", path, varsdb_errname(o.rc), said);
    see(&o, said, strlen(said));
    varsdb_close_reader(r);
    return o;
}
