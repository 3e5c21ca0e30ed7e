/*
 * selection.h - variables asked for by the filters of ls, for commands that read the views: what SQL can
 * say becomes a condition, the rest a list of names.
 */
#ifndef CLI_SELECTION_H
#define CLI_SELECTION_H

#include "pick.h"

typedef struct selection {
    char *from;  /* the view and its condition: FROM ... WHERE ...; the view is called v */
    bool listed; /* only what is in `names` */
    pick_names names;
} selection;

/* snapshot 0 is the present; without a collection that is GLOBAL.  filter is tidy (pick_tidy). */
int selection_make(cli *c, const varsdb_filter *filter, int64_t snapshot, selection *out);
bool selection_has(const selection *s, const char *name);
void selection_release(selection *s);

#endif
