/*
 * hostile.h - a small registry, and what a stranger may have made of it: rows with other values and
 * fitting digests, and pages with other bytes.
 */
#ifndef FUZZ_HOSTILE_H
#define FUZZ_HOSTILE_H

#include <stddef.h>
#include <stdint.h>

/* Where it was written: in a directory of its own, in memory if there is such a place. */
const char *hostile_path(void);
/* Where a copy may be made, which is removed with it. */
const char *hostile_copy(void);
/* The names of the views, ended by NULL. */
const char *const *hostile_views(void);
/*
 * Writes the file.  An input that begins as an SQLite database is the file; any other is a list
 * of changes to the small registry, each a byte and what follows it:
 *
 *   0x00 to 0x7f  offset (3 bytes): the next (byte % 32) + 1 bytes there become these
 *   0x80 to 0xff  column, row, and by byte % 8 a value: 0 NULL, 1 integer of 1 byte, 2 integer of
 *                 8 bytes, 3 real of 8 bytes, 4 text and 5 blob after their length, 6 text and
 *                 7 blob of so many times 256 bytes
 *
 * Rows are changed first, and their digests are made to fit; then bytes are.
 */
void hostile_write(const uint8_t *data, size_t size);
/* Removes it, what SQLite and the library put beside it, and the directory. */
void hostile_remove(void);

#endif
