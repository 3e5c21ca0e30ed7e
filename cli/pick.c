/* pick.c - see pick.h. */
#include "pick.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearby.h"
#include "vocabulary.h"

bool pick_names_scope(const char *name)
{
    size_t bytes = strlen(name);
    return bytes && name[bytes - 1] == '/';
}

static int see_scope(void *payload, const varsdb_scope_info *info)
{
    (void)info;
    *(bool *)payload = true;
    return 1;
}

bool pick_scope_exists(cli *c, const char *scope)
{
    bool seen = false;
    varsdb_list_scopes(c->db, scope, see_scope, &seen);
    return seen;
}

int pick_scope(cli *c, const char *name, char out[PICK_NAME_MAX])
{
    size_t bytes = strlen(name);
    if (bytes && name[bytes - 1] == '/')
        bytes--;
    if (bytes >= PICK_NAME_MAX)
        return cli_fail(c, CLI_USAGE, "the scope's name has %zu bytes; at most %d are accepted", bytes,
                        PICK_NAME_MAX - 1);
    memcpy(out, name, bytes);
    out[bytes] = '\0';
    return CLI_DONE;
}

int pick_fail_scope(cli *c, const char *scope)
{
    char message[OPT_MESSAGE_BYTES], near[SUGGEST_TEXT_MAX];
    if (varsdb_errcode(c->db) != VARSDB_NOTFOUND)
        return cli_fail_db(c);
    snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
    return cli_fail(c, CLI_NO, "%s%s", message, nearby_scope(c, scope, near));
}

int pick_fail_empty(cli *c)
{
    char message[OPT_MESSAGE_BYTES], reason[NEARBY_REASON_MAX];
    if (varsdb_errcode(c->db) != VARSDB_NOTFOUND)
        return cli_fail_db(c);
    snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
    nearby_reason(c, reason);
    return cli_fail(c, CLI_NO, "%s%s%s", message, *reason ? "; " : "", reason);
}

/* The library's message, whether a scope or a part has the name, and what is called nearly so. */
static int fail_not_found(cli *c, const char *name)
{
    char message[OPT_MESSAGE_BYTES], scope[PICK_NAME_MAX], near[SUGGEST_TEXT_MAX];
    const varsdb_variable *whole;
    int64_t part;
    snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
    bool slash = pick_names_scope(name);
    if (!slash && varsdb_find_part(c->db, name, &whole, &part) == VARSDB_OK)
        return cli_fail(c, CLI_NO, "%s is part %lld of the partitioned variable %s; %s takes whole variables",
                        name, (long long)part, varsdb_variable_name(whole), c->command->name);
    if (strlen(name) >= PICK_NAME_MAX || pick_scope(c, name, scope) != CLI_DONE || !*scope ||
        !pick_scope_exists(c, scope))
        return cli_fail(c, CLI_NO, "%s%s", message, nearby_variable(c, name, near));
    if (slash)
        return cli_fail(c, CLI_NO, "%s (%s/ is a scope, and one variable is wanted)", message, scope);
    if (c->command->takes & CLI_SCOPES)
        return cli_fail(c, CLI_NO, "%s; %s is a scope: say %s/", message, scope, scope);
    return cli_fail(c, CLI_NO, "%s (%s/ is a scope)", message, scope);
}

const varsdb_variable *pick_variable(cli *c, const char *name, int *status)
{
    const varsdb_variable *variable = NULL;
    int rc = varsdb_find_variable(c->db, name, &variable);
    *status = CLI_DONE;
    if (rc == VARSDB_OK)
        return variable;
    if (rc == VARSDB_NOTFOUND)
        *status = fail_not_found(c, name);
    else
        *status = cli_fail_db(c);
    return NULL;
}

