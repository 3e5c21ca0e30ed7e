/* race.c - many workers, each a process of its own, and a reader that looks for a run that is not whole. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracker.h"

enum {
    PAUSE_US = 2000,
    DIGITS = 24
};

/* This program again, as "run".  Between fork and exec nothing of the parent's SQLite is touched. */
static pid_t start_worker(const char *path, const struct settings *settings, int64_t worker)
{
    char seed[DIGITS], epochs[DIGITS], runs[DIGITS];
    pid_t pid;

    snprintf(seed, sizeof seed, "%lld", (long long)(settings->seed + worker * settings->runs));
    snprintf(epochs, sizeof epochs, "%lld", (long long)settings->epochs);
    snprintf(runs, sizeof runs, "%lld", (long long)settings->runs);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "tracker", path, "run", "--seed", seed, "--epochs", epochs, "--runs", runs,
              (char *)NULL);
        _exit(127);
    }
    return pid;
}

static int look(struct store *store, int64_t *torn)
{
    sqlite3_stmt *statement = store_select(store, "SELECT count(*) FROM run_states WHERE NOT whole", "");
    int code = statement != NULL ? sqlite3_step(statement) : SQLITE_ERROR;

    if (code == SQLITE_ROW)
        *torn += sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? TRACKER_OK : complain_sql(store);
}

/* Notes the workers that have ended. */
static void reap(int64_t *left, int64_t *failed)
{
    int how = 0;

    while (*left > 0 && waitpid(-1, &how, WNOHANG) > 0) {
        --*left;
        *failed += !WIFEXITED(how) || WEXITSTATUS(how) != 0;
    }
}

int race(struct store *store, const char *path, const struct settings *settings)
{
    int64_t left = 0, failed = 0, torn = 0, looks = 0;
    int status = TRACKER_OK;

    for (int64_t i = 0; i < settings->workers; i++) {
        if (start_worker(path, settings, i) > 0)
            left++;
        else
            failed++;
    }
    while (left > 0) {
        if (status == TRACKER_OK)
            status = look(store, &torn);
        looks++;
        usleep(PAUSE_US);
        reap(&left, &failed);
    }
    if (status == TRACKER_OK)
        status = look(store, &torn);
    printf("%lld workers, %lld failed; %lld looks, %lld runs that were not whole\n",
           (long long)settings->workers, (long long)failed, (long long)looks + 1, (long long)torn);
    return failed > 0 || torn > 0 ? TRACKER_FAILED : status;
}
