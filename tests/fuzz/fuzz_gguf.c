/* fuzz_gguf.c - any bytes as a GGUF file. */
#include "any_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    any_file(data, size, 1, 0);
    return 0;
}
