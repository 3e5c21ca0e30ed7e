/*
 * bench_instructions.c - one operation, many times, for callgrind to count.
 *
 *     bench_instructions DIRECTORY OPERATION
 *
 * instructions.sh runs it under valgrind, which counts inside of count_here() alone, and divides by the
 * number of operations that is printed.  Without an operation it prints the names of all, and SQLite's
 * version.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "peer_sqlite.h"
#include "varsdb.h"

enum {
    NAME_ROOM = 48,
    SCOPE_SIZE = 100,
    VARIABLES = 10000, /* that are there before */
    ROOM = 16384       /* names in all */
};

struct count {
    char path[FILE_PATH_ROOM];
    varsdb *db;
    struct peer *peer;
    const varsdb_variable_options *options;
    const varsdb_variable *variables[VARIABLES];
    char names[ROOM][NAME_ROOM];
};

/* Over all variables, none twice in a row. */
static int nth(int i)
{
    return (int)((int64_t)i * 7919 % VARIABLES);
}

static void get(struct count *c, int i)
{
    const varsdb_variable *variable;

    must(c->db, varsdb_get_variable(c->db, c->names[i], c->options, NULL, &variable));
}

/* ---- The operations; each is done `times` times from the `first` on ---- */

static void hit(struct count *c, int first, int times)
{
    must(c->db, varsdb_begin_read(c->db));
    for (int i = first; i < first + times; i++)
        get(c, nth(i));
    must(c->db, varsdb_commit(c->db));
}

static void hit_alone(struct count *c, int first, int times)
{
    for (int i = first; i < first + times; i++)
        get(c, nth(i));
}

static void create(struct count *c, int first, int times)
{
    must(c->db, varsdb_begin(c->db));
    for (int i = first; i < first + times; i++)
        get(c, VARIABLES + i);
    must(c->db, varsdb_commit(c->db));
}

static void create_alone(struct count *c, int first, int times)
{
    for (int i = first; i < first + times; i++)
        get(c, VARIABLES + i);
}

static void assign_small(struct count *c, int first, int times)
{
    for (int i = first; i < first + times; i++) {
        const float value[] = {1.0F, 2.0F, 3.0F, (float)i};

        must(c->db, varsdb_assign(c->db, c->variables[nth(i)], value, sizeof value));
    }
}

static void read_small(struct count *c, int first, int times)
{
    float value[4];

    for (int i = first; i < first + times; i++)
        must(c->db, varsdb_read(c->db, c->variables[nth(i)], value, sizeof value));
}

static void open_and_get(struct count *c, int first, int times)
{
    const varsdb_variable *variable;

    for (int i = first; i < first + times; i++) {
        varsdb *db;

        must(NULL, varsdb_open(c->path, NULL, &db));
        must(db, varsdb_get_variable(db, c->names[nth(i)], NULL, NULL, &variable));
        varsdb_close(db);
    }
}

static void raw_hit(struct count *c, int first, int times)
{
    peer_begin_read(c->peer);
    for (int i = first; i < first + times; i++)
        (void)peer_find(c->peer, c->names[nth(i)]);
    peer_commit(c->peer);
}

static void raw_create(struct count *c, int first, int times)
{
    peer_begin_write(c->peer);
    for (int i = first; i < first + times; i++)
        (void)peer_create(c->peer, 1, c->names[VARIABLES + i]);
    peer_commit(c->peer);
}

static void raw_ask(const char *path, const char *query, const char *name)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;

    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
        sqlite3_prepare_v2(db, query, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
        fail("raw SQLite", sqlite3_errmsg(db));
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
}

static void raw_open_and_get(struct count *c, int first, int times)
{
    for (int i = first; i < first + times; i++)
        raw_ask(c->path, "SELECT id FROM variables WHERE name = ?1", c->names[nth(i)]);
}

