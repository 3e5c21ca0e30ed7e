/* typed.c - see typed.h. */
#include "typed.h"

#include <string.h>

#include "vocabulary.h"

/* ---- What the values of options are, and arguments ---- */

static const char *const reuses[] = {"auto", "create", "require", NULL};
static const char *const conflicts[] = {"error", "skip", "replace", NULL};
static const char *const import_names[] = {"raw", "full", NULL};
static const char *const export_names[] = {"original", "registry", NULL};
static const char *const export_formats[] = {"safetensors", "npy", "npz", "tensorflow", NULL};
static const char *const cat_formats[] = {"text", "json", "npy", "raw", NULL};
static const char *const diff_orders[] = {"name", "max_abs", "rel_l2", NULL};
static const char *const top_measures[] = {"size", "elements", "norm", "change", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const nans[] = {"string", "null", NULL};

/* The first that fits; no command is any.  What is not here is a value that nobody can guess. */
static const struct option_kind {
    const char *command, *option;
    typed_kind kind;
    const char *const *words;
} option_kinds[] = {
    {NULL, "namespace", TYPED_NAMESPACE, NULL},
    {NULL, "collection", TYPED_COLLECTION, NULL},
    {NULL, "scope", TYPED_SCOPE, NULL},
    {NULL, "at", TYPED_SNAPSHOT, NULL},
    {NULL, "dtype", TYPED_WORD, vocabulary_dtypes},
    {NULL, "init", TYPED_WORD, vocabulary_initializers},
    {NULL, "reuse", TYPED_WORD, reuses},
    {NULL, "on-conflict", TYPED_WORD, conflicts},
    {NULL, "from", TYPED_FILE, NULL},
    {NULL, "output", TYPED_FILE, NULL},
    {"import", "names", TYPED_WORD, import_names},
    {"export", "names", TYPED_WORD, export_names},
    {"export", "format", TYPED_WORD, export_formats},
    {"cat", "format", TYPED_WORD, cat_formats},
    {"diff", "sort", TYPED_WORD, diff_orders},
    {"top", "by", TYPED_WORD, top_measures},
    {NULL, "color", TYPED_WORD, colors},
    {NULL, "json-nan", TYPED_WORD, nans},
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

static bool is_of(const char *command, const typed *t)
{
    return !command || strcmp(command, t->command->name) == 0;
}

static void expect_value(typed *t, const char *option)
{
    t->kind = TYPED_NOTHING;
    for (size_t i = 0; i < COUNT_OF(option_kinds); i++) {
        const struct option_kind *kind = &option_kinds[i];
        if (!is_of(kind->command, t) || strcmp(kind->option, option) != 0)
            continue;
        t->kind = kind->kind;
        t->words = kind->words;
        return;
    }
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
        if (!is_of(kind->command, t) || strlen(kind->argument) != bytes ||
            memcmp(kind->argument, name, bytes) != 0)
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
        expect_value(t, t->options.items[option].name);
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
                expect_value(t, t->options.items[option].name);
                return;
            }
            take_value(t, option, words[++i]);
        }
    }
    expect_last(t, words[count - 1], place, ended);
}

void typed_unquote(char *word)
{
    char quote = 0, *to = word;
    for (const char *p = word; *p; p++) {
        if (quote == '\'' ? *p == '\'' : quote && *p == '"') {
            quote = 0;
        } else if (!quote && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else if (*p == '\\' && p[1] && (!quote || (quote == '"' && strchr("\\\"$`", p[1])))) {
            *to++ = *++p;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
}
