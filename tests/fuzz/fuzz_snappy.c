/* fuzz_snappy.c - any bytes as a compressed block; literals of what comes out are the same block again. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/snappy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vdb_error e = {0};
    vdb_buf out = {0}, literal = {0}, again = {0};
    int rc = vdb_snappy_decode(&e, data, size, &out);
    assert(rc == VARSDB_OK || (rc == VARSDB_FORMAT && e.text[0] && out.size == 0));
    if (rc == VARSDB_OK && out.size && out.size <= 60) {
        const unsigned char head[2] = {(unsigned char)out.size, (unsigned char)((out.size - 1) << 2)};
        assert(vdb_buf_append(&literal, head, 2) == VARSDB_OK &&
               vdb_buf_append(&literal, out.data, out.size) == VARSDB_OK);
        assert(vdb_snappy_decode(&e, literal.data, literal.size, &again) == VARSDB_OK);
        assert(again.size == out.size && memcmp(again.data, out.data, out.size) == 0);
    }
    assert(out.size <= size * 22 + 64);
    vdb_buf_release(&out);
    vdb_buf_release(&literal);
    vdb_buf_release(&again);
    return 0;
}
