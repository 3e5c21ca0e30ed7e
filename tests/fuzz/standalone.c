/*
 * standalone.c - main for a fuzz target without libFuzzer: runs it over the
 * files, and the files of the directories, that are named.
 *
 * Each input lies in a block of exactly its size, so that reading past its end
 * is seen by the address sanitizer and by valgrind.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const bool fuzz_replays;
const bool fuzz_replays = true; /* for targets that do less with an input in a fuzzer */

static int complain(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return -1;
}

static int run_file(const char *path, size_t size)
{
    FILE *file = NULL;
    uint8_t *data = NULL;
    int rc = -1;

    data = malloc(size > 0 ? size : 1);
    file = fopen(path, "rb");
    if (data == NULL || file == NULL || fread(data, 1, size, file) != size) {
        complain(path);
        goto out;
    }
    LLVMFuzzerTestOneInput(data, size);
    rc = 0;
out:
    if (file != NULL)
        fclose(file);
    free(data);
    return rc;
}

static int run(const char *path, int *inputs);

static int run_directory(const char *path, int *inputs)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    char inner[PATH_MAX];
    int rc = 0;

    if (directory == NULL)
        return complain(path);
    while (rc == 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner) {
            errno = ENAMETOOLONG;
            rc = complain(path);
        } else {
            rc = run(inner, inputs);
        }
    }
    closedir(directory);
    return rc;
}

static int run(const char *path, int *inputs)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return complain(path);
    if (S_ISDIR(status.st_mode))
        return run_directory(path, inputs);
    (*inputs)++;
    return run_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv)
{
    int inputs = 0;

    for (int i = 1; i < argc; i++) {
        if (run(argv[i], &inputs) != 0)
            return EXIT_FAILURE;
    }
    if (inputs == 0) {
        fprintf(stderr, "%s: no inputs; name files or directories of them\n", argv[0]);
        return EXIT_FAILURE;
    }
    printf("%s: %d inputs passed\n", argv[0], inputs);
    return EXIT_SUCCESS;
}
