/*
 * session_alive.h - who has a save in flight, and whether that process still lives.
 *
 * A process says who it is by its host, its pid, and `started`: "BOOT NAMESPACE TIME", the id of the
 * machine's boot, its pid namespace ("pid:[4026531836]") and its start time as /proc has it; "" where
 * there is no /proc that shows it.
 *
 * The rule, from the surest to the least sure:
 *   1. Same host, boot and pid namespace: pids mean the same to both, so the process is dead when the
 *      pid is not there, is another process (another start time) or a zombie, and alive otherwise,
 *      however old its heartbeat is: it may be stopped, or wait for a disk.
 *   2. Same host and boot, another pid namespace (containers with one host name), or another host:
 *      what its pid is here says nothing.  Dead when the heartbeat is older than an hour.
 *   3. Same host, `started` of one of us is not known: dead when kill() knows no such pid and the
 *      heartbeat is older than a minute, since it may be a pid of another namespace.
 *   4. Same host, another boot: the machine was started anew.  Dead when the heartbeat is older than
 *      a minute, so that a sandbox that makes up its boot id is not robbed while it works.
 * A heartbeat more than an hour ahead of the clock is as good as none.
 */
#ifndef VDB_SESSION_ALIVE_H
#define VDB_SESSION_ALIVE_H

#include "internal.h"

#define VDB_SESSION_STARTED_BYTES 128

typedef struct vdb_session_identity {
    const char *program; /* the handle's */
    char host[256];
    int64_t pid;
    char started[VDB_SESSION_STARTED_BYTES];
} vdb_session_identity;

/* What a session's row says. */
typedef struct vdb_session_signs {
    const char *host, *started;
    int64_t pid, heartbeat_at;
} vdb_session_signs;

/* Of this process.  Never fails for want of /proc; VARSDB_OK always, so far. */
int vdb_session_identify(varsdb *db, vdb_session_identity *out);
/* `now` as vdb_time_ms has it. */
bool vdb_session_is_dead(const vdb_session_identity *self, const vdb_session_signs *row, int64_t now);

#endif
