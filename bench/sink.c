/*
 * sink.c - a file that is written from its beginning to its end; what cannot be written ends the benchmark.
 */
#include "sink.h"

#include "fail.h"

FILE *sink_open(const char *path)
{
    FILE *file = fopen(path, "wbx");

    if (file == NULL)
        fail_errno(path);
    return file;
}

void sink_put(FILE *file, const void *bytes, size_t count)
{
    if (fwrite(bytes, 1, count, file) != count)
        fail_errno("writing a file");
}

void sink_put_number(FILE *file, uint64_t number, size_t bytes)
{
    sink_put(file, &number, bytes);
}

void sink_close(FILE *file)
{
    if (fclose(file) != 0)
        fail_errno("writing a file");
}
