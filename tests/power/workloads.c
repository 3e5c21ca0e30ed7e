/* workloads.c - see workloads.h. */
#include "workloads.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../support/small_chunks.h"
#include "calls.h"
#include "engine_sqlite.h"
#include "handles.h"
#include "internal.h"
#include "judge.h"
#include "migrate.h"
#include "need.h"

#define LARGE     (6 * CHUNK)
#define SMALL     40
#define STEPS_MAX 16

const char *workloads_failure(void)
{
    static char failure[512];
    snprintf(failure, sizeof failure, "%s", db ? varsdb_errmsg(db) : "");
    return failure;
}

/* ---- values */

static const unsigned char *content(int which)
{
    static unsigned char value[LARGE];
    for (size_t i = 0; i < LARGE; i++)
        value[i] = (unsigned char)((i / CHUNK + 1) * (size_t)which + i % 251);
    return value;
}

static const varsdb_variable *find(varsdb *handle, const char *name)
{
    const varsdb_variable *v = NULL;
    return varsdb_find_variable(handle, name, &v) == VARSDB_OK ? v : NULL;
}

static int get(const char *name, int64_t bytes, int which)
{
    const varsdb_variable *v;
    return varsdb_get_variable(db, name,
                               VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(bytes),
                                           .value = content(which), .value_bytes = (size_t)bytes),
                               NULL, &v);
}

static int assign_large(int which)
{
    return varsdb_assign(db, find(db, "a"), content(which), LARGE);
}

static int assign_small(int which)
{
    return varsdb_assign(db, find(db, "b"), content(which), SMALL);
}

/* ---- what is there before */

static void done(int rc)
{
    must(rc == VARSDB_OK, "preparing: %s: %s", varsdb_errname(rc), varsdb_errmsg(db));
}

/* An empty registry with small chunks. */
static void prepare_empty(void)
{
    done(open_handle(JUDGE_REGISTRY, VARSDB_CREATE_FILE, &db));
    close_registry();
    must(small_chunks_make(JUDGE_REGISTRY, 64, CHUNK), "the chunks cannot be made small");
}

static void prepare(void)
{
    prepare_empty();
    done(open_registry());
    done(get("a", LARGE, 1));
    done(get("b", SMALL, 2));
    done(get("c/lost", LARGE, 3));
    done(get("c/d/e", SMALL, 4));
    done(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    done(varsdb_delete_variable(db, find(db, "c/lost")));
    done(assign_large(5));
    close_registry();
}

/* ---- creating */

static int create_registry(void)
{
    return open_handle(JUDGE_REGISTRY, VARSDB_CREATE_FILE, &db);
}

static int get_first(void)
{
    return get("a", LARGE, 1);
}

static int get_second(void)
{
    return get("x/y/b", SMALL, 2);
}

static int get_drawn(void)
{
    const varsdb_variable *v;
    return varsdb_model_variable(
        db, "layer/w", VARSDB_WITH(.shape = VARSDB_SHAPE(5, 2), .regularizer = "l2(0.5)"), NULL, &v);
}

static int get_many(void)
{
    int rc = varsdb_begin(db);
    for (int i = 0; rc == VARSDB_OK && i < 12; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/v%d", i);
        rc = get(name, i % 3 ? SMALL : LARGE, i + 7);
    }
    return rc == VARSDB_OK ? varsdb_commit(db) : rc;
}

static int build_registry(void)
{
    return open_handle(JUDGE_REGISTRY, VARSDB_BUILD, &db);
}

static int publish_registry(void)
{
    return varsdb_publish(db);
}

/* ---- assigning */

static int assign_1(void)
{
    return assign_large(6);
}

static int assign_2(void)
{
    return assign_large(7);
}

static int assign_small_1(void)
{
    return assign_small(8);
}

static int assign_small_2(void)
{
    return assign_small(9);
}

static int assign_small_3(void)
{
    return varsdb_assign_add(db, find(db, "b"), content(1), SMALL);
}

static int assign_both(void)
{
    varsdb_assignment all[] = {{find(db, "a"), content(10), LARGE}, {find(db, "b"), content(10), SMALL}};
    return varsdb_assign_all(db, all, 2);
}

static int assign_within(void)
{
    int rc = varsdb_begin(db);
    if (rc == VARSDB_OK)
        rc = assign_large(11);
    if (rc == VARSDB_OK)
        rc = assign_small(11);
    return rc == VARSDB_OK ? varsdb_commit(db) : rc;
}

static int roll_back(void)
{
    int rc = varsdb_begin(db);
    if (rc == VARSDB_OK)
        rc = assign_large(12);
    return rc == VARSDB_OK ? varsdb_rollback(db) : rc;
}

static int write_pieces(void)
{
    varsdb_writer *w = NULL;
    int rc = varsdb_open_writer(db, find(db, "a"), &w);
    for (size_t at = 0; rc == VARSDB_OK && at < LARGE; at += LARGE / 8)
        rc = varsdb_append(w, content(13) + at, LARGE / 8);
    if (rc == VARSDB_OK)
        rc = varsdb_stage(w);
    if (rc == VARSDB_OK)
        rc = varsdb_begin(db);
    if (rc == VARSDB_OK)
        rc = varsdb_finish(w);
    if (rc == VARSDB_OK)
        rc = varsdb_commit(db);
    varsdb_close_writer(w);
    return rc;
}

static int assign_other(void)
{
    return varsdb_assign(other, find(other, "b"), content(14), SMALL);
}

/* ---- changing names and collections */

static int delete_variable(void)
{
    return varsdb_delete_variable(db, find(db, "a"));
}

static int delete_scope(void)
{
    return varsdb_delete_scope(db, "c", NULL);
}

static int collect_garbage(void)
{
    return varsdb_collect_garbage(db, NULL, NULL, NULL, NULL);
}

static int rename_scope(void)
{
    return varsdb_rename_scope(db, "c", "z");
}

static int rename_variable(void)
{
    return varsdb_rename_variable(db, find(db, "a"), "q/r/a");
}

static int collect(void)
{
    return varsdb_collect(db, "mine", find(db, "a"));
}

static int collect_model(void)
{
    return varsdb_collect(db, VARSDB_MODEL, find(db, "b"));
}

static int uncollect(void)
{
    return varsdb_uncollect(db, VARSDB_TRAINABLE, find(db, "a"));
}

static int set_attribute(void)
{
    return varsdb_set_attribute(db, NULL, "key", "{\"a\":[1,2]}");
}

static int set_defaults(void)
{
    static const varsdb_scope_defaults defaults = {.initializer = "ones"};
    return varsdb_set_scope_defaults(db, "c/new", &defaults);
}

static int create_namespace(void)
{
    static const int64_t seed = 9;
    int rc = varsdb_create_namespace(db, "run", &seed);
    return rc == VARSDB_OK ? varsdb_use_namespace(db, "run") : rc;
}

static int delete_namespace(void)
{
    return varsdb_delete_namespace(db, "run");
}

/* ---- snapshots */

static int take_snapshot(void)
{
    return varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "t"), NULL);
}

