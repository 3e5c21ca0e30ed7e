/*
 * importer.h - an import under way, as its files share it.
 *
 *   import.c         what is in the registry already, and what becomes of it
 *   import_values.c  bytes: read from the file, and stored beforehand
 *   import_snapshot.c  a snapshot instead of variables
 */
#ifndef VDB_IMPORTER_H
#define VDB_IMPORTER_H

#include "import_plan.h"
#include "match.h"
#include "save.h"
#include "variable.h"

typedef struct vdb_importer {
    varsdb *db;
    vdb_error *error; /* the handle's */
    const varsdb_import_options *options;
    const char *path;
    varsdb_reader *reader;
    vdb_import_plan plan;
    vdb_match *trainable;              /* NULL: none is */
    const vdb_import_item *mismatched; /* the first */
    size_t written;
    vdb_tensor *values;   /* one for each item */
    vdb_save *save;       /* NULL within a transaction of the caller's */
    uint64_t done, total; /* bytes */
} vdb_importer;

/* Looks every tensor's variable up, and says what is to become of it.  EXISTS. */
int vdb_importer_classify(vdb_importer *im);

/* Tells the caller.  CANCELLED. */
int vdb_importer_report(const vdb_importer *im, varsdb_outcome outcome, const char *name,
                        const char *file_name);
/* Inside a write transaction: all that is selected as a snapshot. */
int vdb_importer_record(vdb_importer *im);
/* Appends the file's metadata as a JSON object, nothing when there is none.  NOMEM. */
int vdb_importer_print_metadata(const vdb_importer *im, vdb_buf *out);

/* The reader's failure as the handle's. */
int vdb_importer_fail_reader(const vdb_importer *im, int rc);
/* A tensor for each item, to be read from the file when it is stored. */
int vdb_importer_describe_values(vdb_importer *im);
vdb_tensor *vdb_importer_value(const vdb_importer *im, const vdb_import_item *item);
/* What is to be read, for progress. */
void vdb_importer_count_bytes(vdb_importer *im);
/* Stores what is large in short transactions, before the one that makes variables of it. */
int vdb_importer_save_beforehand(vdb_importer *im);
void vdb_importer_release_values(vdb_importer *im);

#endif
