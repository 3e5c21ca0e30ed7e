/* reading.c - see reading.h. */
#include "reading.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "seen.h"

#define PIECE_BYTES   4096
#define PIECES_MAX    4
#define VALUE_BYTES   65536
#define SNAPSHOTS_MAX 3
#define PARTS_MAX     4
#define PART_BYTES    2048 /* of the small registry's "big" */

/* ---- values */

static void *room_for(uint64_t bytes)
{
    void *room = malloc(bytes + 1);
    if (!room)
        abort();
    return room;
}

/* Of so many elements; more than is ever read where there are more. */
static uint64_t bytes_of(varsdb_dtype dtype, int rank, const int64_t *dims)
{
    uint64_t bits = (uint64_t)varsdb_dtype_bits(dtype);
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(bits, (uint64_t)dims[i], &bits))
            return VALUE_BYTES + 1;
    return bits / 8 + (bits % 8 > 0);
}

/* What the first index of the first axis has; NULL when it is too much. */
static void *slice_room(varsdb_dtype dtype, const varsdb_shape *shape, int64_t size[VARSDB_RANK_MAX],
                        uint64_t *bytes)
{
    for (int i = 0; i < shape->rank; i++)
        size[i] = i == 0 && shape->dims[i] > 0 ? 1 : shape->dims[i];
    *bytes = bytes_of(dtype, shape->rank, size);
    return *bytes <= VALUE_BYTES ? room_for(*bytes) : NULL;
}

static void read_slice(varsdb *db, const varsdb_variable *v)
{
    static const int64_t begin[VARSDB_RANK_MAX];
    int64_t size[VARSDB_RANK_MAX];
    uint64_t bytes;
    const varsdb_shape *shape = varsdb_variable_shape(v);
    void *room = slice_room(varsdb_variable_dtype(v), shape, size, &bytes);
    if (room)
        told(db, varsdb_read_slice(db, v, VARSDB_SLICE(.rank = shape->rank, .begin = begin, .size = size),
                                   room, (size_t)bytes));
    free(room);
}

static void read_value(varsdb *db, const varsdb_variable *v)
{
    char piece[PIECE_BYTES];
    int rc = VARSDB_OK;
    if (varsdb_variable_dtype(v) == VARSDB_STRING) {
        told(db, varsdb_read_strings(db, v, see_string, NULL));
        return;
    }
    const varsdb_shape *shape = varsdb_variable_shape(v);
    uint64_t bytes = bytes_of(varsdb_variable_dtype(v), shape->rank, shape->dims);
    for (uint64_t i = 0; i < PIECES_MAX && rc == VARSDB_OK; i++)
        rc = told(db, varsdb_read_range(db, v, i * (PIECE_BYTES - 1000), piece, sizeof piece));
    told(db, varsdb_read_range(db, v, 4000, piece, 200));
    read_slice(db, v);
    if (bytes > VALUE_BYTES)
        return;
    void *all = room_for(bytes);
    told(db, varsdb_read(db, v, all, (size_t)bytes));
    free(all);
}

/* ---- namespaces */

static void read_variables(varsdb *db, const names *all)
{
    const varsdb_variable *v;
    for (size_t i = 0; i < all->count; i++) {
        if (told(db, varsdb_find_variable(db, all->name[i], &v)) != VARSDB_OK)
            continue;
        told(db, varsdb_describe(db, v, see_variable, NULL));
        told(db, varsdb_list_attributes(db, v, see_attribute, NULL));
        read_value(db, v);
    }
}

static void list_all(varsdb *db, names *variables)
{
    told(db, varsdb_list_scopes(db, NULL, see_scope, NULL));
    told(db, varsdb_list_scopes(db, "a", see_scope, NULL));
    told(db, varsdb_list_collections(db, see_collection, NULL));
    told(db, varsdb_list_attributes(db, NULL, see_attribute, NULL));
    told(db, varsdb_list_variables(db, NULL, see_variable, variables));
    told(db, varsdb_list_variables(db, VARSDB_FILTER(.collection = VARSDB_MODEL), see_variable, NULL));
    told(db, varsdb_list_variables(db, VARSDB_FILTER(.scope = "a", .match = "."), see_variable, NULL));
    varsdb_seed(db, &(int64_t){0});
}

