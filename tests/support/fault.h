/*
 * fault.h - disks that are full and memory that is out, from the moment that a test chooses.
 *
 * For a process of its own (Check's children are): SQLite is set up anew, with a file system that stands in
 * front of the usual one and an allocator that stands in front of the usual one.
 */
#ifndef TEST_FAULT_H
#define TEST_FAULT_H

#include <stdbool.h>

typedef enum fault_kind {
    FAULT_WRITE,      /* one write fails */
    FAULT_FULL,       /* all writes fail from then on */
    FAULT_ALLOCATION, /* one allocation fails */
    FAULT_KINDS
} fault_kind;

/* Before anything of SQLite's is open. */
void fault_install(void);
/* The operation of that kind after `after` more ones fails. */
void fault_arm(fault_kind kind, int after);
void fault_disarm(void);
/* Whether something was made to fail since fault_arm. */
bool fault_happened(void);

#endif
