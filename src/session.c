/* session.c - see session.h. */
#include "session.h"

#include "row.h"
#include "session_alive.h"

int vdb_session_insert(varsdb *db, int64_t *id, int64_t *uid)
{
    vdb_session_identity who;
    int64_t new_id, new_uid = vdb_random();
    int rc = vdb_session_identify(db, &who);
    if (rc == VARSDB_OK)
        rc = vdb_row_next_id(db, VDB_Q_SESSION_NEXT_ID, &new_id);
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_SESSION_INSERT,
                     VDB_ARGS(vdb_int(new_id), vdb_int(new_uid), vdb_text(who.program), vdb_text(who.host),
                              vdb_int(who.pid), vdb_text(who.started), vdb_int(vdb_time_ms())));
    if (rc == VARSDB_OK) {
        *id = new_id;
        *uid = new_uid;
    }
    return rc;
}

int vdb_session_beat(varsdb *db, int64_t id, int64_t uid)
{
    return vdb_run(db->engine, VDB_Q_SESSION_BEAT,
                   VDB_ARGS(vdb_int(id), vdb_int(uid), vdb_int(vdb_time_ms())));
}

int vdb_session_delete(varsdb *db, int64_t id)
{
    int rc = vdb_run(db->engine, VDB_Q_SESSION_DELETE_PINS, VDB_ARGS(vdb_int(id)));
    return rc == VARSDB_OK ? vdb_run(db->engine, VDB_Q_SESSION_DELETE, VDB_ARGS(vdb_int(id))) : rc;
}

int vdb_session_exists(varsdb *db, int64_t id, int64_t uid, bool *out)
{
    int64_t there;
    return vdb_get_int(db->engine, VDB_Q_SESSION_FIND, VDB_ARGS(vdb_int(id), vdb_int(uid)), &there, out);
}

int vdb_session_has_spare(varsdb *db, int64_t id, bool *out)
{
    int64_t one;
    return vdb_get_int(db->engine, VDB_Q_SESSION_SPARE, VDB_ARGS(vdb_int(id)), &one, out);
}
