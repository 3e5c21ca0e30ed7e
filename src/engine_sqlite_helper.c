/*
 * engine_sqlite_helper.c - a thread that checkpoints after a large save, with a
 * connection of its own, while the handle goes on (VARSDB_HELPER_THREAD).
 */
#include "engine_sqlite.h"
#include "mem.h"

/* It gets copies: the handle may be closed only after it was joined, but the rest changes. */
typedef struct helper_task {
    vdb_engine_options options;
    char path[];
} helper_task;

static void *run(void *payload)
{
    helper_task *task = payload;
    vdb_error error = {0};
    vdb_engine *engine = NULL;
    /* Whatever fails here is left to the next checkpoint. */
    if (vdb_sqlite_open(&error, &task->options, &engine) == VARSDB_OK) {
        vdb_checkpoint_run(vdb_sqlite_of(engine), true);
        engine->methods->close(engine);
    }
    vdb_free(task);
    return NULL;
}

void vdb_helper_join(vdb_sqlite *s)
{
    if (s->has_helper)
        pthread_join(s->helper, NULL);
    s->has_helper = false;
}

void vdb_helper_start(vdb_sqlite *s)
{
    const char *path = vdb_sqlite_file_name(s);
    size_t bytes = strlen(path) + 1;
    if (s->has_helper && pthread_tryjoin_np(s->helper, NULL) != 0)
        return;
    s->has_helper = false;
    helper_task *task = vdb_malloc(sizeof *task + bytes);
    if (!task)
        return;
    memcpy(task->path, path, bytes);
    task->options = (vdb_engine_options){
        .path = task->path, .flags = s->flags & ~(unsigned)VARSDB_HELPER_THREAD, .timeout_ms = s->timeout_ms};
    s->has_helper = pthread_create(&s->helper, NULL, run, task) == 0;
    if (s->has_helper) {
        s->log.copied = s->log.frames;
        s->log.saved = false;
    } else {
        vdb_free(task);
    }
}
