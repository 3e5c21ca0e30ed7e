/*
 * population.c - a registry of as many small variables as are wanted.
 */
#include "population.h"

#include <stdio.h>

#include "fail.h"

enum {
    SCOPE_SIZE = 100,
    MODEL_SIZE = 100,
    STEP = 500000 /* creates of one transaction: a handle remembers all of them */
};

static const int64_t seed = 20;
static const varsdb_variable_options options = {
    .size = sizeof(varsdb_variable_options),
    .shape = VARSDB_SHAPE(POPULATION_ELEMENTS),
    .dtype = VARSDB_FLOAT32,
    .initializer = "random_normal(0,0.1)",
    .site = VARSDB_HERE,
};
const varsdb_variable_options *const population_options = &options;

void population_name(char name[POPULATION_NAME_ROOM], int64_t i)
{
    snprintf(name, POPULATION_NAME_ROOM, "model/layer_%lld/weight_%lld", (long long)(i / SCOPE_SIZE),
             (long long)i);
}

varsdb *population_open(const struct population *population)
{
    varsdb *db;

    must(db, varsdb_open(population->path, NULL, &db));
    return db;
}

void population_begin(struct population *population, const char *directory)
{
    varsdb *db;

    file_fresh(directory, "population.db", population->path);
    population->count = 0;
    must(db, varsdb_open(population->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed), &db));
    varsdb_close(db);
}

void population_end(struct population *population, const char *directory)
{
    file_fresh(directory, "population.db", population->path);
}

static void create(varsdb *db, int64_t from, int64_t to)
{
    const varsdb_variable *variable;
    char name[POPULATION_NAME_ROOM];

    must(db, varsdb_begin(db));
    for (int64_t i = from; i < to; i++) {
        population_name(name, i);
        if (i < MODEL_SIZE)
            must(db, varsdb_model_variable(db, name, &options, NULL, &variable));
        else
            must(db, varsdb_get_variable(db, name, &options, NULL, &variable));
    }
    must(db, varsdb_commit(db));
}

void population_grow(struct population *population, int64_t count)
{
    while (population->count < count) {
        int64_t next = count - population->count > STEP ? population->count + STEP : count;
        varsdb *db = population_open(population);

        create(db, population->count, next);
        population->count = next;
        varsdb_close(db);
    }
}
