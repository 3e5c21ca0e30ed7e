/* creation.h - what actor_creator makes, and what it reports of it. */
#ifndef TEST_CREATION_H
#define TEST_CREATION_H

#include <stdint.h>
#include <stdio.h>

#include "varsdb.h"

#define CREATION_NAME_BYTES 64
#define CREATION_ELEMENTS   8
#define CREATION_SEED       20240229

/* What one thread was told about name i; a file holds one for each thread and name. */
typedef struct creation_record {
    int32_t rc, created;
    int64_t id;
    float value[CREATION_ELEMENTS];
} creation_record;

/* Gets or creates name i, and reads its value. */
static inline void creation_get(varsdb *db, uint32_t i, creation_record *out)
{
    char name[CREATION_NAME_BYTES];
    int created = -1;
    const varsdb_variable *v = NULL;
    *out = (creation_record){0};
    snprintf(name, sizeof name, "block%u/unit%u/w", (unsigned)(i % 7), (unsigned)i);
    int rc = varsdb_model_variable(
        db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(CREATION_ELEMENTS), .initializer = "random_normal(0,1)"),
        &created, &v);
    out->created = created;
    if (rc == VARSDB_OK) {
        out->id = varsdb_variable_id(v);
        rc = varsdb_read(db, v, out->value, sizeof out->value);
    }
    out->rc = rc;
}

#endif
