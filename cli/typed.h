/*
 * typed.h - a command line that is being typed: what is there so far, and what the word
 * at its end is going to be.
 */
#ifndef CLI_TYPED_H
#define CLI_TYPED_H

#include "cli.h"

typedef enum typed_kind {
    TYPED_NOTHING, /* nothing that is known: a value, an expression */
    TYPED_COMMAND,
    TYPED_OPTION,
    TYPED_WORD, /* one of `words` */
    TYPED_SHELL,
    TYPED_FILE,
    TYPED_DATABASE,
    TYPED_VARIABLE, /* or a scope on the way to one; from here on what is in a registry */
    TYPED_SCOPE,
    TYPED_COLLECTION,
    TYPED_NAMESPACE,
    TYPED_SNAPSHOT,
} typed_kind;

#define TYPED_ARGUMENTS 64

typedef struct typed {
    const cli_command *command; /* NULL: it is not known yet */
    cli_options options;        /* of the command */
    bool given[CLI_OPTIONS_MAX];
    const char *database;   /* as typed; NULL: not yet */
    const char *name_space; /* NULL: not said */
    bool allow_network;
    typed_kind kind;
    const char *const *words; /* of TYPED_WORD; ends in NULL */
    const char *before;       /* "--option=" before the value, else "" */
    size_t before_bytes;
    const char *last; /* what is typed of the word, behind that */
} typed;

/* The words behind "varsdb"; the last one, which may be empty, is the one being typed.  They are unquoted
 * already, and must outlive it. */
void typed_read(typed *t, size_t count, char *const *words);

#endif
