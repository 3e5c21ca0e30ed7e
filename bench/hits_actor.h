/*
 * hits_actor.h - the processes of hits.h.
 */
#ifndef BENCH_HITS_ACTOR_H
#define BENCH_HITS_ACTOR_H

/* Whether it is a kind of theirs. */
int hits_is_actor(const char *kind);
/* main() of one; argv is its kind ("hits of ours", "hits by hand"), path and how many variables there are.
 * Told "in" or "out", it asks in one transaction or outside, until the next line, and tells how often, and in
 * how many seconds; told "end", it ends. */
int hits_actor_main(int argc, char **argv);

#endif
