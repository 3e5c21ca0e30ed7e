/*
 * child.h - a part of a test that runs in a process of its own.
 */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <sys/types.h>

typedef int (*child_cb)(void *payload);

/* The child ends with what run returns (_exit: nothing is flushed or freed). */
pid_t child_start(child_cb run, void *payload);
/* Its exit status, or 128 + the signal that ended it. */
int child_wait(pid_t pid);
int child_run(child_cb run, void *payload);

/* Permissions do not bind the superuser: becomes somebody whom they do. */
void child_give_up_privileges(void);

/* One process tells another that it got somewhere. */
typedef struct child_signal {
    int ends[2];
} child_signal;
void child_signal_make(child_signal *s);
void child_signal_send(const child_signal *s);
void child_signal_await(const child_signal *s);
void child_signal_close(const child_signal *s);

#endif
