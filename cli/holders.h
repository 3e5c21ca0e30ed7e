/*
 * holders.h - the snapshots that hold a variable, for people.
 */
#ifndef CLI_HOLDERS_H
#define CLI_HOLDERS_H

#include "cli.h"

/* A line for each of the last HOLDERS_SHOWN, and how many more there are.  hash is of the present value,
 * empty if there is none. */
#define HOLDERS_SHOWN 10
int holders_print(cli *c, const char *name, const char *hash);

#endif
