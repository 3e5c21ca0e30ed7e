/*
 * listing.c - how long it takes to tell what is in a tensor file.
 */
#include "listing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "file.h"
#include "peer_file.h"
#include "process.h"
#include "report.h"
#include "timer.h"
#include "varsdb.h"

enum {
    COUNT = 10000, /* of tensors in most files */
    SMALL = 1,     /* elements of each */
    LARGE = 1 << 20,
    POWERS = 3, /* 10^4, 10^5 and 10^6 tensors */
    NAME_ROOM = 32
};

/* ---- The files ---- */

/* A safetensors file of float32, all zero, which take no room where the file system has sparse files. */
static void write_sparse(const char *path, size_t count, size_t elements)
{
    char *header = NULL;
    size_t header_bytes = 0, bytes = elements * sizeof(float);
    FILE *text = open_memstream(&header, &header_bytes);
    uint64_t length;
    int fd;

    if (text == NULL)
        fail_errno("header");
    for (size_t i = 0; i < count; i++)
        fprintf(text, "%c\"layer_%06zu/w\":{\"dtype\":\"F32\",\"shape\":[%zu],\"data_offsets\":[%zu,%zu]}",
                i == 0 ? '{' : ',', i, elements, i * bytes, (i + 1) * bytes);
    fputc('}', text);
    if (fclose(text) != 0)
        fail_errno("header");
    fd = peer_file_create(path);
    length = header_bytes; /* as a machine has it that is little-endian */
    peer_file_append(fd, &length, sizeof length);
    peer_file_append(fd, header, header_bytes);
    if (ftruncate(fd, (off_t)(sizeof length + header_bytes + count * bytes)) != 0)
        fail_errno(path);
    peer_file_sync_and_close(fd);
    free(header);
}

/* varsdb_tensor_cb */
static int pull_zeros(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    (void)payload;
    (void)i;
    (void)offset;
    memset(buffer, 0, bytes);
    return VARSDB_OK;
}

/* A file of COUNT small tensors by the library's own writer. */
static void write_small(const char *path)
{
    static const int64_t one = SMALL;
    varsdb_tensor_info *infos = must_allocate(COUNT, sizeof *infos);
    char(*names)[NAME_ROOM] = must_allocate(COUNT, NAME_ROOM);
    char why[256];

    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], NAME_ROOM, "layer_%06zu/w", i);
        infos[i] = (varsdb_tensor_info){names[i], VARSDB_FLOAT32, {1, (int64_t *)&one}, sizeof(float)};
    }
    if (varsdb_write_file(path, NULL, infos, COUNT, pull_zeros, NULL, why, sizeof why) != VARSDB_OK)
        fail(path, why);
    free(names);
    free(infos);
}

/* ---- What is measured ---- */

/* Seconds to open a file and look at each of its tensors. */
static double list(const char *path, size_t count)
{
    double start = timer_now(), seconds;
    varsdb_reader *reader;
    size_t elements = 0;

    if (varsdb_open_reader(path, &reader) != VARSDB_OK)
        fail(path, varsdb_reader_errmsg(reader));
    for (size_t i = 0; i < varsdb_reader_count(reader); i++)
        elements += (size_t)varsdb_reader_tensor(reader, i)->shape.dims[0];
    varsdb_close_reader(reader);
    seconds = timer_now() - start;
    if (elements == 0 || elements % count != 0)
        fail(path, "does not have the tensors that were saved");
    return seconds;
}

static double inspect(char *command, char *path)
{
    return process_seconds((char *[]){command, "inspect", "--json", path, NULL});
}

/* By the command, too, for one of them: what a person waits for. */
static void list_small_and_large(const char *directory, char *command, size_t rounds)
{
    struct workload library = {.name = "list 10,000: safetensors, 40 GiB of data / 40 KiB",
                               .unit = "ms",
                               .goal = "<= 50 ms",
                               .rounds = rounds};
    struct workload whole = library;
    char small[FILE_PATH_ROOM], large[FILE_PATH_ROOM];

    whole.name = "list 10,000: the same by varsdb inspect";
    file_fresh(directory, "small.safetensors", small);
    file_fresh(directory, "large.safetensors", large);
    write_sparse(small, COUNT, SMALL);
    write_sparse(large, COUNT, LARGE);
    for (size_t r = 0; r < rounds; r++) {
        library.ours[r] = list(large, COUNT) * 1e3;
        library.peer[r] = list(small, COUNT) * 1e3;
        whole.ours[r] = inspect(command, large) * 1e3;
        whole.peer[r] = inspect(command, small) * 1e3;
    }
    report_workload(&library);
    report_workload(&whole);
    file_fresh(directory, "small.safetensors", small);
    file_fresh(directory, "large.safetensors", large);
}

static void list_form(const char *directory, const char *file, const char *name, size_t rounds)
{
    struct workload w = {.name = name, .unit = "ms", .goal = "<= 50 ms", .rounds = rounds};
    char path[FILE_PATH_ROOM];

    file_fresh(directory, file, path);
    write_small(path);
    for (size_t r = 0; r < rounds; r++)
        w.ours[r] = list(path, COUNT) * 1e3;
    report_figure(&w);
    file_fresh(directory, file, path);
}

/* Linear time is the same time a tensor, however many there are. */
static void list_powers(const char *directory, size_t rounds)
{
    static const char *const names[POWERS] = {"header of 10^4 tensors", "header of 10^5 tensors",
                                              "header of 10^6 tensors"};
    struct workload each = {
        .name = "time a tensor, of 10^6 / of 10^4", .unit = "ns", .goal = "linear", .rounds = rounds};
    double exponents[REPORT_ROUNDS_MAX];
    size_t count = COUNT;

    for (size_t power = 0; power < POWERS; power++, count *= 10) {
        struct workload w = {.name = names[power], .unit = "ms", .goal = "-", .rounds = rounds};
        double *times = power == 0 ? each.peer : each.ours;
        char path[FILE_PATH_ROOM];

        file_fresh(directory, "many.safetensors", path);
        write_sparse(path, count, SMALL);
        (void)list(path, count);
        for (size_t r = 0; r < rounds; r++) {
            double seconds = list(path, count);

            w.ours[r] = seconds * 1e3;
            times[r] = seconds * 1e9 / (double)count;
        }
        report_figure(&w);
        file_fresh(directory, "many.safetensors", path);
    }
    for (size_t r = 0; r < rounds; r++) /* of least squares through three points that are as far apart */
        exponents[r] = 1.0 + log10(each.ours[r] / each.peer[r]) / (POWERS - 1);
    report_workload(&each);
    report_note("time grows with the number of tensors to the power of %.2f",
                timer_summarize(exponents, rounds).median);
}

void bench_listings(const char *directory, char *command, size_t rounds)
{
    report_header("little data (min-max)");
    list_small_and_large(directory, command, rounds);
    list_form(directory, "small.npz", "list 10,000: npz", rounds);
    list_form(directory, "small.index", "list 10,000: TensorFlow bundle", rounds);
    list_powers(directory, rounds);
}
