/*
 * temp.h - a directory of a test's own, and what lies in it.
 *
 * A helper that cannot do its work ends the process with a sentence; it needs no
 * test library, so that programs of their own can use it too.
 */
#ifndef TEST_TEMP_H
#define TEST_TEMP_H

#include <stddef.h>

#define TEMP_DIR_BYTES  192
#define TEMP_PATH_BYTES 512

typedef struct temp_dir {
    char path[TEMP_DIR_BYTES];
} temp_dir;

/* Ends the process, saying what could not be done. */
_Noreturn void temp_give_up(const char *what, const char *name);

void temp_make(temp_dir *t);         /* under $TMPDIR or /tmp; others may enter it */
void temp_remove(const temp_dir *t); /* with all that is in it */
/* Its path followed by a name; yields out. */
char *temp_file(const temp_dir *t, const char *name, char out[TEMP_PATH_BYTES]);
/* The names in it, sorted, each followed by a blank. */
void temp_names(const temp_dir *t, char *out, size_t room);
void temp_write(const char *path, const void *data, size_t bytes);

#endif
