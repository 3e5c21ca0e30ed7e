/*
 * contest.c - stores that take turns in each round, and the table of what each reached.
 */
#include "contest.h"

#include <stdio.h>
#include <string.h>

#include "folder.h"

enum {
    NAME_ROOM = 96
};

void contest_conditions(const struct contest *contest)
{
    report_conditions(contest->directory);
    for (size_t k = 0; k < STORE_KINDS; k++)
        printf("%s%s %s", k > 0 ? "; " : "peers: ", contest->kinds[k]->name,
               contest->kinds[k]->absent != NULL ? contest->kinds[k]->absent : contest->kinds[k]->version);
    printf("\n%zu rounds, in each of which all take turns\n", contest->rounds);
}

void contest_report(const struct contest *contest, const struct event *event)
{
    const size_t bytes = contest->rounds * sizeof(double);

    for (size_t k = STORE_OURS + 1; k < STORE_KINDS; k++) {
        char name[NAME_ROOM];
        struct workload w = {.name = name, .unit = event->unit, .goal = "-", .rounds = contest->rounds};

        snprintf(name, sizeof name, "%s / %s", event->name, contest->kinds[k]->name);
        memcpy(w.ours, event->reached[STORE_OURS], bytes);
        memcpy(w.peer, event->reached[k], bytes);
        if (contest->kinds[k]->absent != NULL)
            report_left_out(name, w.goal, contest->kinds[k]->absent);
        else if (w.peer[0] > 0.0)
            report_workload(&w);
    }
}

void contest_folder(const struct contest *contest, const struct store_kind *kind, char path[FILE_PATH_ROOM])
{
    folder_fresh(contest->directory, kind->name, path);
}
