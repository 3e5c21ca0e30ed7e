/* cmd_shell.c - varsdb shell: commands and SQL on one registry, from a terminal or a file. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "candidates.h"
#include "cli.h"
#include "interrupt.h"
#include "prompt.h"
#include "vocabulary.h"
#include "words.h"

#define WORDS_TYPED 256 /* of a line, to complete the last */

typedef struct shell {
    cli *c;
    char *path; /* of the registry, as an argument that is no option */
    char *name_space;
    varsdb *db; /* kept from one command to the next; NULL: the next one opens it */
    bool reads; /* it is for reading only */
    bool terminal, keep_going, leaves;
    bool broken; /* nobody reads what it prints */
    int failed;  /* status of the last command that failed */
    char *sql;   /* what was given of a query so far */
    size_t sql_bytes;
} shell;

/* Runs argv with a state of its own.  After a failure the handle is closed, which rolls back what it left. */
static int run(shell *s, int argc, char **argv)
{
    cli *c = calloc(1, sizeof *c);
    if (!c)
        return cli_fail_memory(s->c);
    c->command = s->c->command;
    c->name_space = s->name_space;
    c->allow_network = s->c->allow_network;
    c->kept = s->db;
    c->kept_reads = s->reads;
    sink_open(&c->out, STDOUT_FILENO);
    int status = cli_finish(c, cli_run(c, argc, argv));
    s->broken = c->out.error != 0;
    s->db = c->db ? c->db : c->kept;
    if (c->db && c->kept)
        varsdb_close(c->kept);
    s->reads = c->kept_reads;
    /* A handle of another file, or one that init or import made, is not for the next command. */
    if (s->db && (status != CLI_DONE || strcmp(varsdb_path(s->db), s->path) != 0)) {
        varsdb_close(s->db);
        s->db = NULL;
    }
    /* Who reads several things in one transaction leaves its end to the close that came after it. */
    if (s->db)
        varsdb_rollback(s->db);
    free(c);
    if (interrupt_asked() && !s->terminal)
        s->leaves = true;
    else
        interrupt_forget();
    return status;
}

static int fail(const char *text)
{
    cli_note("%s", text);
    return CLI_USAGE;
}

static int use(shell *s, const words *w)
{
    if (w->count != 2)
        return fail("use takes the name of a namespace");
    char *name = strdup(w->items[1]);
    if (!name)
        return cli_fail_memory(s->c);
    free(s->name_space);
    s->name_space = name;
    return CLI_DONE;
}

/* "ls --long" is run as "ls DB --long". */
static int run_words(shell *s, words *w)
{
    const char *name = w->items[0];
    if (strcmp(name, "quit") == 0 || strcmp(name, "exit") == 0) {
        s->leaves = true;
        return CLI_DONE;
    }
    if (strcmp(name, "use") == 0)
        return use(s, w);
    if (strcmp(name, "shell") == 0)
        return fail("this is a shell already; quit leaves it");
    const cli_command *command = cli_find_command(name);
    bool needs = command && strncmp(command->arguments, "DB", 2) == 0;
    char **argv = calloc(w->count + 2, sizeof *argv);
    size_t count = 0;
    if (!argv)
        return cli_fail_memory(s->c);
    argv[count++] = w->items[0];
    if (needs)
        argv[count++] = s->path;
    for (size_t i = 1; i < w->count; i++)
        argv[count++] = w->items[i];
    int status = run(s, (int)count, argv);
    free(argv);
    return status;
}

static int run_line(shell *s, const char *line)
{
    words w;
    int rc = words_split(&w, line);
    if (rc == ENOMEM)
        return cli_fail_memory(s->c);
    if (rc != 0)
        return fail("a quote is not closed");
    int status = w.count ? run_words(s, &w) : CLI_DONE;
    words_free(&w);
    return status;
}

/* ---- SQL ---- */

/* How much of the line comes before a query; -1: it is none. */
static int sql_begins(const char *line)
{
    static const char *const first[] = {"SELECT", "WITH", "EXPLAIN", "VALUES"};
    size_t blank = strspn(line, " \t");
    const char *word = line + blank;
    if (strncmp(word, ".sql", 4) == 0 && (isspace((unsigned char)word[4]) || !word[4]))
        return (int)blank + 4;
    for (size_t i = 0; i < COUNT_OF(first); i++) {
        size_t bytes = strlen(first[i]);
        if (strncasecmp(word, first[i], bytes) == 0 && !isalnum((unsigned char)word[bytes]) &&
            word[bytes] != '_')
            return (int)blank;
    }
    return -1;
}

/* A semicolon is the last thing in it, outside quotes and comments. */
static bool sql_ends(const char *sql)
{
    char quote = '\0', last = '\0';
    for (const char *p = sql; *p; p++) {
        if (quote) {
            quote = *p == quote ? '\0' : quote;
        } else if (*p == '\'' || *p == '"' || *p == '`') {
            last = quote = *p;
        } else if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
            if (!*p)
                break;
        } else if (!isspace((unsigned char)*p)) {
            last = *p;
        }
    }
    return !quote && last == ';';
}

static void sql_drop(shell *s)
{
    free(s->sql);
    s->sql = NULL;
    s->sql_bytes = 0;
}

static int sql_run(shell *s)
{
    char word[] = "sql", ended[] = "--";
    char *argv[] = {word, s->path, ended, s->sql, NULL};
    int status = run(s, 4, argv);
    sql_drop(s);
    return status;
}

static int sql_add(shell *s, const char *line)
{
    size_t bytes = strlen(line);
    char *bigger = realloc(s->sql, s->sql_bytes + bytes + 1);
    if (!bigger)
        return cli_fail_memory(s->c);
    memcpy(bigger + s->sql_bytes, line, bytes + 1);
    s->sql = bigger;
    s->sql_bytes += bytes;
    return sql_ends(s->sql) ? sql_run(s) : CLI_DONE;
}

