/* pager.c - see pager.h. */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "out.h"
#include "terminal.h"

static volatile sig_atomic_t pager; /* its process; 0: none */
static volatile sig_atomic_t feeding = -1;
static int terminal = -1;
static sink *fed;
static int ended_with; /* the status of the last one */

/* Whether a command's first word names a program; words of the shell are the shell's matter. */
static bool can_run(const char *command)
{
    size_t bytes = strcspn(command, " \t"), plain = strcspn(command, "'\"\\$`;&|<>()*?[#~=%");
    char path[4096];
    const char *folders = getenv("PATH");
    if (plain < bytes || !folders)
        return true;
    if (memchr(command, '/', bytes))
        folders = "";
    do {
        size_t folder = strcspn(folders, ":");
        if (folder + bytes + 2 > sizeof path)
            return false;
        memcpy(path, folders, folder);
        path[folder] = '/';
        size_t at = folder ? folder + 1 : 0;
        memcpy(path + at, command, bytes);
        path[at + bytes] = '\0';
        if (access(path, X_OK) == 0)
            return true;
        folders += folder;
    } while (*folders++ == ':');
    return false;
}

static const char *choose(void)
{
    const char *asked = getenv("VARSDB_PAGER");
    if (!asked)
        asked = getenv("PAGER");
    if (!asked)
        asked = "less";
    asked += strspn(asked, " \t");
    return *asked && strcmp(asked, "cat") != 0 && can_run(asked) ? asked : NULL;
}

/* Ctrl-C is for the pager too, which stays; dying before it would leave it without a shell to go back to. */
static void on_interrupt(int number)
{
    close(feeding);
    for (int tries = 0; tries < 100 && waitpid(pager, NULL, 0) != pager; tries++)
        ; /* errno must not be asked here */
    signal(number, SIG_DFL);
    raise(number);
}

static void become(const char *command, const int ends[2], bool wide)
{
    if (dup2(ends[0], STDIN_FILENO) < 0)
        _exit(127);
    close(ends[0]);
    close(ends[1]);
    signal(SIGPIPE, SIG_DFL);
    /* Leaves at once what fits, shows colours, keeps the screen; S cuts lines instead of folding them. */
    setenv("LESS", wide ? "FRSX" : "FRX", 0);
    setenv("LV", "-c", 0);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

void pager_offer(sink *to, size_t lines)
{
    const char *command = NULL;
    int ends[2];
    struct sigaction now;
    if (pager || !to->style || !to->style->pager || !to->terminal || terminal_is_dumb() || to->used ||
        lines < terminal_height(to->fd) || !(command = choose()) || pipe2(ends, O_CLOEXEC) != 0)
        return;
    pid_t child = fork();
    if (child == 0)
        become(command, ends, to->style->wide);
    close(ends[0]);
    if (child < 0) {
        close(ends[1]);
        return;
    }
    pager = child;
    feeding = ends[1];
    terminal = to->fd;
    to->fd = ends[1];
    to->paged = true;
    fed = to;
    ended_with = 0;
    signal(SIGPIPE, SIG_IGN);
    /* A command that stops cleanly on Ctrl-C sees to it itself. */
    if (sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGINT, on_interrupt);
}

void pager_wait(void)
{
    int status = 0;
    if (!pager)
        return;
    sink_flush(fed);
    close(feeding);
    while (waitpid(pager, &status, 0) < 0 && errno == EINTR)
        ;
    pager = 0;
    fed->fd = terminal;
    ended_with = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

int pager_end(sink *to)
{
    pager_wait();
    /* A reader that left had enough. */
    if (sink_left(to))
        to->error = 0;
    to->paged = false;
    int status = ended_with;
    ended_with = 0;
    return status == 126 || status == 127 ? -1 : 0;
}
