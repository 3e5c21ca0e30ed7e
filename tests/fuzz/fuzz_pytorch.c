/* fuzz_pytorch.c - any bytes as a file of PyTorch: a zip archive, or one of old. */
#include "any_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    any_file(data, size, 64, (uint64_t)64 << 20);
    return 0;
}
