/* report.c - what is in the file: plain SQL over the tracker's tables and the registry's views. */
#include <stdio.h>

#include "tracker.h"

static const char *text(sqlite3_stmt *statement, int column)
{
    const unsigned char *value = sqlite3_column_text(statement, column);

    return value != NULL ? (const char *)value : "-";
}

/* Prints each row, its columns after tabs; count may be NULL. */
static int print_rows(struct store *store, sqlite3_stmt *statement, const char *indent, int *count)
{
    int code = SQLITE_ERROR, rows = 0;

    if (statement == NULL)
        return TRACKER_FAILED;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            printf("%s%s", i == 0 ? indent : "\t", text(statement, i));
        printf("\n");
        rows++;
    }
    sqlite3_finalize(statement);
    if (count != NULL)
        *count = rows;
    return code == SQLITE_DONE ? TRACKER_OK : complain_sql(store);
}

int list_runs(struct store *store)
{
    printf("name\tstate\tsteps\tloss\taccuracy\tvariables\n");
    return print_rows(
        store,
        store_select(store,
                     "SELECT s.name, s.state, s.steps, m.loss, m.accuracy, s.variables "
                     "FROM run_states s LEFT JOIN metrics m ON m.run_id = s.id AND m.step = s.last_step "
                     "ORDER BY s.id",
                     ""),
        "", NULL);
}

/* ---- one run ---- */

static int show_tables(struct store *store, const char *name)
{
    int rows = 0;
    int status = print_rows(
        store, store_select(store, "SELECT name, state, started_at FROM runs WHERE name = ?1", "t", name),
        "run ", &rows);

    if (status == TRACKER_OK && rows == 0) {
        fprintf(stderr, "tracker: there is no run %s\n", name);
        return TRACKER_FAILED;
    }
    if (status == TRACKER_OK)
        status =
            print_rows(store,
                       store_select(store,
                                    "SELECT p.name, p.value FROM params p JOIN runs r ON r.id = p.run_id "
                                    "WHERE r.name = ?1 ORDER BY p.name",
                                    "t", name),
                       "param ", NULL);
    if (status == TRACKER_OK)
        status = print_rows(store,
                            store_select(store,
                                         "SELECT m.step, m.loss, m.accuracy FROM metrics m "
                                         "JOIN runs r ON r.id = m.run_id "
                                         "WHERE r.name = ?1 ORDER BY m.step DESC LIMIT 1",
                                         "t", name),
                            "last step ", NULL);
    return status;
}

static int show_variables(struct store *store, const char *name)
{
    sqlite3_stmt *statement = store_select(
        store,
        "SELECT v.name, v.dtype, v.shape, v.version, v.mean, v.name IN "
        "       (SELECT name FROM vars_model_variables WHERE namespace = v.namespace) "
        "FROM runs r JOIN vars_variables v ON v.namespace = r.name WHERE r.name = ?1 ORDER BY v.id",
        "t", name);

    return print_rows(store, statement, "variable ", NULL);
}

static int read_variable(varsdb *registry, const char *name, void *out, size_t bytes)
{
    const varsdb_variable *variable = NULL;
    int rc = varsdb_find_variable(registry, name, &variable);

    return rc == VARSDB_OK ? varsdb_read(registry, variable, out, bytes) : rc;
}

static int read_seed(struct store *store, const char *name, int64_t *out)
{
    sqlite3_stmt *statement =
        store_select(store,
                     "SELECT CAST(p.value AS INTEGER) FROM params p JOIN runs r ON r.id = p.run_id "
                     "WHERE r.name = ?1 AND p.name = 'seed'",
                     "t", name);
    int code = statement != NULL ? sqlite3_step(statement) : SQLITE_ERROR;

    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? TRACKER_OK : complain("the run has no seed");
}

/* The weights, tried once more on the run's own data. */
static int show_accuracy(struct store *store, const char *name)
{
    struct model model = {0};
    varsdb *registry = NULL;
    int64_t seed = 0;
    int status = read_seed(store, name, &seed);

    if (status == TRACKER_OK)
        status = store_registry(store, VARSDB_OPEN(.flags = VARSDB_READ_ONLY, .in = name), &registry);
    if (status == TRACKER_OK &&
        (read_variable(registry, "linear/weights", model.weights, sizeof model.weights) != VARSDB_OK ||
         read_variable(registry, "linear/bias", &model.bias, sizeof model.bias) != VARSDB_OK))
        status = complain(varsdb_errmsg(registry));
    varsdb_close(registry);
    if (status != TRACKER_OK)
        return status;
    make_data(&model, seed);
    printf("accuracy of the variables\t%.15g\n", measure(&model).accuracy);
    return TRACKER_OK;
}

/* One picture: what others commit meanwhile is not seen, neither in the tables nor by the registry. */
int show_run(struct store *store, const char *name)
{
    int status = store_do(store, "BEGIN", "");

    if (status == TRACKER_OK)
        status = show_tables(store, name);
    if (status == TRACKER_OK)
        status = show_variables(store, name);
    if (status == TRACKER_OK)
        status = show_accuracy(store, name);
    return store_end(store, status);
}
