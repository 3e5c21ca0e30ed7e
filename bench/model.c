/*
 * model.c - a set of tensors under names, as tensor files and registries have it.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

enum {
    NAME_ROOM = 48,
    PIECE_BYTES = 1 << 20
};

/* What a varsdb_tensor_info borrows. */
struct texts {
    char name[NAME_ROOM];
    int64_t dims[2];
};

struct model *model_new(const struct tensors *tensors, size_t count)
{
    struct model *model = must_allocate(1, sizeof *model);
    struct texts *texts = must_allocate(count, sizeof *texts);

    model->tensors = tensors;
    model->count = count;
    model->each = tensors->count / count;
    model->infos = must_allocate(count, sizeof *model->infos);
    for (size_t i = 0; i < count; i++) {
        uint64_t bytes = model->each * tensors->bytes;

        snprintf(texts[i].name, NAME_ROOM, count > 1 ? "model/layer_%zu/weights" : "model", i);
        texts[i].dims[0] = (int64_t)(bytes / MODEL_COLUMNS / sizeof(float));
        texts[i].dims[1] = MODEL_COLUMNS;
        model->infos[i] = (varsdb_tensor_info){
            .name = texts[i].name, .dtype = VARSDB_FLOAT32, .shape = {2, texts[i].dims}, .bytes = bytes};
    }
    return model;
}

void model_free(struct model *model)
{
    free((void *)model->infos[0].name); /* where all texts begin */
    free(model->infos);
    free(model);
}

int model_pull(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    const struct model *model = payload;
    const struct tensors *tensors = model->tensors;
    unsigned char *to = buffer;

    while (bytes > 0) {
        size_t tensor = i * model->each + (size_t)(offset / tensors->bytes);
        size_t at = (size_t)(offset % tensors->bytes), left = tensors->bytes - at;
        size_t some = bytes < left ? bytes : left;

        memcpy(to, tensors->data[tensor] + at, some);
        to += some;
        offset += some;
        bytes -= some;
    }
    return VARSDB_OK;
}

void model_write(struct model *model, const char *path, const char *format)
{
    char why[256];

    if (varsdb_write_file(path, format, model->infos, model->count, model_pull, model, why, sizeof why) !=
        VARSDB_OK)
        fail(path, why);
}

/* ---- Checking ---- */

/* Reads a range of what is checked. */
typedef void (*read_cb)(void *payload, uint64_t offset, void *buffer, size_t bytes);

static void check_array(struct model *model, size_t i, const char *where, read_cb read, void *payload)
{
    unsigned char *there = must_allocate(2, PIECE_BYTES), *ours = there + PIECE_BYTES;
    uint64_t all = model->infos[i].bytes;

    for (uint64_t at = 0; at < all; at += PIECE_BYTES) {
        size_t bytes = all - at < PIECE_BYTES ? (size_t)(all - at) : PIECE_BYTES;

        read(payload, at, there, bytes);
        (void)model_pull(model, i, at, ours, bytes);
        if (memcmp(there, ours, bytes) != 0)
            fail(where, "does not have the values that were saved");
    }
    free(there);
}

struct file_array {
    varsdb_reader *reader;
    size_t i;
};

static void read_file(void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    struct file_array *array = payload;

    if (varsdb_reader_read(array->reader, array->i, offset, buffer, bytes) != VARSDB_OK)
        fail("reader", varsdb_reader_errmsg(array->reader));
}

static size_t find_array(const struct model *model, const char *name)
{
    size_t i = 0;

    while (i < model->count && strcmp(model->infos[i].name, name) != 0)
        i++;
    return i;
}

void model_check_file(struct model *model, const char *path)
{
    struct file_array array = {.i = 0};

    if (varsdb_open_reader(path, &array.reader) != VARSDB_OK)
        fail(path, varsdb_reader_errmsg(array.reader));
    if (varsdb_reader_count(array.reader) != model->count)
        fail(path, "does not have as many tensors as were saved");
    for (; array.i < model->count; array.i++) {
        /* An .npy calls its array as the file is called. */
        size_t i =
            model->count == 1 ? 0 : find_array(model, varsdb_reader_tensor(array.reader, array.i)->name);

        if (i == model->count || varsdb_reader_tensor(array.reader, array.i)->bytes != model->infos[i].bytes)
            fail(path, "has another tensor than those that were saved");
        check_array(model, i, path, read_file, &array);
    }
    varsdb_close_reader(array.reader);
}

struct stored_array {
    varsdb *db;
    const varsdb_variable *variable;
};

static void read_stored(void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    struct stored_array *array = payload;

    must(array->db, varsdb_read_range(array->db, array->variable, offset, buffer, bytes));
}

/* varsdb_finding_cb */
static int fail_found(void *payload, const varsdb_finding *finding)
{
    fail(varsdb_path(payload), finding->text);
}

void model_check_registry(struct model *model, varsdb *db)
{
    struct stored_array array = {.db = db};

    must(db, varsdb_verify(db, NULL, fail_found, db));
    for (size_t i = 0; i < model->count; i++) {
        must(db, varsdb_find_variable(db, model->infos[i].name, &array.variable));
        check_array(model, i, varsdb_path(db), read_stored, &array);
    }
}
