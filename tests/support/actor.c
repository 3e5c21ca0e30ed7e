/* actor.c - see actor.h. */
#include "actor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

/* ---- starting */

static bool spawn(actor *a, const char *const *arguments, int in, int out)
{
    char program[1024];
    char *argv[ARGUMENTS_MAX + 1] = {NULL};
    bool ours = strncmp(arguments[0], "actor_", 6) == 0;
    snprintf(program, sizeof program, "%s%s", ours ? VARSDB_ACTORS "/" : "", arguments[0]);
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
        argv[i] = (char *)arguments[i];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawnp(&a->pid, program, &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (failed)
        fprintf(stderr, "%s: %s\n", program, strerror(failed));
    return !failed;
}

bool actor_start(actor *a, const char *const *arguments)
{
    int to[2], from[2];
    *a = (actor){.in = -1};
    signal(SIGPIPE, SIG_IGN); /* an actor that died is told by what it did not say */
    if (pipe2(to, O_CLOEXEC) != 0)
        return false;
    if (pipe2(from, O_CLOEXEC) != 0) {
        close(to[0]);
        close(to[1]);
        return false;
    }
    bool started = spawn(a, arguments, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    if (started)
        a->out = fdopen(from[0], "r");
    if (!a->out) {
        close(to[1]);
        close(from[0]);
        return false;
    }
    a->in = to[1];
    return true;
}

/* ---- talking */

bool actor_send(actor *a, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int written = vdprintf(a->in, format, ap);
    va_end(ap);
    return written >= 0 && write(a->in, "\n", 1) == 1;
}

static bool read_line(FILE *from, char line[ACTOR_LINE_BYTES])
{
    if (!fgets(line, ACTOR_LINE_BYTES, from))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

bool actor_receive(actor *a, char line[ACTOR_LINE_BYTES])
{
    return read_line(a->out, line);
}

void actor_say(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

bool actor_hear(char line[ACTOR_LINE_BYTES])
{
    return read_line(stdin, line);
}

/* ---- ending */

int actor_finish(actor *a)
{
    int status = 0;
    char rest[ACTOR_LINE_BYTES];
    close(a->in);
    while (fgets(rest, sizeof rest, a->out))
        continue;
    fclose(a->out);
    if (waitpid(a->pid, &status, 0) != a->pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int actor_kill(actor *a)
{
    kill(a->pid, SIGKILL);
    return actor_finish(a);
}

bool shell_query(const char *path, const char *sql, char *out, size_t room)
{
    actor shell;
    /* A connection that is being closed keeps new ones out for a moment. */
    const char *arguments[] = {"sqlite3", "-readonly", "-batch", "-cmd", ".timeout 20000", path, sql, NULL};
    if (!actor_start(&shell, arguments))
        return false;
    size_t bytes = fread(out, 1, room - 1, shell.out);
    while (bytes && out[bytes - 1] == '\n')
        bytes--;
    out[bytes] = '\0';
    return actor_finish(&shell) == 0;
}

/* ---- random choices */

int64_t test_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t test_seed(const char *test)
{
    const char *given = getenv("VARSDB_TEST_SEED");
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    test_random r = {(uint64_t)t.tv_nsec ^ ((uint64_t)t.tv_sec << 20)};
    uint64_t seed = given && *given ? strtoull(given, NULL, 10) : random_next(&r) >> 32;
    printf("%s: VARSDB_TEST_SEED=%" PRIu64 "\n", test, seed);
    fflush(stdout);
    return seed;
}

/* SplitMix64: a counter, and a mixing of it. */
uint64_t random_next(test_random *r)
{
    uint64_t x = r->state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint64_t random_below(test_random *r, uint64_t limit)
{
    return random_next(r) % limit;
}

void random_shuffle(test_random *r, uint32_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)random_below(r, i);
        uint32_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}
