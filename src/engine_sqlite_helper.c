/*
 * engine_sqlite_helper.c - a thread that checkpoints after a large save, with a
 * connection of its own, while the handle goes on (VARSDB_HELPER_THREAD).
 */
#include <signal.h>

#include "engine_sqlite.h"
#include "fork.h"
#include "mem.h"

/* A close and a fork wait for the thread, so it does not wait longer for the write lock. */
#define PATIENCE_MS 1000

/* It gets copies: the handle may be closed only after it was joined, but the rest changes. */
typedef struct helper_task {
    vdb_engine_options options;
    char path[];
} helper_task;

static char copied[1]; /* an address that is not NULL */

/* Yields NULL when it copied nothing. */
static void *run(void *payload)
{
    helper_task *task = payload;
    vdb_error error = {0};
    vdb_engine *engine = NULL;
    bool done = false;
    vdb_fork_hold();
    /* Whatever fails here is left to the next checkpoint. */
    if (vdb_sqlite_open(&error, &task->options, &engine) == VARSDB_OK) {
        done = vdb_checkpoint_run(vdb_sqlite_of(engine), true) == VARSDB_OK;
        engine->methods->close(engine);
    }
    vdb_free(task);
    vdb_fork_release();
    return done ? copied : NULL;
}

static void take_result(vdb_sqlite *s, const void *result)
{
    s->has_helper = false;
    if (!result)
        s->log.saved = true; /* it is still to be copied */
    else if (s->log.copied < s->log.helped)
        s->log.copied = s->log.helped;
}

void vdb_helper_join(vdb_sqlite *s)
{
    void *result = NULL;
    if (s->has_helper && pthread_join(s->helper, &result) == 0)
        take_result(s, result);
}

/* The host's signals are its own threads' affair. */
static int start_without_signals(pthread_t *thread, helper_task *task)
{
    sigset_t all, old;
    sigfillset(&all);
    int failed = pthread_sigmask(SIG_SETMASK, &all, &old);
    if (failed)
        return failed;
    failed = pthread_create(thread, NULL, run, task);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed;
}

void vdb_helper_start(vdb_sqlite *s)
{
    const char *path = vdb_sqlite_file_name(s);
    size_t bytes = strlen(path) + 1;
    void *result = NULL;
    if (s->has_helper && pthread_tryjoin_np(s->helper, &result) != 0)
        return;
    if (s->has_helper)
        take_result(s, result);
    helper_task *task = vdb_malloc(sizeof *task + bytes);
    if (!task)
        return;
    memcpy(task->path, path, bytes);
    task->options =
        (vdb_engine_options){.path = task->path,
                             .flags = s->flags & ~(unsigned)VARSDB_HELPER_THREAD,
                             .timeout_ms = s->timeout_ms > PATIENCE_MS ? PATIENCE_MS : s->timeout_ms};
    s->has_helper = start_without_signals(&s->helper, task) == 0;
    if (s->has_helper) {
        s->log.helped = s->log.frames;
        s->log.saved = false;
    } else {
        vdb_free(task);
    }
}
