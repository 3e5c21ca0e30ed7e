/*
 * process.c - timing of whole processes.
 */
#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timer.h"

extern char **environ;

static void die(const char *program, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", program, why);
    exit(1);
}

double process_seconds(char *const argv[])
{
    posix_spawn_file_actions_t actions;
    double start;
    int status = 0, rc;
    pid_t pid;

    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) != 0)
        die(argv[0], "cannot be started");
    start = timer_now();
    rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    if (rc != 0)
        die(argv[0], strerror(rc));
    if (waitpid(pid, &status, 0) != pid || status != 0)
        die(argv[0], "failed");
    (void)posix_spawn_file_actions_destroy(&actions);
    return timer_now() - start;
}
