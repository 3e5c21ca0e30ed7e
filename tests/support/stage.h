/*
 * stage.h - two threads, each with a handle and one request to get or create a variable, of which
 * always at most one moves: from stop to stop, as the test says.
 *
 * The stops are those of gate.h: before the look-up, before the write lock is asked for, before each
 * statement that writes, before the commit.  A thread that asks for the lock while the other has it
 * says so and waits for it in earnest; the test goes on with the other.
 */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include <pthread.h>

#include "gate.h"

#define STAGE_VALUE_BYTES 64

typedef enum player_state {
    PLAYER_IDLE,    /* nothing to do yet */
    PLAYER_MOVING,  /* on its way to the next stop */
    PLAYER_STOPPED, /* before what it is to do next */
    PLAYER_WAITING, /* for the write lock */
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
    bool performing, quit;
    player_request request;
    player_result result;
} player;

typedef struct stage {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned stops; /* of gate_point */
    player players[2];
} stage;

/* Opens two handles on the registry at path. */
bool stage_open(stage *s, const char *path, unsigned stops);
void stage_close(stage *s);
/* Gives both their requests; both go to their first stop. */
bool stage_prepare(stage *s, const player_request requests[2]);
/* Whether player i stands at a stop. */
bool stage_can_move(stage *s, int i);
/* Moves player i to its next stop, and waits until nothing moves.  False: it took too long. */
bool stage_move(stage *s, int i);
bool stage_is_over(stage *s);

#endif
