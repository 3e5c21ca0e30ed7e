/*
 * pick.h - from what people type to what the library takes: names, scopes with a
 * slash at the end, filters, collections, dtypes, shapes.
 */
#ifndef CLI_PICK_H
#define CLI_PICK_H

#include "cli.h"

#define PICK_NAME_MAX 4097

/* Finds the variable of that full name.  NULL with the line printed, its status in *status. */
const varsdb_variable *pick_variable(cli *c, const char *name, int *status);

/* After a call that found no such scope: its message, with those that are called nearly so.  After one that
 * selected no variable: with what of that which was asked for does not exist. */
int pick_fail_scope(cli *c, const char *scope);
int pick_fail_empty(cli *c);

/* Whether name is written as a scope, "x/". */
bool pick_names_scope(const char *name);
/* Whether there is a scope of that name. */
bool pick_scope_exists(cli *c, const char *scope);
/* Copies a scope's name without the slash at its end. */
int pick_scope(cli *c, const char *name, char out[PICK_NAME_MAX]);

/* "MODEL" is "model_variables", and so on; other names are themselves. */
const char *pick_collection(const char *name);

/* A dtype's name; on failure the line lists those that there are. */
int pick_dtype(cli *c, const char *name, varsdb_dtype *out);
/* "2,3", "[2,3]", "scalar", "[]"; "?" is any.  *rank and dims are written. */
int pick_shape(cli *c, const char *text, int *rank, int64_t dims[VARSDB_RANK_MAX]);
/* A whole number of 64 bits.  what names the option. */
int pick_integer(cli *c, const char *what, const char *text, int64_t *out);
/* A number of bytes, above 0: "500000", "5GB" (decimal), "4GiB". */
int pick_bytes(cli *c, const char *what, const char *text, uint64_t *out);
/* The place of `text` among `words`, which end in NULL. */
int pick_word(cli *c, const char *what, const char *text, const char *const *words, int *out);

/* OLD=NEW, cut at the last "=", which an expression may hold and a name hardly does. */
typedef struct pick_renames {
    size_t count;
    varsdb_rename items[OPT_LIST_MAX];
    char *froms[OPT_LIST_MAX];
} pick_renames;
int pick_all_renames(cli *c, const opt_list *texts, pick_renames *out);
void pick_release_renames(pick_renames *renames);

/* A filter whose scope may end in a slash and whose collection may be short. */
typedef struct pick_filter {
    varsdb_filter filter; /* options point here */
    char scope[PICK_NAME_MAX];
} pick_filter;
int pick_tidy(cli *c, pick_filter *pick);

/* Full names, and the scopes' for names that end in a slash. */
typedef struct pick_names {
    size_t count, room;
    char **names;
    bool failed;
} pick_names;
/* Adds every variable in and below the scope, or, given a collection, every one that is in that
 * too.  CLI_NO if there is none. */
int pick_in_scope(cli *c, const char *scope, const char *collection, pick_names *out);
int pick_add(cli *c, pick_names *names, const char *name);
void pick_release(pick_names *names);

#endif