/* By hand in a registry's own tables: SQLite reads the whole schema, and the schema is larger. */
static void same_open_and_get(struct count *c, int first, int times)
{
    static const char query[] =
        "SELECT v.id FROM varsdb_scopes s JOIN varsdb_variables v ON v.scope_id = s.id"
        " WHERE s.namespace_id = 1 AND s.path || '/' || v.name = ?1 LIMIT 1";

    for (int i = first; i < first + times; i++)
        raw_ask(c->path, query, c->names[nth(i) % SCOPE_SIZE]);
}

static const struct operation {
    const char *name;
    void (*run)(struct count *c, int first, int times);
    int times;
} operations[] = {
    {"hit", hit, 10000},
    {"hit_alone", hit_alone, 10000},
    {"create", create, 2000},
    {"create_alone", create_alone, 500},
    {"assign_small", assign_small, 500},
    {"read_small", read_small, 5000},
    {"open_and_get", open_and_get, 50},
    {"raw_hit", raw_hit, 10000},
    {"raw_create", raw_create, 2000},
    {"raw_open_and_get", raw_open_and_get, 50},
    {"same_open_and_get", same_open_and_get, 50},
};

/* ---- What they are done to ---- */

static void make_ours(struct count *c, const char *directory)
{
    static const int64_t seed = 20;

    file_fresh(directory, "ours.db", c->path);
    must(NULL, varsdb_open(c->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed), &c->db));
    must(c->db, varsdb_begin(c->db));
    for (int i = 0; i < VARIABLES; i++)
        get(c, i);
    must(c->db, varsdb_commit(c->db));
}

static void make_peer(struct count *c, const char *directory)
{
    char path[FILE_PATH_ROOM];

    file_fresh(directory, "peer.db", path);
    c->peer = peer_open(path, PEER_FULL_NAMES);
    peer_begin_write(c->peer);
    for (int i = 0; i < VARIABLES; i++)
        (void)peer_create(c->peer, 1, c->names[i]);
    peer_commit(c->peer);
}

static void open_ours(struct count *c, const char *directory)
{
    file_path(directory, "ours.db", c->path);
    must(NULL, varsdb_open(c->path, NULL, &c->db));
    for (int i = 0; i < VARIABLES; i++)
        must(c->db, varsdb_find_variable(c->db, c->names[i], &c->variables[i]));
}

static void open_peer(struct count *c, const char *directory)
{
    file_path(directory, "peer.db", c->path);
    c->peer = peer_open(c->path, PEER_FULL_NAMES);
}

static void begin(struct count *c, const varsdb_variable_options *options)
{
    c->options = options;
    for (int i = 0; i < ROOM; i++)
        snprintf(c->names[i], NAME_ROOM, "model/layer_%d/weight_%d", i / SCOPE_SIZE, i);
}

static void end(struct count *c)
{
    varsdb_close(c->db);
    if (c->peer)
        peer_close(c->peer);
    free(c);
}

/* What happens in here is counted. */
__attribute__((noinline)) void count_here(const struct operation *o, struct count *c);
void count_here(const struct operation *o, struct count *c)
{
    o->run(c, o->times, o->times);
}

static void count(const struct operation *o, struct count *c, const char *directory)
{
    if (strncmp(o->name, "raw_", 4) == 0)
        open_peer(c, directory);
    else
        open_ours(c, directory);
    o->run(c, 0, o->times); /* statements are prepared, caches filled */
    count_here(o, c);
    printf("%d\n", o->times);
}

static void make(struct count *c, const char *directory)
{
    make_ours(c, directory);
    make_peer(c, directory);
    printf("sqlite %s\n", sqlite3_libversion());
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        puts(operations[i].name);
}

static const struct operation *find(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    fail(name, "is no operation");
}

int main(int argc, char **argv)
{
    struct count *c = must_allocate(1, sizeof *c);

    if (argc != 2 && argc != 3)
        fail(argv[0], "takes a directory, and an operation");
    begin(c, VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT32,
                         .initializer = "random_normal(0,0.1)"));
    if (argc == 2)
        make(c, argv[1]);
    else
        count(find(argv[2]), c, argv[1]);
    end(c);
    return 0;
}
