/* scenario_read.c - what reads values, compares and checks them, and copies them elsewhere. */
#include "scenario.h"

static int saw(scene *s, int rc, const void *data, size_t bytes)
{
    if (rc == VARSDB_OK)
        scene_saw(s, data, bytes);
    return rc;
}

static int read_large(scene *s, const varsdb_variable *v)
{
    unsigned char all[SCENE_LARGE];
    return saw(s, varsdb_read(s->db, v, all, sizeof all), all, sizeof all);
}

static int read_small(scene *s, const varsdb_variable *v)
{
    unsigned char all[40];
    return saw(s, varsdb_read(s->db, v, all, sizeof all), all, sizeof all);
}

static int read_range(scene *s, const varsdb_variable *v)
{
    unsigned char some[2000];
    return saw(s, varsdb_read_range(s->db, v, 900, some, sizeof some), some, sizeof some);
}

static const varsdb_slice odd = {1, VARSDB_INDEX(1000), VARSDB_INDEX(700), VARSDB_INDEX(3)};

static int read_slice(scene *s, const varsdb_variable *v)
{
    unsigned char some[700];
    return saw(s, varsdb_read_slice(s->db, v, &odd, some, sizeof some), some, sizeof some);
}

static int saw_string(void *payload, const char *string, size_t bytes)
{
    scene_saw(payload, string, bytes);
    return 0;
}

static int read_strings(scene *s, const varsdb_variable *v)
{
    return varsdb_read_strings(s->db, v, saw_string, s);
}

static int read_part(scene *s, const varsdb_variable *v)
{
    float part[4];
    return saw(s, varsdb_read_part(s->db, v, 1, part, sizeof part), part, sizeof part);
}

static int read_nothing(scene *s, const varsdb_variable *v)
{
    float all[2];
    return varsdb_read(s->db, v, all, sizeof all);
}

static int read_range_at(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t id;
    unsigned char all[SCENE_LARGE];
    int rc = varsdb_find_snapshot(s->db, "s", &id);
    if (rc == VARSDB_OK)
        rc = varsdb_read_range_at(s->db, id, "lost/c", 0, all, sizeof all);
    return saw(s, rc, all, sizeof all);
}

static int read_slice_at(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t id;
    unsigned char some[700];
    int rc = varsdb_find_snapshot(s->db, "#1", &id);
    if (rc == VARSDB_OK)
        rc = varsdb_read_slice_at(s->db, id, "a", &odd, some, sizeof some);
    return saw(s, rc, some, sizeof some);
}

static int read_strings_at(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t id;
    int rc = varsdb_find_snapshot(s->db, "step:10", &id);
    return rc == VARSDB_OK ? varsdb_read_strings_at(s->db, id, "text", saw_string, s) : rc;
}

static int loss(scene *s, const varsdb_variable *v)
{
    double is = 0;
    return saw(s, varsdb_regularization_loss(s->db, v, &is), &is, sizeof is);
}

/* ---- all of it */

static int saw_difference(void *payload, const varsdb_difference *d)
{
    scene_saw_text(payload, d->name);
    scene_saw(payload, &d->change, sizeof d->change);
    scene_saw(payload, &d->max_abs, sizeof d->max_abs);
    return 0;
}

static int diff(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_diff(s->db, 1, 0, NULL, saw_difference, s);
}

static int diff_hashes(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_diff(s->db, 0, 1, VARSDB_DIFF(.hashes_only = 1), saw_difference, s);
}

static int saw_finding(void *payload, const varsdb_finding *finding)
{
    scene_saw_text(payload, finding->text);
    return 0;
}

static int verify(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_verify(s->db, NULL, saw_finding, s);
}

static int verify_quickly(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_verify(s->db, VARSDB_UPKEEP(.quick = 1), saw_finding, s);
}

static int saw_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    (void)names;
    for (size_t i = 0; i < columns; i++)
        scene_saw_text(payload, values[i].text);
    return 0;
}

static int query(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_query(s->db, "SELECT name, tensor_json(id), hash FROM variables ORDER BY name", saw_row, s);
}

static int back_up(scene *s, const varsdb_variable *v)
{
    (void)v;
    return varsdb_backup(s->db, s->copy, NULL);
}

static int export_file(scene *s, const varsdb_variable *v)
{
    (void)v;
    int64_t count = 0;
    int rc = varsdb_export(s->db, s->out, VARSDB_EXPORT(.filter = VARSDB_FILTER(.glob = "[ab]")), &count);
    return saw(s, rc, &count, sizeof count);
}

static int picture(scene *s, const varsdb_variable *v)
{
    int rc = varsdb_begin_read(s->db);
    if (rc != VARSDB_OK)
        return rc;
    rc = scene_keep(s, read_large(s, v));
    int end = varsdb_commit(s->db);
    return rc == VARSDB_OK ? end : rc;
}

const scenario scenario_reads[] = {
    {"read", read_large, "a", 0, SCENE_FULL},
    {"read, small", read_small, "b", 0, SCENE_FULL},
    {"read, no value", read_nothing, "empty", 0, SCENE_FULL},
    {"read_range", read_range, "a", 0, SCENE_FULL},
    {"read_slice", read_slice, "a", 0, SCENE_FULL},
    {"read_strings", read_strings, "text", 0, SCENE_FULL},
    {"read_part", read_part, "parted", 0, SCENE_FULL},
    {"read_range_at", read_range_at, NULL, 0, SCENE_FULL},
    {"read_slice_at", read_slice_at, NULL, 0, SCENE_FULL},
    {"read_strings_at", read_strings_at, NULL, 0, SCENE_FULL},
    {"regularization_loss", loss, "model/w", 0, SCENE_FULL},
    {"regularization_loss of all", loss, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"diff", diff, NULL, 0, SCENE_FULL},
    {"diff, hashes", diff_hashes, NULL, 0, SCENE_FULL},
    {"verify", verify, NULL, SCENARIO_EMPTY, SCENE_FULL},
    {"verify, quick", verify_quickly, NULL, 0, SCENE_FULL},
    {"query", query, NULL, SCENARIO_EMPTY | SCENARIO_OWN | SCENARIO_ALONE, SCENE_FULL},
    {"backup", back_up, NULL, SCENARIO_EMPTY | SCENARIO_OWN | SCENARIO_ALONE | SCENARIO_COPIES, SCENE_FULL},
    {"export", export_file, NULL, 0, SCENE_FULL},
    {"begin_read", picture, "a", SCENARIO_ALONE, SCENE_FULL},
    {NULL, NULL, NULL, 0, SCENE_FULL},
};
