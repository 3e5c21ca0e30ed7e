/*
 * growth_bytes.c - what operations cost beside so many bytes of tensors.
 *
 * The tensors repeat a few chunks, each set in an order of its own, so that terabytes of them fit onto a
 * small disk: the lists of chunks are as long as those of tensors that repeat nothing, the chunks are few.
 * What does not wait for the disk is measured by the processor's time, "us*".
 */
#include "growth_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "growth.h"
#include "ours.h"
#include "peak.h"
#include "tensors.h"
#include "timer.h"

enum {
    ROUNDS = 5,
    SINGLES = 20,
    TENSORS = 64,
    CHANGED = 3, /* of 64: 5 % */
    PIECE = 256 << 10,
    PIECES = TENSORS + CHANGED, /* each tensor, and each change of one, begins with another */
    SPARE_BYTES = 16 << 20,
    READ_BYTES = 1 << 20
};

enum row {
    SAVE,
    OPEN,
    ASSIGN,
    READ,
    SNAPSHOT,
    RESTORE,
    GC_ONE,
    GC_NONE,
    VERIFY_QUICK,
    FILE_MIB,
    PEAK_SAVE,
    PEAK_GC,
    ROWS
};

static const struct growth_row rows[ROWS] = {
    [SAVE] = {"save of all, repeated chunks", "s*", GROWTH_LINEAR},
    [OPEN] = {"open to first answer", "us*", GROWTH_FLAT},
    [ASSIGN] = {"assign 16 bytes, its own commit", "us", GROWTH_FLAT},
    [READ] = {"checked read of 1 MiB", "us*", GROWTH_FLAT},
    [SNAPSHOT] = {"snapshot, nothing changed", "us", GROWTH_FLAT},
    [RESTORE] = {"restore, 5 % changed", "us*", GROWTH_LINEAR},
    [GC_ONE] = {"gc of one deleted tensor of 16 MiB", "ms*", GROWTH_LINEAR},
    [GC_NONE] = {"gc of nothing", "ms*", GROWTH_LINEAR},
    [VERIFY_QUICK] = {"verify without the bytes", "s*", GROWTH_LINEAR},
    [FILE_MIB] = {"the file", "MiB", GROWTH_FREE},
    [PEAK_SAVE] = {"most memory of the save", "MiB", GROWTH_FLAT},
    [PEAK_GC] = {"most memory of gc", "MiB", GROWTH_FLAT},
};

struct bytes {
    struct growth *growth;
    char path[FILE_PATH_ROOM];
    unsigned char *pieces; /* PIECES of them */
    int64_t tensor_bytes;  /* of each */
    float changes;
};

static void name_of(char name[48], int i)
{
    snprintf(name, 48, "model/layer_%d/weights", i);
}

static const varsdb_variable *variable_of(varsdb *db, const char *name, int64_t bytes)
{
    const varsdb_variable *variable;

    must(db, varsdb_get_variable(db, name,
                                 VARSDB_WITH(.shape = VARSDB_SHAPE(bytes / 4), .dtype = VARSDB_FLOAT32,
                                             .initializer = "none"),
                                 NULL, &variable));
    return variable;
}

static const varsdb_variable *tensor_of(const struct bytes *bytes, varsdb *db, int i)
{
    char name[48];

    name_of(name, i);
    return variable_of(db, name, bytes->tensor_bytes);
}

/* Piece k of tensor i: which of the few it is. */
static const unsigned char *piece_of(const struct bytes *bytes, int i, int64_t k)
{
    return bytes->pieces + (size_t)((k + i) % PIECES) * PIECE;
}

static void save(const struct bytes *bytes, varsdb *db, int i)
{
    varsdb_writer *writer;

    must(db, varsdb_open_writer(db, tensor_of(bytes, db, i), &writer));
    for (int64_t k = 0; k < bytes->tensor_bytes / PIECE; k++)
        must(db, varsdb_append(writer, piece_of(bytes, i, k), PIECE));
    must(db, varsdb_finish(writer));
    varsdb_close_writer(writer);
}

static void build(struct bytes *bytes, const char *directory)
{
    struct ours *ours;
    double start;

    file_fresh(directory, "bytes.db", bytes->path);
    (void)peak_begin();
    start = timer_used();
    ours = ours_open(bytes->path, VARSDB_BUILD);
    for (int i = 0; i < TENSORS; i++)
        save(bytes, ours->db, i);
    (void)variable_of(ours->db, "small", 16);
    must(ours->db, varsdb_publish(ours->db));
    ours_close(ours);
    growth_add(bytes->growth, SAVE, timer_used() - start);
    growth_add(bytes->growth, PEAK_SAVE, (double)peak_bytes() / (1 << 20));
    growth_add(bytes->growth, FILE_MIB, (double)file_bytes(bytes->path) / (1 << 20));
}

/* ---- At a size ---- */

static void assign_small(struct bytes *bytes, varsdb *db, const varsdb_variable *variable)
{
    const float value[4] = {bytes->changes += 1.0F, 1.0F, 2.0F, 3.0F};

    must(db, varsdb_assign(db, variable, value, sizeof value));
}

static void measure_open(const struct bytes *bytes)
{
    const varsdb_variable *variable;
    double seconds = 0.0;

    for (int i = 0; i < SINGLES; i++) {
        double start = timer_used();
        struct ours *ours = ours_open(bytes->path, 0);

        must(ours->db, varsdb_find_variable(ours->db, "small", &variable));
        seconds += timer_used() - start;
        ours_close(ours);
    }
    growth_add(bytes->growth, OPEN, 1e6 * seconds / SINGLES);
}

