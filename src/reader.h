/*
 * reader.h - an open tensor file as the library's own files see it.
 */
#ifndef VDB_READER_H
#define VDB_READER_H

#include "format/format.h"

/* Of an open one; i is in range. */
const vdb_tensor_entry *vdb_reader_entry(const varsdb_reader *reader, size_t i);
/* Looks for the entries' full names.  The error is the reader's. */
int vdb_reader_name_fully(varsdb_reader *reader);

#endif
