/* seen_file.h - what a tensor file gives to who reads all of it: a code, and a number for everything that was
 * said and read. */
#ifndef TEST_SEEN_FILE_H
#define TEST_SEEN_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* How the bytes of a tensor are asked for; what they are does not depend on that. */
typedef enum seen_order {
    SEEN_IN_PIECES,
    SEEN_BACKWARDS
} seen_order;

typedef struct seen_file {
    int rc;
    uint64_t seen; /* of names, types, metadata and bytes, or of the sentence that refuses them */
} seen_file;

/* Fails the test where what is listed contradicts itself, or an error has no sentence.  `fully`: with full
 * names too. */
seen_file seen_of(const char *path, seen_order order, bool fully);
/* The same; the file is changed when it is open. */
seen_file seen_of_changed(const char *path, seen_order order, bool fully, void (*change)(void));

#endif
