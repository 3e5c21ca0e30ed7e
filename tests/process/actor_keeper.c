/*
 * actor_keeper.c PATH JOURNAL KEEPER SEED - changes and keeps what upkeep.h says, in a namespace of its
 * own, until it is killed; another one goes on from there.  Backups go beside PATH.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/actor.h"
#include "../support/upkeep.h"
#include "internal.h"

#define METADATA_BYTES 512

typedef struct keeper {
    varsdb *db;
    const char *path;
    int fd, number;
    int64_t step;
    const char *doing;
    int64_t holds[THINGS];
    test_random random;
    void *buffer, *other; /* of the largest thing */
} keeper;

/* ---- the journal */

static int record(keeper *k, keeper_kind kind, unsigned thing, int64_t number)
{
    keeper_record r = {kind, thing, k->step, number};
    if (write(k->fd, &r, sizeof r) != (ssize_t)sizeof r || fdatasync(k->fd) != 0)
        return VARSDB_IO;
    return VARSDB_OK;
}

static int intend(keeper *k, unsigned thing, int64_t number)
{
    return record(k, KEEPER_INTENT, thing, number);
}

static int acknowledge(keeper *k, int rc)
{
    return rc == VARSDB_OK ? record(k, KEEPER_DONE, 0, 0) : rc;
}

/* The last step; what a kill left of a last record is cut off. */
static bool resume(keeper *k)
{
    keeper_record r;
    off_t whole = 0;
    while (pread(k->fd, &r, sizeof r, whole) == (ssize_t)sizeof r) {
        k->step = r.step;
        whole += (off_t)sizeof r;
    }
    return ftruncate(k->fd, whole) == 0;
}

/* ---- things */

static int find(keeper *k, unsigned thing, const varsdb_variable **v)
{
    return varsdb_find_variable(k->db, keeper_name(thing), v);
}

static int create(keeper *k, unsigned thing, int64_t number)
{
    const varsdb_variable *v;
    varsdb_dtype dtype = keeper_dtype(thing);
    size_t bytes = keeper_bytes(k->number, thing);
    int64_t elements = (int64_t)(bytes * 8) / varsdb_dtype_bits(dtype);
    keeper_fill(k->number, thing, number, k->buffer);
    return varsdb_get_variable(k->db, keeper_name(thing),
                               VARSDB_WITH(.dtype = dtype, .shape = VARSDB_SHAPE(elements),
                                           .value = k->buffer, .value_bytes = bytes, .reuse = VARSDB_CREATE),
                               NULL, &v);
}

static int create_rows(keeper *k)
{
    const varsdb_variable *v;
    int64_t elements = (int64_t)(keeper_bytes(k->number, THING_ROW) / sizeof(int64_t));
    return varsdb_get_variable(k->db, keeper_name(THING_ROW),
                               VARSDB_WITH(.dtype = VARSDB_INT64,
                                           .shape = VARSDB_SHAPE(KEEPER_ROWS, elements),
                                           .initializer = "zeros"),
                               NULL, &v);
}

/* What a predecessor left is what counts from here on. */
static int look_around(keeper *k)
{
    int rc = VARSDB_OK;
    k->step++;
    for (unsigned i = 0; rc == VARSDB_OK && i < THINGS; i++) {
        rc = keeper_read(k->db, k->number, i, 0, &k->holds[i]);
        if (rc == VARSDB_OK)
            rc = intend(k, i, k->holds[i]);
    }
    rc = acknowledge(k, rc);
    for (unsigned i = 0; rc == VARSDB_OK && i <= THING_ROW; i++) {
        if (k->holds[i] != KEEPER_ABSENT || i == THING_AGAIN)
            continue;
        k->step++;
        for (unsigned row = 1; rc == VARSDB_OK && i == THING_ROW && row < KEEPER_ROWS; row++)
            rc = intend(k, i + row, k->holds[i + row] = 0);
        if (rc == VARSDB_OK)
            rc = intend(k, i, k->holds[i] = i == THING_ROW ? 0 : 1);
        if (rc == VARSDB_OK)
            rc = acknowledge(k, i == THING_ROW ? create_rows(k) : create(k, i, 1));
    }
    return rc;
}

static int set(keeper *k, unsigned thing, int64_t number)
{
    k->holds[thing] = number;
    return intend(k, thing, number);
}

/* ---- steps on values */

static int assign_large(keeper *k)
{
    const varsdb_variable *v;
    int rc = find(k, THING_LARGE, &v);
    if (rc == VARSDB_OK)
        rc = set(k, THING_LARGE, k->step);
    keeper_fill(k->number, THING_LARGE, k->step, k->buffer);
    return rc == VARSDB_OK ? varsdb_assign(k->db, v, k->buffer, keeper_bytes(k->number, THING_LARGE)) : rc;
}

