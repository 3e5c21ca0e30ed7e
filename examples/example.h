/*
 * example.h - what the three small examples share: a registry in the file that the
 * user named or in a fresh temporary one, and the printing of what is in it.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "varsdb.h"

enum {
    EXAMPLE_PATH_ROOM = 1024
};

struct example {
    varsdb *db;
    char directory[EXAMPLE_PATH_ROOM]; /* the temporary one; "" when the user named a file */
    char path[EXAMPLE_PATH_ROOM + 16];
};

static int example_complain(const struct example *example)
{
    fprintf(stderr, "%s\n", varsdb_errmsg(example->db));
    return VARSDB_ERROR;
}

/* Opens the registry in argv[1], made if need be, or a fresh temporary one. */
static int example_open(struct example *example, int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    int n;

    example->db = NULL;
    example->directory[0] = '\0';
    if (argc > 1) {
        n = snprintf(example->path, sizeof example->path, "%s", argv[1]);
    } else {
        n = snprintf(example->directory, sizeof example->directory, "%s/varsdb-example-XXXXXX",
                     tmp != NULL ? tmp : "/tmp");
        if (n < 0 || (size_t)n >= sizeof example->directory || mkdtemp(example->directory) == NULL) {
            example->directory[0] = '\0';
            perror("a temporary directory cannot be made");
            return VARSDB_ERROR;
        }
        n = snprintf(example->path, sizeof example->path, "%s/example.db", example->directory);
    }
    if (n < 0 || (size_t)n >= sizeof example->path) {
        fprintf(stderr, "the path is too long\n");
        return VARSDB_ERROR;
    }
    if (varsdb_open(example->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &example->db) != VARSDB_OK)
        return example_complain(example);
    return VARSDB_OK;
}

/* Closes the registry; a temporary one is removed with its directory. */
static void example_close(struct example *example)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-turnstile"};

    varsdb_close(example->db);
    if (example->directory[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[sizeof example->path + 16];

        snprintf(file, sizeof file, "%s%s", example->path, suffixes[i]);
        (void)unlink(file);
    }
    (void)rmdir(example->directory);
}

static int example_print_described(void *payload, const varsdb_variable_info *info)
{
    printf("%s: <variable '%s' shape=%s dtype=%s>%s\n", (const char *)payload, info->name, info->shape_json,
           varsdb_dtype_name(info->dtype), info->initialized ? "" : ", without a value yet");
    return 0;
}

/* "bias_1: <variable 'test_scope/bias' shape=[1] dtype=float32>" */
static int example_print_variable(struct example *example, char *label, const varsdb_variable *variable)
{
    if (varsdb_describe(example->db, variable, example_print_described, label) != VARSDB_OK)
        return example_complain(example);
    return VARSDB_OK;
}

static int example_print_member(void *payload, const varsdb_variable_info *info)
{
    int *count = payload;

    printf("%s%s", *count > 0 ? ", " : "", info->name);
    ++*count;
    return 0;
}

/* "GLOBAL variables: {test_scope/bias}" */
static int example_print_collection(struct example *example, const char *label, const char *collection)
{
    int count = 0;
    int rc;

    printf("%s: {", label);
    rc = varsdb_list_variables(example->db, VARSDB_FILTER(.collection = collection), example_print_member,
                               &count);
    printf("}\n");
    return rc == VARSDB_OK ? rc : example_complain(example);
}

static int example_print_collections(struct example *example)
{
    int rc = example_print_collection(example, "GLOBAL variables", VARSDB_GLOBAL);

    return rc == VARSDB_OK ? example_print_collection(example, "MODEL variables", VARSDB_MODEL) : rc;
}

#endif /* EXAMPLE_H */
