/*
 * journal.h - what a writer that may be killed at any time intended, and what was acknowledged to it:
 * records in a file of its own, each synced before the writer goes on.
 */
#ifndef TEST_JOURNAL_H
#define TEST_JOURNAL_H

#include <stdint.h>

#define JOURNAL_NAMES      12
#define JOURNAL_NAME_BYTES 48
#define JOURNAL_SMALL      16
#define JOURNAL_LARGE      20000

typedef enum journal_kind {
    JOURNAL_INTENT = 1,
    JOURNAL_DONE = 2
} journal_kind;

/* Numbers of one writer grow from record to record. */
typedef struct journal_record {
    uint32_t kind, name;
    int64_t number; /* the value that name is to have */
} journal_record;

/* Even names are inline, odd ones take a chunk. */
static inline int64_t journal_elements(uint32_t name)
{
    return name & 1 ? JOURNAL_LARGE : JOURNAL_SMALL;
}

#endif