const char *pick_collection(const char *name)
{
    static const char *const shorts[][2] = {{"GLOBAL", VARSDB_GLOBAL},
                                            {"MODEL", VARSDB_MODEL},
                                            {"TRAINABLE", VARSDB_TRAINABLE},
                                            {"LOCAL", VARSDB_LOCAL}};
    for (size_t i = 0; i < COUNT_OF(shorts); i++)
        if (strcmp(name, shorts[i][0]) == 0)
            return shorts[i][1];
    return name;
}

int pick_dtype(cli *c, const char *name, varsdb_dtype *out)
{
    char near[SUGGEST_TEXT_MAX];
    varsdb_dtype dtype = varsdb_dtype_parse(name);
    if (dtype == VARSDB_DTYPE_NOT_SAID)
        return cli_fail(c, CLI_USAGE,
                        "\"%s\" is no dtype; accepted:"
#define DTYPE(name_, number, text, bits) " " text
                        VARSDB_DTYPES(DTYPE) "%s",
#undef DTYPE
                        name, suggest_among(near, name, vocabulary_dtypes));
    *out = dtype;
    return CLI_DONE;
}

static int fail_shape(cli *c, const char *text, const char *why)
{
    return cli_fail(c, CLI_USAGE, "shape \"%s\": %s; accepted: 2,3 or [2,3] or scalar, at most %d dimensions",
                    text, why, VARSDB_RANK_MAX);
}

/* One dimension; *at moves past it. */
static const char *read_dimension(const char **at, int64_t *out)
{
    const char *p = *at;
    if (*p == '?') {
        *out = VARSDB_ANY;
        *at = p + 1;
        return NULL;
    }
    if (*p == '-')
        return "a dimension is negative";
    if (*p < '0' || *p > '9')
        return "a dimension is missing or is no whole number";
    int64_t value = 0;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *p - '0', &value))
            return "a dimension does not fit 64 bits";
    *out = value;
    *at = p;
    return NULL;
}

int pick_shape(cli *c, const char *text, int *rank, int64_t dims[VARSDB_RANK_MAX])
{
    const char *p = text;
    int n = 0;
    if (strcmp(text, "scalar") == 0 || strcmp(text, "[]") == 0) {
        *rank = 0;
        return CLI_DONE;
    }
    bool bracket = *p == '[';
    p += bracket;
    for (;;) {
        p += strspn(p, " ");
        if (n == VARSDB_RANK_MAX)
            return fail_shape(c, text, "it has too many dimensions");
        const char *why = read_dimension(&p, &dims[n]);
        if (why)
            return fail_shape(c, text, why);
        n++;
        p += strspn(p, " ");
        if (*p != ',')
            break;
        p++;
    }
    if (bracket && *p++ != ']')
        return fail_shape(c, text, "the bracket is not closed");
    if (*p)
        return fail_shape(c, text, "a dimension is no whole number");
    *rank = n;
    return CLI_DONE;
}

int pick_integer(cli *c, const char *what, const char *text, int64_t *out)
{
    char *end;
    bool plain = (*text >= '0' && *text <= '9') || (*text == '-' && text[1] >= '0' && text[1] <= '9');
    errno = 0;
    long long value = plain ? strtoll(text, &end, 10) : 0;
    if (!plain || *end || errno)
        return cli_fail(c, CLI_USAGE, "%s \"%s\" is not accepted; a whole number of 64 bits is", what, text);
    *out = value;
    return CLI_DONE;
}

int pick_bytes(cli *c, const char *what, const char *text, uint64_t *out)
{
    static const struct {
        const char *unit;
        uint64_t bytes;
    } units[] = {{"", 1},
                 {"B", 1},
                 {"kB", 1000},
                 {"KB", 1000},
                 {"MB", 1000000},
                 {"GB", 1000000000},
                 {"KiB", 1ULL << 10},
                 {"MiB", 1ULL << 20},
                 {"GiB", 1ULL << 30}};
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (*text >= '0' && *text <= '9' && !errno && strcmp(end, units[i].unit) == 0 && number &&
            !__builtin_mul_overflow(number, units[i].bytes, out))
            return CLI_DONE;
    return cli_fail(c, CLI_USAGE, "%s takes a number of bytes above 0, as 500MB, 5GB or 4GiB, not '%s'", what,
                    text);
}

