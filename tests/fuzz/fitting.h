/*
 * fitting.h - digests and hashes as functions of SQL, so that what a stranger wrote can be made to fit.
 */
#ifndef FUZZ_FITTING_H
#define FUZZ_FITTING_H

#include <sqlite3.h>

/* digest_of(columns...) and hash_of_row(columns...), hash_of(bytes), and the aggregates sum_of(digest) and
 * hash_of_all(bytes), of rows in their order. */
void fitting_add(sqlite3 *db);

#endif
