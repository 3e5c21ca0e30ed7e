/* conformance.c - runs a case: step by step, what it gave against what it should. */
#include "conformance.h"

#include <regex.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 42

/* ---- answers */

int conformance_bad(conformance_run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->problem, sizeof run->problem, format, arguments);
    va_end(arguments);
    return VARSDB_ERROR;
}

int conformance_say(conformance_run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->text, sizeof run->text, format, arguments);
    va_end(arguments);
    return VARSDB_OK;
}

static void append(char *out, size_t room, const char *text)
{
    size_t at = strlen(out);
    snprintf(out + at, room - at, "%s%s", at ? "," : "", text);
}

void conformance_add(conformance_run *run, const char *text)
{
    append(run->text, sizeof run->text, text);
}

void conformance_log(conformance_run *run, const char *text)
{
    append(run->log, sizeof run->log, text);
}

/* ---- handles and captures */

static void forget_captures(conformance_run *run, const varsdb *db)
{
    for (size_t i = 0; i < run->captured; i++)
        if (run->captures[i].db == db)
            run->captures[i].name = "";
}

static void close_handle(conformance_run *run, size_t handle)
{
    varsdb_close(run->handles[handle]);
    sqlite3_close(run->hosts[handle]);
    run->handles[handle] = NULL;
    run->hosts[handle] = NULL;
}

static int open_on_host(conformance_run *run, size_t handle, const varsdb_open_options *o)
{
    sqlite3 **host = &run->hosts[handle];
    const char *begin = run->place == CONFORMANCE_TRANSACTION ? "BEGIN IMMEDIATE" : "";
    if (sqlite3_open(run->path, host) != SQLITE_OK || sqlite3_busy_timeout(*host, 20000) != SQLITE_OK ||
        sqlite3_exec(*host, "PRAGMA journal_mode=WAL", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(*host, begin, NULL, NULL, NULL) != SQLITE_OK)
        return conformance_bad(run, "the host: %s", sqlite3_errmsg(*host));
    return varsdb_open_on(*host, NULL, o, NULL, &run->handles[handle]);
}

int conformance_open(conformance_run *run, size_t handle, const varsdb_open_options *options)
{
    static const int64_t seed = SEED;
    varsdb_open_options o = *options;
    o.flags |= VARSDB_CREATE_FILE;
    if (!o.seed)
        o.seed = &seed;
    forget_captures(run, run->handles[handle]);
    close_handle(run, handle);
    int rc = run->place == CONFORMANCE_FILE ? varsdb_open(run->path, &o, &run->handles[handle])
                                            : open_on_host(run, handle, &o);
    run->db = run->handles[handle];
    return rc;
}

void conformance_capture_as(conformance_run *run, const conformance_step *step,
                            const varsdb_variable *variable, const varsdb_scope *scope)
{
    if (!step->capture)
        return;
    if (run->captured == CONFORMANCE_CAPTURES)
        conformance_bad(run, "more than %d captures", CONFORMANCE_CAPTURES);
    else
        run->captures[run->captured++] = (conformance_capture){step->capture, run->db, variable, scope};
}

/* The last one of the name. */
static const conformance_capture *find_capture(conformance_run *run, const char *reference)
{
    for (size_t i = run->captured; i-- > 0;)
        if (*reference == '@' && strcmp(run->captures[i].name, reference + 1) == 0)
            return &run->captures[i];
    conformance_bad(run, "nothing was captured as %s", reference);
    return NULL;
}

const varsdb_scope *conformance_scope(conformance_run *run, const char *reference)
{
    const conformance_capture *c = find_capture(run, reference);
    return c ? c->scope : NULL;
}

int conformance_variable(conformance_run *run, const char *reference, const varsdb_variable **out)
{
    if (*reference != '@')
        return varsdb_find_variable(run->db, reference, out);
    const conformance_capture *c = find_capture(run, reference);
    if (!c || !c->variable)
        return conformance_bad(run, "%s is no variable", reference);
    *out = c->variable;
    return VARSDB_OK;
}

/* ---- one step */

static const conformance_verb *find_verb(const char *name)
{
    static const conformance_verb *const tables[] = {conformance_scope_verbs, conformance_get_verbs,
                                                     conformance_query_verbs, conformance_select_verbs,
                                                     conformance_value_verbs};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const conformance_verb *verb = tables[t]; verb->name; verb++)
            if (strcmp(verb->name, name) == 0)
                return verb;
    return NULL;
}

