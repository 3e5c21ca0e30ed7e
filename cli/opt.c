/* opt.c - see opt.h. */
#include "opt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"

static const opt *find(const opt *options, size_t count, const char *name, size_t bytes)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == bytes && memcmp(options[i].name, name, bytes) == 0)
            return &options[i];
    return NULL;
}

/* "-o" with what follows it in the same argument. */
static const opt *find_letter(const opt *options, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].letter && options[i].letter == letter)
            return &options[i];
    return NULL;
}

/* One dash for two, and a letter for a word, are habits from other commands. */
static bool offer_near(const opt *options, size_t count, const char *given, size_t bytes,
                       char out[SUGGEST_TEXT_MAX])
{
    char wanted[100], name[100];
    suggest near;
    size_t dashes = given[1] == '-' ? 2 : 1;
    snprintf(wanted, sizeof wanted, "--%.*s", (int)(bytes - dashes), given + dashes);
    suggest_begin(&near, wanted, false);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "--%s", options[i].name);
        suggest_offer(&near, name);
        if (dashes == 1 && bytes == 2 && options[i].name[0] == given[1])
            suggest_add(&near, name);
        else if (dashes == 1 && strcmp(name, wanted) == 0)
            suggest_add(&near, name);
    }
    suggest_text(&near, out);
    return near.count > 0;
}

/* "unknown option --x; accepted: --a --b", or, when one is near, which. */
static int fail_unknown(const opt *options, size_t count, const char *given, size_t bytes, char *message)
{
    char near[SUGGEST_TEXT_MAX];
    int shown = bytes < 100 ? (int)bytes : 100;
    if (bytes < 90 && offer_near(options, count, given, bytes, near)) {
        snprintf(message, OPT_MESSAGE_BYTES, "unknown option %.*s%.800s", shown, given, near);
        return -1;
    }
    int at = snprintf(message, OPT_MESSAGE_BYTES, "unknown option %.*s; accepted:", shown, given);
    for (size_t i = 0; i < count && at > 0 && at < OPT_MESSAGE_BYTES; i++)
        at += snprintf(message + at, OPT_MESSAGE_BYTES - (size_t)at, " --%s", options[i].name);
    return -1;
}

static int set_value(const opt *option, const char *value, char *message)
{
    if (option->text) {
        if (*option->text) {
            snprintf(message, OPT_MESSAGE_BYTES, "option --%s is given twice", option->name);
            return -1;
        }
        *option->text = value;
        return 0;
    }
    if (option->list->count == OPT_LIST_MAX) {
        snprintf(message, OPT_MESSAGE_BYTES, "option --%s is given more than %d times", option->name,
                 OPT_LIST_MAX);
        return -1;
    }
    option->list->items[option->list->count++] = value;
    option->list->items[option->list->count] = NULL;
    return 0;
}

/* The option at argv[*at], with its value, which may be the next argument. */
static int take(const opt *options, size_t count, int argc, char **argv, int *at, char *message)
{
    const char *given = argv[*at];
    size_t bytes = strcspn(given, "=");
    const char *value = given[bytes] ? given + bytes + 1 : NULL;
    const opt *option = given[1] == '-' ? find(options, count, given + 2, bytes - 2) : NULL;
    if (given[1] != '-') {
        option = find_letter(options, count, given[1]);
        value = given[2] ? given + 2 : NULL;
    }
    if (!option)
        return fail_unknown(options, count, given, bytes, message);
    if (option->flag) {
        if (value) {
            snprintf(message, OPT_MESSAGE_BYTES, "option --%s takes no value", option->name);
            return -1;
        }
        *option->flag = 1;
        return 0;
    }
    if (!value && *at + 1 < argc)
        value = argv[++*at];
    if (!value) {
        snprintf(message, OPT_MESSAGE_BYTES, "option --%s needs a value", option->name);
        return -1;
    }
    return set_value(option, value, message);
}

int opt_parse(const opt *options, size_t option_count, int argc, char **argv, size_t *count, char *message)
{
    size_t kept = 0;
    int ended = 0;
    for (int i = 0; i < argc; i++) {
        if (ended || argv[i][0] != '-' || !argv[i][1]) {
            argv[kept++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            ended = 1;
        } else if (take(options, option_count, argc, argv, &i, message) != 0) {
            return -1;
        }
    }
    *count = kept;
    return 0;
}
