/* tf_slice.c - see tf_slice.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_slice.h"

#include <stdbool.h>

#include "../error.h"

#define SIGNED_BYTES_MAX 10
#define PAYLOAD_BITS     7u /* of a byte; one bit a byte tells how many bytes there are */

/* The count of bytes, and the bytes, the highest first. */
int vdb_tf_put_ordered_number(vdb_buf *out, uint64_t value)
{
    unsigned char bytes[9];
    size_t count = 0;
    for (uint64_t rest = value; rest; rest >>= 8)
        count++;
    bytes[0] = (unsigned char)count;
    for (size_t i = 0; i < count; i++)
        bytes[count - i] = (unsigned char)(value >> (8 * i));
    return vdb_buf_append(out, bytes, count + 1);
}

int vdb_tf_put_ordered_text(vdb_buf *out, const char *text, size_t bytes)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; i < bytes && rc == VARSDB_OK; i++) {
        unsigned char byte = (unsigned char)text[i];
        rc = byte == 0      ? vdb_buf_append(out, "\0\xff", 2)
             : byte == 0xff ? vdb_buf_append(out, "\xff\0", 2)
                            : vdb_buf_append(out, &byte, 1);
    }
    return rc == VARSDB_OK ? vdb_buf_append(out, "\0\1", 2) : rc;
}

/* Two's complement in as few bytes as hold the sign, the value, and for each byte behind the first one more
 * bit at the front that equals the sign. */
int vdb_tf_put_ordered_signed(vdb_buf *out, int64_t value)
{
    unsigned char bytes[SIGNED_BYTES_MAX];
    bool negative = value < 0;
    uint64_t magnitude = negative ? ~(uint64_t)value : (uint64_t)value;
    unsigned count = 1;
    while (count < SIGNED_BYTES_MAX && magnitude >> (PAYLOAD_BITS * count - 1))
        count++;
    for (unsigned i = 0; i < count; i++) {
        unsigned shift = 8 * i;
        bytes[count - 1 - i] = (unsigned char)(shift < 64 ? magnitude >> shift & 0xff : 0);
    }
    for (unsigned bit = 0; bit < count; bit++)
        bytes[bit / 8] ^= (unsigned char)(0x80u >> bit % 8);
    if (negative)
        for (unsigned i = 0; i < count; i++)
            bytes[i] = (unsigned char)~bytes[i];
    return vdb_buf_append(out, bytes, count);
}

int vdb_tf_slice_key(vdb_buf *out, const char *name, size_t bytes, int rank, const vdb_tf_extent *extents)
{
    int rc = vdb_tf_put_ordered_number(out, 0);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_ordered_text(out, name, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_ordered_number(out, (uint64_t)rank);
    for (int i = 0; i < rank && rc == VARSDB_OK; i++) {
        rc = vdb_tf_put_ordered_signed(out, extents[i].start);
        if (rc == VARSDB_OK)
            rc = vdb_tf_put_ordered_signed(out, extents[i].length);
    }
    return rc;
}

int vdb_tf_slice_print(vdb_buf *out, int rank, const vdb_tf_extent *extents)
{
    int rc = VARSDB_OK;
    for (int i = 0; i < rank && rc == VARSDB_OK; i++) {
        const char *colon = i ? ":" : "";
        if (extents[i].length == VDB_TF_SLICE_ALL)
            rc = vdb_buf_printf(out, "%s-", colon);
        else
            rc = vdb_buf_printf(out, "%s%lld,%lld", colon, (long long)extents[i].start,
                                (long long)extents[i].length);
    }
    return rc;
}

#endif
