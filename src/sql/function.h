/*
 * function.h - a call of one of our SQL functions: its arguments, and how it fails.
 *
 *   function_get.c       get_variable, model_variable
 *   function_value.c     tensor, tensor_json, tensor_item, tensor_from_json
 *   function_assign.c    assign
 *   function_loss.c      l1_loss, l2_loss, regularization_loss
 *   function_registry.c  varsdb_version, varsdb_create, varsdb_database, varsdb_namespace
 */
#ifndef VDB_SQL_FUNCTION_H
#define VDB_SQL_FUNCTION_H

#include "connection.h"
#include "stored.h"

typedef struct vdb_call {
    vdb_sql *sql;
    sqlite3_context *context; /* where the result goes, on success */
    int count;
    sqlite3_value **values;
    const char *usage; /* "tensor_item(name, i, ...)" */
    vdb_error error;
} vdb_call;

/* A result code; an error's sentence is in the call. */
typedef int (*vdb_function)(vdb_call *call);

int vdb_function_get_variable(vdb_call *call);
int vdb_function_model_variable(vdb_call *call);
int vdb_function_tensor(vdb_call *call);
int vdb_function_tensor_json(vdb_call *call);
int vdb_function_tensor_item(vdb_call *call);
int vdb_function_tensor_from_json(vdb_call *call);
int vdb_function_assign(vdb_call *call);
int vdb_function_l1_loss(vdb_call *call);
int vdb_function_l2_loss(vdb_call *call);
int vdb_function_regularization_loss(vdb_call *call);
int vdb_function_version(vdb_call *call);
int vdb_function_create(vdb_call *call);
int vdb_function_database(vdb_call *call);
int vdb_function_namespace(vdb_call *call);

/* ---- arguments, from 0; `what` names one in messages.  INVALID: it is of another kind. */

bool vdb_call_has(const vdb_call *call, int i); /* it is given, and not NULL */
/* Borrowed until the call ends. */
int vdb_call_text(vdb_call *call, int i, const char *what, const char **out);
int vdb_call_optional_text(vdb_call *call, int i, const char *what,
                           const char **out); /* NULL when it is not given */
int vdb_call_integer(vdb_call *call, int i, const char *what, int64_t *out);
int vdb_call_number(vdb_call *call, int i, const char *what, double *out);
/* The stored value that argument 0 names; to be released also after a failure. */
int vdb_call_find(vdb_call *call, vdb_stored *out);

/* A name or an id, and a snapshot or none, of a value.  `what` is the function. */
int vdb_place_of(vdb_error *e, const char *what, sqlite3_value *name, sqlite3_value *snapshot,
                 vdb_place *out);
/* Text without NUL in it; NULL when the value is none. */
const char *vdb_text_of(sqlite3_value *value);

/* What SQLite is told of a failure beside its sentence. */
int vdb_sql_code(const vdb_sql *sql, int rc);
/* The most bytes that a result may have. */
uint64_t vdb_sql_length_limit(const vdb_sql *sql);

#endif
