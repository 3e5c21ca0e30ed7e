/*
 * progress.h - how far a long operation is: one line on standard error, when that is
 * a terminal, and whether it should go on.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

typedef enum progress_mode {
    PROGRESS_SHOWN,
    PROGRESS_QUIET,   /* no line */
    PROGRESS_VERBOSE, /* and each phase on a line that stays */
} progress_mode;

/* A command begins: what the one before left is forgotten. */
void progress_begin(progress_mode mode);
/* A varsdb_progress_cb.  payload is not used: there is one terminal.  Non-zero after Ctrl-C. */
int progress_report(void *payload, const char *doing, uint64_t done, uint64_t total);
/* Takes the line away, if there is one, before anything else is printed. */
void progress_erase(void);

#endif
