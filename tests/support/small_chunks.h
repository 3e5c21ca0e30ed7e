/*
 * small_chunks.h - a registry with small chunks, so that tests have many of them in few bytes.
 */
#ifndef TEST_SMALL_CHUNKS_H
#define TEST_SMALL_CHUNKS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "digest.h"

/* Changes the limits of an empty registry that nobody has open. */
static inline bool small_chunks_make(const char *path, int inline_bytes, int chunk_bytes)
{
    sqlite3 *db;
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_open(path, &db) == SQLITE_OK &&
              sqlite3_prepare_v2(db, "SELECT uuid, format, created_at FROM varsdb_registry", -1, &s, NULL) ==
                  SQLITE_OK &&
              sqlite3_step(s) == SQLITE_ROW;
    if (ok) {
        vdb_value at[] = {vdb_int(1),
                          vdb_blob(sqlite3_column_blob(s, 0), 16),
                          vdb_int(sqlite3_column_int64(s, 1)),
                          vdb_int(inline_bytes),
                          vdb_int(chunk_bytes),
                          vdb_int(sqlite3_column_int64(s, 2))};
        char *sql =
            sqlite3_mprintf("UPDATE varsdb_registry SET inline_bytes = %d, chunk_bytes = %d, digest = %lld",
                            inline_bytes, chunk_bytes, (long long)vdb_digest_row(at, 6));
        sqlite3_finalize(s);
        s = NULL;
        ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_free(sql);
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return ok;
}

#endif
