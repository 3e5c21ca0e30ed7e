/*
 * diff.h - what is different between two pictures of a namespace's variables.
 *
 *   diff.c        the call: what came, went, changed, in the order of names
 *   diff_side.c   the variables of a picture, as far as a comparison needs them
 *   diff_match.c  which variable of one side is which of the other
 *   diff_value.c  how far two stored values are from each other
 */
#ifndef VDB_DIFF_H
#define VDB_DIFF_H

#include "filter.h"
#include "internal.h"

/* ---- one side */

typedef struct vdb_diff_item {
    const char *name, *shape; /* the latter as JSON */
    int64_t variable_id, variable_uid;
    int64_t elements;
    int64_t tensor; /* 0: no value */
    varsdb_dtype dtype;
    bool passes;               /* the filter over names */
    bool matched;              /* the other side has it */
    struct vdb_diff_item *old; /* of one of now: what it was; NULL: nothing */
} vdb_diff_item;

typedef struct vdb_diff_side {
    vdb_buf texts; /* name and shape of each item, in their order, each with its NUL */
    vdb_buf items; /* of vdb_diff_item */
} vdb_diff_side;

/* The texts are borrowed; not what the filter says. */
int vdb_diff_item_of_state(varsdb *db, const vdb_value *state, vdb_diff_item *out);
/* Copies item and texts.  Items have no texts until the side is finished. */
int vdb_diff_side_add(varsdb *db, vdb_diff_side *side, const vdb_diff_item *item);
void vdb_diff_side_finish(vdb_diff_side *side);
size_t vdb_diff_side_count(const vdb_diff_side *side);
vdb_diff_item *vdb_diff_side_items(const vdb_diff_side *side);
void vdb_diff_side_release(vdb_diff_side *side);

/* ---- both sides */

typedef struct vdb_diff_pair {
    const vdb_diff_item *now, *old; /* NULL where it is not there */
    const char *name;               /* now's, else old's */
} vdb_diff_pair;

/* What differs or may: from a snapshot, or the present (0), to another.  Names of one side are held,
 * and of the other those that differ. */
typedef struct vdb_diff_match {
    vdb_diff_side old, now;
    vdb_buf pairs; /* of vdb_diff_pair, by name */
} vdb_diff_match;

bool vdb_diff_same_type(const vdb_diff_item *a, const vdb_diff_item *b);
int vdb_diff_match_run(varsdb *db, int64_t from, int64_t to, const varsdb_filter *filter,
                       vdb_diff_match *out);
void vdb_diff_match_release(vdb_diff_match *match); /* also after a failure */

/* ---- values */

typedef struct vdb_diff_delta {
    double max_abs, rel_l2; /* see varsdb_difference */
} vdb_diff_delta;

/* How far it is, in bytes; a callback that is NULL is not called. */
typedef struct vdb_diff_meter {
    varsdb_progress_cb progress;
    void *payload;
    uint64_t done, total;
} vdb_diff_meter;

/* Inside a transaction: two values of one dtype, not string, and shape.  Chunks that both have are
 * read only where the norm of old is not known without. */
int vdb_diff_values(varsdb *db, const vdb_diff_item *now, const vdb_diff_item *old, vdb_diff_meter *meter,
                    vdb_diff_delta *out);

#endif
