/*
 * handles.h - how workloads open the registry: as its programs do, or on a host's connection.
 */
#ifndef POWER_HANDLES_H
#define POWER_HANDLES_H

#include <sqlite3.h>

#include "varsdb.h"

#define CHUNK 4096 /* bytes of a chunk, where they are small; two of them are a part of a save */

extern varsdb *db, *other; /* the second one for two at a time */
extern sqlite3 *host;      /* whose connection db is on, or NULL */

/* From now on handles commit with PRAGMA synchronous of that value; NULL: as it is to be. */
void handles_plant_synchronous(const char *value);

int open_handle(const char *path, unsigned flags, varsdb **out);
int open_registry(void);
int open_other(void);
int close_registry(void);
int close_other(void);

/* A database of a host's, or a registry that some client changes by that SQL. */
void prepare_host(const char *sql);
void prepare_host_with_log(void);
void prepare_host_with_journal(void);
/* The host opens it, and the library on its connection, whose commits delete the journal, cut it to nothing,
 * overwrite its head, or go to a log. */
int host_deletes(void);
int host_cuts(void);
int host_overwrites(void);
int host_has_log(void);
/* And makes the registry there. */
int host_makes(void);
int host_makes_without_log(void);
int disconnect_host(void);

#endif
