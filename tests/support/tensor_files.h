/* tensor_files.h - a folder for a test's files, files of given bytes, and the real files of others. */
#ifndef TEST_TENSOR_FILES_H
#define TEST_TENSOR_FILES_H

#include <check.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varsdb.h"

#define FOLDER_BYTES 256
#define PATH_BYTES   1024

#ifndef VARSDB_SOURCE_DIR
#define VARSDB_SOURCE_DIR "."
#endif
#define FIXTURES_BESIDE_PROJECT VARSDB_SOURCE_DIR "/../shared/fixtures"

typedef struct test_folder {
    char path[FOLDER_BYTES];
} test_folder;

static inline void folder_make(test_folder *f)
{
    const char *root = getenv("TMPDIR");
    snprintf(f->path, sizeof f->path, "%s/varsdb-test-XXXXXX", root ? root : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(f->path));
}

/* In memory where that can be, for tests that open many registries, do not depend on a disk, and would wait
 * for it half of the time. */
static inline void folder_make_in_memory(test_folder *f)
{
    const char *root = getenv("TMPDIR");
    char *before = root ? strdup(root) : NULL;
    if (access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    folder_make(f);
    if (before)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
}

static inline size_t folder_count(const test_folder *f)
{
    size_t count = 0;
    DIR *d = opendir(f->path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(d);
    return count;
}

static inline void folder_remove(const test_folder *f)
{
    DIR *d = opendir(f->path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ck_assert_int_eq(unlinkat(dirfd(d), entry->d_name, 0), 0);
    closedir(d);
    ck_assert_int_eq(rmdir(f->path), 0);
}

static inline const char *folder_path(const test_folder *f, const char *name, char room[PATH_BYTES])
{
    snprintf(room, PATH_BYTES, "%s/%s", f->path, name);
    return room;
}

static inline void file_write(const char *path, const void *data, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(bytes ? fwrite(data, 1, bytes, file) : 0, bytes);
    ck_assert_int_eq(fclose(file), 0);
}

/* The caller frees it. */
static inline char *file_read(const char *path, size_t *bytes)
{
    struct stat st;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fstat(fileno(file), &st), 0);
    char *data = malloc((size_t)st.st_size + 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(fread(data, 1, (size_t)st.st_size, file), (size_t)st.st_size);
    fclose(file);
    *bytes = (size_t)st.st_size;
    return data;
}

static inline void file_copy(const char *from, const char *to)
{
    size_t bytes;
    char *data = file_read(from, &bytes);
    file_write(to, data, bytes);
    free(data);
}

/* A safetensors file: the length (the header's, unless given), the header, the data. */
static inline void safetensors_write_raw(const char *path, uint64_t length, const char *header,
                                         size_t header_bytes, const void *data, size_t data_bytes)
{
    char *all = malloc(8 + header_bytes + data_bytes);
    ck_assert_ptr_nonnull(all);
    for (int i = 0; i < 8; i++)
        all[i] = (char)(unsigned char)(length >> (8 * i));
    memcpy(all + 8, header, header_bytes);
    if (data_bytes)
        memcpy(all + 8 + header_bytes, data, data_bytes);
    file_write(path, all, 8 + header_bytes + data_bytes);
    free(all);
}

static inline void safetensors_write(const char *path, const char *header, const void *data,
                                     size_t data_bytes)
{
    safetensors_write_raw(path, strlen(header), header, strlen(header), data, data_bytes);
}

/* The folder of real files, or NULL, plainly said, when it is not there. */
static inline const char *fixtures_folder(const char *kind, char room[PATH_BYTES])
{
    struct stat st;
    const char *root = getenv("VARSDB_FIXTURES");
    snprintf(room, PATH_BYTES, "%s/%s", root ? root : FIXTURES_BESIDE_PROJECT, kind);
    if (stat(room, &st) == 0 && S_ISDIR(st.st_mode))
        return room;
    printf("fixtures left out: %s is not there; VARSDB_FIXTURES names their folder\n", room);
    return NULL;
}

#endif