static bool is_accepted(const conformance_verb *verb, const char *word)
{
    char key[64];
    snprintf(key, sizeof key, " %.*s ", (int)strcspn(word, "="), word);
    return strstr(verb->keys, key);
}

static int check_words(conformance_run *run, const conformance_verb *verb, const conformance_step *step)
{
    size_t operands = 0;
    while (conformance_operand(step, operands))
        operands++;
    if (operands < verb->least || operands > verb->most)
        return conformance_bad(run, "%s takes %zu to %zu operands", verb->name, verb->least, verb->most);
    for (size_t k = 1, seen = 0; k < step->count; k++) {
        if (seen < operands && conformance_operand(step, seen) == step->words[k])
            seen++;
        else if (!is_accepted(verb, step->words[k]))
            return conformance_bad(run, "%s does not take %s", verb->name, step->words[k]);
    }
    return VARSDB_OK;
}

static int run_verb(conformance_run *run, const conformance_step *step)
{
    const conformance_verb *verb = find_verb(step->words[0]);
    int rc = verb ? check_words(run, verb, step) : conformance_bad(run, "no verb %s", step->words[0]);
    run->text[0] = '\0';
    if (rc == VARSDB_OK && !run->db && strcmp(verb->name, "open") != 0)
        rc = conformance_open(run, 0, VARSDB_OPEN(.flags = 0));
    return rc == VARSDB_OK ? verb->run(run, step) : rc;
}

static bool matches(conformance_run *run, const char *pattern, const char *text)
{
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        conformance_bad(run, "/%s/ is no expression", pattern);
        return false;
    }
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static bool is_as_expected(conformance_run *run, const conformance_step *step, int rc)
{
    const char *name = varsdb_errname(rc) + strlen("VARSDB_");
    const char *message = varsdb_errmsg(run->db);
    if (rc != VARSDB_OK)
        return step->expected && strcmp(step->expected, name) == 0 && *message && !strchr(message, '\n') &&
               varsdb_errcode(run->db) == rc && (!step->pattern || matches(run, step->pattern, message));
    return !step->pattern && (!step->expected || strcmp(step->expected, run->text) == 0);
}

static bool step_holds(conformance_run *run, char *text, char *why, size_t room)
{
    char shown[256];
    conformance_step step;
    snprintf(shown, sizeof shown, "%s", text);
    if (!conformance_parse_step(text, &step)) {
        snprintf(why, room, "%s: this is no step", shown);
        return false;
    }
    int rc = run_verb(run, &step);
    if (rc == VARSDB_OK && !*run->text)
        conformance_say(run, "nothing");
    if (!*run->problem && is_as_expected(run, &step, rc) && !*run->problem)
        return true;
    if (*run->problem)
        snprintf(why, room, "%s: %s", shown, run->problem);
    else
        snprintf(why, room, "%s: gave %s %s", shown, rc == VARSDB_OK ? run->text : varsdb_errname(rc),
                 rc == VARSDB_OK ? "" : varsdb_errmsg(run->db));
    return false;
}

/* ---- one case */

bool conformance_can_be(const conformance_case *c, conformance_place place)
{
    return place != CONFORMANCE_TRANSACTION ||
           (!strstr(c->script, "handle ") && !strstr(c->script, " ; open"));
}

bool conformance_holds(const conformance_case *c, conformance_place place, char *why, size_t room)
{
    bool holds = true;
    char *script = strdup(c->script), *next;
    conformance_run *run = calloc(1, sizeof *run);
    if (!run || !script)
        temp_give_up("run", c->id);
    run->place = place;
    temp_make(&run->dir);
    temp_file(&run->dir, "run.db", run->path);
    for (char *step = script; holds && step; step = next) {
        next = strstr(step, " ; ");
        if (next) {
            *next = '\0';
            next += 3;
        }
        holds = step_holds(run, step, why, room);
    }
    close_handle(run, 1);
    close_handle(run, 0);
    temp_remove(&run->dir);
    free(run);
    free(script);
    return holds;
}
