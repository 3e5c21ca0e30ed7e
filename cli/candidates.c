/* candidates.c - see candidates.h. */
#include "candidates.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "roster.h"
#include "typed.h"
#include "vocabulary.h"

#define NAME_MILLISECONDS 700    /* whoever pressed Tab waits */
#define SCANNED_MOST      500000 /* names */

struct candidates {
    const typed *typed;
    size_t count;
    char *items[CANDIDATES_MOST];
    const char *notes[CANDIDATES_MOST]; /* NULL: none */
    size_t scopes;                      /* how many of them are scopes to go on in */
    struct timespec begun;
    uint64_t scanned;
    bool failed;
};

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

static void offer_of_kind(cli *c, candidates *k, typed *t)
{
    switch (t->kind) {
    case TYPED_NOTHING:
    case TYPED_FILE:
        break;
    case TYPED_COMMAND:
        offer_commands(k);
        break;
    case TYPED_OPTION:
        offer_options(k);
        break;
    case TYPED_WORD:
        offer_words(k, t->words);
        break;
    case TYPED_SHELL:
        offer_words(k, vocabulary_shells);
        break;
    case TYPED_DATABASE:
        if (*t->last != '~')
            offer_registries(k);
        break;
    default:
        if (c->db)
            offer_from_registry(c, k, t);
    }
}

/* ---- */

candidates *candidates_find(cli *c, typed *t)
{
    candidates *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->typed = t;
    clock_gettime(CLOCK_MONOTONIC, &k->begun);
    offer_of_kind(c, k, t);
    if (!k->failed)
        return k;
    candidates_free(k);
    return NULL;
}

size_t candidates_count(const candidates *k)
{
    return k ? k->count : 0;
}

const char *candidates_at(const candidates *k, size_t i, const char **note)
{
    *note = k->notes[i];
    return k->items[i];
}

void candidates_free(candidates *k)
{
    for (size_t i = 0; k && i < k->count; i++)
        free(k->items[i]);
    free(k);
}
