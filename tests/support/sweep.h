/*
 * sweep.h - one thing after the other goes wrong in whatever can be done to a registry, and one judge says
 * whether that was borne: prepare, arm, act, disarm, judge, until nothing is left that can go wrong.
 *
 * The judge is the same everywhere.  The call says what it should have said, or a code that is documented for
 * what went wrong, with a sentence.  No transaction is left open.  All is as before, or as after a call that
 * succeeded, and varsdb_verify finds nothing.  The same call succeeds when made again with the same handle -
 * but after a sync that failed the handle writes no more, until it is opened again.  When it is closed, no
 * byte of memory, no descriptor and no file under another name is kept.
 */
#ifndef TEST_SWEEP_H
#define TEST_SWEEP_H

#include "fault.h"
#include "scenario.h"

/* Beside those of fault.h. */
enum sweep_kind {
    SWEEP_FILE_LIMIT = FAULT_KINDS, /* no file may be longer (RLIMIT_FSIZE): 512 bytes more each time */
    SWEEP_PAGE_LIMIT,               /* nor the database (max_page_count): a page more each time */
    SWEEP_ENGINE /* whatever the library asks of the engine (faulty.h); not what opens the handle itself */
};

typedef struct sweep {
    int kind; /* of fault_kind or sweep_kind */
    bool lasting;
    int step;         /* so many moments further each time, from a place that is another for each scenario */
    unsigned without; /* of scenario_traits: these are left out */
    unsigned with;    /* only what has one of these; 0: all */
    const char *only; /* only scenarios in whose name this is; NULL: all */
} sweep;

typedef struct sweep_counts {
    int scenarios;
    long points; /* at which something failed */
} sweep_counts;

/* All scenarios in that mode. */
sweep_counts sweep_run(scene *s, scene_mode mode, const sweep *w);
/* VARSDB_FAULT_STEP, where it is set: with 1 all moments are tried. */
int sweep_step(int in_a_short_run);
bool sweep_is_whole(void);

#endif
