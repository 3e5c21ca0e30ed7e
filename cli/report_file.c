/* report_file.c - see report_file.h. */
#include "report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS_MAX 1000
#define SUFFIX_BYTES 48

static const char sqlite_magic[16] = "SQLite format 3";

/* A slip of the tongue, "-o run.db", must not cost a registry. */
static bool is_database(const char *path)
{
    char head[sizeof sqlite_magic];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd >= 0 ? read(fd, head, sizeof head) : 0;
    if (fd >= 0)
        close(fd);
    return n == (ssize_t)sizeof head && memcmp(head, sqlite_magic, sizeof head) == 0;
}

/* The name is short, so that it fits wherever the file's own name fits. */
static int open_temporary(report_file *f)
{
    const char *slash = strrchr(f->path, '/');
    size_t bytes = slash ? (size_t)(slash - f->path) + 1 : 0;
    f->temporary = malloc(bytes + SUFFIX_BYTES);
    if (!f->temporary)
        return cli_fail_memory(f->c);
    memcpy(f->temporary, f->path, bytes);
    int fd = -1;
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        snprintf(f->temporary + bytes, SUFFIX_BYTES, ".varsdb-%ld-%d.tmp", (long)getpid(), i);
        fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    if (fd < 0)
        return cli_fail(f->c, CLI_FAILED, "'%s' cannot be created: %s", f->path, strerror(errno));
    f->open = true;
    sink_open(&f->to, fd);
    return CLI_DONE;
}

/* A pipe or a device: nothing can be put in its place. */
static int open_directly(report_file *f)
{
    int fd = open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return cli_fail(f->c, CLI_FAILED, "'%s' cannot be written: %s", f->path, strerror(errno));
    f->open = true;
    sink_open(&f->to, fd);
    return CLI_DONE;
}

int report_file_open(cli *c, const char *path, report_file *out)
{
    struct stat st;
    *out = (report_file){.c = c, .path = path};
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return cli_fail(c, CLI_FAILED, "'%s' is a directory; give the name of a file, as in %s/report.html",
                        path, path);
    if (there && S_ISREG(st.st_mode) && is_database(path))
        return cli_fail(c, CLI_FAILED, "'%s' is a database, not a page; it was left alone", path);
    int status = there && !S_ISREG(st.st_mode) ? open_directly(out) : open_temporary(out);
    if (status != CLI_DONE)
        report_file_close(out);
    return status;
}

static int fail_write(report_file *f, int error)
{
    return cli_fail(f->c, CLI_FAILED, "'%s' cannot be written: %s%s", f->path, strerror(error),
                    f->temporary ? "; nothing was left there" : "");
}

/* A directory that may be written but not read cannot be opened, nor synced by anybody. */
static void sync_directory(char *temporary)
{
    char *slash = strrchr(temporary, '/');
    if (slash)
        slash[1] = '\0';
    int fd = open(slash ? temporary : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

int report_file_publish(report_file *f)
{
    int error = sink_flush(&f->to);
    if (error)
        return fail_write(f, error);
    if (f->temporary && fsync(f->to.fd) != 0)
        return fail_write(f, errno);
    f->open = false;
    if (close(f->to.fd) != 0)
        return fail_write(f, errno);
    if (!f->temporary)
        return CLI_DONE;
    if (rename(f->temporary, f->path) != 0)
        return fail_write(f, errno);
    sync_directory(f->temporary);
    free(f->temporary);
    f->temporary = NULL;
    return CLI_DONE;
}

void report_file_close(report_file *f)
{
    if (f->open)
        close(f->to.fd);
    if (f->temporary)
        unlink(f->temporary);
    free(f->temporary);
    f->temporary = NULL;
    f->open = false;
}