static int replace_snapshot(void)
{
    return varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s", .replace = 1), NULL);
}

static int drop_snapshot(void)
{
    int64_t id = 0;
    int rc = varsdb_find_snapshot(db, "t", &id);
    return rc == VARSDB_OK ? varsdb_drop_snapshot(db, id) : rc;
}

static int restore(void)
{
    int64_t id = 0;
    int rc = varsdb_find_snapshot(db, "s", &id);
    return rc == VARSDB_OK ? varsdb_restore(db, id, NULL) : rc;
}

/* ---- files */

static int give_bytes(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    (void)payload;
    memcpy(buffer, content(15 + (int)i) + offset, bytes);
    return VARSDB_OK;
}

static int write_tensors(const char *path)
{
    static const int64_t large = LARGE, small = SMALL;
    const varsdb_tensor_info tensors[] = {
        {.name = "x", .dtype = VARSDB_UINT8, .shape = {1, &large}, .bytes = LARGE},
        {.name = "y", .dtype = VARSDB_UINT8, .shape = {1, &small}, .bytes = SMALL},
    };
    return varsdb_write_file(path, NULL, tensors, 2, give_bytes, NULL, NULL, 0);
}

static void prepare_import(void)
{
    prepare();
    done(write_tensors(DISK_ROOT "/in.safetensors"));
}

static void prepare_build(void)
{
    done(write_tensors(DISK_ROOT "/in.safetensors"));
}

static int import_file(void)
{
    return varsdb_import(db, DISK_ROOT "/in.safetensors", VARSDB_IMPORT(.scope = "imported"));
}

static void prepare_export(void)
{
    prepare();
    done(write_tensors(JUDGE_EXPORT));
}

static int export_file(void)
{
    return varsdb_export(db, JUDGE_EXPORT, NULL, NULL);
}

static int export_set(void)
{
    return varsdb_export(db, JUDGE_EXPORT, VARSDB_EXPORT(.max_shard_bytes = LARGE), NULL);
}

static int export_checkpoint(void)
{
    return varsdb_export(db, JUDGE_CHECKPOINT, VARSDB_EXPORT(.format = "tensorflow"), NULL);
}

static int back_up(void)
{
    return varsdb_backup(db, JUDGE_COPY, NULL);
}

/* ---- the log */

static int checkpoint(void)
{
    return varsdb_checkpoint(db);
}

/* As it is when a log has grown long: it is copied by a commit, and cut. */
static int shorten_log(void)
{
    vdb_sqlite *s = vdb_sqlite_of(db->engine);
    s->log.limit = 12;
    s->log.kept = 4;
    return VARSDB_OK;
}

/* ---- migrations */

