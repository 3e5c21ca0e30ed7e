/*
 * growth_names.c - what every operation costs beside so many variables.
 *
 * One registry grows.  At each size the same things are done, by a handle that is new, and what they made is
 * deleted, so that nothing is left of them.  What does not wait for the disk is measured by the processor's
 * time, "us*" and "s*".
 */
#include "growth_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "growth.h"
#include "passes.h"
#include "population.h"
#include "timer.h"

enum {
    ROUNDS = 5,
    HITS = 1000,          /* names a round */
    AGAIN = 20,           /* how often each is asked for once it is known */
    SINGLES = 20,         /* operations of a round that are a commit each */
    BATCH = 1000,         /* creates of one transaction */
    PASSES_MAX = 1000000, /* variables; beyond, a pass takes minutes: */
    PASSES_BEYOND = 3,    /* only the first of them are made */
    LISTED = 100          /* of N: what is asked for by collection, and by scope */
};

enum row {
    FIRST,
    HIT,
    LONE_HIT,
    CREATE,
    BATCHED,
    ASSIGN,
    COMMIT,
    VIEW,
    COLLECTION,
    SCOPE,
    OPEN,
    RENAME,
    DELETE,
    CHECKED,
    SQL_COUNT,
    LS,
    LS_JSON,
    LS_SCOPE,
    TREE,
    SNAPSHOT,
    DIFF,
    VERIFY_QUICK,
    VERIFY,
    DROP,
    GC,
    BYTES,
    PEAK_LS,
    PEAK_SQL,
    PEAK_LS_JSON,
    PEAK_LS_SCOPE,
    PEAK_TREE,
    PEAK_SNAPSHOT,
    PEAK_DIFF,
    PEAK_VERIFY_QUICK,
    PEAK_VERIFY,
    PEAK_DROP,
    PEAK_GC,
    ROWS
};

static const struct growth_row rows[ROWS] = {
    [FIRST] = {"first look-up by a handle", "us*", GROWTH_FLAT},
    [HIT] = {"hit in a transaction", "us*", GROWTH_FLAT},
    [LONE_HIT] = {"hit outside one", "us*", GROWTH_FLAT},
    [CREATE] = {"create, its own commit", "us", GROWTH_FLAT},
    [BATCHED] = {"create, one of 1,000 in a transaction", "us*", GROWTH_FLAT},
    [ASSIGN] = {"assign 16 bytes, its own commit", "us", GROWTH_FLAT},
    [COMMIT] = {"the commit alone, after an assign", "us", GROWTH_FLAT},
    [VIEW] = {"100 of N by a collection's view, SQL", "us*", GROWTH_FLAT},
    [COLLECTION] = {"100 of N by collection", "us*", GROWTH_FLAT},
    [SCOPE] = {"expression over a scope of 100", "us*", GROWTH_FLAT},
    [OPEN] = {"open to first answer", "us*", GROWTH_FLAT},
    [RENAME] = {"rename of one", "us", GROWTH_FLAT},
    [DELETE] = {"delete of one", "us", GROWTH_FLAT},
    [CHECKED] = {"checked read of one", "us*", GROWTH_FLAT},
    [SQL_COUNT] = {"SELECT count(*) FROM variables", "s*", GROWTH_LINEAR},
    [LS] = {"ls", "s*", GROWTH_LINEAR},
    [LS_JSON] = {"ls --json", "s*", GROWTH_LINEAR},
    [LS_SCOPE] = {"ls --scope, all below it", "s*", GROWTH_LINEAR},
    [TREE] = {"tree", "s*", GROWTH_LINEAR},
    [SNAPSHOT] = {"snapshot, the first", "s*", GROWTH_LINEAR},
    [DIFF] = {"diff of it and the present", "s*", GROWTH_LINEAR},
    [VERIFY_QUICK] = {"verify --quick", "s*", GROWTH_LINEAR},
    [VERIFY] = {"verify", "s*", GROWTH_LINEAR},
    [DROP] = {"snapshot-rm", "s*", GROWTH_LINEAR},
    [GC] = {"gc after it", "s*", GROWTH_LINEAR},
    [BYTES] = {"the file, a variable", "bytes", GROWTH_FLAT},
    [PEAK_LS] = {"most memory of ls", "MiB", GROWTH_FLAT},
    [PEAK_SQL] = {"most memory of that SELECT", "MiB", GROWTH_FLAT},
    [PEAK_LS_JSON] = {"most memory of ls --json", "MiB", GROWTH_FLAT},
    [PEAK_LS_SCOPE] = {"most memory of ls --scope", "MiB", GROWTH_FLAT},
    [PEAK_TREE] = {"most memory of tree", "MiB", GROWTH_FREE},
    [PEAK_SNAPSHOT] = {"most memory of snapshot", "MiB", GROWTH_FREE},
    [PEAK_DIFF] = {"most memory of diff", "MiB", GROWTH_FREE},
    [PEAK_VERIFY_QUICK] = {"most memory of verify --quick", "MiB", GROWTH_FREE},
    [PEAK_VERIFY] = {"most memory of verify", "MiB", GROWTH_FREE},
    [PEAK_DROP] = {"most memory of snapshot-rm", "MiB", GROWTH_FREE},
    [PEAK_GC] = {"most memory of gc", "MiB", GROWTH_FREE},
};

