/*
 * snapshot.h - snapshots as people name them, and as one line tells of them.
 */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

#include "cli.h"

/* By a name, step:N, #ID or latest.  CLI_NO with the line printed when there is none. */
int snapshot_find(cli *c, const char *selector, int64_t *out);

/* Calls back for the snapshot of that id.  CLI_NO when it is gone. */
int snapshot_describe(cli *c, int64_t id, varsdb_snapshot_cb callback, void *payload);

/* `snapshot #3 step 100 "name"`, without a line's end. */
void snapshot_print(sink *to, const varsdb_snapshot_info *info);

/* Cells of what a snapshot need not have. */
void snapshot_print_step(out_rows *o, const varsdb_snapshot_info *info);

#endif
