/*
 * candidates.h - what a command line can go on with, for the completions of shells, which ask
 * "varsdb complete [--unquote] -- WORDS...": the words behind varsdb up to the one that is
 * being typed.  It changes nothing, waits for nobody, and says nothing when it knows nothing.
 */
#ifndef CLI_CANDIDATES_H
#define CLI_CANDIDATES_H

#include "cli.h"

#define CANDIDATES_MOST 1000 /* candidates */

/*
 * Prints what it is about on a line of its own, "words", "files", or "nothing"; behind "words" a
 * line for each candidate, which is the whole word, maybe with a tab and a description behind it.  One that
 * ends in / or = goes on.
 */
int candidates_run(cli *c, int argc, char **argv);

#endif
