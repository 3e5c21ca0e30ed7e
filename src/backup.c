/* backup.c - a consistent copy of the registry, while others write. */
#include "transaction.h"

typedef struct backup {
    varsdb *db;
    const varsdb_upkeep_options *options;
} backup;

static int report(void *payload, int64_t done, int64_t total)
{
    const backup *b = payload;
    const varsdb_upkeep_options *o = b->options;
    if (!o->progress)
        return VARSDB_OK;
    b->db->calling++;
    int stop = o->progress(o->payload, "copying", (uint64_t)done, (uint64_t)total);
    b->db->calling--;
    if (!stop)
        return VARSDB_OK;
    return vdb_fail(&b->db->error, VARSDB_CANCELLED,
                    "the callback stopped the backup; nothing of it is left");
}

static int check(varsdb *db, const char *path, const varsdb_upkeep_options *o)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (!path || !*path)
        return vdb_misuse(db, "a backup needs a path");
    if (o->size < sizeof *o)
        return vdb_misuse(db, "upkeep options without their size; use VARSDB_UPKEEP()");
    if (db->in_transaction && db->engine->methods->state(db->engine) == VDB_TRANSACTION_WRITE)
        return vdb_misuse(db, "commit before a backup: it copies what is committed");
    return VARSDB_OK;
}

int varsdb_backup(varsdb *db, const char *path, const varsdb_upkeep_options *options)
{
    static const varsdb_upkeep_options defaults = {.size = sizeof defaults};
    backup b = {db, options ? options : &defaults};
    vdb_read r;
    int rc = check(db, path, b.options);
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc != VARSDB_OK)
        return rc;
    return vdb_read_end(db, &r, db->engine->methods->backup(db->engine, path, report, &b));
}
