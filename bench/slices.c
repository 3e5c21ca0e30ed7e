/*
 * slices.c - reading a little of a large tensor (f).
 */
#include "slices.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "file.h"
#include "ours.h"
#include "peer_file.h"
#include "stream.h"
#include "timer.h"

/* Rows that begin and end anywhere in pages and chunks; 256 of them are a little over 1 MiB. */
enum {
    COLUMNS = 1025,
    ROW_BYTES = COLUMNS * 4,
    PIECE_ROWS = 2000,
    SLICE_ROWS = 256,
    SLICE_BYTES = SLICE_ROWS * ROW_BYTES
};

struct matrix {
    int64_t rows;
    struct ours *ours, *unchecked;
    const varsdb_variable *variable, *same; /* of both handles */
    int fd;
    unsigned char *buffer, *peer_buffer;
};

static void save(const struct bench *bench, struct matrix *matrix)
{
    char path[FILE_PATH_ROOM];
    struct stream *stream = stream_new((size_t)PIECE_ROWS * ROW_BYTES);

    file_fresh(bench->directory, "slices.db", path);
    matrix->ours = ours_open(path, VARSDB_BUILD);
    must(matrix->ours->db, varsdb_get_variable(matrix->ours->db, "matrix",
                                               VARSDB_WITH(.shape = VARSDB_SHAPE(matrix->rows, COLUMNS),
                                                           .dtype = VARSDB_FLOAT32, .initializer = "none"),
                                               NULL, &matrix->variable));
    stream_save(stream, matrix->ours->db, matrix->variable, matrix->rows * ROW_BYTES);
    must(matrix->ours->db, varsdb_publish(matrix->ours->db));
    stream_free(stream);
    matrix->unchecked = ours_open(path, VARSDB_UNCHECKED);
    must(matrix->unchecked->db, varsdb_find_variable(matrix->unchecked->db, "matrix", &matrix->same));
}

/* A new stream begins as every other one does. */
static void save_peer(const struct bench *bench, struct matrix *matrix)
{
    char path[FILE_PATH_ROOM];
    struct stream *stream = stream_new((size_t)PIECE_ROWS * ROW_BYTES);
    int fd;

    file_fresh(bench->directory, "slices.bin", path);
    fd = peer_file_create(path);
    stream_begin(stream);
    for (int64_t done = 0; done < matrix->rows; done += PIECE_ROWS) {
        size_t bytes;
        const void *piece = stream_piece(stream, &bytes);

        peer_file_append(fd, piece, bytes);
    }
    peer_file_sync_and_close(fd);
    stream_free(stream);
    matrix->fd = peer_file_open(path);
}

static double read_ours(varsdb *db, const varsdb_variable *variable, int64_t row, unsigned char *buffer)
{
    double start = timer_now();

    must(db, varsdb_read_slice(
                 db, variable,
                 VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(row, 0), .size = VARSDB_INDEX(SLICE_ROWS, -1)),
                 buffer, SLICE_BYTES));
    return timer_now() - start;
}

static double read_peer(const struct matrix *matrix, int64_t row)
{
    double start = timer_now();

    peer_file_at(matrix->fd, (uint64_t)row * ROW_BYTES, matrix->peer_buffer, SLICE_BYTES);
    return timer_now() - start;
}

static int64_t random_row(const struct matrix *matrix, uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((*random >> 33) % (uint64_t)(matrix->rows - SLICE_ROWS));
}

/* Medians of one round, in microseconds; every slice is compared with the peer's. */
static void read_slices(const struct matrix *matrix, size_t count, double *checked, double *unchecked,
                        double *peer)
{
    struct samples with = {0}, without = {0}, by_hand = {0};
    uint64_t random = 1;

    for (size_t i = 0; i < count; i++) {
        int64_t row = random_row(matrix, &random);

        samples_add(&by_hand, read_peer(matrix, row));
        samples_add(&with, read_ours(matrix->ours->db, matrix->variable, row, matrix->buffer));
        if (memcmp(matrix->buffer, matrix->peer_buffer, SLICE_BYTES) != 0)
            fail("slice", "does not have the bytes that were saved");
        row = random_row(matrix, &random); /* what was just read is near the processor */
        samples_add(&without, read_ours(matrix->unchecked->db, matrix->same, row, matrix->buffer));
    }
    *checked = 1e6 * timer_percentile(with.values, count, 50.0);
    *unchecked = 1e6 * timer_percentile(without.values, count, 50.0);
    *peer = 1e6 * timer_percentile(by_hand.values, count, 50.0);
    free(with.values);
    free(without.values);
    free(by_hand.values);
}

static void tear_down(const struct bench *bench, struct matrix *matrix)
{
    char path[FILE_PATH_ROOM];

    ours_close(matrix->ours);
    ours_close(matrix->unchecked);
    (void)close(matrix->fd);
    free(matrix->buffer);
    free(matrix->peer_buffer);
    file_fresh(bench->directory, "slices.db", path);
    file_fresh(bench->directory, "slices.bin", path);
}

void bench_slices(const struct bench *bench)
{
    struct workload w = bench_workload(bench, "(f) 1 MiB of rows of a large matrix / pread", "us", "<= 4x");
    struct workload unchecked = bench_workload(bench, "(f) the same, hashes unchecked / pread", "us", "-");
    struct matrix matrix = {.buffer = must_allocate(1, SLICE_BYTES),
                            .peer_buffer = must_allocate(1, SLICE_BYTES)};

    matrix.rows = bench->sizes.slice_bytes / ROW_BYTES / PIECE_ROWS * PIECE_ROWS;
    save(bench, &matrix);
    save_peer(bench, &matrix);
    for (size_t r = 0; r < w.rounds; r++) {
        read_slices(&matrix, bench->sizes.slices, &w.ours[r], &unchecked.ours[r], &w.peer[r]);
        unchecked.peer[r] = w.peer[r];
    }
    report_workload(&w);
    report_workload(&unchecked);
    report_note("%d rows at random places of %lld rows of %d bytes; medians of %zu reads, cached", SLICE_ROWS,
                (long long)matrix.rows, ROW_BYTES, bench->sizes.slices);
    tear_down(bench, &matrix);
}
