/*
 * migrate.h - the migrations that lead to the schema of today.
 */
#ifndef VDB_MIGRATE_H
#define VDB_MIGRATE_H

#include "engine.h"

typedef struct vdb_migration {
    int64_t number;
    const char *name, *checksum, *sql;
} vdb_migration;

/* Made from migrations/ at build. */
extern const struct vdb_migration vdb_migrations[];
extern const size_t vdb_migration_count;

/* Inside a write transaction: applies those of `migrations` that the file lacks, records
 * them, and sets the schema's number, in the head and in the registry's own row where there is one. */
int vdb_migrate_apply(vdb_engine *engine, const vdb_migration *migrations, size_t count);
/* The same of what was made from the schema of today (vdb_catalogue_create): only records them. */
int vdb_migrate_record(vdb_engine *engine, const vdb_migration *migrations, size_t count);
/* Whether these are the columns of VDB_Q_MIGRATION_LIST for that one. */
bool vdb_migration_is(const vdb_migration *m, const vdb_value at[3]);
/* Brings an open file to the last of `migrations`, in one transaction under the write lock, and holds it to
 * the schema of today.  Untouched: TOONEW, it is beyond that; CORRUPT, it is not what those migrations make,
 * or would not become it; READONLY, it is older and read_only. */
int vdb_migrate_file(vdb_engine *engine, vdb_error *e, const char *path, bool read_only,
                     const vdb_migration *migrations, size_t count);

#endif
