/*
 * player.h - handles that make random calls, each checked against the model as that handle sees it.
 */
#ifndef TESTS_PLAYER_H
#define TESTS_PLAYER_H

#include "actor.h"
#include "model.h"
#include "temp.h"

#define HANDLES 2
#define KNOWN   64 /* objects that a handle has been given */
#define DEPTH   3
#define CALLS   32 /* different ones */

typedef struct known {
    int64_t key;
    const varsdb_variable *object;
} known;

typedef struct handle {
    varsdb *db;
    bool in_transaction, strict; /* strict: opened with CREATE at the root */
    bool is_reading;             /* in a transaction that keeps a picture, this: */
    model picture;
    known known[KNOWN];
    int count;
    varsdb_reuse reuse[DEPTH + 1];
    char scope[DEPTH + 1][MODEL_NAME_BYTES];
    int depth;
} handle;

typedef struct player_run {
    uint64_t seed;
    int step;
    const char *call;
    test_random random;
    temp_dir dir;
    char path[TEMP_PATH_BYTES];
    handle handles[HANDLES];
    model committed, working; /* working: as the handle in a transaction sees it */
    struct {
        const char *call;
        long done, refused;
    } counts[CALLS];
    int save_bytes; /* 0: as usual */
} player_run;
extern player_run run;

int64_t below(int64_t n);
bool once_in(int n);

model *seen_by(handle *h);
/* The result of run.call on the handle; fails the test if it is not the expected one, or has no message. */
void expect_result(handle *h, int expected, int rc);

/* One random call: that only looks, or that may write. */
void player_look(handle *h);
void player_write(handle *h);
/* Everything that the handle sees is what the model has. */
void player_compare_all(handle *h);

#endif
