/*
 * peer_sqlite.h - the same job by hand: what a competent engineer would write for one
 * program in C on SQLite itself, with the same tables, indexes and durability.
 *
 * It stores the same rows for a variable, but computes nothing: hash, statistics
 * and values are made up.  A failure ends the program.
 */
#ifndef BENCH_PEER_SQLITE_H
#define BENCH_PEER_SQLITE_H

#include <stddef.h>
#include <stdint.h>

struct peer;

/* How variables are found: by their full name alone, which suits peer_find best, or
 * by scope and name, which suits peer_create best. */
enum peer_names {
    PEER_FULL_NAMES,
    PEER_SCOPED_NAMES
};

struct peer *peer_open(const char *path, enum peer_names names);
void peer_close(struct peer *peer);
/* As one of several processes that write: it waits for the others, and makes up values that they do not. */
void peer_join(struct peer *peer, int number);

void peer_begin_read(struct peer *peer);
void peer_begin_write(struct peer *peer);
void peer_commit(struct peer *peer);

/* A new scope; returns its id. */
int64_t peer_create_scope(struct peer *peer, const char *path);
/* A new variable with a value, in two collections; returns its id. */
int64_t peer_create(struct peer *peer, int64_t scope_id, const char *name);
/* The same with that value. */
int64_t peer_create_with(struct peer *peer, int64_t scope_id, const char *name, const void *value,
                         size_t bytes);
/* A snapshot of variables whose states are known: a row for it and one for each of them. */
void peer_take_snapshot(struct peer *peer, int states);
/* The id of the variable of that name. */
int64_t peer_find(struct peer *peer, const char *name);

/* Any SQLite file, a registry included, of which only rows are asked for. */
struct peer *peer_look_into(const char *path);
/* Takes each column of all rows; returns how many rows there are. */
int64_t peer_rows(struct peer *peer, const char *sql);

const char *peer_path(const struct peer *peer);
/* Of any SQLite file, a registry included: the page size, and whatever is one number. */
int peer_page_size(const char *path);
int64_t peer_ask(const char *path, const char *sql);

#endif
