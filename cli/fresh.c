/* fresh.c - see fresh.h. */
#include "fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *directory_for(cli *c, bool publish, int *bytes)
{
    if (!publish) {
        const char *temporary = getenv("TMPDIR");
        temporary = temporary && *temporary ? temporary : "/tmp";
        *bytes = (int)strlen(temporary);
        return temporary;
    }
    const char *slash = strrchr(c->args[0], '/');
    *bytes = slash ? (int)(slash - c->args[0]) : 1;
    return slash == c->args[0] ? "" : slash ? c->args[0] : ".";
}

int fresh_open(cli *c, bool publish, fresh *out)
{
    int bytes;
    const char *parent = directory_for(c, publish, &bytes);
    fresh f = {0};
    if (asprintf(&f.directory, "%.*s/.varsdb-XXXXXX", bytes, parent) < 0)
        return cli_fail_memory(c);
    if (!mkdtemp(f.directory)) {
        int status =
            cli_fail(c, CLI_FAILED, "%s: cannot make a registry there: %s", c->args[0], strerror(errno));
        free(f.directory);
        return status;
    }
    if (asprintf(&f.path, "%s/new.db", f.directory) < 0) {
        rmdir(f.directory);
        free(f.directory);
        return cli_fail_memory(c);
    }
    *out = f;
    int status = cli_open_at(c, f.path, VARSDB_CREATE_FILE);
    if (status != CLI_DONE)
        fresh_remove(c, out);
    return status;
}

/* The entry in the directory must last too. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd = parent ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(parent);
}

/* link() never replaces; where there are no hard links, renaming without replacing. */
static int move_into_place(const char *from, const char *to)
{
    if (link(from, to) == 0)
        return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
        return -1;
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int fresh_publish(cli *c, fresh *f)
{
    struct stat st;
    char *log;
    varsdb_close(c->db);
    c->db = NULL;
    if (asprintf(&log, "%s-wal", f->path) < 0)
        return cli_fail_memory(c);
    bool unfinished = stat(log, &st) == 0 && st.st_size > 0;
    free(log);
    if (unfinished)
        return cli_fail(c, CLI_FAILED, "%s: the new registry could not be completed; is the disk full?",
                        c->args[0]);
    if (move_into_place(f->path, c->args[0]) != 0) {
        if (errno == EEXIST)
            return cli_fail(c, CLI_NO, "%s: it was made meanwhile by another; nothing was imported",
                            c->args[0]);
        return cli_fail(c, CLI_FAILED, "%s: cannot put the new registry there: %s", c->args[0],
                        strerror(errno));
    }
    sync_directory(c->args[0]);
    return CLI_DONE;
}

void fresh_remove(cli *c, fresh *f)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-turnstile"};
    char *path;
    if (!f->directory)
        return;
    if (c->db) {
        varsdb_close(c->db);
        c->db = NULL;
    }
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (asprintf(&path, "%s%s", f->path, endings[i]) < 0)
            continue;
        unlink(path);
        free(path);
    }
    rmdir(f->directory);
    free(f->directory);
    free(f->path);
    *f = (fresh){0};
}
