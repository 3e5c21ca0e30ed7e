/*
 * process.h - other processes: timed as a whole, or at work beside us.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stddef.h>

/* Seconds that a program takes from start to end, its output thrown away.  If it
 * fails, so does the benchmark. */
double process_seconds(char *const argv[]);

/* A process that is told things, and answers, by lines. */
struct process;

/* NULL: there is no such program. */
struct process *process_start(char *const argv[]);
void process_say(struct process *process, const char *line);
/* Its next line, without the end; 0 when there is none. */
int process_hear(struct process *process, char *line, size_t room);
/* Hears one line of so many numbers; the benchmark fails if it is something else. */
void process_hear_numbers(struct process *process, double *numbers, size_t count);
/* Waits for its end; the benchmark fails if it failed. */
void process_end(struct process *process);

#endif
