/* candidates.c - see candidates.h. */
#include "candidates.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "roster.h"
#include "typed.h"
#include "vocabulary.h"

/* Whoever pressed Tab waits: for locks this long, for names that long, and for a disk that hangs no longer
 * than the last. */
#define LOCK_MILLISECONDS 200
#define NAME_MILLISECONDS 700
#define MOST_SECONDS      2

#define SCANNED_MOST 500000 /* names */

typedef struct candidates {
    const typed *typed;
    size_t count;
    char *items[CANDIDATES_MOST];
    const char *notes[CANDIDATES_MOST]; /* NULL: none */
    size_t scopes;                      /* how many of them are scopes to go on in */
    struct timespec begun;
    uint64_t scanned;
    bool failed;
} candidates;

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* A line is a candidate. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool is_full(candidates *k)
{
    struct timespec now;
    if (k->failed || k->count == CANDIDATES_MOST)
        return true;
    if (++k->scanned % 256)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - k->begun.tv_sec) * 1000 + (now.tv_nsec - k->begun.tv_nsec) / 1000000 >
           NAME_MILLISECONDS;
}

/* Adds "text" and what is behind it, if the word may become that and it is not there yet. */
static int offer_with(candidates *k, const char *text, const char *behind, const char *note)
{
    char *item;
    if (is_full(k))
        return 1;
    if (!begins_with(text, k->typed->last) || !is_plain(text))
        return 0;
    if (asprintf(&item, "%s%s", text, behind) < 0) {
        k->failed = true;
        return 1;
    }
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->items[i], item) != 0)
            continue;
        free(item);
        return 0;
    }
    k->notes[k->count] = note;
    k->items[k->count++] = item;
    return 0;
}

static int offer(void *payload, const char *text)
{
    return offer_with(payload, text, "", NULL);
}

static int offer_scope(void *payload, const char *name)
{
    candidates *k = payload;
    size_t before = k->count;
    int rc = offer_with(k, name, "/", NULL);
    k->scopes += k->count - before;
    return rc;
}

/* ---- Without a registry ---- */

static void offer_commands(candidates *k)
{
    for (const cli_command *command = cli_commands(); command->name; command++)
        offer_with(k, command->name, "", command->summary);
    if (k->typed->last[0] == '-' && !k->typed->command) {
        offer(k, "--help");
        offer(k, "--version");
    }
}

static void offer_options(candidates *k)
{
    const cli_options *options = &k->typed->options;
    char text[128];
    for (size_t i = 0; i < options->count; i++) {
        snprintf(text, sizeof text, "--%s", options->items[i].name);
        if (!k->typed->given[i])
            offer(k, text);
    }
    offer(k, "--help");
}

static void offer_words(candidates *k, const char *const *words)
{
    for (; *words; words++)
        offer(k, *words);
}

/* ---- Registries in a directory ---- */

/* By SQLite's first bytes and the application_id, which varsdb(5) tells of. */
static bool reads_like_registry(int directory, const char *name)
{
    static const unsigned char magic[] = "SQLite format 3";
    unsigned char header[100] = {0};
    int fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t bytes = pread(fd, header, sizeof header, 0);
    close(fd);
    return bytes == sizeof header && memcmp(header, magic, sizeof magic) == 0 &&
           memcmp(header + 68, "vdr0", 4) == 0;
}

static void offer_entry(candidates *k, int directory, const char *place, const char *name)
{
    char path[4096];
    struct stat st;
    int bytes = snprintf(path, sizeof path, "%s%s", place, name);
    if (bytes < 0 || (size_t)bytes >= sizeof path || !begins_with(path, k->typed->last) ||
        fstatat(directory, name, &st, 0) != 0)
        return;
    /* Hidden ones only where their dot is typed. */
    if (name[0] == '.' && strlen(k->typed->last) == strlen(place))
        return;
    if (S_ISDIR(st.st_mode))
        offer_scope(k, path);
    else if (S_ISREG(st.st_mode) && reads_like_registry(directory, name))
        offer(k, path);
}

