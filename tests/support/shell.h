/*
 * shell.h - other programs: run to their end, with what they print.
 */
#ifndef TEST_SHELL_H
#define TEST_SHELL_H

#include <stddef.h>

/* Runs argv (ended by NULL); out gets standard output and error, without the last line
 * break.  Returns the exit status, or 128 + the signal. */
int shell_run(char *out, size_t room, const char *const argv[]);
/* The stock sqlite3 shell on a file. */
int shell_sqlite(const char *path, const char *sql, char *out, size_t room);
/* SHA-256 of a file, in hex, by another process. */
void shell_sha256(const char *path, char out[65]);

#endif
