/*
 * model.h - a set of tensors under names, as tensor files and registries have it.
 */
#ifndef BENCH_MODEL_H
#define BENCH_MODEL_H

#include "tensors.h"
#include "varsdb.h"

enum {
    MODEL_COLUMNS = 1024
};

/* `count` arrays of float32, of rows of MODEL_COLUMNS; each is `each` tensors of the set, one after the
 * other. */
struct model {
    const struct tensors *tensors;
    size_t count, each;
    varsdb_tensor_info *infos;
};

/* The set as that many arrays; a single one is called "model". */
struct model *model_new(const struct tensors *tensors, size_t count);
void model_free(struct model *model);

/* A varsdb_tensor_cb; the payload is a model. */
int model_pull(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes);
/* A tensor file of it, by the library's own writer. */
void model_write(struct model *model, const char *path, const char *format);

/* The benchmark fails if the file has not the model's values. */
void model_check_file(struct model *model, const char *path);
/* The same of a registry, which is verified too. */
void model_check_registry(struct model *model, varsdb *db);

#endif
