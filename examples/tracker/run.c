/* run.c - a run: its row, its params and metrics in the tracker's tables, its variables in the registry. */
#include <stdio.h>
#include <string.h>

#include "tracker.h"

/* ---- beginning ---- */

static int insert_row(struct store *store, struct run *run, const char *name)
{
    static const char sql[] =
        "INSERT INTO runs (name) "
        "VALUES (coalesce(?1, 'run-' || (SELECT coalesce(max(id), 0) + 1 FROM runs))) RETURNING id, name";
    sqlite3_stmt *statement = store_select(store, sql, "t", name);
    int status = TRACKER_FAILED;

    if (statement == NULL)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        run->id = sqlite3_column_int64(statement, 0);
        snprintf(run->name, sizeof run->name, "%s", (const char *)sqlite3_column_text(statement, 1));
        status = TRACKER_OK;
    }
    if (sqlite3_finalize(statement) != SQLITE_OK)
        status = complain_sql(store);
    return status;
}

static int insert_param(struct store *store, const struct run *run, const char *name, const char *value)
{
    return store_do(store, "INSERT INTO params (run_id, name, value) VALUES (?1, ?2, ?3)", "itt", run->id,
                    name, value);
}

static int insert_number(struct store *store, const struct run *run, const char *name, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)value);
    return insert_param(store, run, name, text);
}

static int insert_params(struct store *store, const struct run *run, const struct settings *settings)
{
    char text[64];
    int status = insert_number(store, run, "seed", settings->seed);

    if (status == TRACKER_OK)
        status = insert_number(store, run, "epochs", settings->epochs);
    snprintf(text, sizeof text, "%g", (double)learning_rate);
    if (status == TRACKER_OK)
        status = insert_param(store, run, "learning_rate", text);
    for (int i = 0; i < settings->param_count && status == TRACKER_OK; i++) {
        const char *equals = strchr(settings->params[i], '=');

        snprintf(text, sizeof text, "%.*s", (int)(equals - settings->params[i]), settings->params[i]);
        status = insert_param(store, run, text, equals + 1);
    }
    return status;
}

static int make_variables(struct run *run)
{
    int rc = varsdb_create_global_step(run->registry, &run->global_step);

    VARSDB_IN_SCOPE (run->registry, "linear") {
        if (rc == VARSDB_OK)
            rc = varsdb_model_variable(run->registry, "weights",
                                       VARSDB_WITH(.shape = VARSDB_SHAPE(FEATURES, 1)), NULL, &run->weights);
        if (rc == VARSDB_OK)
            rc = varsdb_model_variable(run->registry, "bias",
                                       VARSDB_WITH(.shape = VARSDB_SHAPE(1), .initializer = "zeros"), NULL,
                                       &run->bias);
        return rc == VARSDB_OK ? TRACKER_OK : complain(varsdb_errmsg(run->registry));
    }
    return complain(varsdb_errmsg(run->registry)); /* the scope could not be entered */
}

/* The run's row, its variables and its params: together, or not at all. */
static int begin_run(struct store *store, struct run *run, const struct settings *settings)
{
    int status = store_begin(store);

    if (status == TRACKER_OK)
        status = insert_row(store, run, settings->name);
    if (status == TRACKER_OK)
        status = store_registry(store,
                                VARSDB_OPEN(.in = run->name, .seed = &settings->seed, .reuse = VARSDB_CREATE),
                                &run->registry);
    if (status == TRACKER_OK)
        status = make_variables(run);
    if (status == TRACKER_OK)
        status = insert_params(store, run, settings);
    return store_end(store, status);
}

/* ---- going on ---- */

/* A row of metrics, the weights that it measured, and a picture of them: one transaction. */
static int log_step(struct store *store, struct run *run, const struct model *model)
{
    const int64_t step = run->step + 1;
    const struct scores scores = measure(model);
    const varsdb_assignment values[] = {
        {run->weights, model->weights, sizeof model->weights},
        {run->bias, &model->bias, sizeof model->bias},
        {run->global_step, &step, sizeof step},
    };
    int status = store_begin(store);

    if (status == TRACKER_OK)
        status = store_do(store, "INSERT INTO metrics (run_id, step, loss, accuracy) VALUES (?1, ?2, ?3, ?4)",
                          "iidd", run->id, step, scores.loss, scores.accuracy);
    if (status == TRACKER_OK &&
        (varsdb_assign_all(run->registry, values, sizeof values / sizeof *values) != VARSDB_OK ||
         varsdb_take_snapshot(run->registry, VARSDB_SNAPSHOT(.step = &step), NULL) != VARSDB_OK))
        status = complain(varsdb_errmsg(run->registry));
    status = store_end(store, status);
    if (status == TRACKER_OK)
        run->step = step;
    return status;
}

static int train(struct store *store, struct run *run, const struct settings *settings)
{
    struct model model = {0};
    int status = TRACKER_OK;

    make_data(&model, settings->seed);
    if (varsdb_read(run->registry, run->weights, model.weights, sizeof model.weights) != VARSDB_OK ||
        varsdb_read(run->registry, run->bias, &model.bias, sizeof model.bias) != VARSDB_OK)
        return complain(varsdb_errmsg(run->registry));
    while (run->step < settings->epochs && status == TRACKER_OK) {
        train_epoch(&model);
        status = log_step(store, run, &model);
    }
    if (status == TRACKER_OK)
        status = store_do(store, "UPDATE runs SET state = 'done' WHERE id = ?1", "i", run->id);
    if (status == TRACKER_OK)
        printf("%s: %lld epochs, accuracy %.4f\n", run->name, (long long)run->step, measure(&model).accuracy);
    return status;
}

int train_runs(struct store *store, const struct settings *settings)
{
    struct settings one = *settings;
    int status = TRACKER_OK;

    for (int64_t i = 0; i < settings->runs && status == TRACKER_OK; i++) {
        struct run run = {0};

        one.seed = settings->seed + i;
        status = begin_run(store, &run, &one);
        if (status == TRACKER_OK)
            status = train(store, &run, &one);
        varsdb_close(run.registry);
    }
    return status;
}