/* ---- Lines ---- */

/* A word that needs no quotes. */
static bool is_plain(const char *word)
{
    return *word && !word[strcspn(word, " \t\"'\\")];
}

static void offer_candidates(shell *s, typed *t, prompt_offer_cb callback, void *to)
{
    cli c = {.db = s->db, .name_space = s->name_space};
    candidates *k = candidates_find(&c, t);
    char word[4096];
    for (size_t i = 0; i < candidates_count(k); i++) {
        const char *note, *item = candidates_at(k, i, &note);
        int bytes = snprintf(word, sizeof word, "%.*s%s", (int)t->before_bytes, t->before, item);
        if (bytes > 0 && (size_t)bytes < sizeof word && is_plain(word))
            callback(to, word);
    }
    candidates_free(k);
}

static void offer_listed(const char *const *list, const char *prefix, prompt_offer_cb callback, void *to)
{
    for (; *list; list++)
        if (strncmp(*list, prefix, strlen(prefix)) == 0)
            callback(to, *list);
}

/* The line is a command's words but for DB, which is put where the command has it. */
static void offer_for_command(shell *s, words *w, prompt_offer_cb callback, void *to)
{
    char *all[WORDS_TYPED];
    typed t;
    size_t count = 0;
    const cli_command *command = cli_find_command(w->items[0]);
    bool takes_db = command && strncmp(command->arguments, "DB", 2) == 0;
    if (w->count + 1 >= WORDS_TYPED)
        return;
    for (size_t i = 0; i < w->count; i++) {
        all[count++] = w->items[i];
        if (i == 0 && takes_db && w->count > 1)
            all[count++] = s->path;
    }
    typed_read(&t, count, all);
    offer_candidates(s, &t, callback, to);
}

static void offer(void *payload, const char *line, const char **from, prompt_offer_cb callback, void *to)
{
    static const char *const own[] = {"use", "quit", NULL};
    shell *s = payload;
    words w;
    const char *word = line + strlen(line);
    while (word > line && word[-1] != ' ')
        word--;
    *from = word;
    if (s->db)
        varsdb_use_namespace(s->db, s->name_space ? s->name_space : "main");
    if (s->sql || sql_begins(line) >= 0) {
        offer_listed(vocabulary_views, word, callback, to);
        return;
    }
    char *text = *word ? strdup(line) : NULL;
    if (!*word && asprintf(&text, "%s ''", line) < 0)
        text = NULL;
    if (!text || words_split(&w, text) != 0) {
        free(text);
        return;
    }
    if (w.count == 1)
        offer_listed(own, word, callback, to);
    if (w.count && !word[strcspn(word, "\"'\\")])
        offer_for_command(s, &w, callback, to);
    words_free(&w);
    free(text);
}

static int see_line(shell *s, const char *line)
{
    int before = s->sql ? 0 : sql_begins(line);
    int status = before >= 0 ? sql_add(s, line + before) : run_line(s, line);
    if (status != CLI_DONE)
        s->failed = status;
    return status;
}

static int read_lines(shell *s, prompt *p)
{
    int status = CLI_DONE, got;
    const char *line;
    char text[128];
    while (!s->leaves) {
        snprintf(text, sizeof text, s->sql ? "   ...> " : "%.100s> ", s->name_space ? s->name_space : "main");
        got = prompt_read(p, text, &line);
        if (got == PROMPT_DROPPED) {
            sql_drop(s);
            continue;
        }
        if (got == PROMPT_FAILED)
            return cli_fail(s->c, CLI_FAILED, "cannot read standard input: %s", strerror(errno));
        if (got == PROMPT_END)
            break;
        if (s->terminal && line[strspn(line, " \t\n")])
            prompt_remember(p, line);
        status = see_line(s, line);
        if (s->broken || (status != CLI_DONE && !s->terminal && !s->keep_going))
            return status;
    }
    /* The end of a file ends a query, too. */
    if (s->sql && !s->leaves && !s->terminal && sql_run(s) != CLI_DONE)
        s->failed = CLI_FAILED;
    return s->terminal ? CLI_DONE : s->failed;
}

static int prepare(shell *s)
{
    cli *c = s->c;
    const char *path = c->args[0], *name_space = cli_namespace(c);
    if (asprintf(&s->path, "%s%s", *path == '-' ? "./" : "", path) < 0)
        s->path = NULL;
    s->name_space = name_space ? strdup(name_space) : NULL;
    if (!s->path || (name_space && !s->name_space))
        return cli_fail_memory(c);
    int status = cli_open_at(c, s->path, VARSDB_READ_ONLY);
    s->db = c->db;
    s->reads = true;
    if (status == CLI_DONE)
        c->db = NULL;
    else
        s->db = NULL;
    return status;
}

int cmd_shell(cli *c, int argc, char **argv)
{
    int keep_going = 0;
    const opt options[] = {OPT_FLAG("keep-going", &keep_going)};
    shell s = {.c = c, .terminal = isatty(STDIN_FILENO)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status != CLI_DONE)
        return status;
    s.keep_going = keep_going;
    status = prepare(&s);
    prompt *p = status == CLI_DONE ? prompt_open(s.terminal, offer, &s) : NULL;
    if (p)
        status = read_lines(&s, p);
    else if (status == CLI_DONE)
        status = cli_fail_memory(c);
    if (p)
        prompt_close(p);
    varsdb_close(s.db);
    sql_drop(&s);
    free(s.path);
    free(s.name_space);
    return status;
}
