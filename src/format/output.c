/* output.c - a tensor file that appears complete under its name, or not at all; see format.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../mem.h"
#include "format.h"

#define ATTEMPTS_MAX 1000

static int check_target(vdb_error *e, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return vdb_fail(e, VARSDB_CANTOPEN, "'%s' is there and is not a regular file; it was left alone",
                        path);
    return vdb_input_refuse_database(e, path);
}

/* The directory's part of path with its "/", "" for none. */
static size_t directory_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The name is short, so that it fits wherever the file's own name fits. */
static int open_temporary(vdb_error *e, const char *path, vdb_buf *name, int *out)
{
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        vdb_buf_reset(name);
        int rc = vdb_buf_append(name, path, directory_bytes(path));
        if (rc == VARSDB_OK)
            rc = vdb_buf_printf(name, ".varsdb-%ld-%d.tmp", (long)getpid(), i);
        if (rc != VARSDB_OK)
            return vdb_fail_nomem(e);
        int fd = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd >= 0) {
            *out = fd;
            return VARSDB_OK;
        }
        if (errno != EEXIST)
            break;
    }
    return vdb_fail(e, VARSDB_CANTOPEN, "'%s' cannot be created: %m", path);
}

int vdb_output_open(vdb_error *e, const char *path, vdb_output *out)
{
    vdb_buf name = {0};
    int fd = -1;
    int rc = check_target(e, path);
    if (rc == VARSDB_OK)
        rc = open_temporary(e, path, &name, &fd);
    if (rc == VARSDB_OK)
        *out = (vdb_output){.fd = fd, .path = path, .temporary = vdb_buf_detach(&name)};
    vdb_buf_release(&name);
    return rc;
}

static int fail_write(vdb_error *e)
{
    int full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return vdb_fail(e, full ? VARSDB_FULL : VARSDB_IO, "the file cannot be written: %m");
}

int vdb_output_write(vdb_error *e, int fd, const void *data, size_t bytes)
{
    const char *at = data;
    while (bytes) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_write(e);
        at += n;
        bytes -= (size_t)n;
    }
    return VARSDB_OK;
}

static int sync_directory(vdb_error *e, const char *path)
{
    size_t bytes = directory_bytes(path);
    char *directory = bytes ? vdb_strndup(path, bytes) : vdb_strdup(".");
    if (!directory)
        return vdb_fail_nomem(e);
    int rc = VARSDB_OK;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A directory that may be written but not read cannot be opened, nor synced by anybody. */
    if (fd >= 0 && fsync(fd) != 0 && errno != EINVAL)
        rc = vdb_fail(e, VARSDB_IO, "its directory cannot be synced: %m");
    if (fd >= 0)
        close(fd);
    vdb_free(directory);
    return rc;
}

int vdb_output_publish(vdb_error *e, vdb_output *out)
{
    if (fsync(out->fd) != 0)
        return fail_write(e);
    int fd = out->fd;
    out->fd = -1;
    if (close(fd) != 0)
        return fail_write(e);
    if (rename(out->temporary, out->path) != 0)
        return vdb_fail(e, VARSDB_CANTOPEN, "it cannot be replaced: %m");
    vdb_free(out->temporary);
    out->temporary = NULL;
    return sync_directory(e, out->path);
}

void vdb_output_close(vdb_output *out)
{
    if (out->fd >= 0)
        close(out->fd);
    if (out->temporary)
        unlink(out->temporary);
    vdb_free(out->temporary);
    *out = (vdb_output){.fd = -1};
}

int vdb_output_file(vdb_error *e, const vdb_writing *w,
                    int (*stream)(vdb_error *e, int fd, const vdb_writing *w))
{
    vdb_output out = {.fd = -1};
    int rc = vdb_output_open(e, w->path, &out);
    if (rc != VARSDB_OK)
        return rc;
    rc = stream(e, out.fd, w);
    if (rc == VARSDB_OK)
        rc = vdb_output_publish(e, &out);
    vdb_output_close(&out);
    return rc;
}
