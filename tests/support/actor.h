/*
 * actor.h - other processes that a test directs, and seeds that it can be repeated with.
 *
 * An actor is a program under tests/process (or one found on the PATH).  The test and it
 * exchange lines: what the test sends is the actor's standard input, what it receives is the
 * actor's standard output.  An actor whose input ends is to exit.
 */
#ifndef TEST_ACTOR_H
#define TEST_ACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define ACTOR_LINE_BYTES 4096

typedef struct actor {
    pid_t pid;
    int in;    /* to the actor */
    FILE *out; /* from it */
} actor;

/* ---- what the test does; false is a failure of the system, or the end of the actor's output */

/* arguments[0] is "actor_..." or a program on the PATH; the list ends in NULL. */
bool actor_start(actor *a, const char *const *arguments);
__attribute__((format(printf, 2, 3))) bool actor_send(actor *a, const char *format, ...);
bool actor_receive(actor *a, char line[ACTOR_LINE_BYTES]); /* without its newline */
/* Ends the actor's input, reads the rest of its output, and waits: its exit status, or 256 and the
 * number of the signal that ended it. */
int actor_finish(actor *a);
int actor_kill(actor *a); /* kill -9; what actor_finish says */

/* All of what a stock sqlite3 shell prints for the query, without the last newline. */
bool shell_query(const char *path, const char *sql, char *out, size_t room);

/* ---- what the actor does */
__attribute__((format(printf, 1, 2))) void actor_say(const char *format, ...);
bool actor_hear(char line[ACTOR_LINE_BYTES]);

/* ---- random choices */
typedef struct test_random {
    uint64_t state;
} test_random;

/* VARSDB_TEST_SEED, or one from the clock; printed with the test's name. */
uint64_t test_seed(const char *test);
uint64_t random_next(test_random *r);
uint64_t random_below(test_random *r, uint64_t limit);
void random_shuffle(test_random *r, uint32_t *items, size_t count);

int64_t test_now_ms(void); /* of a clock that only goes forward */

#endif
