/*
 * session.h - a save in flight as others see it: whose it is, and that it lives.
 */
#ifndef VDB_SESSION_H
#define VDB_SESSION_H

#include "internal.h"

/* All inside a write transaction, but for vdb_session_exists. */
int vdb_session_insert(varsdb *db, int64_t *id, int64_t *uid);
int vdb_session_beat(varsdb *db, int64_t id, int64_t uid);
/* With its pins. */
int vdb_session_delete(varsdb *db, int64_t id);
int vdb_session_exists(varsdb *db, int64_t id, int64_t uid, bool *out);
/* Whether it pins a chunk that no tensor has. */
int vdb_session_has_spare(varsdb *db, int64_t id, bool *out);

#endif
