/*
 * process.c - other processes: timed as a whole, or at work beside us.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "timer.h"

extern char **environ;

struct process {
    const char *name;
    pid_t pid;
    FILE *to, *from;
};

double process_seconds(char *const argv[])
{
    posix_spawn_file_actions_t actions;
    double start;
    int status = 0, rc;
    pid_t pid;

    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) != 0)
        fail(argv[0], "cannot be started");
    start = timer_now();
    rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    if (rc != 0)
        fail(argv[0], strerror(rc));
    if (waitpid(pid, &status, 0) != pid || status != 0)
        fail(argv[0], "failed");
    (void)posix_spawn_file_actions_destroy(&actions);
    return timer_now() - start;
}

static FILE *open_end(int fd, const char *mode)
{
    FILE *file = fdopen(fd, mode);

    if (file == NULL)
        fail_errno("pipe");
    return file;
}

struct process *process_start(char *const argv[])
{
    struct process *process = must_allocate(1, sizeof *process);
    posix_spawn_file_actions_t actions;
    int in[2], out[2], rc;

    /* Close-on-exec: the next process must not hold the ends of this one. */
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        fail_errno("pipe");
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO) != 0)
        fail(argv[0], "cannot be started");
    rc = posix_spawnp(&process->pid, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(in[0]);
    (void)close(out[1]);
    process->name = argv[0];
    process->to = open_end(in[1], "w");
    process->from = open_end(out[0], "r");
    if (rc == 0)
        return process;
    if (rc != ENOENT)
        fail(argv[0], strerror(rc));
    (void)fclose(process->to);
    (void)fclose(process->from);
    free(process);
    return NULL;
}

void process_say(struct process *process, const char *line)
{
    if (fprintf(process->to, "%s\n", line) < 0 || fflush(process->to) != 0)
        fail_errno(process->name);
}

int process_hear(struct process *process, char *line, size_t room)
{
    if (fgets(line, (int)room, process->from) == NULL)
        return 0;
    line[strcspn(line, "\n")] = '\0';
    return 1;
}

void process_hear_numbers(struct process *process, double *numbers, size_t count)
{
    char line[256] = "", *at = line, *end;

    if (!process_hear(process, line, sizeof line))
        fail(process->name, "ended before it told what it measured");
    for (size_t i = 0; i < count; i++) {
        numbers[i] = strtod(at, &end);
        if (end == at)
            fail(process->name, line);
        at = end;
    }
}

void process_end(struct process *process)
{
    int status = 0;

    (void)fclose(process->to);
    (void)fclose(process->from);
    if (waitpid(process->pid, &status, 0) != process->pid || status != 0)
        fail(process->name, "failed");
    free(process);
}
