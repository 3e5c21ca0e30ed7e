/*
 * roster.h - the names in a registry, read from its views in the order of an index: the
 * first comes at once, memory is constant, and what is asked for only is read, also in
 * a registry of a million variables.
 */
#ifndef CLI_ROSTER_H
#define CLI_ROSTER_H

#include "cli.h"

/* Non-zero ends the list. */
typedef int (*roster_cb)(void *payload, const char *name);

/*
 * Each calls back for at most `limit` names of the namespace in use and returns a code of
 * varsdb_query's; CANCELLED when a callback ended it.  The handle's message is the query's then.
 */

/* Variables, by scope; all of them, or those directly in the scope ("" is the root). */
int roster_variables(cli *c, size_t limit, roster_cb callback, void *payload);
int roster_variables_in(cli *c, const char *scope, size_t limit, roster_cb callback, void *payload);
/* Full names of the scopes directly below one ("": at the top) that have variables, in or below them. */
int roster_scopes_in(cli *c, const char *scope, size_t limit, roster_cb callback, void *payload);
/* Scopes with variables of their own. */
int roster_scopes(cli *c, size_t limit, roster_cb callback, void *payload);
/* Collections with members. */
int roster_collections(cli *c, size_t limit, roster_cb callback, void *payload);
/* Namespaces of the registry, in the order that they were made in. */
int roster_namespaces(cli *c, size_t limit, roster_cb callback, void *payload);
/* Ways to name each snapshot, the newest first: its name, step:N. */
int roster_snapshots(cli *c, size_t limit, roster_cb callback, void *payload);

/* #ID of each, the newest first. */
int roster_snapshot_ids(cli *c, size_t limit, roster_cb callback, void *payload);
/* step:N of the snapshots whose steps are nearest to that one. */
int roster_steps_near(cli *c, int64_t step, size_t limit, roster_cb callback, void *payload);

/* Whether there is such a thing. */
bool roster_has_scope(cli *c, const char *scope);
bool roster_has_collection(cli *c, const char *collection);

#endif
