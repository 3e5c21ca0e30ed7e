/*
 * progress.h - how far a long operation is: one line on standard error, when that is
 * a terminal, and whether it should go on.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

/* A varsdb_progress_cb.  payload is not used: there is one terminal.  Non-zero after Ctrl-C. */
int progress_report(void *payload, const char *doing, uint64_t done, uint64_t total);
/* Takes the line away, if there is one, before anything else is printed. */
void progress_erase(void);

#endif
