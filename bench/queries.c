/*
 * queries.c - which variables there are: by collection, scope, name, statistics.
 *
 * Each is asked of the library, of a view in SQL, and by hand: of raw SQLite, over the same tables of the
 * same file, by who knows them.
 */
#include "queries.h"

#include <math.h>
#include <stdio.h>

#include "fail.h"
#include "peer_sqlite.h"
#include "population.h"
#include "report.h"
#include "timer.h"

enum {
    COUNT = 100000,
    QUICK_COUNT = 10000,
    ODD = 100, /* one variable in so many is large, and another has a NaN */
    NAME_ROOM = 80
};

#define FULL_NAME "CASE s.path WHEN '' THEN v.name ELSE s.path || '/' || v.name END"
#define COLUMNS   "SELECT " FULL_NAME ", v.dtype, v.shape, t.l2_norm, t.nans FROM "
#define OF_EACH   " JOIN varsdb_scopes s ON s.id = v.scope_id LEFT JOIN varsdb_tensors t ON t.id = v.tensor_id "
#define ROWS      "varsdb_variables v" OF_EACH
#define MEMBERS                                                                       \
    "varsdb_collections c JOIN varsdb_collection_members m ON m.collection_id = c.id" \
    " JOIN varsdb_variables v ON v.id = m.variable_id" OF_EACH
#define VIEW "SELECT name, dtype, shape, l2_norm, nans FROM "

/* What is left of what a filter lets through. */
enum test {
    TEST_NONE,
    TEST_LARGE,
    TEST_NAN
};

struct query {
    const char *name;
    const varsdb_filter *filter; /* NULL: all */
    enum test test;
    const char *view, *by_hand;
    int64_t some, in; /* `some` variables, or one in `in` of all */
};

static const struct query queries[] = {
    {.name = "a collection with all of them",
     .filter = VARSDB_FILTER(.collection = VARSDB_TRAINABLE),
     .view = VIEW "trainable_variables",
     .by_hand = COLUMNS MEMBERS "WHERE c.namespace_id = 1 AND c.name = 'trainable_variables'"
                                " ORDER BY m.position",
     .in = 1},
    {.name = "a collection of 100",
     .filter = VARSDB_FILTER(.collection = VARSDB_MODEL),
     .view = VIEW "model_variables",
     .by_hand = COLUMNS MEMBERS "WHERE c.namespace_id = 1 AND c.name = 'model_variables'"
                                " ORDER BY m.position",
     .some = 100},
    {.name = "a scope of 100",
     .filter = VARSDB_FILTER(.scope = "model/layer_7"),
     .view = VIEW "variables WHERE namespace = 'main' AND scope = 'model/layer_7'",
     .by_hand = COLUMNS ROWS "WHERE s.namespace_id = 1 AND s.path = 'model/layer_7' ORDER BY v.id",
     .some = 100},
    {.name = "an expression over names, 1 % of them",
     .filter = VARSDB_FILTER(.match = "/weight_[0-9]*77$"),
     .view = VIEW "variables WHERE name GLOB '*/weight_*77'",
     .by_hand = COLUMNS ROWS "WHERE " FULL_NAME " GLOB '*/weight_*77' ORDER BY v.id",
     .in = ODD},
    {.name = "l2_norm > 1, 1 % of them",
     .test = TEST_LARGE,
     .view = VIEW "variables WHERE l2_norm > 1",
     .by_hand = COLUMNS ROWS "WHERE t.l2_norm > 1 ORDER BY v.id",
     .in = ODD},
    {.name = "nans > 0, 1 % of them",
     .test = TEST_NAN,
     .view = VIEW "variables WHERE nans > 0",
     .by_hand = COLUMNS ROWS "WHERE t.nans > 0 ORDER BY v.id",
     .in = ODD},
};