void read_namespaces(varsdb *db)
{
    names spaces = {0};
    told(db, varsdb_list_namespaces(db, see_namespace, &spaces));
    names_keep(&spaces, "main");
    for (size_t i = 0; i < spaces.count; i++) {
        names variables = {0};
        if (told(db, varsdb_use_namespace(db, spaces.name[i])) == VARSDB_OK) {
            list_all(db, &variables);
            names_keep(&variables, "a/b/w");
            names_keep(&variables, "big");
            read_variables(db, &variables);
        }
        names_release(&variables);
    }
    names_release(&spaces);
    told(db, varsdb_use_namespace(db, "main"));
}

/* ---- what is reckoned from several rows */

static void read_parts(varsdb *db)
{
    char name[32], room[PART_BYTES];
    const varsdb_variable *v;
    int64_t part;
    if (told(db, varsdb_find_variable(db, "big", &v)) == VARSDB_OK)
        told(db, varsdb_list_parts(db, v, see_part, NULL));
    for (int i = 0; i < PARTS_MAX; i++) {
        snprintf(name, sizeof name, "big/part_%d", i);
        if (told(db, varsdb_find_part(db, name, &v, &part)) == VARSDB_OK)
            told(db, varsdb_read_part(db, v, part, room, sizeof room));
    }
}

void read_selected(varsdb *db)
{
    static const char *const include[] = {"a/", ".*", NULL}, *const exclude[] = {"big", NULL};
    const varsdb_variable *v;
    const varsdb_scope *scope;
    double loss;
    read_parts(db);
    told(db, varsdb_find_unique(db, "a/u", &v));
    told(db, varsdb_list_to_restore(db, include, exclude, see_selected, NULL));
    told(db, varsdb_report_uninitialized(db, see_selected, NULL));
    told(db, varsdb_regularization_loss(db, NULL, &loss));
    if (told(db, varsdb_get_global_step(db, &v)) == VARSDB_OK)
        told(db, varsdb_check_global_step(db, v));
    if (told(db, varsdb_enter_scope(db, "a", NULL, &scope)) == VARSDB_OK)
        told(db, varsdb_leave_scope(db, scope));
}

/* ---- snapshots */

typedef struct pictures {
    int64_t id[SNAPSHOTS_MAX];
    int count;
} pictures;

static int see_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    pictures *p = payload;
    assert(info->name_space);
    if (info->metadata)
        see_attribute(NULL, "metadata", info->metadata);
    if (p->count < SNAPSHOTS_MAX)
        p->id[p->count++] = info->id;
    return 0;
}

static void read_snapshot(varsdb *db, int64_t id)
{
    static const int64_t begin[] = {0, 0}, size[] = {1, -1};
    char piece[PIECE_BYTES];
    names variables = {0};
    told(db, varsdb_list_snapshot_variables(db, id, NULL, see_variable, &variables));
    names_keep(&variables, "a/b/w");
    for (size_t i = 0; i < variables.count; i++) {
        const char *name = variables.name[i];
        told(db, varsdb_read_range_at(db, id, name, 0, piece, 16));
        told(db, varsdb_read_range_at(db, id, name, 10, piece, sizeof piece));
        told(db, varsdb_read_slice_at(db, id, name, VARSDB_SLICE(.rank = 2, .begin = begin, .size = size),
                                      piece, 12));
        told(db, varsdb_read_strings_at(db, id, name, see_string, NULL));
    }
    names_release(&variables);
}

void read_snapshots(varsdb *db)
{
    static const char *const selectors[] = {"latest", "step:3", "#1", "s"};
    pictures p = {0};
    int64_t id;
    told(db, varsdb_list_snapshots(db, see_snapshot, &p));
    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++)
        told(db, varsdb_find_snapshot(db, selectors[i], &id));
    for (int i = 0; i < p.count; i++) {
        read_snapshot(db, p.id[i]);
        told(db, varsdb_diff(db, p.id[i], 0, NULL, see_difference, NULL));
    }
    if (p.count > 1)
        told(db, varsdb_diff(db, p.id[1], p.id[0], VARSDB_DIFF(.hashes_only = 1), see_difference, NULL));
    told(db, varsdb_diff(db, 0, 1, VARSDB_DIFF(.filter = VARSDB_FILTER(.scope = "a")), see_difference, NULL));
}