static void measure_small(struct bytes *bytes, varsdb *db)
{
    const varsdb_variable *small = variable_of(db, "small", 16);
    unsigned char *buffer = must_allocate(1, READ_BYTES);
    double start = timer_now();

    for (int i = 0; i < SINGLES; i++)
        assign_small(bytes, db, small);
    growth_add(bytes->growth, ASSIGN, 1e6 * (timer_now() - start) / SINGLES);
    start = timer_used();
    for (int i = 0; i < SINGLES; i++) {
        int which = (i * 7) % TENSORS;
        int64_t last = bytes->tensor_bytes / PIECE - READ_BYTES / PIECE, first = last * i / SINGLES;

        must(db, varsdb_read_range(db, tensor_of(bytes, db, which), (uint64_t)(first * PIECE), buffer,
                                   READ_BYTES));
        if (memcmp(buffer, piece_of(bytes, which, first), PIECE) != 0)
            fail("read", "has other bytes than were saved");
    }
    growth_add(bytes->growth, READ, 1e6 * (timer_used() - start) / SINGLES);
    free(buffer);
}

/* Tensors [0, CHANGED) get the values of others, which are there. */
static void change(const struct bytes *bytes, varsdb *db)
{
    for (int i = 0; i < CHANGED; i++) {
        varsdb_writer *writer;

        must(db, varsdb_open_writer(db, tensor_of(bytes, db, i), &writer));
        for (int64_t k = 0; k < bytes->tensor_bytes / PIECE; k++)
            must(db, varsdb_append(writer, piece_of(bytes, TENSORS + i, k), PIECE));
        must(db, varsdb_finish(writer));
        varsdb_close_writer(writer);
    }
}

static void measure_snapshots(const struct bytes *bytes, varsdb *db, int64_t first)
{
    double start = timer_now();
    int64_t id;

    must(db, varsdb_take_snapshot(db, NULL, &id));
    growth_add(bytes->growth, SNAPSHOT, 1e6 * (timer_now() - start));
    must(db, varsdb_drop_snapshot(db, id));
    change(bytes, db);
    start = timer_used();
    must(db, varsdb_restore(db, first, NULL));
    growth_add(bytes->growth, RESTORE, 1e6 * (timer_used() - start));
}

static double collect(varsdb *db)
{
    double start = timer_used();

    must(db, varsdb_collect_garbage(db, NULL, NULL, NULL, NULL));
    return 1e3 * (timer_used() - start);
}

static void measure_garbage(const struct bytes *bytes, varsdb *db, int round)
{
    struct tensors *spare = tensors_new(1, SPARE_BYTES, 0);
    const varsdb_variable *variable = variable_of(db, "spare", SPARE_BYTES);

    tensors_fill(spare->data[0], SPARE_BYTES, (uint64_t)round + 100);
    must(db, varsdb_assign(db, variable, spare->data[0], SPARE_BYTES));
    tensors_free(spare);
    (void)collect(db);
    (void)peak_begin();
    must(db, varsdb_delete_variable(db, variable));
    growth_add(bytes->growth, GC_ONE, collect(db));
    growth_add(bytes->growth, PEAK_GC, (double)peak_bytes() / (1 << 20));
    growth_add(bytes->growth, GC_NONE, collect(db));
}

static int fail_finding(void *payload, const varsdb_finding *finding)
{
    (void)payload;
    fail("verify", finding->text);
}

static void measure(struct bytes *bytes)
{
    struct ours *ours = ours_open(bytes->path, 0);
    double start;
    int64_t first;

    must(ours->db, varsdb_take_snapshot(ours->db, NULL, &first));
    for (int r = 0; r < ROUNDS; r++) {
        measure_open(bytes);
        measure_small(bytes, ours->db);
        measure_snapshots(bytes, ours->db, first);
        measure_garbage(bytes, ours->db, r);
    }
    start = timer_used();
    must(ours->db, varsdb_verify(ours->db, VARSDB_UPKEEP(.quick = 1), fail_finding, NULL));
    growth_add(bytes->growth, VERIFY_QUICK, timer_used() - start);
    ours_close(ours);
}

void bench_growth_bytes(const char *directory, int is_quick, unsigned count)
{
    static const char *const whole[] = {"1 GiB", "4 GiB", "16 GiB", "64 GiB"};
    static const char *const quick[] = {"64 MiB", "256 MiB"};
    struct bytes bytes = {.growth = growth_new("bytes of tensors", rows, ROWS)};
    int64_t size = is_quick ? INT64_C(64) << 20 : INT64_C(1) << 30;

    bytes.pieces = must_allocate(PIECES, PIECE);
    tensors_fill(bytes.pieces, (size_t)PIECES * PIECE, 1);
    for (unsigned i = 0; i < count; i++, size *= 4) {
        double start = timer_now();

        bytes.tensor_bytes = size / TENSORS;
        growth_at(bytes.growth, (double)size, is_quick ? quick[i] : whole[i]);
        build(&bytes, directory);
        measure(&bytes);
        printf("%s: %.1f s\n", is_quick ? quick[i] : whole[i], timer_now() - start);
        fflush(stdout);
    }
    growth_print(bytes.growth);
    file_fresh(directory, "bytes.db", bytes.path);
    free(bytes.pieces);
    growth_free(bytes.growth);
}
