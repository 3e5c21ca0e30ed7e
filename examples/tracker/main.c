/* main.c - the tracker's command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracker.h"

enum {
    COUNT_MAX = 1000000,
    WORKERS_MAX = 64
};

static int usage(void)
{
    fprintf(
        stderr,
        "usage: tracker FILE run [--name NAME] [--seed N] [--epochs N] [--runs N] [--param KEY=VALUE]...\n"
        "       tracker FILE list\n"
        "       tracker FILE show RUN\n"
        "       tracker FILE race [--workers N] [--seed N] [--epochs N] [--runs N]\n");
    return TRACKER_USAGE;
}

static int wrong(const char *what, const char *value)
{
    fprintf(stderr, "tracker: %s: %s\n", what, value);
    return TRACKER_USAGE;
}

static int read_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
    char *end = NULL;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < least || n > most)
        return wrong("not a number that will do", text);
    *out = n;
    return TRACKER_OK;
}

static int add_param(struct settings *settings, const char *value)
{
    const char *equals = strchr(value, '=');

    if (equals == NULL || equals == value || equals - value > 60 || settings->param_count == PARAMS_MAX)
        return wrong("not KEY=VALUE, or too many or too long", value);
    settings->params[settings->param_count++] = value;
    return TRACKER_OK;
}

static int set_option(struct settings *settings, const char *command, const char *option, const char *value)
{
    int racing = strcmp(command, "race") == 0;

    if (strcmp(option, "--seed") == 0)
        return read_number(value, 0, INT64_MAX / 2, &settings->seed);
    if (strcmp(option, "--epochs") == 0)
        return read_number(value, 0, COUNT_MAX, &settings->epochs);
    if (strcmp(option, "--runs") == 0)
        return read_number(value, 1, COUNT_MAX, &settings->runs);
    if (strcmp(option, "--workers") == 0 && racing)
        return read_number(value, 1, WORKERS_MAX, &settings->workers);
    if (strcmp(option, "--param") == 0 && !racing)
        return add_param(settings, value);
    if (strcmp(option, "--name") != 0 || racing)
        return wrong("no such option", option);
    if (*value == '\0' || strlen(value) >= NAME_ROOM)
        return wrong("not a name of 1 to 127 bytes", value);
    settings->name = value;
    return TRACKER_OK;
}

static int read_options(struct settings *settings, const char *command, int argc, char **argv)
{
    int status = TRACKER_OK;

    for (int i = 0; i < argc && status == TRACKER_OK; i += 2)
        status = i + 1 < argc ? set_option(settings, command, argv[i], argv[i + 1])
                              : wrong("an option needs a value", argv[i]);
    if (status == TRACKER_OK && settings->name != NULL && settings->runs > 1)
        status = wrong("one name is not for several runs", settings->name);
    return status;
}

static int write_runs(const char *path, const char *command, int argc, char **argv)
{
    struct settings settings = {.seed = 1, .epochs = 10, .runs = 1, .workers = 8};
    struct store store;
    int status = read_options(&settings, command, argc, argv);

    if (status == TRACKER_OK)
        status = store_open(&store, path, 1);
    if (status != TRACKER_OK)
        return status;
    status = strcmp(command, "race") == 0 ? race(&store, path, &settings) : train_runs(&store, &settings);
    store_close(&store);
    return status;
}

static int read_runs(const char *path, const char *run)
{
    struct store store;
    int status = store_open(&store, path, 0);

    if (status != TRACKER_OK)
        return status;
    status = run != NULL ? show_run(&store, run) : list_runs(&store);
    store_close(&store);
    return status;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && (strcmp(argv[2], "run") == 0 || strcmp(argv[2], "race") == 0))
        return write_runs(argv[1], argv[2], argc - 3, argv + 3);
    if (argc == 3 && strcmp(argv[2], "list") == 0)
        return read_runs(argv[1], NULL);
    if (argc == 4 && strcmp(argv[2], "show") == 0)
        return read_runs(argv[1], argv[3]);
    return usage();
}
