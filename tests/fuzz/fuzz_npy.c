/* fuzz_npy.c - any bytes as a NumPy file: its header parsed, and the array read as what it says. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/npy.h"
#include "as_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* cli.c asks for the commands; here are none. */
const cli_command *cli_commands(void)
{
    static const cli_command none = {0};
    return &none;
}

const cli_command *cli_find_command(const char *name)
{
    (void)name;
    return NULL;
}

static bool headers_equal(const npy_header *a, const npy_header *b)
{
    return a->dtype == b->dtype && a->big_endian == b->big_endian && a->fortran_order == b->fortran_order &&
           a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof a->dims[0]) == 0;
}

/* A header that is written is read as what it was. */
static void check_written(const npy_header *header)
{
    static sink to;
    npy_header plain = *header, again;
    plain.big_endian = plain.fortran_order = false;
    sink_open(&to, -1);
    npy_write_header(&to, plain.dtype, &(varsdb_shape){plain.rank, plain.dims});
    assert(to.used % 64 == 0 && memcmp(to.data, "\x93NUMPY\1\0", 8) == 0);
    assert(npy_parse_header(to.data + 10, to.used - 10, &again) == NULL);
    assert(headers_equal(&plain, &again));
}

static void read_file(const uint8_t *data, size_t size, const npy_header *header)
{
    cli c = {.said = true}; /* no line on standard error */
    void *array = NULL;
    size_t bytes = 0;
    int status = npy_read(&c, as_file(data, size), header->dtype, &(varsdb_shape){header->rank, header->dims},
                          &array, &bytes);
    assert((status == CLI_DONE) == (array != NULL));
    assert(status != CLI_DONE || bytes < size);
    free(array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npy_header header = {.dtype = VARSDB_FLOAT32};
    for (size_t at = 10; at <= 12; at += 2) { /* where it begins in version 1.0, and in the others */
        size_t bytes = size < at ? 0 : (size_t)data[8] | (size_t)data[9] << 8;
        if (size < at || bytes > size - at || bytes > NPY_HEADER_MAX)
            continue;
        if (npy_parse_header((const char *)data + at, bytes, &header) == NULL)
            check_written(&header);
    }
    read_file(data, size, &header);
    return 0;
}
