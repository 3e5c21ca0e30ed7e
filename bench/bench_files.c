/*
 * bench_files.c - tensor files: import, export and listing.
 *
 *     bench_files DIRECTORY VARSDB [--quick]
 *
 * Import and export are measured against a copy of the same file by 1 MiB, with a sync, under another name
 * until it is whole; they take turns, and what was written is synced before each.  Each import is into a
 * registry that is new, so that it finds nothing that it has.  VARSDB is the command.  No figure makes it
 * fail.
 *
 * It takes the library with all its formats, and private headers for checksums.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "foreign.h"
#include "format/crc32.h"
#include "format/crc32c.h"
#include "listing.h"
#include "model.h"
#include "peer_file.h"
#include "report.h"
#include "timer.h"

enum {
    TENSOR_BYTES = 8 << 20,
    TENSORS = 64,
    ROUNDS = 5,
    QUICK_TENSORS = 8,
    QUICK_ROUNDS = 3,
    ROW_ROOM = 64
};

static const struct form {
    const char *name;
    const char *file, *data;         /* to be named, and where its bytes are */
    const char *out_file, *out_data; /* of an export; NULL: the format is read only */
    const char *import_goal, *export_goal;
    void (*write)(struct model *model, const char *path); /* NULL: the library's writer */
    int is_single;                                        /* one array */
} forms[] = {
    {"safetensors", "in.safetensors", "in.safetensors", "out.safetensors", "out.safetensors", ">= 0.6x",
     ">= 0.7x", NULL, 0},
    {"npz", "in.npz", "in.npz", "out.npz", "out.npz", ">= 0.4x", ">= 0.4x", NULL, 0},
    {"TensorFlow bundle", "in.index", "in.data-00000-of-00001", "out.index", "out.data-00000-of-00001",
     ">= 0.4x", ">= 0.4x", NULL, 0},
    {"npy", "model.npy", "model.npy", "out.npy", "out.npy", "-", "-", NULL, 1},
    {"npz, deflated", "deflated.npz", "deflated.npz", NULL, NULL, "-", NULL, foreign_write_deflated, 0},
    {"PyTorch", "in.pt", "in.pt", NULL, NULL, "-", NULL, foreign_write_pytorch, 0},
    {"GGUF", "in.gguf", "in.gguf", NULL, NULL, "-", NULL, foreign_write_gguf, 0},
};

static struct bench {
    const char *directory;
    size_t rounds;
    struct tensors *tensors;
} bench;

/* ---- Import and export ---- */

static double speed_of(const char *data, double seconds)
{
    return (double)file_bytes(data) / seconds * 1e-9;
}

static varsdb *open_registry(const char *path, unsigned flags)
{
    varsdb *db;

    must(db, varsdb_open(path, VARSDB_OPEN(.flags = flags), &db));
    return db;
}

static double copy(const char *data)
{
    char to[FILE_PATH_ROOM];
    double start;

    file_fresh(bench.directory, "copy.bin", to);
    file_settle(bench.directory);
    start = timer_now();
    peer_file_copy(data, to);
    return speed_of(data, timer_now() - start);
}

static double import(const char *path, const char *data)
{
    char registry[FILE_PATH_ROOM];
    double start;
    varsdb *db;

    file_fresh(bench.directory, "files.db", registry);
    file_settle(bench.directory);
    start = timer_now();
    db = open_registry(registry, VARSDB_BUILD);
    must(db, varsdb_import(db, path, NULL));
    must(db, varsdb_publish(db));
    varsdb_close(db);
    return speed_of(data, timer_now() - start);
}

static double export(varsdb *db, const struct form *form)
{
    char path[FILE_PATH_ROOM], data[FILE_PATH_ROOM];
    double start;

    file_fresh(bench.directory, form->out_file, path);
    file_fresh(bench.directory, form->out_data, data);
    file_settle(bench.directory);
    start = timer_now();
    must(db, varsdb_export(db, path, NULL, NULL));
    return speed_of(data, timer_now() - start);
}

