/*
 * turns.h - several threads, each with a handle and a task of its own, of which only one moves at a time:
 * from stop to stop, as the test says.
 *
 * The stops are before a read outside a transaction, before the write lock is asked for, and before a
 * commit.  Who stands before a commit has the lock; nobody is sent to ask for it meanwhile, so that what
 * happens depends on the choices alone.
 */
#ifndef TEST_TURNS_H
#define TEST_TURNS_H

#include <pthread.h>

#include "gate.h"

#define TURNS_PLAYERS_MAX 4

typedef int (*turns_task)(varsdb *db, void *payload);

struct turns;
typedef struct turns_player {
    struct turns *turns;
    pthread_t thread;
    varsdb *db;
    gate gate;
    turns_task task;
    void *payload;
    bool moving, done;
    gate_point at; /* what it stands before */
    unsigned stops;
    int rc;
    char message[VDB_ERROR_BYTES];
} turns_player;

typedef struct turns {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int count;
    turns_player players[TURNS_PLAYERS_MAX];
} turns;

/* All prepared before: takes over db. */
void turns_add(turns *t, varsdb *db, turns_task task, void *payload);
/* Starts the players; each goes to its first stop.  False: it took too long, as below. */
bool turns_start(turns *t);
bool turns_can_move(turns *t, int i);
bool turns_move(turns *t, int i);
bool turns_are_over(turns *t);
void turns_end(turns *t); /* closes the handles */

#endif
