/* typed.c - see typed.h. */
#include "typed.h"

#include <string.h>

/* ---- What the values of options are, and arguments ---- */

/* Of those that do not say themselves which words they take.  What is not here is a value that nobody can
 * guess. */
static const struct option_kind {
    const char *option;
    typed_kind kind;
} option_kinds[] = {
    {"namespace", TYPED_NAMESPACE}, {"collection", TYPED_COLLECTION}, {"scope", TYPED_SCOPE},
    {"at", TYPED_SNAPSHOT},         {"since", TYPED_SNAPSHOT},        {"from", TYPED_FILE},
    {"output", TYPED_FILE},
};

/* As the arguments of commands are called in their help. */
static const struct argument_kind {
    const char *command, *argument;
    typed_kind kind;
} argument_kinds[] = {
    {"scope", "NAME", TYPED_SCOPE},
    {NULL, "DB", TYPED_DATABASE},
    {NULL, "NAME", TYPED_VARIABLE},
    {NULL, "OLD", TYPED_VARIABLE},
    {NULL, "NEW", TYPED_VARIABLE},
    {NULL, "SCOPE", TYPED_SCOPE},
    {NULL, "COLLECTION", TYPED_COLLECTION},
    {NULL, "SNAPSHOT", TYPED_SNAPSHOT},
    {NULL, "A", TYPED_SNAPSHOT},
    {NULL, "B", TYPED_SNAPSHOT},
    {NULL, "FILE", TYPED_FILE},
    {NULL, "OUT", TYPED_FILE},
    {NULL, "COMMAND", TYPED_COMMAND},
    {NULL, "SHELL", TYPED_SHELL},
};

static void expect_value(typed *t, const cli_option *option)
{
    t->words = option->words;
    t->kind = option->words ? TYPED_WORD : TYPED_NOTHING;
    for (size_t i = 0; i < COUNT_OF(option_kinds) && !option->words; i++)
        if (strcmp(option_kinds[i].option, option->name) == 0)
            t->kind = option_kinds[i].kind;
}

/* The name of the argument at that place in "DB [SCOPE]" or "DB NAME...", without what stands around it. */
static size_t argument_at(const char *arguments, size_t place, const char **name)
{
    const char *p = arguments;
    for (size_t i = 0;; i++) {
        p += strspn(p, " [");
        size_t bytes = strcspn(p, " ].");
        if (!bytes)
            return 0;
        *name = p;
        if (i == place || strncmp(p + bytes, "...", 3) == 0)
            return bytes;
        p += strcspn(p, " ");
    }
}

static void expect_argument(typed *t, size_t place)
{
    const char *name = NULL;
    size_t bytes = argument_at(t->command->arguments, place, &name);
    t->kind = TYPED_NOTHING;
    for (size_t i = 0; i < COUNT_OF(argument_kinds) && bytes; i++) {
        const struct argument_kind *kind = &argument_kinds[i];
        if ((kind->command && strcmp(kind->command, t->command->name) != 0) ||
            strlen(kind->argument) != bytes || memcmp(kind->argument, name, bytes) != 0)
            continue;
        t->kind = kind->kind;
        return;
    }
}

/* ---- The words ---- */

static bool is_option(const cli_option *option, const char *word)
{
    size_t bytes = strcspn(word, "=");
    if (word[1] != '-')
        return option->letter && option->letter == word[1];
    return strlen(option->name) == bytes - 2 && memcmp(option->name, word + 2, bytes - 2) == 0;
}

/* The option's place among the command's, or their count.  The word begins with "-" and has more. */
static size_t find_option(const typed *t, const char *word)
{
    size_t at = 0;
    while (at < t->options.count && !is_option(&t->options.items[at], word))
        at++;
    return at;
}

/* The value that is in the option's own word: --option=value, -ovalue; or NULL. */
static const char *value_within(const char *word)
{
    const char *equals = strchr(word, '=');
    if (word[1] != '-')
        return word[1] && word[2] ? word + 2 : NULL;
    return equals ? equals + 1 : NULL;
}

static void take_value(typed *t, size_t option, const char *value)
{
    if (strcmp(t->options.items[option].name, "namespace") == 0)
        t->name_space = value;
}

/* An option before the last word; true if the next word is its value. */
static bool take_option(typed *t, const char *word)
{
    size_t option = find_option(t, word);
    const char *value = value_within(word);
    if (option == t->options.count)
        return false;
    const cli_option *one = &t->options.items[option];
    t->given[option] = !one->repeats;
    if (strcmp(one->name, "allow-network") == 0)
        t->allow_network = true;
    if (one->takes_value && value)
        take_value(t, option, value);
    return one->takes_value && !value;
}

/* The last word, where an argument or an option may stand. */
static void expect_last(typed *t, const char *word, size_t place, bool ended)
{
    t->last = word;
    if (ended || *word != '-') {
        expect_argument(t, place);
        return;
    }
    const char *value = value_within(word);
    if (!value) {
        t->kind = TYPED_OPTION;
        return;
    }
    size_t option = find_option(t, word);
    t->before = word;
    t->before_bytes = (size_t)(value - word);
    t->last = value;
    if (option < t->options.count && t->options.items[option].takes_value)
        expect_value(t, &t->options.items[option]);
}

void typed_read(typed *t, size_t count, char *const *words)
{
    size_t place = 0;
    bool ended = false;
    *t = (typed){.before = "", .last = count ? words[count - 1] : ""};
    if (count <= 1) {
        t->kind = count ? TYPED_COMMAND : TYPED_NOTHING;
        return;
    }
    t->command = cli_find_command(words[0]);
    if (!t->command)
        return;
    cli_options_of(t->command, &t->options);
    for (size_t i = 1; i + 1 < count; i++) {
        const char *word = words[i];
        if (!ended && strcmp(word, "--") == 0) {
            ended = true;
        } else if (ended || *word != '-' || !word[1]) {
            const char *name = NULL;
            if (argument_at(t->command->arguments, place, &name) == 2 && strncmp(name, "DB", 2) == 0)
                t->database = word;
            place++;
        } else if (take_option(t, word)) {
            size_t option = find_option(t, word);
            if (i + 2 == count) {
                expect_value(t, &t->options.items[option]);
                return;
            }
            take_value(t, option, words[++i]);
        }
    }
    expect_last(t, words[count - 1], place, ended);
}
