/* child.c - see child.h. */
#include "child.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temp.h"

#define NOBODY 65534

/* What the child went through counts too: where coverage is counted, that is written at exit() alone. */
void __gcov_dump(void) __attribute__((weak));

static void leave(int status)
{
    if (__gcov_dump)
        __gcov_dump();
    _exit(status);
}

pid_t child_start(child_cb run, void *payload)
{
    pid_t pid = fork();
    if (pid == 0)
        leave(run(payload));
    if (pid < 0)
        temp_give_up("start", "a child");
    return pid;
}

int child_wait(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        temp_give_up("wait for", "a child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(child_cb run, void *payload)
{
    return child_wait(child_start(run, payload));
}

void child_give_up_privileges(void)
{
    if (geteuid() != 0)
        return;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) != 0)
        temp_give_up("become", "nobody");
}

void child_signal_make(child_signal *s)
{
    if (pipe2(s->ends, O_CLOEXEC) != 0)
        temp_give_up("make", "a pipe");
}

void child_signal_send(const child_signal *s)
{
    if (write(s->ends[1], "!", 1) != 1)
        temp_give_up("write to", "a pipe");
}

void child_signal_await(const child_signal *s)
{
    char byte;
    if (read(s->ends[0], &byte, 1) != 1)
        temp_give_up("read from", "a pipe");
}

void child_signal_close(const child_signal *s)
{
    close(s->ends[0]);
    close(s->ends[1]);
}
