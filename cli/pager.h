/*
 * pager.h - a pager between standard output and the terminal, for what is longer than the screen.
 */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include <stddef.h>

#include "sink.h"

/*
 * Before the first byte is printed: lets what is printed from now on go through $VARSDB_PAGER, $PAGER
 * or less, if `lines` are more than the terminal shows and the sink's style asks for a pager.  An
 * empty variable and "cat" mean none.
 */
void pager_offer(sink *to, size_t lines);
/* Waits until the reader has left: what is said on standard error stands below what was read. */
void pager_wait(void);
/* After the last byte: the same.  0, or -1 if the pager could not be run. */
int pager_end(sink *to);

#endif