struct names {
    struct growth *growth;
    struct population population;
    char *command, *self;
    const varsdb_variable *known[HITS];
    int64_t which[HITS];
};

static int ignore_variable(void *payload, const varsdb_variable_info *info)
{
    size_t *seen = payload;

    (void)info;
    ++*seen;
    return 0;
}

static int ignore_row(void *payload, size_t columns, const char *const *heads, const varsdb_value *values)
{
    size_t *seen = payload;

    (void)columns;
    (void)heads;
    (void)values;
    ++*seen;
    return 0;
}

static void see(size_t seen, size_t expected, const char *what)
{
    if (seen != expected)
        fail(what, "found another number of variables than there are");
}

/* ---- Reading ---- */

/* Names all over the registry, each once, in no order. */
static void draw_names(struct names *names, uint64_t *random)
{
    const int64_t stride = names->population.count / HITS;

    for (int64_t i = 0; i < HITS; i++) {
        *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        names->which[i] = i * 617 % HITS * stride + (int64_t)((*random >> 33) % (uint64_t)stride);
    }
}

static double look_up(struct names *names, varsdb *db)
{
    char name[POPULATION_NAME_ROOM];
    double start = timer_used();

    for (size_t i = 0; i < HITS; i++) {
        population_name(name, names->which[i]);
        must(db, varsdb_find_variable(db, name, &names->known[i]));
    }
    return 1e6 * (timer_used() - start) / HITS;
}

static void measure_hits(struct names *names, uint64_t *random)
{
    varsdb *db = population_open(&names->population);
    double again = 0.0;

    draw_names(names, random);
    must(db, varsdb_begin_read(db));
    growth_add(names->growth, FIRST, look_up(names, db));
    for (int i = 0; i < AGAIN; i++)
        again += look_up(names, db);
    growth_add(names->growth, HIT, again / AGAIN);
    must(db, varsdb_commit(db));
    growth_add(names->growth, LONE_HIT, look_up(names, db));
    varsdb_close(db);
}

static double read_values(const struct names *names, varsdb *db)
{
    float value[POPULATION_ELEMENTS];
    double start = timer_used();

    for (size_t i = 0; i < HITS; i++)
        must(db, varsdb_read(db, names->known[i], value, sizeof value));
    return 1e6 * (timer_used() - start) / HITS;
}

static double query(varsdb *db, const char *sql, size_t expected)
{
    size_t seen = 0;
    double start = timer_used();

    must(db, varsdb_query(db, sql, ignore_row, &seen));
    see(seen, expected, sql);
    return timer_used() - start;
}

static double list(varsdb *db, const varsdb_filter *filter, size_t expected)
{
    size_t seen = 0;
    double start = timer_used();

    must(db, varsdb_list_variables(db, filter, ignore_variable, &seen));
    see(seen, expected, "list");
    return 1e6 * (timer_used() - start);
}

static void measure_lists(struct names *names)
{
    varsdb *db = population_open(&names->population);

    (void)look_up(names, db);
    growth_add(names->growth, CHECKED, read_values(names, db));
    growth_add(names->growth, VIEW, 1e6 * query(db, "SELECT name FROM model_variables LIMIT 100", LISTED));
    growth_add(names->growth, COLLECTION, list(db, VARSDB_FILTER(.collection = VARSDB_MODEL), LISTED));
    growth_add(names->growth, SCOPE,
               list(db, VARSDB_FILTER(.scope = "model/layer_7", .match = "weight_.*5$"), LISTED / 10));
    varsdb_close(db);
}

static void measure_open(struct names *names)
{
    char name[POPULATION_NAME_ROOM];
    const varsdb_variable *variable;
    double seconds = 0.0;

    population_name(name, names->population.count / 2);
    for (int i = 0; i < SINGLES; i++) {
        double start = timer_used();
        varsdb *db = population_open(&names->population);

        must(db, varsdb_find_variable(db, name, &variable));
        seconds += timer_used() - start;
        varsdb_close(db);
    }
    growth_add(names->growth, OPEN, 1e6 * seconds / SINGLES);
}

/* ---- Writing ---- */

static double create(varsdb *db, const char *scope, int count, const varsdb_variable **out)
{
    char name[POPULATION_NAME_ROOM];
    double start = timer_now();

    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/weight_%d", scope, i);
        must(db, varsdb_get_variable(db, name, population_options, NULL, &out[i]));
    }
    return 1e6 * (timer_now() - start) / count;
}

static double create_batch(varsdb *db, const varsdb_variable **out)
{
    double start = timer_used();

    must(db, varsdb_begin(db));
    (void)create(db, "batch", BATCH, out);
    must(db, varsdb_commit(db));
    return 1e6 * (timer_used() - start) / BATCH;
}

static void assign(varsdb *db, const varsdb_variable *variable, float first)
{
    const float value[POPULATION_ELEMENTS] = {first, 1.0F, 2.0F, 3.0F};

    must(db, varsdb_assign(db, variable, value, sizeof value));
}