static void offer_registries(candidates *k)
{
    const char *slash = strrchr(k->typed->last, '/');
    char *place = slash ? strndup(k->typed->last, (size_t)(slash - k->typed->last) + 1) : strdup("");
    DIR *directory = place ? opendir(*place ? place : ".") : NULL;
    for (struct dirent *entry; directory && !is_full(k) && (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            offer_entry(k, dirfd(directory), place, entry->d_name);
    if (directory)
        closedir(directory);
    free(place);
}

/* ---- In the registry ---- */

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

/* A component further each time, and on from a scope that is the only way to go, unless it is an answer
 * itself. */
static void offer_names(cli *c, candidates *k, typed *t)
{
    char scope[4200], *on = NULL;
    bool scopes_only = t->kind == TYPED_SCOPE, is_answer = scopes_only || (t->command->takes & CLI_SCOPES);
    for (int depth = 0; depth < 64; depth++) {
        const char *slash = strrchr(t->last, '/');
        size_t bytes = slash ? (size_t)(slash - t->last) : 0;
        if (bytes >= sizeof scope)
            break;
        memcpy(scope, t->last, bytes);
        scope[bytes] = '\0';
        k->scopes = 0;
        roster_scopes_in(c, scope, SCANNED_MOST, offer_scope, k);
        if (!scopes_only)
            roster_variables_in(c, scope, SCANNED_MOST, offer, k);
        if (is_answer || k->count != 1 || k->scopes != 1)
            break;
        free(on);
        t->last = on = k->items[--k->count];
    }
    /* What was gone on in is an answer where nothing was found in time. */
    if (on && !k->count)
        k->items[k->count++] = on;
    else
        free(on);
    t->last = "";
}

static void offer_from_registry(cli *c, candidates *k, typed *t)
{
    switch (t->kind) {
    case TYPED_VARIABLE:
    case TYPED_SCOPE:
        offer_names(c, k, t);
        break;
    case TYPED_COLLECTION:
        offer_words(k, vocabulary_collections);
        roster_collections(c, SCANNED_MOST, offer, k);
        break;
    case TYPED_NAMESPACE:
        roster_namespaces(c, SCANNED_MOST, offer, k);
        break;
    default:
        offer(k, "latest");
        roster_snapshots(c, CANDIDATES_MOST, offer, k);
        if (*t->last == '#')
            roster_snapshot_ids(c, CANDIDATES_MOST, offer, k);
    }
}

/* ---- What is printed ---- */

static void print_candidates(sink *to, const candidates *k)
{
    sink_text(to, "words\n");
    for (size_t i = 0; i < k->count; i++) {
        sink_bytes(to, k->typed->before, k->typed->before_bytes);
        sink_text(to, k->items[i]);
        if (k->notes[i])
            sink_char(to, '\t');
        if (k->notes[i])
            sink_text(to, k->notes[i]);
        sink_char(to, '\n');
    }
}

static void find_candidates(cli *c, typed *t)
{
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    candidates k = {.typed = t};
    clock_gettime(CLOCK_MONOTONIC, &k.begun);
    switch (t->kind) {
    case TYPED_NOTHING:
    case TYPED_FILE:
        break;
    case TYPED_COMMAND:
        offer_commands(&k);
        break;
    case TYPED_OPTION:
        offer_options(&k);
        break;
    case TYPED_WORD:
        offer_words(&k, t->words);
        break;
    case TYPED_SHELL:
        offer_words(&k, shells);
        break;
    case TYPED_DATABASE:
        if (*t->last != '~')
            offer_registries(&k);
        break;
    default:
        if (open_quietly(c, t))
            offer_from_registry(c, &k, t);
    }
    if (!k.failed && k.count)
        print_candidates(&c->out, &k);
    else
        sink_text(&c->out, t->kind == TYPED_FILE || t->kind == TYPED_DATABASE ? "files\n" : "nothing\n");
    for (size_t i = 0; i < k.count; i++)
        free(k.items[i]);
}

static void give_up(int signal)
{
    (void)signal;
    _exit(CLI_DONE);
}

int candidates_run(cli *c, int argc, char **argv)
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
        typed_unquote(argv[i]);
    typed_read(&t, (size_t)argc - 1, argv + 1);
    find_candidates(c, &t);
    return CLI_DONE;
}
