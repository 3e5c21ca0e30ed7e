/*
 * mixed_actor.h - the processes of mixed.h.
 */
#ifndef BENCH_MIXED_ACTOR_H
#define BENCH_MIXED_ACTOR_H

/* main() of one; argv is its kind ("writer", "raw writer", "reader", "saver"), path and number.  It tells
 * what it waited for: a line "KIND SECONDS" each time, of enum mixed_kind, and "end". */
int mixed_actor_main(int argc, char **argv);

#endif
