/* fuzz_npy_file.c - any bytes as an .npy file: opened, and read to the last byte in pieces. */
#include "as_file.h"
#include "read_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
    if (size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0)
        read_file(as_file(data, size), size);
    return 0;
}
