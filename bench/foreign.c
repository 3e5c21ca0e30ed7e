/*
 * foreign.c - files of a model as other programs make them, in forms that the library reads and does not
 * write.
 *
 * Numbers in memory are as this machine has them, which is little-endian.
 */
#include "foreign.h"

#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "fail.h"
#include "sink.h"

enum {
    NPY_ALIGNMENT = 64,
    GGUF_ALIGNMENT = 32,
    PIECE_BYTES = 1 << 20,
    NAME_ROOM = 64
};

/* All values of one of its arrays, after `before` bytes of room. */
static unsigned char *pull_array(struct model *model, size_t i, size_t before)
{
    unsigned char *bytes = must_allocate(1, before + (size_t)model->infos[i].bytes);

    (void)model_pull(model, i, 0, bytes + before, (size_t)model->infos[i].bytes);
    return bytes;
}

/* ---- .npz, deflated ---- */

/* The header of an array in NumPy's way, padded to its alignment. */
static size_t print_npy_header(const varsdb_tensor_info *info, char header[2 * NPY_ALIGNMENT])
{
    size_t bytes = 2 * NPY_ALIGNMENT;
    int used =
        snprintf(header, bytes,
                 "\x93NUMPY\x01%c%c%c{'descr': '<f4', 'fortran_order': False, "
                 "'shape': (%lld, %lld), }",
                 0, (int)(bytes - 10), 0, (long long)info->shape.dims[0], (long long)info->shape.dims[1]);

    memset(header + used, ' ', bytes - (size_t)used);
    header[bytes - 1] = '\n';
    return bytes;
}

void foreign_write_deflated(struct model *model, const char *path)
{
    struct archive *archive = archive_new(path);

    for (size_t i = 0; i < model->count; i++) {
        const varsdb_tensor_info *info = &model->infos[i];
        char name[NAME_ROOM], header[2 * NPY_ALIGNMENT];
        size_t before = print_npy_header(info, header);
        unsigned char *bytes = pull_array(model, i, before);

        snprintf(name, sizeof name, "%s.npy", info->name);
        memcpy(bytes, header, before);
        archive_deflate(archive, name, bytes, before + (size_t)info->bytes);
        free(bytes);
    }
    archive_end(archive);
}

/* ---- PyTorch ---- */

/* Python's pickle, protocol 2: what torch.save makes of {name: tensor}. */
struct pickle {
    unsigned char *bytes;
    size_t used, room;
};

static void put_pickle(struct pickle *pickle, const void *bytes, size_t count)
{
    if (count > pickle->room - pickle->used)
        fail("bench", "a pickle that is too long");
    memcpy(pickle->bytes + pickle->used, bytes, count);
    pickle->used += count;
}

static void put_opcodes(struct pickle *pickle, const char *opcodes)
{
    put_pickle(pickle, opcodes, strlen(opcodes));
}

static void put_text(struct pickle *pickle, const char *text)
{
    uint32_t bytes = (uint32_t)strlen(text);

    put_opcodes(pickle, "X");
    put_pickle(pickle, &bytes, sizeof bytes);
    put_opcodes(pickle, text);
}

static void put_int(struct pickle *pickle, int64_t number)
{
    int32_t value = (int32_t)number;

    put_opcodes(pickle, "J");
    put_pickle(pickle, &value, sizeof value);
}

/* A tensor of its own storage, which is called as its number is. */
static void put_tensor(struct pickle *pickle, const varsdb_tensor_info *info, size_t number)
{
    char storage[NAME_ROOM];

    snprintf(storage, sizeof storage, "%zu", number);
    put_opcodes(pickle, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(pickle, "storage");
    put_opcodes(pickle, "ctorch\nFloatStorage\n");
    put_text(pickle, storage);
    put_text(pickle, "cpu");
    put_int(pickle, info->shape.dims[0] * info->shape.dims[1]);
    put_opcodes(pickle, "tQ");
    put_int(pickle, 0);
    put_int(pickle, info->shape.dims[0]);
    put_int(pickle, info->shape.dims[1]);
    put_opcodes(pickle, "\x86");
    put_int(pickle, info->shape.dims[1]);
    put_int(pickle, 1);
    put_opcodes(pickle, "\x86\x89"
                        "ccollections\nOrderedDict\n)RtR");
}

static void write_pickle(struct archive *archive, const struct model *model)
{
    const size_t room = (model->count + 1) * 256;
    struct pickle pickle = {must_allocate(1, room), 0, room};

    put_opcodes(&pickle, "\x80\x02}(");
    for (size_t i = 0; i < model->count; i++) {
        put_text(&pickle, model->infos[i].name);
        put_tensor(&pickle, &model->infos[i], i);
    }
    put_opcodes(&pickle, "u.");
    archive_store(archive, "archive/data.pkl", pickle.bytes, pickle.used);
    free(pickle.bytes);
}

void foreign_write_pytorch(struct model *model, const char *path)
{
    struct archive *archive = archive_new(path);

    write_pickle(archive, model);
    for (size_t i = 0; i < model->count; i++) {
        char name[NAME_ROOM];
        unsigned char *bytes = pull_array(model, i, 0);

        snprintf(name, sizeof name, "archive/data/%zu", i);
        archive_store(archive, name, bytes, (size_t)model->infos[i].bytes);
        free(bytes);
    }
    archive_store(archive, "archive/version", "3\n", 2);
    archive_end(archive);
}

/* ---- GGUF ---- */

static void put_array(FILE *file, struct model *model, size_t i)
{
    unsigned char *piece = must_allocate(1, PIECE_BYTES);
    uint64_t all = model->infos[i].bytes;

    for (uint64_t at = 0; at < all; at += PIECE_BYTES) {
        size_t bytes = all - at < PIECE_BYTES ? (size_t)(all - at) : PIECE_BYTES;

        (void)model_pull(model, i, at, piece, bytes);
        sink_put(file, piece, bytes);
    }
    free(piece);
}

void foreign_write_gguf(struct model *model, const char *path)
{
    FILE *file = sink_open(path);
    uint64_t at = 0;

    sink_put(file, "GGUF", 4);
    sink_put_number(file, 3, 4);
    sink_put_number(file, model->count, 8);
    sink_put_number(file, 0, 8);
    for (size_t i = 0; i < model->count; i++) {
        const varsdb_tensor_info *info = &model->infos[i];

        sink_put_number(file, strlen(info->name), 8);
        sink_put(file, info->name, strlen(info->name));
        sink_put_number(file, 2, 4);
        sink_put_number(file, (uint64_t)info->shape.dims[1], 8); /* the one that varies fastest first */
        sink_put_number(file, (uint64_t)info->shape.dims[0], 8);
        sink_put_number(file, 0, 4); /* F32 */
        sink_put_number(file, at, 8);
        at += info->bytes; /* a multiple of the alignment */
    }
    while (ftell(file) % GGUF_ALIGNMENT != 0)
        sink_put_number(file, 0, 1);
    for (size_t i = 0; i < model->count; i++)
        put_array(file, model, i);
    sink_close(file);
}
