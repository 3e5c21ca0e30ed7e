/*
 * stage.h - some threads, each with a handle and one request to get or create a variable, of which
 * always at most one moves: from stop to stop, as the test says.
 *
 * The stops are those of gate.h: before the look-up, before the write lock is asked for, before each
 * statement that writes, before the commit.  A thread that asks for the lock while another has it says
 * so, and cannot move until it is given back; then it asks again, when the test says so.
 */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include <pthread.h>

#include "gate.h"

#define STAGE_VALUE_BYTES 64
#define STAGE_PLAYERS     3 /* at most */

typedef enum player_state {
    PLAYER_IDLE,    /* nothing to do yet */
    PLAYER_MOVING,  /* on its way to the next stop */
    PLAYER_STOPPED, /* before what it is to do next */
    PLAYER_WAITING, /* for the write lock, which another has */
    PLAYER_DONE
} player_state;

typedef struct player_request {
    bool model;
    const char *name, *initializer;
    varsdb_reuse reuse;
    int64_t elements;
} player_request;

typedef struct player_result {
    int rc, created, read_rc;
    int64_t id;
    unsigned char value[STAGE_VALUE_BYTES];
    char message[VDB_ERROR_BYTES];
    unsigned begins, writes, blocked; /* counted by the gate */
} player_result;

struct stage;
typedef struct player {
    struct stage *stage;
    pthread_t thread;
    varsdb *db;
    gate gate;
    player_state state;
    bool performing, quit, writes; /* writes: in a transaction that has the lock */
    player_request request;
    player_result result;
} player;

typedef struct stage {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned stops; /* of gate_point */
    int count;
    player players[STAGE_PLAYERS];
} stage;

/* Opens so many handles on the registry at path. */
bool stage_open(stage *s, const char *path, unsigned stops, int count);
void stage_close(stage *s);
/* Gives all their requests; each goes to its first stop. */
bool stage_prepare(stage *s, const player_request *requests);
/* Whether player i stands at a stop, or waits for a lock that nobody has. */
bool stage_can_move(stage *s, int i);
/* Moves player i to its next stop, and waits until nothing moves.  False: it took too long. */
bool stage_move(stage *s, int i);
bool stage_is_over(stage *s);

#endif
