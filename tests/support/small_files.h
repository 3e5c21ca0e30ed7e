/* small_files.h - files of some hundred bytes, which together have what each format can have: to be read with
 * whatever can fail, and with each of their bytes changed. */
#ifndef TEST_SMALL_FILES_H
#define TEST_SMALL_FILES_H

#include "tensor_files.h"

typedef struct small_file {
    const char *name, *file; /* file: what is opened; "": the folder */
    /* Makes it, and what it takes besides, in an empty folder. */
    void (*make)(const test_folder *f, const char *path);
} small_file;

extern const small_file small_files[];
extern const int small_file_count;
const small_file *small_file_named(const char *name);

/* Gives a changed index of a checkpoint the checksum that it would have, so that it is looked at; does
 * nothing to other files.  at: the byte that was changed. */
void small_file_mend(const char *file, unsigned char *data, size_t bytes, size_t at);

#endif
