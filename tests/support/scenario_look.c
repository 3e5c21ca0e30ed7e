/* scenario_look.c - what looks for variables and lists things. */
#include "scenario.h"

static int saw_variable(void *payload, const varsdb_variable_info *info)
{
    scene *s = payload;
    scene_saw_text(s, info->name);
    scene_saw_text(s, info->shape_json);
    scene_saw_text(s, info->hash);
    scene_saw_text(s, info->collections_json);
    scene_saw(s, &info->version, sizeof info->version);
    return 0;
}

static int saw_name(void *payload, const varsdb_variable *v)
{
    scene_saw_text(payload, varsdb_variable_name(v));
    return 0;
}

/* ---- one */

static int find(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_find_variable(s->db, "model/w", &v);
    if (rc == VARSDB_OK)
        saw_name(s, v);
    return rc;
}

static int find_nothing(scene *s, const varsdb_variable *v)
{
    return varsdb_find_variable(s->db, "model/nothing", &v);
}

static int get(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_get_variable(s->db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(40)), NULL, &v);
    if (rc == VARSDB_OK)
        saw_name(s, v);
    return rc;
}

static int get_required(scene *s, const varsdb_variable *v)
{
    return varsdb_get_variable(s->db, "nothing", VARSDB_WITH(.reuse = VARSDB_REQUIRE), NULL, &v);
}

static int get_misfit(scene *s, const varsdb_variable *v)
{
    return varsdb_get_variable(s->db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(41)), NULL, &v);
}

static int get_in_scope(scene *s, const varsdb_variable *v)
{
    const varsdb_scope *scope;
    int rc = varsdb_enter_scope(s->db, "model", VARSDB_SCOPE(.reuse = VARSDB_REQUIRE), &scope);
    if (rc != VARSDB_OK)
        return rc;
    rc = scene_keep(s, varsdb_model_variable(s->db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)), NULL, &v));
    int left = varsdb_leave_scope(s->db, scope);
    return rc == VARSDB_OK ? left : rc;
}

static int describe(scene *s, const varsdb_variable *v)
{
    return varsdb_describe(s->db, v, saw_variable, s);
}

static int version(scene *s, const varsdb_variable *v)
{
    int64_t is;
    int rc = varsdb_variable_version(s->db, v, &is);
    if (rc == VARSDB_OK)
        scene_saw(s, &is, sizeof is);
    return rc;
}

static int find_part(scene *s, const varsdb_variable *v)
{
    int64_t part;
    int rc = varsdb_find_part(s->db, "parted/part_1", &v, &part);
    if (rc == VARSDB_OK)
        scene_saw(s, &part, sizeof part);
    return rc;
}

static int find_unique(scene *s, const varsdb_variable *v)
{
    return varsdb_find_unique(s->db, "model/w", &v);
}

static int global_step(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_get_global_step(s->db, &v);
    return rc == VARSDB_OK ? varsdb_check_global_step(s->db, v) : rc;
}

static int seed(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t is;
    int rc = varsdb_seed(s->db, &is);
    if (rc == VARSDB_OK)
        scene_saw(s, &is, sizeof is);
    return rc;
}

/* ---- many */

static int list(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_variables(s->db, NULL, saw_variable, s);
}

static int list_by_place(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_variables(s->db, VARSDB_FILTER(.collection = "GLOBAL", .scope = "model"), saw_variable,
                                 s);
}

static int list_by_match(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_variables(s->db, VARSDB_FILTER(.match = "[at]", .exclude = "^text", .glob = "*"),
                                 saw_variable, s);
}

static int list_by_prefix(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_variables(s->db, VARSDB_FILTER(.match_prefix = "model", .suffix = "w"), saw_variable,
                                 s);
}

static int list_to_restore(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_to_restore(s->db, (const char *const[]){"model", "a", NULL},
                                  (const char *const[]){"b", NULL}, saw_name, s);
}

static int filter(scene *s, const varsdb_variable *v)
{
    const varsdb_variable *out[1];
    size_t kept;
    int rc = varsdb_filter_variables(s->db, &v, 1, (const char *const[]){"b", NULL}, NULL, 1, out, &kept);
    if (rc == VARSDB_OK)
        scene_saw(s, &kept, sizeof kept);
    return rc;
}

