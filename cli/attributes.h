/*
 * attributes.h - the attributes of a variable as one JSON object.
 */
#ifndef CLI_ATTRIBUTES_H
#define CLI_ATTRIBUTES_H

#include "cli.h"

/* An object on one line, to be freed; "{}" if there are none. */
int attributes_json(cli *c, const varsdb_variable *variable, char **out);

#endif
