/*
 * cli.h - what every command shares: the arguments, the registry, standard output,
 * and one way to fail: one line on standard error and an exit status.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "opt.h"
#include "out.h"
#include "varsdb.h"

/* Exit statuses. */
enum {
    CLI_DONE = 0,
    CLI_NO = 1,     /* not found, differs, conflict */
    CLI_USAGE = 2,  /* called wrongly, or with a value that is not valid */
    CLI_FAILED = 3, /* anything else */
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* What a command takes beside its own options. */
enum {
    CLI_ROWS = 1,   /* --json, --csv, --tsv and --table */
    CLI_READS = 2,  /* --immutable: it reads a registry, or may */
    CLI_SCOPES = 4, /* x/ for the scope x where a variable may stand */
    CLI_LONG = 8,   /* it reports progress, and stops where it can on Ctrl-C */
    CLI_LISTS = 16, /* --columns, --sort, --limit and --where over its rows (with CLI_ROWS) */
};

typedef struct cli cli;

/* An option as completion has it. */
#define CLI_OPTIONS_MAX 64
typedef struct cli_option {
    const char *name;
    char letter; /* 0: it has none */
    bool takes_value, repeats;
    const char *const *words; /* as in opt */
} cli_option;
typedef struct cli_options {
    size_t count;
    cli_option items[CLI_OPTIONS_MAX];
} cli_options;

typedef struct cli_command {
    const char *name;
    int (*run)(cli *c, int argc, char **argv);
    const char *arguments; /* "DB NAME..." */
    size_t least, most;    /* how many of them */
    unsigned takes;        /* CLI_ROWS and so on */
    const char *summary;
} cli_command;

struct cli {
    const cli_command *command;
    const char *name_space; /* NULL: not said */
    int immutable, allow_network;
    out_format format;
    char **args; /* the arguments that are no options */
    size_t count;
    varsdb *db;
    varsdb *kept;    /* a shell's handle on the same registry, which cli_open may take; NULL: none */
    bool kept_reads; /* it is for reading only */
    const varsdb_filter *filter; /* what was asked for, to tell why nothing is found; NULL: all */
    const char *left;            /* what Ctrl-C leaves behind; NULL: nothing changed */
    bool said;                   /* the error line is out */
    out_style style;             /* of `out`, once arguments are parsed */
    cli_options *asking;         /* NULL, unless the command is only asked for its options */
    sink out;
};

/* Runs the command argv[0], with c as it is at the start: nothing but what a shell keeps. */
int cli_run(cli *c, int argc, char **argv);

/* The commands, ended by one without a name. */
const cli_command *cli_commands(void);
const cli_command *cli_find_command(const char *name);

/*
 * Sorts argv into the options given and c->args, and checks their number.  The
 * options that every command has are added.  CLI_DONE or CLI_USAGE.
 */
int cli_parse(cli *c, int argc, char **argv, const opt *options, size_t count);

/* Whether some of --columns, --sort, --limit and --where is given: rows are wanted, and no drawing. */
bool cli_lists(const cli *c);
/* The options that the command gives cli_parse, with those that every command has.  The command runs no
 * further than there. */
void cli_options_of(const cli_command *command, cli_options *out);

/* The namespace asked for, by option or environment; NULL if none is. */
const char *cli_namespace(const cli *c);
/* Opens the registry c->args[0] in the namespace asked for.  flags are varsdb_open's, to which
 * --allow-network and, when they ask for reading only, --immutable add their own. */
int cli_open(cli *c, unsigned flags);
int cli_open_at(cli *c, const char *path, unsigned flags);

/* Prints "varsdb: text" as one line, once for a run, and returns status. */
__attribute__((format(printf, 3, 4))) int cli_fail(cli *c, int status, const char *format, ...);
/* The same with the registry's last message and its status; CLI_DONE if nothing failed. */
int cli_fail_db(cli *c);
/* The same, and when the code is that one, the hint after the message. */
int cli_fail_db_hint(cli *c, int code, const char *hint);
int cli_status(int code);
int cli_fail_memory(cli *c);

/* A name as messages have it: in quotes if it is empty, or has spaces or control characters. */
#define CLI_SHOWN_MAX 4104
const char *cli_shown(char out[CLI_SHOWN_MAX], const char *name);

/* "varsdb: text" for what went well and is no data: the summary of a command. */
__attribute__((format(printf, 1, 2))) void cli_note(const char *format, ...);

/* Ends rows that a library call printed; code is that call's result, which does not matter where the
 * rows were enough (out_wants_more). */
int cli_end_rows(cli *c, out_rows *rows, int code);

/* Writes what is left, waits for the pager, and says what of standard output did not arrive; the status
 * that the command has then. */
int cli_finish(cli *c, int status);

int cmd_init(cli *c, int argc, char **argv);
int cmd_get(cli *c, int argc, char **argv); /* also model and local */
int cmd_scope(cli *c, int argc, char **argv);
int cmd_set(cli *c, int argc, char **argv);
int cmd_cat(cli *c, int argc, char **argv);
int cmd_ls(cli *c, int argc, char **argv);
int cmd_tree(cli *c, int argc, char **argv);
int cmd_show(cli *c, int argc, char **argv);
int cmd_log(cli *c, int argc, char **argv);
int cmd_stats(cli *c, int argc, char **argv);
int cmd_top(cli *c, int argc, char **argv);
int cmd_find(cli *c, int argc, char **argv);
int cmd_collections(cli *c, int argc, char **argv);
int cmd_namespaces(cli *c, int argc, char **argv);
int cmd_collect(cli *c, int argc, char **argv); /* also uncollect */
int cmd_mv(cli *c, int argc, char **argv);
int cmd_rm(cli *c, int argc, char **argv);
int cmd_import(cli *c, int argc, char **argv);
int cmd_export(cli *c, int argc, char **argv);
int cmd_snapshot(cli *c, int argc, char **argv);
int cmd_snapshots(cli *c, int argc, char **argv);
int cmd_snapshot_rm(cli *c, int argc, char **argv);
int cmd_snapshot_pin(cli *c, int argc, char **argv);
int cmd_restore(cli *c, int argc, char **argv);
int cmd_diff(cli *c, int argc, char **argv);
int cmd_report(cli *c, int argc, char **argv);
int cmd_verify(cli *c, int argc, char **argv);
int cmd_gc(cli *c, int argc, char **argv);
int cmd_backup(cli *c, int argc, char **argv);
int cmd_migrate(cli *c, int argc, char **argv);
int cmd_inspect(cli *c, int argc, char **argv);
int cmd_sql(cli *c, int argc, char **argv);
int cmd_shell(cli *c, int argc, char **argv);
int cmd_completion(cli *c, int argc, char **argv);
int cmd_version(cli *c, int argc, char **argv);
int cmd_help(cli *c, int argc, char **argv);

#endif
