/* temp.c - see temp.h. */
#include "temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Noreturn void temp_give_up(const char *what, const char *name)
{
    fprintf(stderr, "test support: cannot %s %s: %s\n", what, name, strerror(errno));
    abort();
}

void temp_make(temp_dir *t)
{
    const char *root = getenv("TMPDIR");
    snprintf(t->path, sizeof t->path, "%s/varsdb-test-XXXXXX", root ? root : "/tmp");
    if (!mkdtemp(t->path) || chmod(t->path, 0755) != 0)
        temp_give_up("make", t->path);
}

static int remove_one(const char *path, const struct stat *at, int kind, struct FTW *level)
{
    (void)at, (void)kind, (void)level;
    return remove(path);
}

static int unlock_one(const char *path, const struct stat *at, int kind, struct FTW *level)
{
    (void)at, (void)level;
    return kind == FTW_D || kind == FTW_DNR ? chmod(path, 0700) : 0;
}

void temp_remove(const temp_dir *t)
{
    if (nftw(t->path, unlock_one, 16, FTW_PHYS) != 0 ||
        nftw(t->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        temp_give_up("remove", t->path);
}

char *temp_file(const temp_dir *t, const char *name, char out[TEMP_PATH_BYTES])
{
    snprintf(out, TEMP_PATH_BYTES, "%s/%s", t->path, name);
    return out;
}

void temp_names(const temp_dir *t, char *out, size_t room)
{
    struct dirent **names;
    int count = scandir(t->path, &names, NULL, alphasort);
    if (count < 0)
        temp_give_up("list", t->path);
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.' || strlen(names[i]->d_name) > 2)
            at += (size_t)snprintf(out + at, at < room ? room - at : 0, "%s ", names[i]->d_name);
        free(names[i]);
    }
    free(names);
    if (at >= room)
        temp_give_up("list all of", t->path);
}

void temp_write(const char *path, const void *data, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes || close(fd) != 0)
        temp_give_up("write", path);
}
