/*
 * upkeep.h - what actor_keeper.c, which may be killed at any time, does to its namespace, and how
 * test_killed_upkeep.c finds out whether all of it is there.
 *
 * Each keeper has the same few things.  What a thing holds is decided by a number: every element of it, or
 * a mixture of chunks that several keepers have and chunks that nobody else has.  A keeper's journal has,
 * synced, what each step is to bring about before it is done, and that it is done afterwards.
 */
#ifndef TEST_UPKEEP_H
#define TEST_UPKEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varsdb.h"

#define KEEPER_ROWS    4
#define KEEPER_ABSENT  ((int64_t)-1)
#define KEEPER_TORN    ((int64_t)-2)
#define KEEPER_LAST    3 /* snapshots that retention keeps */
#define KEEPER_PINNED  "kept"
#define KEEPER_BYTES   64
#define KEEPER_SAVE    ((size_t)512 << 10) /* short transactions of all keepers but the first */
#define KEEPER_CHUNKED ((size_t)256 << 10)

/* Things with a number. */
typedef enum keeper_thing {
    THING_LARGE, /* varsdb_assign; the first keeper's is larger than a part of a save is by default */
    THING_PAIR,  /* varsdb_assign_all: both have one number */
    THING_PAIR_TOO,
    THING_WRITTEN, /* a writer */
    THING_SUM,     /* varsdb_assign_add */
    THING_AGAIN,   /* deleted and created again: ABSENT in between */
    THING_ROW,     /* varsdb_assign_slice: KEEPER_ROWS rows of one variable */
    THINGS = THING_ROW + KEEPER_ROWS,
    /* and without one; number is the step that took it, or the number in its name */
    THING_SNAPSHOT = THINGS,
    THING_DROP,
    THING_PINNED, /* the snapshot KEEPER_PINNED, replaced again and again */
    THING_BACKUP
} keeper_thing;

typedef enum keeper_kind {
    KEEPER_INTENT = 1,
    KEEPER_DONE = 2 /* of all intents of that step; thing and number do not apply */
} keeper_kind;

typedef struct keeper_record {
    uint32_t kind, thing;
    int64_t step, number; /* steps grow from record to record */
} keeper_record;

/* The namespace of a keeper. */
const char *keeper_space(int keeper, char out[KEEPER_BYTES]);
/* A thing's variable; rows have the same. */
const char *keeper_name(unsigned thing);
size_t keeper_bytes(int keeper, unsigned thing);
varsdb_dtype keeper_dtype(unsigned thing);
/* What it is for the number: of a row, the row alone. */
void keeper_fill(int keeper, unsigned thing, int64_t number, void *out);
/* The number of what `data` holds, or TORN. */
int64_t keeper_recognize(int keeper, unsigned thing, const void *data);

/* As it is now (snapshot 0), or was. */
int keeper_read(varsdb *db, int keeper, unsigned thing, int64_t snapshot, int64_t *number);
/* The metadata of a snapshot: the step that took it, and the numbers of all things. */
void keeper_describe(int64_t step, const int64_t numbers[THINGS], char *out, size_t room);
bool keeper_understand(const char *metadata, int64_t *step, int64_t numbers[THINGS]);

#endif
