/*
 * registry.h - a fresh registry in a directory of its own, for tests; what the stock
 * sqlite3 shell says of it; and checks of results with all that goes with a result.
 */
#ifndef TESTS_REGISTRY_H
#define TESTS_REGISTRY_H

#include <check.h>
#include <stdint.h>

#include "temp.h"
#include "varsdb.h"

#define REGISTRY_SEED 42

typedef struct registry {
    temp_dir dir;
    char path[TEMP_PATH_BYTES];
    varsdb *db;
} registry;

/* Makes a directory and a registry in it, under REGISTRY_SEED. */
void registry_open(registry *r);
/* The same with other options; flags and seed are set here unless given. */
void registry_open_with(registry *r, const varsdb_open_options *options);
/* Another handle on the same registry, to be closed by the caller. */
varsdb *registry_another(const registry *r);
/* Closes the handle and removes the directory. */
void registry_close(registry *r);
/* Closes the handle and opens a new one. */
void registry_reopen(registry *r);

/* What the stock sqlite3 shell prints for the SQL, in list mode, rows ended by newlines but
 * for the last; valid until four more calls.  Fails the test when the shell does. */
const char *registry_sql(const registry *r, const char *sql);
/* The same in the mode of an option, "-json" or "-csv". */
const char *registry_sql_mode(const registry *r, const char *mode, const char *sql);
int64_t registry_number(const registry *r, const char *sql);
/* All rows of all tables of ours, as text; to be freed. */
char *registry_dump(const registry *r);

/* ---- results */

/* The code is the expected one, varsdb_errcode agrees, and the message is empty or one line. */
void check_result(varsdb *db, int rc, int expected, const char *call, const char *file, int line);
#define expect(db, code, call) check_result(db, call, code, #call, __FILE__, __LINE__)
#define ok(db, call)           expect(db, VARSDB_OK, call)
/* The last message of the handle has the text in it. */
#define says(db, text) \
    ck_assert_msg(strstr(varsdb_errmsg(db), text), "'%s' says no '%s'", varsdb_errmsg(db), text)

/* The variable that a call got, whichever of the three calls it is, without created. */
const varsdb_variable *got(varsdb *db, const char *name, const varsdb_variable_options *options);
const varsdb_variable *got_model(varsdb *db, const char *name, const varsdb_variable_options *options);
/* Version of a variable, as varsdb_describe has it. */
int64_t version_of(varsdb *db, const varsdb_variable *v);
/* The collections of a variable as JSON: '["variables","trainable_variables"]'. */
const char *collections_of(const registry *r, const char *name);

#endif
