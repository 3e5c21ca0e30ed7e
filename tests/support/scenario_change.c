/* scenario_change.c - what changes names, collections, attributes and snapshots, and whole transactions. */
#include "scenario.h"

static int collect(scene *s, const varsdb_variable *v)
{
    return varsdb_collect(s->db, "new", v);
}

static int uncollect(scene *s, const varsdb_variable *v)
{
    return varsdb_uncollect(s->db, "kept", v);
}

static int rename_variable(scene *s, const varsdb_variable *v)
{
    return varsdb_rename_variable(s->db, v, "new/place/a");
}

static int rename_scope(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_rename_scope(s->db, "model", "new/model");
}

static int delete_variable(scene *s, const varsdb_variable *v)
{
    return varsdb_delete_variable(s->db, v);
}

static int delete_scope(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t count = 0;
    int rc = varsdb_delete_scope(s->db, "model", &count);
    if (rc == VARSDB_OK)
        scene_saw(s, &count, sizeof count);
    return rc;
}

static int set_defaults(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_set_scope_defaults(s->db, "new/model",
                                     &(varsdb_scope_defaults){"zeros", "l1(1)", NULL, VARSDB_FLOAT64});
}

static int change_defaults(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_set_scope_defaults(s->db, "model", &(varsdb_scope_defaults){.initializer = ""});
}

static int set_attribute(scene *s, const varsdb_variable *v)
{
    return varsdb_set_attribute(s->db, v, "key", "[1,2]");
}

static int remove_attribute(scene *s, const varsdb_variable *v)
{
    return varsdb_set_attribute(s->db, v, "unit", NULL);
}

static int create_namespace(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_create_namespace(s->db, "third", NULL);
}

static int delete_namespace(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_delete_namespace(s->db, "other");
}

/* ---- snapshots */

static int take_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_take_snapshot(s->db, VARSDB_SNAPSHOT(.name = "t", .metadata = "[1]"), NULL);
}

static int replace_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_take_snapshot(s->db, VARSDB_SNAPSHOT(.name = "s", .replace = 1, .keep_last = 3), NULL);
}

static int set_retention(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_set_retention(s->db, 5, 10);
}

static int pin_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_pin_snapshot(s->db, 1, 1);
}

static int drop_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_drop_snapshot(s->db, 1);
}

static int restore(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_restore(s->db, 1, NULL);
}

static int restore_deleted(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_restore(
        s->db, 1,
        VARSDB_RESTORE(.scope = "lost", .renames = &(varsdb_rename){"^lost", "found"}, .rename_count = 1));
}

/* ---- keeping it */

static int collect_garbage(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_collect_garbage(s->db, NULL, NULL, NULL, NULL);
}

/* There is something in the log. */
static int checkpoint(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_set_attribute(s->db, v, "key", "1");
    return rc == VARSDB_OK ? varsdb_checkpoint(s->db) : rc;
}

/* ---- transactions */

static int change_two(scene *s, const varsdb_variable *v)
{
    const varsdb_variable *made;
    int rc = varsdb_get_variable(s->db, "new/v", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &made);
    if (rc == VARSDB_OK)
        rc = varsdb_assign(s->db, v, scene_value(6), SCENE_LARGE);
    return rc;
}

static int end(scene *s, int rc, int (*how)(varsdb *db))
{
    if (rc == VARSDB_OK)
        return how(s->db);
    scene_keep(s, rc);
    varsdb_rollback(s->db);
    return rc;
}

static int commit(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_begin(s->db);
    return rc == VARSDB_OK ? end(s, change_two(s, v), varsdb_commit) : rc;
}

static int roll_back(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_begin(s->db);
    return rc == VARSDB_OK ? end(s, change_two(s, v), varsdb_rollback) : rc;
}

static int upgrade(scene *s, const varsdb_variable *v)
{
    unsigned char some[100];
    int rc = varsdb_begin_read(s->db);
    if (rc != VARSDB_OK)
        return rc;
    rc = varsdb_read_range(s->db, v, 0, some, sizeof some);
    if (rc == VARSDB_OK)
        rc = varsdb_collect(s->db, "new", v);
    return end(s, rc, varsdb_commit);
}

static int change_in_transaction(varsdb *db, void *payload)
{
    const varsdb_variable *v = payload;
    return varsdb_assign_add(db, v, scene_value(7), SCENE_LARGE);
}

static int transact(scene *s, const varsdb_variable *v)
{
    return varsdb_transact(s->db, change_in_transaction, (void *)(uintptr_t)v);
}

#define WRITES SCENARIO_WRITES
#define STORES (SCENARIO_WRITES | SCENARIO_STORES)
#define ALONE  SCENARIO_ALONE

const scenario scenario_changes[] = {
    {"collect", collect, "a", WRITES, SCENE_FULL},
    {"uncollect", uncollect, "b", WRITES, SCENE_FULL},
    {"rename_variable", rename_variable, "a", WRITES, SCENE_FULL},
    {"rename_scope", rename_scope, NULL, WRITES, SCENE_FULL},
    {"delete_variable", delete_variable, "a", STORES, SCENE_FULL},
    {"delete_scope", delete_scope, NULL, WRITES, SCENE_FULL},
    {"set_scope_defaults", set_defaults, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"set_scope_defaults, removed", change_defaults, NULL, WRITES, SCENE_FULL},
    {"set_attribute", set_attribute, "b", WRITES, SCENE_FULL},
    {"set_attribute of all", set_attribute, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"set_attribute, removed", remove_attribute, "model/w", WRITES, SCENE_FULL},
    {"create_namespace", create_namespace, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"delete_namespace", delete_namespace, NULL, WRITES, SCENE_FULL},
    {"take_snapshot", take_snapshot, NULL, WRITES, SCENE_FULL},
    {"take_snapshot, replace", replace_snapshot, NULL, STORES, SCENE_FULL},
    {"set_retention", set_retention, NULL, WRITES | SCENARIO_EMPTY, SCENE_FULL},
    {"pin_snapshot", pin_snapshot, NULL, WRITES, SCENE_FULL},
    {"drop_snapshot", drop_snapshot, NULL, STORES, SCENE_FULL},
    {"restore", restore, NULL, WRITES, SCENE_FULL},
    {"restore, renamed", restore_deleted, NULL, WRITES, SCENE_FULL},
    {"collect_garbage", collect_garbage, NULL, STORES | ALONE | SCENARIO_EMPTY, SCENE_FULL},
    {"checkpoint", checkpoint, "b", WRITES | ALONE | SCENARIO_OWN | SCENARIO_AGAIN, SCENE_FULL},
    {"begin, commit", commit, "a", STORES | ALONE, SCENE_FULL},
    {"begin, rollback", roll_back, "a", STORES | ALONE, SCENE_FULL},
    {"begin_read, commit", upgrade, "a", WRITES | ALONE, SCENE_FULL},
    {"transact", transact, "a", STORES | ALONE, SCENE_FULL},
    {NULL, NULL, NULL, 0, SCENE_FULL},
};
