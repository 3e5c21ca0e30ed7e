/*
 * complete.h - for the completions of shells, which ask "varsdb complete [--unquote] -- WORDS...": the words
 * behind varsdb up to the one that is being typed.  It changes nothing, waits for nobody, and says nothing
 * when it knows nothing.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli.h"

/*
 * Prints what it is about on a line of its own, "words", "files", or "nothing"; behind "words" a
 * line for each candidate, maybe with a tab and a description behind it.
 */
int complete_run(cli *c, int argc, char **argv);

#endif