static int assign_pair(keeper *k)
{
    varsdb_assignment both[2] = {{.data = k->buffer, .bytes = keeper_bytes(k->number, THING_PAIR)},
                                 {.data = k->other, .bytes = keeper_bytes(k->number, THING_PAIR_TOO)}};
    int rc = find(k, THING_PAIR, &both[0].variable);
    if (rc == VARSDB_OK)
        rc = find(k, THING_PAIR_TOO, &both[1].variable);
    if (rc == VARSDB_OK)
        rc = set(k, THING_PAIR, k->step);
    if (rc == VARSDB_OK)
        rc = set(k, THING_PAIR_TOO, k->step);
    keeper_fill(k->number, THING_PAIR, k->step, k->buffer);
    keeper_fill(k->number, THING_PAIR_TOO, k->step, k->other);
    return rc == VARSDB_OK ? varsdb_assign_all(k->db, both, 2) : rc;
}

static int write_pieces(keeper *k, varsdb_writer *w)
{
    size_t bytes = keeper_bytes(k->number, THING_WRITTEN);
    int rc = VARSDB_OK;
    for (size_t at = 0, n; rc == VARSDB_OK && at < bytes; at += n) {
        n = 1 + (size_t)random_below(&k->random, 700000);
        n = n < bytes - at ? n : bytes - at;
        rc = varsdb_append(w, (char *)k->buffer + at, n);
    }
    if (rc == VARSDB_OK && random_below(&k->random, 2))
        rc = varsdb_stage(w);
    return rc == VARSDB_OK ? varsdb_finish(w) : rc;
}

static int write_piecewise(keeper *k)
{
    const varsdb_variable *v;
    varsdb_writer *w = NULL;
    int rc = find(k, THING_WRITTEN, &v);
    if (rc == VARSDB_OK)
        rc = set(k, THING_WRITTEN, k->step);
    keeper_fill(k->number, THING_WRITTEN, k->step, k->buffer);
    if (rc == VARSDB_OK)
        rc = varsdb_open_writer(k->db, v, &w);
    if (rc == VARSDB_OK)
        rc = write_pieces(k, w);
    varsdb_close_writer(w);
    return rc;
}

static int add(keeper *k)
{
    const varsdb_variable *v;
    int rc = find(k, THING_SUM, &v);
    if (rc == VARSDB_OK)
        rc = set(k, THING_SUM, k->holds[THING_SUM] + 3);
    keeper_fill(k->number, THING_SUM, 3, k->buffer);
    return rc == VARSDB_OK ? varsdb_assign_add(k->db, v, k->buffer, keeper_bytes(k->number, THING_SUM)) : rc;
}

static int assign_row(keeper *k)
{
    const varsdb_variable *v;
    int64_t row = (int64_t)random_below(&k->random, KEEPER_ROWS);
    unsigned thing = THING_ROW + (unsigned)row;
    int rc = find(k, thing, &v);
    if (rc == VARSDB_OK)
        rc = set(k, thing, k->step);
    keeper_fill(k->number, thing, k->step, k->buffer);
    if (rc != VARSDB_OK)
        return rc;
    return varsdb_assign_slice(
        k->db, v, VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(row, 0), .size = VARSDB_INDEX(1, -1)),
        k->buffer, keeper_bytes(k->number, thing));
}

static int delete_or_create(keeper *k)
{
    const varsdb_variable *v;
    bool there = k->holds[THING_AGAIN] != KEEPER_ABSENT;
    int rc = set(k, THING_AGAIN, there ? KEEPER_ABSENT : k->step);
    if (rc != VARSDB_OK || !there)
        return rc == VARSDB_OK ? create(k, THING_AGAIN, k->step) : rc;
    rc = find(k, THING_AGAIN, &v);
    return rc == VARSDB_OK ? varsdb_delete_variable(k->db, v) : rc;
}

/* ---- steps on snapshots */

typedef struct picked {
    test_random *random;
    uint64_t seen;
    bool pinned_too;
    int64_t id, number; /* number: in its name; 0 of the pinned one */
    int64_t numbers[THINGS];
} picked;

/* Any of them with the same chance. */
static int pick(void *payload, const varsdb_snapshot_info *info)
{
    picked *p = payload;
    int64_t step, numbers[THINGS];
    if ((info->pinned && !p->pinned_too) || !keeper_understand(info->metadata, &step, numbers))
        return 0;
    if (random_below(p->random, ++p->seen) == 0) {
        p->id = info->id;
        p->number = info->pinned ? 0 : strtoll(info->name + 1, NULL, 10);
        memcpy(p->numbers, numbers, sizeof numbers);
    }
    return 0;
}

