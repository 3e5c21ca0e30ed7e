/* fuzz_npz.c - any bytes as a zip archive of arrays: listed, and every member read, also in disorder. */
#include "as_file.h"
#include "read_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 4 && memcmp(data, "PK", 2) == 0)
        read_file(as_file(data, size), size);
    return 0;
}
