/* prompt.c - see prompt.h. */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef CLI_LIBEDIT
#include <histedit.h>
#include <locale.h>
#include <wchar.h>
#endif

#define HISTORY_MAX 2000

struct prompt {
    bool terminal;
    char *held; /* the line, when getline reads it */
    size_t room;
    const char *text;
    prompt_complete_cb complete;
    void *payload;
#ifdef CLI_LIBEDIT
    EditLine *edit;
    History *history;
    char *path; /* of the history's file; NULL: it is not kept */
#endif
};

static volatile sig_atomic_t dropped;

static void drop(int number)
{
    (void)number;
    dropped = 1;
}

/* For a read only: a command that runs has handlers of its own, or dies. */
static void catch_interrupts(struct sigaction *before)
{
    struct sigaction caught = {.sa_handler = drop};
    sigemptyset(&caught.sa_mask);
    dropped = 0;
    sigaction(SIGINT, &caught, before);
}

/* Signals that came are no end of the file; Ctrl-C is one of the line. */
static int read_plain(prompt *p, const char **line)
{
    if (p->terminal) {
        fputs(p->text, stdout);
        fflush(stdout);
    }
    errno = 0;
    ssize_t bytes = getline(&p->held, &p->room, stdin);
    *line = p->held;
    if (bytes >= 0)
        return PROMPT_LINE;
    bool failed = ferror(stdin);
    clearerr(stdin);
    if (dropped)
        return PROMPT_DROPPED;
    return failed ? PROMPT_FAILED : PROMPT_END;
}

#ifdef CLI_LIBEDIT

/* libedit's own goes on reading after a signal. */
static int read_character(EditLine *edit, wchar_t *to)
{
    mbstate_t state = {0};
    (void)edit;
    for (;;) {
        char byte;
        ssize_t n = dropped ? -1 : read(STDIN_FILENO, &byte, 1);
        if (n < 0 && errno == EINTR && !dropped)
            continue;
        if (n <= 0)
            return n == 0 ? 0 : -1;
        size_t used = mbrtowc(to, &byte, 1, &state);
        if (used == (size_t)-2)
            continue;
        if (used != (size_t)-1)
            return 1;
        memset(&state, 0, sizeof state);
    }
}

static char *say_prompt(EditLine *edit)
{
    static char none[] = "";
    prompt *p = NULL;
    el_get(edit, EL_CLIENTDATA, &p);
    return p && p->text ? (char *)(uintptr_t)p->text : none;
}

typedef struct offers {
    char *common; /* what all that was offered begins with */
    size_t count;
    bool lists;
} offers;

static void see_offer(void *payload, const char *word)
{
    offers *o = payload;
    if (o->lists) {
        /* Of a name, what no terminal takes for a command. */
        for (const char *at = word; *at; at++)
            putchar((unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at);
        putchar('\n');
    } else if (!o->count) {
        o->common = strdup(word);
    } else if (o->common) {
        size_t same = 0;
        while (o->common[same] && o->common[same] == word[same])
            same++;
        o->common[same] = '\0';
    }
    o->count++;
}

static unsigned char complete(EditLine *edit, int key)
{
    prompt *p = NULL;
    const LineInfo *info = el_line(edit);
    offers o = {0};
    (void)key;
    el_get(edit, EL_CLIENTDATA, &p);
    char *line = strndup(info->buffer, (size_t)(info->cursor - info->buffer));
    const char *from = line;
    unsigned char result = CC_ERROR;
    if (line)
        p->complete(p->payload, line, &from, see_offer, &o);
    size_t typed = line ? strlen(from) : 0;
    if (o.common && strlen(o.common) > typed) {
        el_insertstr(edit, o.common + typed);
        char last = o.common[strlen(o.common) - 1];
        if (o.count == 1 && last != '/' && last != '=')
            el_insertstr(edit, " ");
        result = CC_REFRESH;
    } else if (o.count > 1) {
        o.lists = true;
        putchar('\n');
        p->complete(p->payload, line, &from, see_offer, &o);
        fflush(stdout);
        result = CC_REDISPLAY;
    }
    free(o.common);
    free(line);
    return result;
}

/* $XDG_STATE_HOME/varsdb/history; its directories are made, and the file is its owner's alone. */
static char *find_history(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    bool given = state && *state == '/';
    if (!given && (!home || *home != '/'))
        return NULL;
    if (asprintf(&path, given ? "%s/varsdb/history" : "%s/.local/state/varsdb/history",
                 given ? state : home) < 0)
        return NULL;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || fchmod(fd, 0600) != 0) {
        free(path);
        path = NULL;
    }
    if (fd >= 0)
        close(fd);
    return path;
}

static bool open_editor(prompt *p)
{
    HistEvent event;
    setlocale(LC_CTYPE, "");
    p->edit = el_init("varsdb", stdin, stdout, stderr);
    p->history = history_init();
    if (!p->edit || !p->history)
        return false;
    history(p->history, &event, H_SETSIZE, HISTORY_MAX);
    history(p->history, &event, H_SETUNIQUE, 1);
    p->path = find_history();
    if (p->path)
        history(p->history, &event, H_LOAD, p->path);
    el_set(p->edit, EL_CLIENTDATA, p);
    el_set(p->edit, EL_PROMPT, say_prompt);
    el_set(p->edit, EL_EDITOR, "emacs");
    el_set(p->edit, EL_HIST, history, p->history);
    el_set(p->edit, EL_GETCFN, read_character);
    el_set(p->edit, EL_ADDFN, "varsdb-complete", "complete the word", complete);
    el_set(p->edit, EL_BIND, "^I", "varsdb-complete", NULL);
    return true;
}

static int read_edited(prompt *p, const char **line)
{
    int count = 0;
    *line = el_gets(p->edit, &count);
    if (dropped) {
        el_reset(p->edit);
        return PROMPT_DROPPED;
    }
    return *line && count > 0 ? PROMPT_LINE : PROMPT_END;
}

#endif

prompt *prompt_open(bool terminal, prompt_complete_cb offer, void *payload)
{
    prompt *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->terminal = terminal;
    p->complete = offer;
    p->payload = payload;
#ifdef CLI_LIBEDIT
    if (terminal && !open_editor(p)) {
        prompt_close(p);
        return NULL;
    }
#endif
    return p;
}

int prompt_read(prompt *p, const char *text, const char **line)
{
    struct sigaction before;
    p->text = text;
    if (!p->terminal)
        return read_plain(p, line);
    catch_interrupts(&before);
#ifdef CLI_LIBEDIT
    int result = read_edited(p, line);
#else
    int result = read_plain(p, line);
#endif
    sigaction(SIGINT, &before, NULL);
    if (result != PROMPT_LINE)
        fputc('\n', stdout);
    fflush(stdout);
    return result;
}

void prompt_remember(prompt *p, const char *line)
{
#ifdef CLI_LIBEDIT
    HistEvent event;
    if (p->history)
        history(p->history, &event, H_ENTER, line);
#else
    (void)p;
    (void)line;
#endif
}

void prompt_close(prompt *p)
{
#ifdef CLI_LIBEDIT
    HistEvent event;
    if (p->history && p->path)
        history(p->history, &event, H_SAVE, p->path);
    if (p->history)
        history_end(p->history);
    if (p->edit)
        el_end(p->edit);
    free(p->path);
#endif
    free(p->held);
    free(p);
}
