/*
 * tracker.h - an experiment tracker: its own tables, and the variables of its runs, in one SQLite file.
 *
 *     tracker FILE run [--name NAME] [--seed N] [--epochs N] [--runs N] [--param KEY=VALUE]...
 *     tracker FILE list
 *     tracker FILE show RUN
 *     tracker FILE race [--workers N] [--runs N] [--epochs N]
 *
 * The tables runs, params and metrics are the tracker's (store.c).  What a run trains are variables of a
 * registry in the same file, which works on the tracker's connection (varsdb_open_on); each run is a
 * namespace of it.  So a run's row, its params and its variables are there together or not at all, and a
 * row of metrics is there with the weights that it measured (run.c).
 */
#ifndef TRACKER_H
#define TRACKER_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "varsdb.h"

/* Exit statuses, and what the functions below return after they said what is wrong. */
enum tracker_status {
    TRACKER_OK = 0,
    TRACKER_FAILED = 1,
    TRACKER_USAGE = 2
};

/* ---- store.c: the file, its transactions and its tables ---- */

struct store {
    const char *path;
    sqlite3 *connection;
    int frames;    /* in the log after the last commit */
    unsigned told; /* weaknesses that were printed */
};

/* For writing the file and what it needs are made; for reading they must be there. */
int store_open(struct store *store, const char *path, int writing);
void store_close(struct store *store);

/* BEGIN IMMEDIATE; and then COMMIT after TRACKER_OK, otherwise ROLLBACK.  store_end returns what came of it.
 */
int store_begin(struct store *store);
int store_end(struct store *store, int status);

/* A statement with its parameters: each letter of types is one, 'i' int64_t, 'd' double, 't' text or NULL. */
int store_do(struct store *store, const char *sql, const char *types, ...);
sqlite3_stmt *store_select(struct store *store, const char *sql, const char *types, ...); /* NULL: failed */

/* The registry on the store's connection; options->in is the run.  Close it before the store. */
int store_registry(struct store *store, const varsdb_open_options *options, varsdb **out);

/* Print what is wrong, the latter what SQLite says, and return TRACKER_FAILED. */
int complain(const char *what);
int complain_sql(const struct store *store);

/* ---- model.c: logistic regression, arithmetic alone ---- */

enum {
    FEATURES = 8,
    SAMPLES = 256
};

struct model {
    float weights[FEATURES], bias;
    float inputs[SAMPLES][FEATURES];
    int labels[SAMPLES];
};

struct scores {
    double loss, accuracy;
};

extern const float learning_rate;

void make_data(struct model *model, int64_t seed);
void train_epoch(struct model *model);
struct scores measure(const struct model *model);

/* ---- run.c: a run in both places ---- */

enum {
    NAME_ROOM = 128,
    PARAMS_MAX = 16
};

struct settings {
    const char *name; /* NULL: "run-" and its number */
    int64_t seed, epochs, runs, workers;
    const char *params[PARAMS_MAX]; /* "KEY=VALUE", the user's own */
    int param_count;
};

struct run {
    int64_t id, step;
    char name[NAME_ROOM]; /* and its namespace's */
    varsdb *registry;
    const varsdb_variable *weights, *bias, *global_step;
};

/* Trains settings->runs models, one after the other, with seeds from settings->seed on. */
int train_runs(struct store *store, const struct settings *settings);

/* ---- report.c, race.c ---- */

int list_runs(struct store *store);
int show_run(struct store *store, const char *name);
int race(struct store *store, const char *path, const struct settings *settings);

#endif /* TRACKER_H */
