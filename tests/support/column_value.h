/*
 * column_value.h - what an SQL function of the tests was given, as the library has the columns of a row.
 */
#ifndef TESTS_COLUMN_VALUE_H
#define TESTS_COLUMN_VALUE_H

#include <sqlite3.h>

#include "engine.h"

static inline vdb_value column_value(sqlite3_value *v)
{
    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
        return vdb_int(sqlite3_value_int64(v));
    case SQLITE_FLOAT:
        return vdb_real(sqlite3_value_double(v));
    case SQLITE_TEXT:
        return vdb_text_n((const char *)sqlite3_value_text(v), (size_t)sqlite3_value_bytes(v));
    case SQLITE_BLOB:
        return vdb_blob(sqlite3_value_blob(v), (size_t)sqlite3_value_bytes(v));
    default:
        return vdb_null();
    }
}

#endif
