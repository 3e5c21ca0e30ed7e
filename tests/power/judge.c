/* judge.c - see judge.h. */
#include "judge.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "need.h"
#include "say.h"

#define SAYINGS_MAX  4096
#define CONTENTS_MAX (1 << 16)

static char *sayings[SAYINGS_MAX];
static int saying_count;
static struct {
    uint64_t hash;
    int saying;
} known[CONTENTS_MAX];
static int known_count;

/* The text's number; the text is taken. */
static int number_of(char *text)
{
    for (int i = 0; i < saying_count; i++)
        if (strcmp(sayings[i], text) == 0) {
            free(text);
            return i;
        }
    must(saying_count < SAYINGS_MAX, "too many different things are said");
    sayings[saying_count] = text;
    return saying_count++;
}

static int said(const char *text)
{
    return number_of(need(strdup(text)));
}

/* Of a copy: the disk stays as it is. */
static int ask(const disk *d, const char *path, char *(*what)(const char *path))
{
    disk copy;
    disk_copy(d, &copy);
    calls_use(&copy);
    char *text = what(path);
    calls_use(NULL);
    disk_free(&copy);
    return text ? number_of(text) : -1;
}

/* ---- files */

static int file_at(const disk *d, const char *path)
{
    return disk_find(d, path + strlen(DISK_ROOT) + 1);
}

/* What SQLite does of itself when a database is opened, read and closed. */
static bool recover(const char *path)
{
    sqlite3 *db;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL);
    sqlite3_close(db);
    return code == SQLITE_OK;
}

static int *saying_of(uint64_t hash)
{
    size_t at = (size_t)hash % CONTENTS_MAX;
    while (known[at].hash && known[at].hash != hash)
        at = (at + 1) % CONTENTS_MAX;
    if (!known[at].hash) {
        must(++known_count < CONTENTS_MAX * 3 / 4, "too many different contents");
        known[at].hash = hash;
        known[at].saying = -1;
    }
    return &known[at].saying;
}

static int find_registry(disk *d, const char *path)
{
    if (file_at(d, path) < 0)
        return said("missing");
    calls_use(d);
    bool recovered = recover(path);
    calls_use(NULL);
    if (!recovered)
        return ask(d, path, say_registry);
    int file = file_at(d, path);
    int *saying = saying_of(contents_hash(&d->files[file].contents) | 1);
    if (*saying < 0)
        *saying = ask(d, path, say_registry);
    return *saying;
}

static uint64_t hash_of_name(const disk *d, const disk_name *n)
{
    uint64_t hash = contents_hash(&d->files[n->file].contents);
    for (const char *c = n->name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x9e3779b97f4a7c15u;
    return hash;
}

/* A set of files is there when its index is, which comes last; before that its files mean nothing. */
static int find_exported(const disk *d)
{
    static const char *const tells[] = {JUDGE_EXPORT, JUDGE_EXPORT_INDEX, JUDGE_CHECKPOINT ".index"};
    uint64_t all = 0;
    char text[32];
    bool there = false;
    for (size_t i = 0; i < sizeof tells / sizeof *tells; i++)
        there |= file_at(d, tells[i]) >= 0;
    if (!there)
        return said("missing");
    for (int i = 0; i < DISK_NAMES_MAX; i++)
        if (strncmp(d->names[i].name, "out", 3) == 0)
            all += hash_of_name(d, &d->names[i]);
    snprintf(text, sizeof text, "files %016" PRIx64, all);
    return said(text);
}

void judge_recover(disk *d, judge_finding *out)
{
    out->registry = find_registry(d, JUDGE_REGISTRY);
    out->copy = find_registry(d, JUDGE_COPY);
    out->exported = find_exported(d);
}

void judge_open(const disk *d, bool read_only, judge_finding *out)
{
    char *(*say)(const char *path) = read_only ? say_read_only : say_registry;
    out->registry = file_at(d, JUDGE_REGISTRY) < 0 ? said("missing") : ask(d, JUDGE_REGISTRY, say);
    out->copy = file_at(d, JUDGE_COPY) < 0 ? said("missing") : ask(d, JUDGE_COPY, say);
    out->exported = find_exported(d);
}

bool judge_fail(disk *d, int after, bool for_good)
{
    calls_use(d);
    calls_fail(after, for_good);
    free(say_registry(JUDGE_REGISTRY));
    bool failed = calls_failed();
    calls_fail(-1, false);
    calls_use(NULL);
    return failed;
}

bool judge_serves(const disk *d, judge_finding *out)
{
    int wrong = ask(d, JUDGE_REGISTRY, say_after_use);
    if (wrong >= 0)
        out->registry = wrong;
    return wrong < 0;
}

bool judge_equal(const judge_finding *a, const judge_finding *b)
{
    return a->registry == b->registry && a->copy == b->copy && a->exported == b->exported;
}

void judge_print(const judge_finding *f, FILE *out)
{
    fprintf(out, "registry: %scopy: %s\nexported: %s\n", sayings[f->registry], sayings[f->copy],
            sayings[f->exported]);
}
