/* origin.c - see origin.h. */
#include "origin.h"

#include <unistd.h>

#include "row.h"

int vdb_origin_ensure(varsdb *db, int64_t *out)
{
    char host[256] = "";
    bool found;
    int64_t id;
    if (db->origin_id && db->origin_epoch == db->epoch) {
        *out = db->origin_id;
        return VARSDB_OK;
    }
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    vdb_value at[] = {vdb_null(), vdb_text(db->program), vdb_text(host), vdb_int((int64_t)getpid())};
    int rc = vdb_get_int(db->engine, VDB_Q_ORIGIN_FIND, at + 1, 3, &id, &found);
    if (rc == VARSDB_OK && !found) {
        rc = vdb_row_next_id(db, VDB_Q_ORIGIN_NEXT_ID, &id);
        at[0] = vdb_int(id);
        if (rc == VARSDB_OK)
            rc = vdb_row_write(db, VDB_Q_ORIGIN_INSERT, at, 4);
    }
    if (rc != VARSDB_OK)
        return rc;
    db->origin_id = id;
    db->origin_epoch = db->epoch;
    *out = id;
    return VARSDB_OK;
}
