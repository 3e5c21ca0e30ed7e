/* scenario_open.c - what opens registries, makes them, and brings old ones up to date. */
#include <string.h>

#include "internal.h"
#include "migrate.h"
#include "scenario.h"

#define STEPS_MAX 16

static int open_it(scene *s, const varsdb_variable *v)
{
    (void)v;
    return scene_open(s, 0);
}

static int open_read_only(scene *s, const varsdb_variable *v)
{
    (void)v;
    return scene_open(s, VARSDB_READ_ONLY);
}

static int open_immutable(scene *s, const varsdb_variable *v)
{
    (void)v;
    return scene_open(s, VARSDB_READ_ONLY | VARSDB_IMMUTABLE);
}

static int open_new(scene *s, const varsdb_variable *v)
{
    (void)v;
    return scene_open(s, VARSDB_CREATE_FILE);
}

static int publish(scene *s, const varsdb_variable *v)
{
    int rc = scene_open(s, VARSDB_BUILD);
    if (rc == VARSDB_OK)
        rc = varsdb_get_variable(s->db, "a/v", VARSDB_WITH(.shape = VARSDB_SHAPE(40000)), NULL, &v);
    return rc == VARSDB_OK ? varsdb_publish(s->db) : rc;
}

/* The handle of a file of today, which is given a newer schema. */
static int migrate(scene *s, const varsdb_variable *v)
{
    (void)v;
    vdb_migration steps[STEPS_MAX];
    size_t count = vdb_migration_count;
    memcpy(steps, vdb_migrations, count * sizeof *steps);
    steps[count] = (vdb_migration){steps[count - 1].number + 1, "next.sql", "0123",
                                   "CREATE TABLE {schema}.next_step (a INTEGER) STRICT;"
                                   "INSERT INTO {schema}.next_step VALUES (1);"
                                   "UPDATE {schema}.varsdb_names_version SET version = 77"};
    return vdb_migrate_file(s->db->engine, &s->db->error, s->path, false, steps, count + 1);
}

#define OPENS SCENARIO_OPENS

const scenario scenario_opens[] = {
    {"open", open_it, NULL, OPENS, SCENE_FULL},
    {"open, of nothing", open_it, NULL, OPENS, SCENE_EMPTY},
    {"open, read-only", open_read_only, NULL, OPENS | SCENARIO_OWN, SCENE_FULL},
    {"open, immutable", open_immutable, NULL, OPENS | SCENARIO_OWN, SCENE_FULL},
    {"open, no file", open_it, NULL, OPENS | SCENARIO_OWN, SCENE_NONE},
    {"open, new file", open_new, NULL, OPENS | SCENARIO_OWN, SCENE_NONE},
    {"open, after a crash", open_it, NULL, OPENS | SCENARIO_OWN, SCENE_LOG},
    {"open, read-only, after a crash", open_read_only, NULL, OPENS | SCENARIO_OWN, SCENE_LOG},
    {"open, torn", open_it, NULL, OPENS | SCENARIO_OWN, SCENE_TORN},
    {"open, hot journal", open_it, NULL, OPENS | SCENARIO_OWN, SCENE_HOT},
    {"open, not in WAL mode", open_it, NULL, OPENS | SCENARIO_OWN, SCENE_ODD},
    {"build, publish", publish, NULL, OPENS | SCENARIO_OWN, SCENE_NONE},
    {"migrate", migrate, NULL, SCENARIO_WRITES | SCENARIO_ALONE | SCENARIO_SCHEMA, SCENE_FULL},
    {NULL, NULL, NULL, 0, SCENE_FULL},
};
