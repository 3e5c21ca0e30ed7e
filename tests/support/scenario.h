/*
 * scenario.h - every call that touches a registry, as something that can be done to a scene.
 */
#ifndef TEST_SCENARIO_H
#define TEST_SCENARIO_H

#include <stdbool.h>

#include "scene.h"

enum scenario_traits {
    SCENARIO_WRITES = 1,   /* takes the write lock */
    SCENARIO_ALONE = 2,    /* not inside a transaction, so it cannot be tried beforehand */
    SCENARIO_OWN = 4,      /* not on a host's connection */
    SCENARIO_OPENS = 8,    /* opens the handle itself */
    SCENARIO_STORES = 16,  /* stores chunks, of which none may be left for good */
    SCENARIO_COPIES = 32,  /* makes another registry, see scene.copy */
    SCENARIO_EMPTY = 64,   /* an empty registry is worth a try */
    SCENARIO_SCHEMA = 128, /* changes the schema */
    SCENARIO_AGAIN = 256   /* can be done again after a half of it was done */
};

typedef struct scenario {
    const char *name;
    /* A result code.  v is the variable of that name. */
    int (*act)(scene *s, const varsdb_variable *v);
    const char *variable; /* NULL: none is needed */
    unsigned traits;
    scene_image image; /* SCENE_FULL, unless it opens it */
} scenario;

extern const scenario scenario_reads[], scenario_looks[], scenario_writes[], scenario_changes[],
    scenario_opens[];

/* ---- what there is to try */

typedef struct scenario_case {
    const scenario *what;
    bool warm; /* it was done before on the same handle, and undone */
    scene_image image;
} scenario_case;

#define SCENARIO_CASES_MAX 400

/* All of them; how many. */
int scenario_cases(scenario_case out[SCENARIO_CASES_MAX]);
/* "assign, warm". */
const char *scenario_case_name(const scenario_case *c, char out[128]);

#endif
