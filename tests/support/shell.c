/* shell.c - see shell.h. */
#include "shell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temp.h"

static void read_all(int fd, char *out, size_t room)
{
    size_t at = 0;
    char beyond[4096];
    for (;;) {
        ssize_t got = at + 1 < room ? read(fd, out + at, room - 1 - at) : read(fd, beyond, sizeof beyond);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        if (got > 0 && at + 1 < room)
            at += (size_t)got;
    }
    while (at > 0 && out[at - 1] == '\n')
        at--;
    out[at] = '\0';
}

int shell_run(char *out, size_t room, const char *const argv[])
{
    int ends[2], status;
    if (pipe(ends) != 0)
        temp_give_up("make a pipe for", argv[0]);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(argv[0], (char *const *)(const void *)argv);
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0)
        temp_give_up("start", argv[0]);
    read_all(ends[0], out, room);
    close(ends[0]);
    if (waitpid(pid, &status, 0) != pid)
        temp_give_up("wait for", argv[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int shell_sqlite(const char *path, const char *sql, char *out, size_t room)
{
    return shell_run(
        out, room,
        (const char *const[]){"sqlite3", "-batch", "-bail", "-init", "/dev/null", path, sql, NULL});
}

void shell_sha256(const char *path, char out[65])
{
    char line[1024];
    if (shell_run(line, sizeof line, (const char *const[]){"sha256sum", "--", path, NULL}) != 0)
        temp_give_up("hash", path);
    memcpy(out, line[0] == '\\' ? line + 1 : line, 64);
    out[64] = '\0';
}
