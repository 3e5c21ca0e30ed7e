/* conformance_parse.c - the conformance file, its lines and their steps. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* ---- lines */

static char *next_field(char **at)
{
    char *begin = *at + strspn(*at, " "), *bar = strstr(begin, " | ");
    char *end = bar ? bar : begin + strlen(begin);
    *at = bar ? bar + 3 : end;
    while (end > begin && end[-1] == ' ')
        end--;
    *end = '\0';
    return begin;
}

static void finish_case(conformance_cases *cases)
{
    if (cases->count == 0)
        return;
    conformance_case *c = &cases->at[cases->count - 1];
    if (c->id)
        return;
    char *at = c->text;
    c->id = next_field(&at);
    c->verdict = next_field(&at);
    c->sentence = next_field(&at);
    c->script = next_field(&at);
    bool known = strcmp(c->verdict, "same") == 0 || strcmp(c->verdict, "differs") == 0;
    if ((!known || !*c->id || !*c->sentence || !*c->script || *at) && !*cases->problem)
        snprintf(cases->problem, sizeof cases->problem,
                 "%s:%d: a case is id | same or differs | sentence | script", c->file, c->line);
}

static void add_case(conformance_cases *cases, const char *file, int line, const char *text)
{
    finish_case(cases);
    cases->at = realloc(cases->at, (cases->count + 1) * sizeof *cases->at);
    if (!cases->at)
        temp_give_up("load", file);
    conformance_case *c = &cases->at[cases->count++];
    *c = (conformance_case){.line = line, .text = strdup(text)};
    snprintf(c->file, sizeof c->file, "%s", file);
}

static void continue_case(conformance_cases *cases, const char *file, int line, const char *text)
{
    if (cases->count == 0 || cases->at[cases->count - 1].id) {
        snprintf(cases->problem, sizeof cases->problem, "%s:%d: an indented line continues nothing", file,
                 line);
        return;
    }
    char **whole = &cases->at[cases->count - 1].text;
    char *longer = NULL;
    if (asprintf(&longer, "%s %s", *whole, text + strspn(text, " ")) < 0)
        temp_give_up("load", file);
    free(*whole);
    *whole = longer;
}

static void load_file(const char *directory, const char *name, conformance_cases *cases)
{
    char path[TEMP_PATH_BYTES], *text = NULL;
    size_t room = 0;
    ssize_t bytes;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (!file)
        temp_give_up("read", path);
    for (int line = 1; (bytes = getline(&text, &room, file)) > 0; line++) {
        if (text[bytes - 1] == '\n')
            text[bytes - 1] = '\0';
        if (*text == ' ')
            continue_case(cases, name, line, text);
        else if (!*text || *text == '#' || *text == '=' || *text == ':')
            finish_case(cases);
        else
            add_case(cases, name, line, text);
    }
    finish_case(cases);
    free(text);
    fclose(file);
}

static int is_text(const struct dirent *entry)
{
    size_t bytes = strlen(entry->d_name);
    return bytes > 4 && strcmp(entry->d_name + bytes - 4, ".txt") == 0;
}

static void refuse_twice(conformance_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++)
        for (size_t j = 0; j < i; j++)
            if (!*cases->problem && strcmp(cases->at[i].id, cases->at[j].id) == 0)
                snprintf(cases->problem, sizeof cases->problem, "%s:%d: %s is there already, in %s:%d",
                         cases->at[i].file, cases->at[i].line, cases->at[i].id, cases->at[j].file,
                         cases->at[j].line);
}

void conformance_load(const char *directory, conformance_cases *out)
{
    struct dirent **names;
    *out = (conformance_cases){0};
    int count = scandir(directory, &names, is_text, alphasort);
    if (count < 0)
        temp_give_up("list", directory);
    for (int i = 0; i < count; i++) {
        load_file(directory, names[i]->d_name, out);
        free(names[i]);
    }
    free(names);
    refuse_twice(out);
}

void conformance_release(conformance_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++)
        free(cases->at[i].text);
    free(cases->at);
    *cases = (conformance_cases){0};
}

/* ---- steps */

/* The next word; quotes of either kind keep blanks, and the other kind, in it and are dropped. */
static char *next_word(char **at)
{
    char *from = *at + strspn(*at, " "), *to = from, *begin = from;
    char quote = '\0';
    if (!*from)
        return NULL;
    for (; *from && (quote || *from != ' '); from++) {
        if (quote ? *from == quote : *from == '"' || *from == '\'')
            quote = quote ? '\0' : *from;
        else
            *to++ = *from;
    }
    *at = *from ? from + 1 : from;
    *to = '\0';
    return quote ? NULL : begin;
}

static void cut_expected(char *expected, conformance_step *out)
{
    size_t bytes = strlen(expected);
    while (bytes && expected[bytes - 1] == ' ')
        expected[--bytes] = '\0';
    char *slash = strstr(expected, " /");
    if (slash && bytes && expected[bytes - 1] == '/' && slash + 2 < expected + bytes) {
        expected[bytes - 1] = '\0';
        *slash = '\0';
        out->pattern = slash + 2;
    }
    out->expected = expected;
}

bool conformance_parse_step(char *text, conformance_step *out)
{
    char *word, *arrow = strstr(text, " -> ");
    *out = (conformance_step){.count = 0};
    if (arrow) {
        *arrow = '\0';
        cut_expected(arrow + 4 + strspn(arrow + 4, " "), out);
        if (!*out->expected)
            return false;
    }
    while ((word = next_word(&text))) {
        if (strcmp(word, "as") == 0) {
            word = next_word(&text);
            if (!word || *word != '@' || out->capture)
                return false;
            out->capture = word + 1;
        } else if (out->count == CONFORMANCE_WORDS) {
            return false;
        } else {
            out->words[out->count++] = word;
        }
    }
    return out->count > 0 && !*(text + strspn(text, " "));
}

static size_t key_bytes(const char *word)
{
    size_t bytes = strspn(word, "abcdefghijklmnopqrstuvwxyz_");
    return bytes && word[bytes] == '=' ? bytes : 0;
}

const char *conformance_operand(const conformance_step *step, size_t i)
{
    for (size_t k = 1; k < step->count; k++)
        if (!key_bytes(step->words[k]) && i-- == 0)
            return step->words[k];
    return NULL;
}

const char *conformance_option(const conformance_step *step, const char *key)
{
    size_t bytes = strlen(key);
    for (size_t k = 1; k < step->count; k++)
        if (key_bytes(step->words[k]) == bytes && memcmp(step->words[k], key, bytes) == 0)
            return step->words[k] + bytes + 1;
    return NULL;
}
