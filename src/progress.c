/* progress.c - see progress.h. */
#include "progress.h"

int vdb_progress(varsdb *db, varsdb_progress_cb progress, void *payload, const char *doing, uint64_t done,
                 uint64_t total)
{
    if (!progress)
        return VARSDB_OK;
    db->calling++;
    int stop = progress(payload, doing, done, total);
    db->calling--;
    if (stop)
        return vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped it while %s", doing);
    vdb_error_clear(&db->error); /* it may have tried to use the handle */
    return VARSDB_OK;
}
