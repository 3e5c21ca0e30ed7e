/*
 * selection.h - which elements of a stored value are meant: all, a part's, or a slice's, in C order.
 */
#ifndef VDB_SQL_SELECTION_H
#define VDB_SQL_SELECTION_H

#include "stored.h"

typedef struct vdb_selection {
    int rank;
    int64_t dims[VARSDB_RANK_MAX];                         /* of the value */
    int64_t begin[VARSDB_RANK_MAX], size[VARSDB_RANK_MAX]; /* of each axis */
    int64_t elements;                                      /* selected */
    bool whole;                                            /* and they are all there are */
    int64_t place;                                         /* among those selected */
    int64_t flat;                                          /* the same in the value */
    int64_t index[VARSDB_RANK_MAX]; /* the same on each axis, from begin; not kept when whole */
} vdb_selection;

/* `text` is a slice, of the part when the value is one; NULL: all.  At its first element.  INVALID. */
int vdb_selection_parse(vdb_error *e, const vdb_stored *of, const char *text, vdb_selection *out);
/* To the next element; beyond the last, place is `elements`. */
void vdb_selection_next(vdb_selection *s);
/* To a place, from 0 to `elements`. */
void vdb_selection_seek(vdb_selection *s, int64_t place);

/* Reads what is selected, from the place on, and calls back for it in blocks: of the packed elements at
 * data, those from `first` on; the first one's place among those selected is `place`.  Not for strings. */
typedef struct vdb_block {
    varsdb_dtype dtype;
    const void *data;
    size_t first, count;
    int64_t place;
} vdb_block;
typedef void (*vdb_block_cb)(void *payload, const vdb_block *block);
int vdb_selection_each(vdb_selection *s, vdb_stored *of, vdb_error *e, vdb_block_cb callback, void *payload);

#endif
