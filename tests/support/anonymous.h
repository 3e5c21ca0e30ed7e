/* anonymous.h - a small model whose scopes have no names of their own. */
#ifndef TEST_ANONYMOUS_H
#define TEST_ANONYMOUS_H

#include <stddef.h>

#include "varsdb.h"

#define ANONYMOUS_VARIABLES 11
#define ANONYMOUS_BYTES     64

/* Its variables' full names in the order in which it makes them, worked out by hand. */
extern const char *const anonymous_names[ANONYMOUS_VARIABLES];

/* Builds the model on the handle; names tells what each variable came to be called, created how many
 * were new. */
int anonymous_build(varsdb *db, char names[ANONYMOUS_VARIABLES][ANONYMOUS_BYTES], int *created);

#endif
