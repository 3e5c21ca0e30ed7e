/*
 * rowsql.h - SQL on a handle's own connection, inside its open transaction, with the functions that
 * make digests, so that a test can write rows as the library would, or as a forger would.
 *
 *   row_digest(column, ...)   as vdb_digest_row
 *   row_hash(column, ...)     as vdb_hash_row
 *   digest_sum(digest)        sums that wrap around, as owners of lists carry
 *   bytes_hash(blob)          as vdb_hash_bytes
 *   flipped(blob [, i])       the same with one bit of byte i (0) changed
 */
#ifndef TESTS_ROWSQL_H
#define TESTS_ROWSQL_H

#include <stddef.h>
#include <stdint.h>

#include "varsdb.h"

/* Gives the connection the functions, and drops checks of constraints. */
void rowsql_install(varsdb *db);
/* Runs it; fails the test when SQLite does. */
__attribute__((format(printf, 2, 3))) void rowsql_run(varsdb *db, const char *format, ...);
/* The first column of the first row: as text, until the next call ("" for no row), or as a number. */
__attribute__((format(printf, 2, 3))) const char *rowsql_text(varsdb *db, const char *format, ...);
__attribute__((format(printf, 2, 3))) int64_t rowsql_number(varsdb *db, const char *format, ...);
/* The transaction's tables take any value in any column, until it is rolled back. */
void rowsql_loosen(varsdb *db);
/* Makes the digests of a table's rows fit them again. */
void rowsql_refit(varsdb *db, const char *table);
/* Makes the sums of all lists fit, and the digests of their owners. */
void rowsql_refit_lists(varsdb *db);
/* Both, of all tables: rows are as the library would have written them. */
void rowsql_refit_all(varsdb *db);
/* A transaction of its own: runs it, and makes all rows fit. */
void rowsql_forge(varsdb *db, const char *sql);

#endif