int pick_word(cli *c, const char *what, const char *text, const char *const *words, int *out)
{
    char accepted[256], near[SUGGEST_TEXT_MAX];
    size_t used = 0;
    *accepted = '\0';
    for (int i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return CLI_DONE;
        }
        int n = snprintf(accepted + used, sizeof accepted - used, "%s%s", i ? ", " : "", words[i]);
        used += (size_t)n < sizeof accepted - used ? (size_t)n : 0;
    }
    return cli_fail(c, CLI_USAGE, "%s \"%s\" is not accepted; accepted: %s%s", what, text, accepted,
                    suggest_among(near, text, words));
}

static int pick_rename(cli *c, const char *text, pick_renames *out)
{
    const char *equals = strrchr(text, '=');
    if (!equals || equals == text)
        return cli_fail(c, CLI_USAGE, "--rename \"%s\" is not accepted; OLD=NEW is, with an expression OLD",
                        text);
    char *from = strndup(text, (size_t)(equals - text));
    if (!from)
        return cli_fail_memory(c);
    out->froms[out->count] = from;
    out->items[out->count] = (varsdb_rename){from, equals + 1};
    out->count++;
    return CLI_DONE;
}

int pick_all_renames(cli *c, const opt_list *texts, pick_renames *out)
{
    int status = CLI_DONE;
    for (size_t i = 0; i < texts->count && status == CLI_DONE; i++)
        status = pick_rename(c, texts->items[i], out);
    return status;
}

void pick_release_renames(pick_renames *renames)
{
    while (renames->count)
        free(renames->froms[--renames->count]);
}

int pick_tidy(cli *c, pick_filter *pick)
{
    varsdb_filter *filter = &pick->filter;
    filter->size = sizeof *filter;
    c->filter = filter;
    if (filter->collection)
        filter->collection = pick_collection(filter->collection);
    if (!filter->scope)
        return CLI_DONE;
    int status = pick_scope(c, filter->scope, pick->scope);
    filter->scope = pick->scope;
    return status;
}

/* ---- Lists of names ---- */

static void append(pick_names *names, const char *name)
{
    if (names->count == names->room) {
        size_t room = names->room ? names->room * 2 : 64;
        char **bigger = realloc(names->names, room * sizeof *bigger);
        if (!bigger) {
            names->failed = true;
            return;
        }
        names->names = bigger;
        names->room = room;
    }
    char *copy = strdup(name);
    if (copy)
        names->names[names->count++] = copy;
    else
        names->failed = true;
}

int pick_add(cli *c, pick_names *names, const char *name)
{
    append(names, name);
    return names->failed ? cli_fail_memory(c) : CLI_DONE;
}

static int append_variable(void *payload, const varsdb_variable_info *info)
{
    pick_names *names = payload;
    append(names, info->name);
    return names->failed;
}

int pick_in_scope(cli *c, const char *scope, const char *collection, pick_names *out)
{
    char shown[CLI_SHOWN_MAX], near[SUGGEST_TEXT_MAX];
    size_t before = out->count;
    int rc = varsdb_list_variables(c->db, VARSDB_FILTER(.scope = scope, .collection = collection),
                                   append_variable, out);
    if (out->failed)
        return cli_fail_memory(c);
    if (rc != VARSDB_OK)
        return cli_fail_db(c);
    if (out->count == before && collection)
        return cli_fail(c, CLI_NO, "no variable in the scope %s/ is in collection %s%s", scope,
                        cli_shown(shown, collection), nearby_collection(c, collection, near));
    if (out->count == before)
        return cli_fail(c, CLI_NO, "there is no variable in the scope %s/%s", scope,
                        nearby_scope(c, scope, near));
    return CLI_DONE;
}

void pick_release(pick_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (pick_names){0};
}