/* Every hundredth becomes large, and the one after it gets a NaN. */
static void make_odd(const struct population *population)
{
    varsdb *db = population_open(population);

    must(db, varsdb_begin(db));
    for (int64_t i = 0; i < population->count; i++) {
        const float value[POPULATION_ELEMENTS] = {i % ODD == 0 ? 2.0F : NAN, 1e-9F * (float)i};
        char name[POPULATION_NAME_ROOM];
        const varsdb_variable *variable;

        if (i % ODD > 1)
            continue;
        population_name(name, i);
        must(db, varsdb_find_variable(db, name, &variable));
        must(db, varsdb_assign(db, variable, value, sizeof value));
    }
    must(db, varsdb_commit(db));
    varsdb_close(db);
}

struct seen {
    enum test test;
    int64_t count;
};

static int see_variable(void *payload, const varsdb_variable_info *info)
{
    struct seen *seen = payload;

    seen->count += seen->test == TEST_NONE || (seen->test == TEST_NAN && info->nans > 0) ||
                   (seen->test == TEST_LARGE && info->has_moments && info->l2_norm > 1.0);
    return 0;
}

static int see_row(void *payload, size_t columns, const char *const *heads, const varsdb_value *values)
{
    struct seen *seen = payload;

    (void)columns;
    (void)heads;
    (void)values;
    seen->count++;
    return 0;
}

/* Milliseconds of the processor, which nobody waits for. */
static double end(double start, const char *what, int64_t seen, int64_t expected)
{
    double used = timer_used() - start;

    if (seen != expected)
        fail(what, "found another number of variables than there are");
    return 1e3 * used;
}

static double by_api(const struct query *query, varsdb *db, int64_t expected)
{
    struct seen seen = {.test = query->test};
    double start = timer_used();

    must(db, varsdb_list_variables(db, query->filter, see_variable, &seen));
    return end(start, query->name, seen.count, expected);
}

static double by_view(const struct query *query, varsdb *db, int64_t expected)
{
    struct seen seen = {0};
    double start = timer_used();

    must(db, varsdb_query(db, query->view, see_row, &seen));
    return end(start, query->view, seen.count, expected);
}

static double by_hand(const struct query *query, struct peer *peer, int64_t expected)
{
    double start = timer_used();

    return end(start, query->by_hand, peer_rows(peer, query->by_hand), expected);
}

static void measure(const struct query *query, varsdb *db, struct peer *peer, int64_t count, size_t rounds)
{
    const int64_t expected = query->in > 0 ? count / query->in : query->some;
    char api_name[NAME_ROOM], view_name[NAME_ROOM];
    struct workload api = {.name = api_name, .unit = "ms", .goal = "-", .rounds = rounds}, view = api;

    snprintf(api_name, sizeof api_name, "(q) %s", query->name);
    snprintf(view_name, sizeof view_name, "(q) %s, view", query->name);
    view.name = view_name;
    for (size_t r = 0; r < rounds; r++) {
        api.ours[r] = by_api(query, db, expected);
        view.ours[r] = by_view(query, db, expected);
        api.peer[r] = view.peer[r] = by_hand(query, peer, expected);
    }
    report_workload(&api);
    report_workload(&view);
}

void bench_queries(const char *directory, int is_quick)
{
    struct population population;
    struct peer *peer;
    varsdb *db;

    population_begin(&population, directory);
    population_grow(&population, is_quick ? QUICK_COUNT : COUNT);
    make_odd(&population);
    db = population_open(&population);
    peer = peer_look_into(population.path);
    report_header("by hand, the same tables");
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        measure(&queries[i], db, peer, population.count, is_quick ? 3 : 5);
    report_note(
        "%lld variables, processor's time; the library gives all that is known of each variable, view "
        "and hand give name, dtype, shape and two statistics; by hand the expression is a GLOB, and the "
        "library has statistics for its caller to look at",
        (long long)population.count);
    peer_close(peer);
    varsdb_close(db);
    population_end(&population, directory);
}
