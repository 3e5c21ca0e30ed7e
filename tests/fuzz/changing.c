/* changing.c - see changing.h. */
#include "changing.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "hostile.h"
#include "seen.h"

#define BIG 768 /* elements of "big" in the small registry */

/* ---- variables */

static void write_pieces(varsdb *db, const varsdb_variable *v)
{
    static const int64_t numbers[BIG / 2] = {4, 5, 6};
    varsdb_writer *w = NULL;
    int rc = told(db, varsdb_open_writer(db, v, &w));
    for (int i = 0; i < 2 && rc == VARSDB_OK; i++)
        rc = told(db, varsdb_append(w, numbers, sizeof numbers));
    if (rc == VARSDB_OK)
        told(db, varsdb_finish(w));
    varsdb_close_writer(w);
}

static void change_big(varsdb *db)
{
    static const int64_t numbers[BIG] = {7, 8, 9};
    const varsdb_variable *v;
    if (told(db, varsdb_find_variable(db, "big", &v)) != VARSDB_OK)
        return;
    told(db, varsdb_assign_slice(
                 db, v, VARSDB_SLICE(.rank = 1, .begin = VARSDB_INDEX(500), .size = VARSDB_INDEX(20)),
                 numbers, 20 * sizeof *numbers));
    told(db, varsdb_assign_part(db, v, 1, numbers, sizeof numbers / 3));
    write_pieces(db, v);
    told(db, varsdb_assign_sub(db, v, numbers, sizeof numbers));
    told(db, varsdb_delete_variable(db, v));
}

static void change_variable(varsdb *db, const varsdb_variable *v)
{
    told(db, varsdb_assign_json(db, v, "1"));
    told(db, varsdb_collect(db, "more", v));
    told(db, varsdb_uncollect(db, VARSDB_GLOBAL, v));
    told(db, varsdb_set_attribute(db, v, "note", "[]"));
    told(db, varsdb_rename_variable(db, v, "c/renamed"));
}

void change_variables(varsdb *db)
{
    const varsdb_variable *v;
    int created;
    if (told(db, varsdb_model_variable(db, "a/b/w", NULL, &created, &v)) == VARSDB_OK)
        change_variable(db, v);
    told(db, varsdb_get_variable(db, "a/b/new", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)), &created, &v));
    if (told(db, varsdb_find_variable(db, "a/u", &v)) == VARSDB_OK) {
        told(db, varsdb_assign_json(db, v, "[3,4]"));
        told(db, varsdb_initialize(db, v, "zeros"));
        told(db, varsdb_delete_variable(db, v));
    }
    change_big(db);
    told(db, varsdb_rename_scope(db, "a", "d/e"));
    told(db, varsdb_delete_scope(db, "c", NULL));
    told(db, varsdb_get_or_create_global_step(db, &created, &v));
    told(db, varsdb_set_attribute(db, NULL, "run", NULL));
    told(db, varsdb_delete_namespace(db, "run"));
    told(db, varsdb_delete_namespace(db, "main"));
}

/* ---- snapshots */

void change_snapshots(varsdb *db)
{
    static const varsdb_rename to[] = {{"^a/(.*)", "again/$1"}};
    int64_t id;
    told(db, varsdb_restore(db, 1, VARSDB_RESTORE(.ignore_missing = 1)));
    told(db, varsdb_restore(
                 db, 2, VARSDB_RESTORE(.scope = "a", .renames = to, .rename_count = 1, .ignore_missing = 1)));
    if (told(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "new", .step = &(int64_t){5}), &id)) ==
        VARSDB_OK)
        told(db, varsdb_pin_snapshot(db, id, 1));
    told(db, varsdb_restore(db, 1, VARSDB_RESTORE(.dry_run = 1)));
    told(db, varsdb_pin_snapshot(db, 2, 0));
    told(db, varsdb_set_retention(db, 1, 2));
    told(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s", .replace = 1), NULL));
    told(db, varsdb_drop_snapshot(db, 1));
    told(db, varsdb_drop_snapshot(db, 2));
}

/* ---- upkeep */

static int see_holder(void *payload, const varsdb_holder *holder)
{
    (void)payload;
    see_attribute(NULL, holder->program, holder->host);
    return 0;
}

static void copy_all(varsdb *db)
{
    static const char *const formats[] = {"safetensors", "npz"};
    told(db, varsdb_backup(db, hostile_copy(), NULL));
    unlink(hostile_copy());
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        told(db, varsdb_export(db, hostile_copy(), VARSDB_EXPORT(.format = formats[i]), NULL));
        unlink(hostile_copy());
    }
    told(db, varsdb_export(db, hostile_copy(), VARSDB_EXPORT(.format = "safetensors", .snapshot = 1), NULL));
    unlink(hostile_copy());
}

void keep_up(varsdb *db)
{
    varsdb_garbage garbage = {.size = sizeof garbage};
    told(db, varsdb_collect_garbage(db, VARSDB_UPKEEP(.dry_run = 1), see_holder, NULL, &garbage));
    copy_all(db);
    told(db, varsdb_collect_garbage(db, NULL, see_holder, NULL, &garbage));
    told(db, varsdb_checkpoint(db));
}
