/*
 * catalogue.h - the objects of our schema in a database's catalogue: making them, and whether all are there.
 *
 * In a database of a host's the views have names of their own (engine->view_prefix), so that they do not
 * meet the host's: vars_variables instead of variables.
 */
#ifndef VDB_CATALOGUE_H
#define VDB_CATALOGUE_H

#include "buf.h"
#include "engine.h"
#include "schema.h"

/* The object's text, as a database with that prefix has it. */
int vdb_catalogue_text(const struct vdb_schema_object *o, const char *prefix, vdb_buf *out);

/* Makes all of it, inside a write transaction. */
int vdb_catalogue_create(vdb_engine *engine, vdb_error *e);
/* Every table and index of ours is as our schema has it, all are there, and no trigger is on
 * them; a view with a name of ours is ours.  VARSDB_CORRUPT names what differs. */
int vdb_catalogue_check(vdb_engine *engine, vdb_error *e, const char *path);
/* The same, and which of vdb_schema_objects are there: of views some may be missing. */
int vdb_catalogue_look(vdb_engine *engine, vdb_error *e, const char *path, bool *there);

#endif