static void measure_assigns(struct names *names, varsdb *db, const varsdb_variable **variables, float *value)
{
    double whole = 0.0, commits = 0.0;

    for (int i = 0; i < SINGLES; i++) {
        double start = timer_now();

        assign(db, variables[i], *value += 1.0F);
        whole += timer_now() - start;
        must(db, varsdb_begin(db));
        assign(db, variables[i], *value += 1.0F);
        start = timer_now();
        must(db, varsdb_commit(db));
        commits += timer_now() - start;
    }
    growth_add(names->growth, ASSIGN, 1e6 * whole / SINGLES);
    growth_add(names->growth, COMMIT, 1e6 * commits / SINGLES);
}

static void measure_changes(struct names *names, varsdb *db, const varsdb_variable **variables)
{
    char name[POPULATION_NAME_ROOM];
    double start = timer_now(), middle;

    for (int i = 0; i < SINGLES; i++) {
        snprintf(name, sizeof name, "single/renamed_%d", i);
        must(db, varsdb_rename_variable(db, variables[i], name));
    }
    middle = timer_now();
    for (int i = 0; i < SINGLES; i++)
        must(db, varsdb_delete_variable(db, variables[i]));
    growth_add(names->growth, RENAME, 1e6 * (middle - start) / SINGLES);
    growth_add(names->growth, DELETE, 1e6 * (timer_now() - middle) / SINGLES);
}

static void measure_writes(struct names *names, float *value)
{
    const varsdb_variable *singles[SINGLES], *batch[BATCH];
    varsdb *db = population_open(&names->population);

    growth_add(names->growth, CREATE, create(db, "single", SINGLES, singles));
    growth_add(names->growth, BATCHED, create_batch(db, batch));
    measure_assigns(names, db, singles, value);
    measure_changes(names, db, singles);
    must(db, varsdb_delete_scope(db, "batch", NULL));
    varsdb_close(db);
}

/* ---- Whole passes ---- */

/* `command` of varsdb with up to two arguments beside the registry. */
static struct pass run(const struct names *names, const char *command, const char *first, const char *second)
{
    return pass_run(names->self,
                    (char *const[]){names->command, (char *)command, (char *)names->population.path,
                                    (char *)first, (char *)second, NULL});
}

static void measure_passes(const struct names *names)
{
    static const struct {
        enum row time, peak;
        const char *arguments[3];
    } passes[] = {
        {LS, PEAK_LS, {"ls"}},
        {SQL_COUNT, PEAK_SQL, {"sql", "SELECT count(*) FROM variables"}},
        {VERIFY_QUICK, PEAK_VERIFY_QUICK, {"verify", "--quick"}},
        {LS_JSON, PEAK_LS_JSON, {"ls", "--json"}},
        {LS_SCOPE, PEAK_LS_SCOPE, {"ls", "--scope", "model"}},
        {TREE, PEAK_TREE, {"tree"}},
        {SNAPSHOT, PEAK_SNAPSHOT, {"snapshot", "--name", "first"}},
        {DIFF, PEAK_DIFF, {"diff", "first"}},
        {VERIFY, PEAK_VERIFY, {"verify"}},
        {DROP, PEAK_DROP, {"snapshot-rm", "first"}},
        {GC, PEAK_GC, {"gc"}},
    };

    const size_t count =
        names->population.count > PASSES_MAX ? PASSES_BEYOND : sizeof passes / sizeof *passes;

    for (size_t i = 0; i < count; i++) {
        struct pass pass = run(names, passes[i].arguments[0], passes[i].arguments[1], passes[i].arguments[2]);

        growth_add(names->growth, passes[i].time, pass.seconds);
        growth_add(names->growth, passes[i].peak, (double)pass.peak / (1 << 20));
    }
}

static void measure(struct names *names)
{
    uint64_t random = 1;
    float value = 0.0F;

    growth_add(names->growth, BYTES,
               (double)file_bytes(names->population.path) / (double)names->population.count);
    for (int r = 0; r < ROUNDS; r++) {
        measure_hits(names, &random);
        measure_lists(names);
        measure_open(names);
        measure_writes(names, &value);
    }
    measure_passes(names);
}

void bench_growth_names(const char *directory, char *command, char *self, unsigned count)
{
    static const char *const labels[] = {"10^3", "10^4", "10^5", "10^6", "10^7"};
    struct names names = {.growth = growth_new("variables", rows, ROWS), .command = command, .self = self};
    int64_t size = 1000;

    population_begin(&names.population, directory);
    for (unsigned i = 0; i < count; i++, size *= 10) {
        double start = timer_now();

        population_grow(&names.population, size);
        printf("%s variables: grown in %.1f s", labels[i], timer_now() - start);
        fflush(stdout);
        growth_at(names.growth, (double)size, labels[i]);
        start = timer_now();
        measure(&names);
        printf(", measured in %.1f s\n", timer_now() - start);
        fflush(stdout);
    }
    growth_print(names.growth);
    growth_free(names.growth);
    population_end(&names.population, directory);
}
