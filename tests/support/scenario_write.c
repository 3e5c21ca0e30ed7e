/* scenario_write.c - what gives values to variables, and makes them. */
#include "scenario.h"

#define BLOCK 1000 /* no divisor of anything */

static int assign(scene *s, const varsdb_variable *v)
{
    return varsdb_assign(s->db, v, scene_value(6), SCENE_LARGE);
}

static int assign_small(scene *s, const varsdb_variable *v)
{
    return varsdb_assign(s->db, v, scene_value(6), 40);
}

static int assign_strings(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_strings(s->db, v, (const char *const[]){"", "new", "strings"}, NULL, 3);
}

static int assign_json(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_json(s->db, v, "[[1,2],[3,\"NaN\"]]");
}

static int initialize(scene *s, const varsdb_variable *v)
{
    return varsdb_initialize(s->db, v, "random_normal(0,1)");
}

static int assign_if(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_if(s->db, v, 1, scene_value(6), 40);
}

static int assign_if_conflict(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_if(s->db, v, 2, scene_value(6), 40);
}

static int assign_add(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_add(s->db, v, scene_value(7), SCENE_LARGE);
}

static int assign_sub(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_sub(s->db, v, scene_value(7), 40);
}

static int assign_all(scene *s, const varsdb_variable *v)
{
    const varsdb_variable *b;
    int rc = varsdb_find_variable(s->db, "b", &b);
    varsdb_assignment all[] = {{v, scene_value(6), SCENE_LARGE}, {b, scene_value(6), 40}};
    return rc == VARSDB_OK ? varsdb_assign_all(s->db, all, 2) : rc;
}

static int assign_values(scene *s, const varsdb_variable *v)
{
    (void)v;
    const float ones[4] = {1, 2, 3, 4};
    varsdb_named_value all[] = {{"b", scene_value(6), 40}, {"model/w", ones, sizeof ones}};
    return varsdb_assign_values(s->db, all, 2);
}

static int assign_slice(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_slice(
        s->db, v, VARSDB_SLICE(.rank = 1, .begin = VARSDB_INDEX(1500), .size = VARSDB_INDEX(2000)),
        scene_value(7), 2000);
}

static int assign_part(scene *s, const varsdb_variable *v)
{
    const float part[4] = {5, 6, 7, 8};
    return varsdb_assign_part(s->db, v, 1, part, sizeof part);
}

static int assign_part_json(scene *s, const varsdb_variable *v)
{
    return varsdb_assign_part_json(s->db, v, 0, "[[1,2],[3,4]]");
}

static int append_all(varsdb_writer *w)
{
    int rc = VARSDB_OK;
    for (size_t at = 0; rc == VARSDB_OK && at < SCENE_LARGE; at += BLOCK)
        rc = varsdb_append(w, scene_value(6) + at, SCENE_LARGE - at < BLOCK ? SCENE_LARGE - at : BLOCK);
    return rc;
}

static int write_pieces(scene *s, const varsdb_variable *v)
{
    varsdb_writer *w = NULL;
    int rc = varsdb_open_writer(s->db, v, &w);
    if (rc == VARSDB_OK)
        rc = append_all(w);
    if (rc == VARSDB_OK)
        rc = varsdb_stage(w);
    if (rc == VARSDB_OK)
        rc = varsdb_finish(w);
    scene_keep(s, rc);
    varsdb_close_writer(w);
    return rc;
}

/* ---- new ones */

static int create(scene *s, const varsdb_variable *v)
{
    int created = 0;
    int rc = varsdb_get_variable(
        s->db, "new/scope/v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(SCENE_LARGE / 4), .initializer = "random_normal(0,1)"), &created,
        &v);
    if (rc == VARSDB_OK)
        scene_saw(s, &created, sizeof created);
    return rc;
}

static int create_small(scene *s, const varsdb_variable *v)
{
    return varsdb_get_variable(s->db, "model/v", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v);
}

static int create_many(scene *s, const varsdb_variable *v)
{
    return varsdb_get_variable(s->db, "new/v",
                               VARSDB_WITH(.shape = VARSDB_SHAPE(4, 2), .partitioner = "fixed_size(2,0)",
                                           .regularizer = "l1(1)", .constraint = "none at all",
                                           .collections = (const char *const[]){"x", "y", NULL}),
                               NULL, &v);
}

static int create_model(scene *s, const varsdb_variable *v)
{
    return varsdb_model_variable(s->db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v);
}

static int create_local(scene *s, const varsdb_variable *v)
{
    return varsdb_local_variable(s->db, "v", VARSDB_WITH(.value_json = "[1,2]"), NULL, &v);
}

static int join(scene *s, const varsdb_variable *v)
{
    return varsdb_model_variable(s->db, "b", VARSDB_WITH(.collections = (const char *const[]){"x", NULL}),
                                 NULL, &v);
}

static int step(scene *s, const varsdb_variable *v)
{
    int created;
    return varsdb_get_or_create_global_step(s->db, &created, &v);
}

static int import_file(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_import(s->db, s->tensors, VARSDB_IMPORT(.scope = "imported"));
}

static int import_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_import(s->db, s->tensors,
                         VARSDB_IMPORT(.as_snapshot = VARSDB_SNAPSHOT(.name = "imported")));
}

#define WRITES SCENARIO_WRITES
#define STORES (SCENARIO_WRITES | SCENARIO_STORES)

const scenario scenario_writes[] = {
    {"assign", assign, "a", STORES, SCENE_FULL},
    {"assign, small", assign_small, "b", WRITES, SCENE_FULL},
    {"assign_strings", assign_strings, "text", WRITES, SCENE_FULL},
    {"assign_json", assign_json, "model/w", WRITES, SCENE_FULL},
    {"initialize", initialize, "empty", WRITES, SCENE_FULL},
    {"assign_if", assign_if, "b", WRITES, SCENE_FULL},
    {"assign_if, conflict", assign_if_conflict, "b", WRITES, SCENE_FULL},
    {"assign_add", assign_add, "a", STORES, SCENE_FULL},
    {"assign_sub", assign_sub, "b", WRITES, SCENE_FULL},
    {"assign_all", assign_all, "a", STORES, SCENE_FULL},
    {"assign_values", assign_values, NULL, WRITES, SCENE_FULL},
    {"assign_slice", assign_slice, "a", STORES, SCENE_FULL},
    {"assign_part", assign_part, "parted", WRITES, SCENE_FULL},
    {"assign_part_json", assign_part_json, "parted", WRITES, SCENE_FULL},
    {"writer", write_pieces, "a", STORES | SCENARIO_ALONE, SCENE_FULL},
    {"create", create, NULL, STORES | SCENARIO_EMPTY, SCENE_FULL},
    {"create, small", create_small, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"create, with all", create_many, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"model_variable", create_model, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"local_variable", create_local, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"model_variable, join", join, NULL, WRITES, SCENE_FULL},
    {"global step", step, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"import", import_file, NULL, STORES | SCENARIO_EMPTY, SCENE_FULL},
    {"import, snapshot", import_snapshot, NULL, STORES | SCENARIO_EMPTY, SCENE_FULL},
    {NULL, NULL, NULL, 0, SCENE_FULL},
};
