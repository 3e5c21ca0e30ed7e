/*
 * report.h - the page of `varsdb report`: what cli/report/ has of it, and one JSON document of what is in
 * the registry, in the order in which it is written.  Values are streamed; held in memory are names, and
 * a few numbers of each variable.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "norms.h"
#include "pick.h"
#include "report_json.h"
#include "report_names.h"

/* Of the page's skeleton, made from cli/report/ when the command is built. */
typedef enum report_piece_kind {
    REPORT_TEXT, /* as it is */
    REPORT_TITLE,
    REPORT_DATA,
    REPORT_SUMMARY,
    REPORT_END
} report_piece_kind;
typedef struct report_piece {
    report_piece_kind kind;
    const char *text;
} report_piece;
extern const report_piece report_page[];

typedef struct report_options {
    pick_filter pick;
    const char *title;        /* NULL: the file's name */
    uint64_t histogram_bytes; /* to be read at most for histograms */
    uint64_t change_bytes;    /* and for how far values moved */
} report_options;

/* A variable, as the newest state that was looked at has it. */
typedef struct report_item {
    int64_t snapshot; /* the newest that has it; 0: it is there now */
    int64_t elements, bytes;
    varsdb_dtype dtype;
    bool ranges;       /* low and high are there */
    double low, high;  /* of the finite values of the newest state */
    bool held, valued; /* whether that state has it; whether with a value */
    bool next_held;    /* the same of the next older one, which is being read */
    bool next_changed; /* and whether that is another value */
    char hash[33];     /* of the value */
    int64_t nans, pos_infs, neg_infs;
    double norm, mean, std;
} report_item;

typedef struct report_snapshot {
    int64_t id;
    uint64_t moved; /* bytes to be read to tell how far values moved from it to the next newer state */
} report_snapshot;

typedef struct report {
    cli *c;
    const report_options *options;
    const varsdb_filter *filter; /* NULL: all */
    report_json json;
    report_names names, texts; /* variables; what many of them have alike */
    norms before;              /* what growth is counted from */
    report_item *items;        /* by the numbers of names */
    size_t item_room;
    report_snapshot *snapshots; /* oldest first */
    size_t snapshot_count, snapshot_room;
    int64_t variables, elements, bytes; /* that are there now */
    bool failed;                        /* out of memory */
} report;

/* The whole page. */
int report_write(cli *c, const report_options *options, sink *to);

/* Members of the document; each returns CLI_DONE, or a status with its line printed. */
int report_overview(report *r);
int report_variables(report *r);
int report_snapshots(report *r);
int report_texts(report *r);
int report_histograms(report *r);
int report_changes(report *r);
/* For those whose browser runs no script: figures, and collections. */
int report_summary(report *r);

/* One row of report_variables, for a state that is newer than all that were looked at.  False: out of memory.
 */
bool report_add_variable(report *r, const varsdb_variable_info *info, int64_t snapshot);
/* The names of its columns. */
void report_columns(report *r);

/* Ends a listing of the library's: its result, or memory, or the output that failed. */
int report_end_list(report *r, int code);
/* What a listing's callback returns: whether to stop. */
int report_stop(const report *r);
/* The same as progress_report, and the line is printed when it was stopped. */
int report_progress(report *r, const char *doing, uint64_t done, uint64_t total);

/* The last component of the registry's path. */
const char *report_file_name(const report *r);

#endif