static int migrate(void)
{
    vdb_migration steps[STEPS_MAX];
    vdb_engine *engine = NULL;
    vdb_error error = {0};
    vdb_engine_options options = {.path = JUDGE_REGISTRY, .timeout_ms = 1000};
    size_t n = vdb_migration_count;
    memcpy(steps, vdb_migrations, n * sizeof *steps);
    steps[n] = (vdb_migration){steps[n - 1].number + 1, "next.sql", "0123",
                               "CREATE TABLE {schema}.next_step (a INTEGER) STRICT;"
                               "INSERT INTO {schema}.next_step VALUES (1);"
                               "UPDATE {schema}.varsdb_namespaces SET seed = 77"};
    int rc = vdb_sqlite_open(&error, &options, &engine);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_migrate_file(engine, &error, JUDGE_REGISTRY, false, steps, n + 1);
    engine->methods->close(engine);
    return rc;
}

/* ---- a host's connection, with a journal */

/* Some client took the registry out of its mode. */
static void prepare_without_log(void)
{
    prepare();
    prepare_host("PRAGMA journal_mode=DELETE");
}

static void prepare_no_links(void)
{
    calls_set_links(false);
}

static int commit_host(void)
{
    if (sqlite3_exec(host, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return VARSDB_IO;
    int rc = assign_small(16);
    if (rc == VARSDB_OK)
        rc = get("hosted/v", LARGE, 17);
    if (rc == VARSDB_OK && sqlite3_exec(host, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        rc = VARSDB_IO;
    return rc;
}

void workloads_close(void)
{
    close_other();
    disconnect_host();
    calls_set_links(true);
}

const workload workloads[] = {
    {"create", NULL, {create_registry, close_registry}},
    {"create, without links", prepare_no_links, {create_registry, get_drawn}},
    {"create, then get", NULL, {create_registry, get_drawn, get_second, close_registry}},
    {"get or create",
     prepare_empty,
     {open_registry, get_first, get_second, get_drawn, get_first, close_registry}},
    {"create many at once", prepare_empty, {open_registry, get_many, close_registry}},
    {"assign a large value", prepare, {open_registry, assign_1, assign_2, close_registry}},
    {"assign small values", prepare, {open_registry, assign_small_1, assign_small_2, assign_small_3}},
    {"assign several", prepare, {open_registry, assign_both, assign_within, roll_back, close_registry}},
    {"write in pieces", prepare, {open_registry, write_pieces, close_registry}},
    {"delete and collect",
     prepare,
     {open_registry, delete_variable, delete_scope, collect_garbage, checkpoint}},
    {"rename", prepare, {open_registry, rename_scope, rename_variable, close_registry}},
    {"collections", prepare, {open_registry, collect, collect_model, uncollect, close_registry}},
    {"attributes", prepare, {open_registry, set_attribute, set_defaults, close_registry}},
    {"namespaces", prepare, {open_registry, create_namespace, get_first, take_snapshot, delete_namespace}},
    {"snapshots", prepare, {open_registry, take_snapshot, assign_both, replace_snapshot, drop_snapshot}},
    {"restore", prepare, {open_registry, restore, close_registry}},
    {"import", prepare_import, {open_registry, import_file, close_registry}},
    {"import into a new one", prepare_build, {build_registry, import_file, publish_registry, get_second}},
    {"export", prepare_export, {open_registry, export_file, close_registry}},
    {"export several files", prepare, {open_registry, export_set, close_registry}},
    {"export a checkpoint", prepare, {open_registry, export_checkpoint, close_registry}},
    {"back up", prepare, {open_registry, assign_small_1, back_up, close_registry}},
    {"checkpoint",
     prepare,
     {open_registry, assign_small_1, checkpoint, assign_1, checkpoint, assign_small_2, close_registry}},
    {"long log",
     prepare,
     {open_registry, shorten_log, assign_1, assign_small_1, assign_2, assign_within, assign_small_2}},
    {"two handles",
     prepare,
     {open_registry, open_other, assign_small_1, assign_other, assign_1, checkpoint, assign_other,
      close_registry, assign_other, close_other}},
    {"opened again",
     prepare,
     {open_registry, assign_small_1, close_registry, open_registry, assign_small_2, close_registry}},
    {"put back into its mode", prepare_without_log, {open_registry, assign_small_1, close_registry}},
    {"migrate", prepare, {migrate}},
    {"on a host, journal deleted", prepare, {host_deletes, assign_small_1, commit_host, disconnect_host}},
    {"on a host, journal cut", prepare, {host_cuts, assign_small_1, commit_host, disconnect_host}},
    {"on a host, journal kept", prepare, {host_overwrites, assign_small_1, commit_host, disconnect_host}},
    {"made on a host", prepare_host_with_log, {host_makes, get_first, get_second, disconnect_host}},
    {"made on a host, with a journal",
     prepare_host_with_journal,
     {host_makes_without_log, get_first, get_second, disconnect_host}},
    {"on a host, with a log", prepare, {host_has_log, assign_small_1, commit_host, disconnect_host}},
};
const int workload_count = (int)(sizeof workloads / sizeof *workloads);
