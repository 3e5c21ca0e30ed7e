/* scratch.c - see scratch.h. */
#ifndef VARSDB_OMIT_NUMPY

#include "scratch.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A program with more rights than its user does not ask the user's environment. */
static const char *directory(void)
{
    const char *given = secure_getenv("TMPDIR");
    if (given && *given)
        return given;
    return access("/var/tmp", W_OK | X_OK) == 0 ? "/var/tmp" : "/tmp";
}

int vdb_scratch_open(vdb_error *e, vdb_input *out)
{
    char name[PATH_MAX];
    int n = snprintf(name, sizeof name, "%s/varsdb-XXXXXX", directory());
    int fd = n > 0 && (size_t)n < sizeof name ? mkostemp(name, O_CLOEXEC) : -1;
    if (fd < 0)
        return vdb_fail(e, VARSDB_CANTOPEN,
                        "a temporary file is needed, and cannot be made in '%.200s' (TMPDIR says where): %m",
                        directory());
    unlink(name);
    *out = (vdb_input){.fd = fd, .path = "a temporary file"};
    return VARSDB_OK;
}

int vdb_scratch_clear(vdb_error *e, vdb_input *scratch)
{
    if (ftruncate(scratch->fd, 0) != 0 || lseek(scratch->fd, 0, SEEK_SET) != 0)
        return vdb_fail(e, VARSDB_IO, "a temporary file in '%.200s' cannot be emptied: %m", directory());
    scratch->bytes = 0;
    return VARSDB_OK;
}

int vdb_scratch_append(vdb_error *e, vdb_input *scratch, const void *data, size_t bytes)
{
    int rc = vdb_output_write(e, scratch->fd, data, bytes);
    if (rc != VARSDB_OK)
        return vdb_fail_in(e, "a temporary file in '%.200s' (TMPDIR says where)", directory());
    scratch->bytes += bytes;
    return VARSDB_OK;
}

#endif
