/* output.c - a tensor file that appears complete under its name, or not at all; see format.h. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../mem.h"
#include "format.h"

#define ATTEMPTS_MAX 1000
#define WORTH_A_CALL (4 << 20)

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

/* What the last write completed starts on its way to the disk, so that the sync has little to wait for. */
static void start_writeback(int fd, size_t written)
{
    off_t end = lseek(fd, 0, SEEK_CUR), begin = end - (off_t)written;
    begin -= begin % WORTH_A_CALL;
    end -= end % WORTH_A_CALL;
    if (begin < end)
        sync_file_range(fd, begin, end - begin, SYNC_FILE_RANGE_WRITE);
}

int vdb_output_write(vdb_error *e, int fd, const void *data, size_t bytes)
{
    const char *at = data;
    size_t left = bytes;
    while (left) {
        ssize_t n = write(fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_write(e);
        at += n;
        left -= (size_t)n;
    }
    start_writeback(fd, bytes);
    return VARSDB_OK;
}

/* Needs no memory: the file has its name already, and cannot be taken back. */
static int sync_directory(vdb_error *e, const char *directory)
{
    int rc = VARSDB_OK;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A directory that may be written but not read cannot be opened, nor synced by anybody. */
    if (fd >= 0 && fsync(fd) != 0 && errno != EINVAL)
        rc = vdb_fail(e, VARSDB_IO, "its directory cannot be synced: %m");
    if (fd >= 0)
        close(fd);
    return rc;
}

int vdb_output_finish(vdb_error *e, vdb_output *out)
{
    if (!out->temporary || out->fd < 0)
        return VARSDB_OK;
    if (fsync(out->fd) != 0)
        return fail_write(e);
    int fd = out->fd;
    out->fd = -1;
    return close(fd) == 0 ? VARSDB_OK : fail_write(e);
}

int vdb_output_publish(vdb_error *e, vdb_output *out)
{
    int rc = vdb_output_finish(e, out);
    if (rc != VARSDB_OK)
        return rc;
    assert(out->temporary);
    if (rename(out->temporary, out->path) != 0)
        return vdb_fail(e, VARSDB_CANTOPEN, "it cannot be replaced: %m");
    char *directory = out->temporary; /* it is in the same one */
    out->temporary = NULL;
    directory[directory_bytes(directory)] = '\0';
    rc = sync_directory(e, *directory ? directory : ".");
    vdb_free(directory);
    return rc;
}

void vdb_output_close(vdb_output *out)
{
    if (out->temporary && out->fd >= 0)
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