static int take_snapshot(keeper *k)
{
    char metadata[METADATA_BYTES], name[KEEPER_BYTES];
    keeper_describe(k->step, k->holds, metadata, sizeof metadata);
    snprintf(name, sizeof name, "s%" PRId64, k->step);
    int rc = intend(k, THING_SNAPSHOT, k->step);
    if (rc != VARSDB_OK)
        return rc;
    return varsdb_take_snapshot(
        k->db, VARSDB_SNAPSHOT(.name = name, .metadata = metadata, .keep_last = KEEPER_LAST), NULL);
}

static int replace_snapshot(keeper *k)
{
    char metadata[METADATA_BYTES];
    keeper_describe(k->step, k->holds, metadata, sizeof metadata);
    int rc = intend(k, THING_PINNED, k->step);
    if (rc != VARSDB_OK)
        return rc;
    return varsdb_take_snapshot(
        k->db, VARSDB_SNAPSHOT(.name = KEEPER_PINNED, .metadata = metadata, .replace = 1, .pinned = 1), NULL);
}

static int drop_snapshot(keeper *k)
{
    picked p = {.random = &k->random};
    int rc = varsdb_list_snapshots(k->db, pick, &p);
    if (rc != VARSDB_OK || !p.id)
        return rc;
    rc = intend(k, THING_DROP, p.number);
    return rc == VARSDB_OK ? varsdb_drop_snapshot(k->db, p.id) : rc;
}

static int restore(keeper *k)
{
    picked p = {.random = &k->random, .pinned_too = true};
    int rc = varsdb_list_snapshots(k->db, pick, &p);
    for (unsigned i = 0; rc == VARSDB_OK && p.id && i < THINGS; i++)
        if (p.numbers[i] != KEEPER_ABSENT)
            rc = set(k, i, p.numbers[i]);
    if (rc != VARSDB_OK || !p.id)
        return rc;
    return varsdb_restore(k->db, p.id, VARSDB_RESTORE(.ignore_missing = 1));
}

/* ---- upkeep */

static int collect(keeper *k)
{
    return varsdb_collect_garbage(k->db, NULL, NULL, NULL, NULL);
}

static int back_up(keeper *k)
{
    char path[1024];
    snprintf(path, sizeof path, "%s.backup.%d.%" PRId64, k->path, k->number, k->step);
    int rc = intend(k, THING_BACKUP, k->step);
    return rc == VARSDB_OK ? varsdb_backup(k->db, path, NULL) : rc;
}

static int work(keeper *k)
{
    static const struct {
        const char *name;
        int (*run)(keeper *);
    } steps[] = {
        {"assign", assign_large},
        {"assign", assign_large},
        {"assign_all", assign_pair},
        {"writer", write_piecewise},
        {"writer", write_piecewise},
        {"assign_add", add},
        {"assign_slice", assign_row},
        {"take_snapshot", take_snapshot},
        {"collect_garbage", collect},
        {"delete or create", delete_or_create},
        {"delete or create", delete_or_create},
        {"take_snapshot, replace", replace_snapshot},
        {"restore", restore},
        {"drop_snapshot", drop_snapshot},
    };
    const size_t count = sizeof steps / sizeof *steps;
    k->doing = "looking around";
    int rc = look_around(k);
    while (rc == VARSDB_OK) {
        k->step++;
        uint64_t i = random_below(&k->random, 4 * count + 1);
        k->doing = i == 0 ? "backup" : steps[i % count].name;
        rc = acknowledge(k, i == 0 ? back_up(k) : steps[i % count].run(k));
    }
    return rc;
}

int main(int argc, char **argv)
{
    char space[KEEPER_BYTES];
    if (argc != 5)
        return 2;
    keeper k = {.path = argv[1], .number = (int)strtol(argv[3], NULL, 10)};
    k.random.state = strtoull(argv[4], NULL, 10);
    k.buffer = malloc(keeper_bytes(0, THING_LARGE));
    k.other = malloc(keeper_bytes(0, THING_LARGE));
    k.fd = open(argv[2], O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    const varsdb_open_options *options =
        VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .in = keeper_space(k.number, space));
    int rc = varsdb_open(argv[1], options, &k.db);
    if (rc == VARSDB_OK && k.number)
        k.db->save_bytes = KEEPER_SAVE;
    if (rc == VARSDB_OK && k.buffer && k.other && k.fd >= 0 && resume(&k))
        rc = work(&k);
    fprintf(stderr, "keeper %d, step %" PRId64 ", %s: %s: %s\n", k.number, k.step,
            k.doing ? k.doing : "opening", varsdb_errname(rc), varsdb_errmsg(k.db));
    varsdb_close(k.db);
    free(k.buffer);
    free(k.other);
    return 1;
}
