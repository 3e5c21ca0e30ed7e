/*
 * dictionary.c - a hit, against TensorFlow's way: a dictionary of Python's behind a lock.
 */
#include "dictionary.h"

#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "folder.h"
#include "ours.h"
#include "process.h"
#include "records.h"
#include "timer.h"

enum {
    COUNT = 100000,
    STRIDE = 7919 /* prime to COUNT: all of them, in an order that no cache likes */
};

static const char *name_at(char (*names)[RECORD_NAME_ROOM], size_t i)
{
    return names[i * STRIDE % COUNT];
}

static void create_all(varsdb *db, char (*names)[RECORD_NAME_ROOM])
{
    const varsdb_variable *variable;

    must(db, varsdb_begin(db));
    for (size_t i = 0; i < COUNT; i++) {
        record_name(i, names[i]);
        must(db,
             varsdb_get_variable(db, names[i], VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT32),
                                 NULL, &variable));
    }
    must(db, varsdb_commit(db));
}

static double find_all(varsdb *db, char (*names)[RECORD_NAME_ROOM])
{
    const varsdb_variable *variable;
    double start = timer_now();

    must(db, varsdb_begin_read(db));
    for (size_t i = 0; i < COUNT; i++) {
        must(db, varsdb_get_variable(db, name_at(names, i), NULL, NULL, &variable));
        if (varsdb_variable_dtype(variable) != VARSDB_FLOAT32)
            fail(name_at(names, i), "has another dtype");
    }
    must(db, varsdb_commit(db));
    return COUNT / (timer_now() - start);
}

/* 0: there is no Python. */
static int find_in_python(const struct contest *contest, double speeds[])
{
    char script[FILE_PATH_ROOM], count[24], rounds[24];
    char *argv[] = {(char *)contest->python, "-B", script, count, rounds, NULL};
    struct process *peer;

    file_path(contest->scripts, "peer_dict.py", script);
    snprintf(count, sizeof count, "%d", COUNT);
    snprintf(rounds, sizeof rounds, "%zu", contest->rounds);
    peer = process_start(argv);
    if (peer == NULL)
        return 0;
    for (size_t r = 0; r < contest->rounds; r++)
        process_hear_numbers(peer, &speeds[r], 1);
    process_end(peer);
    return 1;
}

void bench_dictionary(const struct contest *contest)
{
    struct workload w = {.name = "(4) hit in a transaction / dict and lock in Python",
                         .unit = "/s",
                         .goal = "-",
                         .rounds = contest->rounds};
    char(*names)[RECORD_NAME_ROOM] = must_allocate(COUNT, sizeof *names);
    char path[FILE_PATH_ROOM];
    struct ours *ours;

    file_fresh(contest->directory, "dictionary.db", path);
    ours = ours_open(path, VARSDB_CREATE_FILE);
    create_all(ours->db, names);
    (void)find_all(ours->db, names);
    for (size_t r = 0; r < w.rounds; r++)
        w.ours[r] = find_all(ours->db, names);
    if (find_in_python(contest, w.peer))
        report_workload(&w);
    else
        report_left_out(w.name, w.goal, "not installed");
    report_note("%d names; the dictionary is one process's, and gone with it", COUNT);
    ours_close(ours);
    file_fresh(contest->directory, "dictionary.db", path);
    free(names);
}
