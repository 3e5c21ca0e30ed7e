/*
 * varsdb_sql.h - varsdb as functions of SQL, on any connection of SQLite.
 *
 * Load the extension, from a shell, Python, or whatever else can load one,
 *
 *     sqlite> .load /usr/local/lib/sqlite3/varsdb0    -- pkg-config --variable=extension varsdb
 *     sqlite> SELECT tensor_json('layer1/weights', '0:2,:');
 *     sqlite> SELECT v.name, h.* FROM model_variables v, tensor_histogram(v.name, 20) h;
 *
 * or, in a program that links the library, put them on a connection by sqlite3_varsdb_init, below.
 *
 * WHAT THEY WORK ON.  The registry in the connection's main database, or, if that has none, in the first
 * attached one that has; varsdb_database() chooses another.  One that varsdb_create() made has its views as
 * vars_variables, vars_model_variables, ..., beside the tables of whoever's database it is.  Names are those
 * of one namespace, main, until varsdb_namespace() chooses another.  Wherever the name of a variable that is
 * there is taken, its id (variables.id) is taken too, which is of any namespace, and a part's name
 * ("w/part_0"); but a snapshot knows its variables by name alone, and has no parts.
 *
 * FUNCTIONS.  What is in brackets may be left out, or be NULL.
 *
 *     get_variable(name [, shape [, dtype [, initializer [, options]]]])     the variable's id; it is created
 *     model_variable(name [, shape [, dtype [, initializer [, options]]]])   if it is not there
 *     assign(name, value)                     its new version
 *     tensor(name)                            the value's bytes, a blob
 *     tensor_json(name [, slice])             the value as JSON, nested as its shape
 *     tensor_item(name, i, j, ...)            one element; an index for each axis, from the end when negative
 *     tensor_from_json(json [, dtype [, shape]])   the bytes of such a value
 *     l1_loss(name [, scale])                 scale * sum |x|; scale is 1 unless it is given
 *     l2_loss(name [, scale])                 scale * sum x^2 / 2
 *     regularization_loss([name])             by the variable's regularizer; without a name, of all
 *     varsdb_create()                         makes a registry, if there is none; its UUID
 *     varsdb_database([name])                 the database worked on: 'main', or what ATTACH called it
 *     varsdb_namespace([name])                the namespace worked in
 *     varsdb_version()                        '0.1.0'
 *
 * shape is JSON, '[2,3]', and '[]' of a scalar; initializer is a spec, 'glorot_uniform'; options are JSON,
 * {"trainable": false, "collections": ["a"], "reuse": "require", "value": [[1,2],[3,4]], "regularizer":
 * "l2(0.1)", "partitioner": "fixed_size(2)", "constraint": "...", "site": "train.py:12"}, of which a null is
 * left out.  All of it means what it means for varsdb_get_variable.  value is JSON text, bytes in the dtype
 * and C order (what NumPy's tobytes() gives), or a number.  slice is '0:2,:,-1': a range, or an index, for
 * each axis.
 *
 * TABLES.  Arguments in parentheses; columns may be constrained as any table's.
 *
 *     tensor_each(name [, snapshot])                  flat_index, indices, value
 *     tensor_slice(name, slice [, snapshot])          the same, of the elements in the slice
 *     tensor_histogram(name [, bins [, snapshot]])    bin, low, high, count
 *     snapshot_diff(a [, b])                          name, change, max_abs, rel_l2, old_name
 *
 * tensor_each has one row an element, in C order; `flat_index =`, `<`, `BETWEEN` and `indices = '[1,2]'`
 * read only what they need.  A histogram has 20 bins unless bins says otherwise, from the least to the
 * greatest finite element.  snapshot_diff tells what varsdb_diff does, from snapshot a to b, or to the
 * present.  A snapshot is 'best' (its name), 'step:100', '#3', 'latest', or its id (snapshots.id).
 *
 * VALUES.  Elements of integer dtypes and bool are INTEGER (of uint64 beyond 2^63-1 REAL), of floats REAL
 * (NaN, which SQL has not, is NULL), of complex dtypes their magnitude, REAL, and of strings TEXT, or BLOB
 * when they are no UTF-8, for which JSON has no text, or hold NUL.  A variable without a value is NULL, and
 * has no rows.
 *
 * TRANSACTIONS.  Each call is a savepoint of the caller's transaction, or a transaction of its own.
 * Reading never writes.  get_variable, model_variable, assign and varsdb_create write, unless what is asked
 * for is there already: they cannot be called by a view or a trigger of a file, nor, to write, inside a
 * statement that writes ("BEGIN IMMEDIATE first").  In a transaction that has read before another connection
 * wrote, they fail with SQLITE_BUSY_SNAPSHOT: ROLLBACK, BEGIN IMMEDIATE, and repeat.  Who interrupts one
 * while it writes loses the whole transaction, as with any statement of SQLite's that writes.  A table whose
 * variable is assigned another value while its rows are read either goes on with the old one or fails.
 *
 * ERRORS are SQLite's, with the library's sentence.
 */
#ifndef VARSDB_SQL_H
#define VARSDB_SQL_H

#include "varsdb.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Puts the functions and tables on a connection; sqlite3_auto_extension((void (*)(void))sqlite3_varsdb_init)
 * puts them on each that is opened.  An SQLite code; `error`, which may be NULL, is then for
 * sqlite3_free.  The third argument is not looked at (NULL will do), but in the loadable extension,
 * which SQLite enters here.  SQLITE_ERROR: they are there already, of this library or of another copy.  They
 * go when the connection is closed, by sqlite3_close as well.
 */
struct sqlite3;
struct sqlite3_api_routines;
VARSDB_API int sqlite3_varsdb_init(struct sqlite3 *connection, char **error,
                                   const struct sqlite3_api_routines *api);

#ifdef __cplusplus
}
#endif
#endif /* VARSDB_SQL_H */
