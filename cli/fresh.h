/*
 * fresh.h - a registry that appears whole or not at all: it is built beside its
 * place under another name, closed, and then linked there.
 */
#ifndef CLI_FRESH_H
#define CLI_FRESH_H

#include "cli.h"

typedef struct fresh {
    char *directory; /* holds what is being built */
    char *path;
} fresh;

/* Opens a new registry in a directory of its own next to c->args[0], or, when it is never to be
 * published, where temporary files go. */
int fresh_open(cli *c, bool publish, fresh *out);
/* Closes the registry and moves it to c->args[0]; CLI_NO if something came there meanwhile. */
int fresh_publish(cli *c, fresh *f);
/* Removes what is left of it. */
void fresh_remove(cli *c, fresh *f);

#endif
