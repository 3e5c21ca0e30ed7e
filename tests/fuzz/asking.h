/*
 * asking.h - a stranger's registry in SQL: our views and functions on a client's connection to the file.
 */
#ifndef FUZZ_ASKING_H
#define FUZZ_ASKING_H

#include "varsdb.h"

/* Each opens a connection of its own: most of what varsdb_query does is to open one for each query. */
#define ASK_TURNS 3 /* one question in so many is asked */
void ask_views(const char *path, unsigned turn);
void ask_values(const char *path, unsigned turn);
/* The same connection is a registry's host meanwhile. */
void ask_host(const char *path, unsigned unused);
/* As a program asks, through the library. */
void ask_library(varsdb *db);

#endif
