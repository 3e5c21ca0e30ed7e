/*
 * actor.h - what other processes do while a workload is measured.
 */
#ifndef BENCH_ACTOR_H
#define BENCH_ACTOR_H

#include "process.h"

/*
 * An actor is this program again.  It says "ready", waits for a line, works until the next
 * line, and answers with numbers:
 *
 *   reader   reads 1 MiB of a variable of the set and asks for 20, every 10 ms: how many reads
 *   sampler  reads the variable "sample" of 1 MiB every ms: how many, their p99 and longest in s
 *   creator  creates variables, one after the other: how many, their p99 and longest in s
 *   saver    saves `bytes` as "large", 1 MiB at a time: by how many bytes its peak memory grew
 *   loader   reads them back: by how many bytes its peak memory grew
 *
 * The last two are not told to stop: they answer when they are done.
 */
struct process *actor_start(const char *self, const char *kind, const char *path, const char *argument);
/* "go", after which it works. */
void actor_go(struct process *actor);
/* "stop", after which it answers; whoever stops several tells all before it hears one. */
void actor_stop(struct process *actor);
/* What it measured, and its end. */
void actor_hear(struct process *actor, double *numbers, size_t count);

/* The actor's side: says "ready" and waits for its turn; whether it is to end. */
void actor_wait(void);
int actor_is_stopped(void);

/* main() of an actor; argv is its kind, path and argument. */
int actor_main(int argc, char **argv);

#endif
