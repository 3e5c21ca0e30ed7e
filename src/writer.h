/*
 * writer.h - writers that are open when their handle is closed.
 */
#ifndef VDB_WRITER_H
#define VDB_WRITER_H

#include "internal.h"

/* Leaves nothing of them but what varsdb_close_writer frees; every other call on one is MISUSE. */
void vdb_writers_orphan(varsdb *db);

#endif
