/*
 * actor_getter.c PATH - gets, deletes and renames variables as it is told, and stops between its
 * look-up and the write lock.
 *
 *     hold on|off                            whether it stops there
 *     get KIND NAME INITIALIZER SHAPE REUSE  KIND plain, model or local; SHAPE 4 or 2,3; REUSE auto ...
 *     delete NAME
 *     rename NAME NEW
 *
 * Where it stops it says "arrived" and goes on when it hears anything.  Each command is answered by
 * "RESULT CREATED BEGINS VALUE MESSAGE": the name of the result, how often the command asked for the
 * write lock, and the value's bytes in hex ("-": none).
 */
#include <stdlib.h>

#include "../support/actor.h"
#include "../support/gate.h"

#define FIELD_BYTES 256

typedef struct getter {
    varsdb *db;
    gate gate;
    bool hold;
} getter;

typedef struct command {
    char verb[FIELD_BYTES], kind[FIELD_BYTES], name[FIELD_BYTES], initializer[FIELD_BYTES],
        shape[FIELD_BYTES], reuse[FIELD_BYTES];
} command;

static void stop(void *payload, gate_point point)
{
    getter *g = payload;
    char line[ACTOR_LINE_BYTES];
    if (point != GATE_BEGIN || !g->hold)
        return;
    actor_say("arrived");
    if (!actor_hear(line))
        exit(3); /* the test is gone */
}

static int parse_shape(const char *text, int64_t dims[VARSDB_RANK_MAX])
{
    int rank = 0;
    for (char *end; *text && rank < VARSDB_RANK_MAX; text = *end ? end + 1 : end)
        dims[rank++] = strtoll(text, &end, 10);
    return rank;
}

static varsdb_reuse parse_reuse(const char *text)
{
    return strcmp(text, "create") == 0    ? VARSDB_CREATE
           : strcmp(text, "require") == 0 ? VARSDB_REQUIRE
                                          : VARSDB_AUTO;
}

static int get(getter *g, const command *c, int *created, const varsdb_variable **v)
{
    int64_t dims[VARSDB_RANK_MAX];
    varsdb_shape shape = {parse_shape(c->shape, dims), dims};
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = &shape, .initializer = c->initializer, .reuse = parse_reuse(c->reuse));
    if (strcmp(c->kind, "model") == 0)
        return varsdb_model_variable(g->db, c->name, options, created, v);
    if (strcmp(c->kind, "local") == 0)
        return varsdb_local_variable(g->db, c->name, options, created, v);
    return varsdb_get_variable(g->db, c->name, options, created, v);
}

/* The value in hex; the handle's last result stays what it was. */
static void read_hex(varsdb *db, const varsdb_variable *v, char hex[2 * FIELD_BYTES + 1])
{
    unsigned char value[FIELD_BYTES];
    const varsdb_shape *shape = varsdb_variable_shape(v);
    size_t bytes = sizeof(float);
    for (int i = 0; i < shape->rank; i++)
        bytes *= (size_t)shape->dims[i];
    if (bytes > sizeof value || varsdb_read(db, v, value, bytes) != VARSDB_OK)
        return;
    for (size_t i = 0; i < bytes; i++)
        snprintf(hex + 2 * i, 3, "%02x", value[i]);
}

static void answer(getter *g, int rc, int created, const varsdb_variable *v)
{
    char hex[2 * FIELD_BYTES + 1] = "-";
    char message[VDB_ERROR_BYTES];
    unsigned begins = g->gate.begins;
    snprintf(message, sizeof message, "%s", varsdb_errmsg(g->db));
    if (v)
        read_hex(g->db, v, hex);
    actor_say("%s %d %u %s %s", varsdb_errname(rc), created, begins, hex, message);
}

/* delete NAME, rename NAME NEW: NAME and NEW are where KIND and NAME are in get */
static int change(getter *g, const command *c)
{
    const varsdb_variable *v;
    int rc = varsdb_find_variable(g->db, c->kind, &v);
    if (rc != VARSDB_OK)
        return rc;
    return strcmp(c->verb, "delete") == 0 ? varsdb_delete_variable(g->db, v)
                                          : varsdb_rename_variable(g->db, v, c->name);
}

static void obey(getter *g, const char *line)
{
    command c = {0};
    int created = 0;
    const varsdb_variable *v = NULL;
    sscanf(line, "%255s %255s %255s %255s %255s %255s", c.verb, c.kind, c.name, c.initializer, c.shape,
           c.reuse);
    g->gate.begins = 0;
    if (strcmp(c.verb, "hold") == 0) {
        g->hold = strcmp(c.kind, "on") == 0;
        answer(g, VARSDB_OK, 0, NULL);
        return;
    }
    int rc = strcmp(c.verb, "get") == 0 ? get(g, &c, &created, &v) : change(g, &c);
    answer(g, rc, created, rc == VARSDB_OK ? v : NULL);
}

int main(int argc, char **argv)
{
    getter g = {0};
    char line[ACTOR_LINE_BYTES];
    if (argc != 2)
        return 2;
    if (varsdb_open(argv[1], VARSDB_OPEN(.program = "getter"), &g.db) != VARSDB_OK) {
        fprintf(stderr, "getter: %s\n", varsdb_errmsg(g.db));
        varsdb_close(g.db);
        return 1;
    }
    gate_install(&g.gate, g.db, stop, &g);
    while (actor_hear(line))
        obey(&g, line);
    gate_remove(&g.gate);
    varsdb_close(g.db);
    return 0;
}
