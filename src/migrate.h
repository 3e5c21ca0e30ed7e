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
 * them, and sets user_version. */
int vdb_migrate_apply(vdb_engine *engine, const vdb_migration *migrations, size_t count);
/* The same of what was made from the schema of today (vdb_catalogue_create): only records them. */
int vdb_migrate_record(vdb_engine *engine, const vdb_migration *migrations, size_t count);
/* Brings an open file to the last of `migrations`, in one transaction under the write lock.
 * TOONEW: it is beyond that; untouched. */
int vdb_migrate_file(vdb_engine *engine, vdb_error *e, const char *path, bool read_only,
                     const vdb_migration *migrations, size_t count);

#endif
