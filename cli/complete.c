/* complete.c - see complete.h. */
#include "complete.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "candidates.h"
#include "words.h"

/* Whoever pressed Tab waits: for locks this long, and for a disk that hangs no longer than that. */
#define LOCK_MILLISECONDS 200
#define MOST_SECONDS      2

/* The path, with the home directory for the ~ that a shell would have put it for.  To be freed. */
static char *path_of(const char *typed_path)
{
    const char *home = getenv("HOME");
    char *path = NULL;
    if (strncmp(typed_path, "~/", 2) != 0 || !home)
        return strdup(typed_path);
    return asprintf(&path, "%s%s", home, typed_path + 1) < 0 ? NULL : path;
}

/* Where no log is, nobody has the registry open, and it can be read without making a log. */
static unsigned flags_for(const char *path, const typed *t)
{
    struct stat st;
    char *log = NULL;
    bool used = asprintf(&log, "%s-wal", path) < 0 || stat(log, &st) == 0;
    free(log);
    return (unsigned)VARSDB_READ_ONLY | (used ? 0U : (unsigned)VARSDB_IMMUTABLE) |
           (t->allow_network ? (unsigned)VARSDB_ALLOW_NETWORK : 0U);
}

static bool open_quietly(cli *c, const typed *t)
{
    struct stat st;
    if (!t->database)
        return false;
    char *path = path_of(t->database);
    c->name_space = t->name_space;
    bool opened = path && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
                  varsdb_open(path,
                              VARSDB_OPEN(.flags = flags_for(path, t), .in = cli_namespace(c),
                                          .timeout_ms = LOCK_MILLISECONDS),
                              &c->db) == VARSDB_OK;
    free(path);
    return opened;
}

static bool is_in_registry(const typed *t)
{
    return t->kind >= TYPED_VARIABLE;
}

static void print_candidates(sink *to, const typed *t, const candidates *k)
{
    sink_text(to, "words\n");
    for (size_t i = 0; i < candidates_count(k); i++) {
        const char *note = NULL, *word = candidates_at(k, i, &note);
        sink_bytes(to, t->before, t->before_bytes);
        sink_text(to, word);
        if (note)
            sink_char(to, '\t');
        if (note)
            sink_text(to, note);
        sink_char(to, '\n');
    }
}

static void complete(cli *c, typed *t)
{
    candidates *k = !is_in_registry(t) || open_quietly(c, t) ? candidates_find(c, t) : NULL;
    if (candidates_count(k))
        print_candidates(&c->out, t, k);
    else
        sink_text(&c->out, t->kind == TYPED_FILE || t->kind == TYPED_DATABASE ? "files\n" : "nothing\n");
    candidates_free(k);
}

static void give_up(int signal)
{
    (void)signal;
    _exit(CLI_DONE);
}

int complete_run(cli *c, int argc, char **argv)
{
    bool quoted = argc && strcmp(argv[0], "--unquote") == 0;
    const struct itimerval most = {.it_value.tv_sec = MOST_SECONDS};
    typed t;
    argc -= quoted;
    argv += quoted;
    if (!argc || strcmp(argv[0], "--") != 0)
        return cli_fail(c, CLI_USAGE,
                        "complete is for the completions of shells (see: varsdb completion --help)");
    signal(SIGALRM, give_up);
    setitimer(ITIMER_REAL, &most, NULL);
    for (int i = 1; i < argc && quoted; i++)
        words_unquote(argv[i]);
    typed_read(&t, (size_t)argc - 1, argv + 1);
    complete(c, &t);
    return CLI_DONE;
}