static void measure_import(const struct form *form, struct model *model, const char *path, const char *data)
{
    char name[ROW_ROOM], registry[FILE_PATH_ROOM];
    struct workload w = {.name = name, .unit = "GB/s", .goal = form->import_goal, .rounds = bench.rounds};
    varsdb *db;

    snprintf(name, sizeof name, "import: %s / copy", form->name);
    for (size_t r = 0; r < w.rounds; r++) {
        w.ours[r] = import(path, data);
        w.peer[r] = copy(data);
    }
    report_workload(&w);
    file_path(bench.directory, "files.db", registry);
    db = open_registry(registry, VARSDB_READ_ONLY);
    model_check_registry(model, db);
    varsdb_close(db);
}

/* Of the registry that the last import left. */
static void measure_export(const struct form *form, struct model *model)
{
    char name[ROW_ROOM], registry[FILE_PATH_ROOM], path[FILE_PATH_ROOM], data[FILE_PATH_ROOM];
    struct workload w = {.name = name, .unit = "GB/s", .goal = form->export_goal, .rounds = bench.rounds};
    varsdb *db;

    snprintf(name, sizeof name, "export: %s / copy", form->name);
    file_path(bench.directory, "files.db", registry);
    file_path(bench.directory, form->out_data, data);
    db = open_registry(registry, 0);
    for (size_t r = 0; r < w.rounds; r++) {
        w.ours[r] = export(db, form);
        w.peer[r] = copy(data);
    }
    report_workload(&w);
    varsdb_close(db);
    file_path(bench.directory, form->out_file, path);
    model_check_file(model, path);
    file_fresh(bench.directory, form->out_file, path);
    file_fresh(bench.directory, form->out_data, data);
}

static void measure_form(const struct form *form)
{
    struct model *model = model_new(bench.tensors, form->is_single ? 1 : bench.tensors->count);
    char path[FILE_PATH_ROOM], data[FILE_PATH_ROOM];

    file_fresh(bench.directory, form->file, path);
    file_fresh(bench.directory, form->data, data);
    if (form->write != NULL)
        form->write(model, path);
    else
        model_write(model, path, NULL);
    measure_import(form, model, path, data);
    if (form->out_file != NULL)
        measure_export(form, model);
    file_fresh(bench.directory, form->file, path);
    file_fresh(bench.directory, form->data, data);
    model_free(model);
}

/* ---- Checksums ---- */

typedef uint32_t (*checksum_fn)(uint32_t crc, const void *data, size_t bytes);

static double checksum(checksum_fn crc, uint32_t *out)
{
    double start = timer_now();

    *out = 0;
    for (size_t i = 0; i < bench.tensors->count; i++)
        *out = crc(*out, bench.tensors->data[i], bench.tensors->bytes);
    return (double)tensors_total(bench.tensors) / (timer_now() - start) * 1e-9;
}

static void measure_checksum(const char *name, checksum_fn crc, checksum_fn plain)
{
    struct workload w = {.name = name, .unit = "GB/s", .goal = "> 1x", .rounds = bench.rounds};

    for (size_t r = 0; r < w.rounds; r++) {
        uint32_t ours, peer;

        w.ours[r] = checksum(crc, &ours);
        w.peer[r] = checksum(plain, &peer);
        if (ours != peer)
            fail(name, "differ");
    }
    report_workload(&w);
}

int main(int argc, char **argv)
{
    int is_quick = argc == 4 && strcmp(argv[3], "--quick") == 0;
    char path[FILE_PATH_ROOM];

    if (argc < 3 || argc > 4 || (argc == 4 && !is_quick)) {
        fprintf(stderr, "usage: bench_files DIRECTORY VARSDB [--quick]\n");
        return 2;
    }
    bench.directory = argv[1];
    bench.rounds = is_quick ? QUICK_ROUNDS : ROUNDS;
    bench.tensors = tensors_new(is_quick ? QUICK_TENSORS : TENSORS, TENSOR_BYTES, 1);
    report_header("copy (min-max)");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        measure_form(&forms[i]);
    measure_checksum("CRC-32C of bundles, by instruction / by tables", vdb_crc32c, vdb_crc32c_by_tables);
    measure_checksum("CRC-32 of npz, by instruction / by zlib", vdb_crc32, vdb_crc32_plain);
    bench_listings(bench.directory, argv[2], bench.rounds);
    file_fresh(bench.directory, "files.db", path);
    file_fresh(bench.directory, "copy.bin", path);
    tensors_free(bench.tensors);
    return 0;
}