static int uninitialized(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_report_uninitialized(s->db, saw_name, s);
}

static int saw_collection(void *payload, const varsdb_collection_info *info)
{
    scene_saw_text(payload, info->name);
    scene_saw(payload, &info->variables, sizeof info->variables);
    return 0;
}

static int list_collections(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_collections(s->db, saw_collection, s);
}

static int saw_scope(void *payload, const varsdb_scope_info *info)
{
    scene_saw_text(payload, info->name);
    scene_saw_text(payload, info->defaults.regularizer);
    return 0;
}

static int list_scopes(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_scopes(s->db, NULL, saw_scope, s);
}

static int saw_namespace(void *payload, const varsdb_namespace_info *info)
{
    scene_saw_text(payload, info->name);
    scene_saw(payload, &info->bytes, sizeof info->bytes);
    return 0;
}

static int list_namespaces(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_namespaces(s->db, saw_namespace, s);
}

static int use_namespace(scene *s, const varsdb_variable *v)
{
    (void)v;
    int rc = scene_keep(s, varsdb_use_namespace(s->db, "other"));
    if (rc == VARSDB_OK)
        rc = scene_keep(s, varsdb_list_variables(s->db, NULL, saw_variable, s));
    int back = varsdb_use_namespace(s->db, "main");
    return rc == VARSDB_OK ? back : rc;
}

static int saw_attribute(void *payload, const char *key, const char *json)
{
    scene_saw_text(payload, key);
    scene_saw_text(payload, json);
    return 0;
}

static int list_attributes(scene *s, const varsdb_variable *v)
{
    return varsdb_list_attributes(s->db, v, saw_attribute, s);
}

static int saw_part(void *payload, const varsdb_part *part)
{
    scene_saw(payload, &part->offset, sizeof part->offset);
    return 0;
}

static int list_parts(scene *s, const varsdb_variable *v)
{
    return varsdb_list_parts(s->db, v, saw_part, s);
}

static int saw_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    scene_saw_text(payload, info->name);
    scene_saw(payload, &info->bytes, sizeof info->bytes);
    return 0;
}

static int list_snapshots(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_list_snapshots(s->db, saw_snapshot, s);
}

static int list_of_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t id;
    int rc = varsdb_find_snapshot(s->db, "latest", &id);
    return rc == VARSDB_OK ? varsdb_list_snapshot_variables(s->db, id, NULL, saw_variable, s) : rc;
}

static int find_no_snapshot(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t id;
    int rc = varsdb_find_snapshot(s->db, "step:10", &id);
    return rc == VARSDB_OK ? varsdb_find_snapshot(s->db, "step:11", &id) : rc;
}

const scenario scenario_looks[] = {
    {"find", find, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"find, nothing", find_nothing, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"get", get, NULL, 0, SCENE_FULL},
    {"get, required", get_required, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"get, misfit", get_misfit, NULL, 0, SCENE_FULL},
    {"get in scope", get_in_scope, NULL, 0, SCENE_FULL},
    {"describe", describe, "a", 0, SCENE_FULL},
    {"version", version, "a", 0, SCENE_FULL},
    {"find_part", find_part, NULL, 0, SCENE_FULL},
    {"find_unique", find_unique, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"get_global_step", global_step, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"seed", seed, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list", list, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list by place", list_by_place, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list by match", list_by_match, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list by prefix", list_by_prefix, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list_to_restore", list_to_restore, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"filter_variables", filter, "b", 0, SCENE_FULL},
    {"report_uninitialized", uninitialized, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list_collections", list_collections, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list_scopes", list_scopes, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list_namespaces", list_namespaces, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"use_namespace", use_namespace, NULL, SCENARIO_ALONE, SCENE_FULL},
    {"list_attributes", list_attributes, "model/w", 0, SCENE_FULL},
    {"list_attributes of all", list_attributes, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list_parts", list_parts, "parted", 0, SCENE_FULL},
    {"list_snapshots", list_snapshots, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"list_snapshot_variables", list_of_snapshot, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"find_snapshot", find_no_snapshot, NULL, 0, SCENE_FULL},
    {NULL, NULL, NULL, 0, SCENE_FULL},
};
