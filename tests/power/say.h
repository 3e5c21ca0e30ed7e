/*
 * say.h - all that a registry says of itself, as text.
 */
#ifndef POWER_SAY_H
#define POWER_SAY_H

/* Namespaces, variables with the hashes of their values, scopes, attributes, snapshots; for a database of a
 * host's too, and for one that a migration of a test's made newer.  It begins with "unsound" where something
 * is wrong with it, which varsdb_verify looks for.  To be freed. */
char *say_registry(const char *path);
char *say_read_only(const char *path); /* opened for that */
/* Makes it if it is not there, writes into it, collects what is garbage, and looks again: NULL when all is
 * well, or what is not, to be freed. */
char *say_after_use(const char *path);

#endif
