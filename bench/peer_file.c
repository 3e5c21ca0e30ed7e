/*
 * peer_file.c - the same bytes by plain C in one raw file.
 */
#include "peer_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "file.h"

enum {
    COPY_BYTES = 1 << 20
};

int peer_file_create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        fail_errno(path);
    return fd;
}

void peer_file_append(int fd, const void *data, size_t bytes)
{
    const unsigned char *at = data;

    while (bytes > 0) {
        ssize_t written = write(fd, at, bytes);

        if (written <= 0)
            fail_errno("raw file: writing");
        at += written;
        bytes -= (size_t)written;
    }
}

void peer_file_sync_and_close(int fd)
{
    if (fsync(fd) != 0 || close(fd) != 0)
        fail_errno("raw file: syncing");
}

void peer_file_write(const char *path, const struct tensors *tensors)
{
    int fd = peer_file_create(path);

    for (size_t i = 0; i < tensors->count; i++)
        peer_file_append(fd, tensors->data[i], tensors->bytes);
    peer_file_sync_and_close(fd);
}

int peer_file_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        fail_errno(path);
    return fd;
}

void peer_file_read(const char *path, struct tensors *tensors)
{
    int fd = peer_file_open(path);

    for (size_t i = 0; i < tensors->count; i++)
        for (size_t done = 0; done < tensors->bytes;) {
            ssize_t got = read(fd, tensors->data[i] + done, tensors->bytes - done);

            if (got <= 0)
                fail_errno("raw file: reading");
            done += (size_t)got;
        }
    (void)close(fd);
}

void peer_file_at(int fd, uint64_t offset, void *buffer, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t got = pread(fd, (unsigned char *)buffer + done, bytes - done, (off_t)(offset + done));

        if (got <= 0)
            fail_errno("raw file: reading");
        done += (size_t)got;
    }
}

void peer_file_copy(const char *from, const char *to)
{
    char temporary[FILE_PATH_ROOM + 8];
    void *buffer = must_allocate(1, COPY_BYTES);
    int in = peer_file_open(from), out;
    ssize_t got;

    snprintf(temporary, sizeof temporary, "%s.tmp", to);
    out = peer_file_create(temporary);
    while ((got = read(in, buffer, COPY_BYTES)) > 0)
        peer_file_append(out, buffer, (size_t)got);
    if (got < 0)
        fail_errno("raw file: reading");
    peer_file_sync_and_close(out);
    if (rename(temporary, to) != 0)
        fail_errno(to);
    (void)close(in);
    free(buffer);
}
