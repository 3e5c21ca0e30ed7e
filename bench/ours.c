/*
 * ours.c - the set of tensors in a registry.
 */
#include "ours.h"

#include <stdio.h>
#include <stdlib.h>

#include "fail.h"

enum {
    NAME_ROOM = 48,
    COLUMNS = 1024
};

static void name_of(char name[NAME_ROOM], size_t i)
{
    snprintf(name, NAME_ROOM, "model/layer_%zu/weights", i);
}

struct ours *ours_open(const char *path, unsigned flags)
{
    static const int64_t seed = 20;
    struct ours *ours = must_allocate(1, sizeof *ours);
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = flags, .seed = &seed), &ours->db);

    must(ours->db, rc);
    return ours;
}

void ours_close(struct ours *ours)
{
    varsdb_close(ours->db);
    free(ours->variables);
    free(ours->assignments);
    free(ours);
}

static void make_room(struct ours *ours, size_t count)
{
    ours->count = count;
    ours->variables = must_allocate(count, sizeof *ours->variables);
    ours->assignments = must_allocate(count, sizeof *ours->assignments);
}

void ours_create(struct ours *ours, const struct tensors *tensors, int with_values)
{
    const int64_t rows = (int64_t)(tensors->bytes / COLUMNS / sizeof(float));
    char name[NAME_ROOM];

    make_room(ours, tensors->count);
    for (size_t i = 0; i < ours->count; i++) {
        varsdb_variable_options options =
            *VARSDB_WITH(.shape = VARSDB_SHAPE(rows, COLUMNS), .dtype = VARSDB_FLOAT32, .initializer = "none",
                         .reuse = VARSDB_CREATE);

        if (with_values) {
            options.initializer = NULL;
            options.value = tensors->data[i];
            options.value_bytes = tensors->bytes;
        }
        name_of(name, i);
        must(ours->db, varsdb_get_variable(ours->db, name, &options, NULL, &ours->variables[i]));
    }
}

void ours_find(struct ours *ours, size_t count)
{
    char name[NAME_ROOM];

    make_room(ours, count);
    for (size_t i = 0; i < count; i++) {
        name_of(name, i);
        must(ours->db, varsdb_find_variable(ours->db, name, &ours->variables[i]));
    }
}

void ours_build(const char *path, const struct tensors *tensors)
{
    struct ours *ours = ours_open(path, VARSDB_BUILD);

    ours_create(ours, tensors, 1);
    must(ours->db, varsdb_publish(ours->db));
    ours_close(ours);
}

void ours_assign(struct ours *ours, const struct tensors *tensors, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ours->assignments[i] = (varsdb_assignment){.variable = ours->variables[first + i],
                                                   .data = tensors->data[first + i],
                                                   .bytes = tensors->bytes};
    must(ours->db, varsdb_assign_all(ours->db, ours->assignments, count));
}

void ours_read(struct ours *ours, struct tensors *tensors)
{
    for (size_t i = 0; i < ours->count; i++)
        must(ours->db, varsdb_read(ours->db, ours->variables[i], tensors->data[i], tensors->bytes));
}
