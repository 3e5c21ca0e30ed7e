/*
 * mixed.h - processes that write, read and save in one registry at once: how long each waits.
 */
#ifndef BENCH_MIXED_H
#define BENCH_MIXED_H

#include <stdio.h>

/* What is waited for. */
enum mixed_kind {
    MIXED_CREATE, /* of 16 bytes, its own commit */
    MIXED_ASSIGN, /* the same */
    MIXED_GET,    /* a hit outside a transaction */
    MIXED_READ,   /* 16 bytes, checked */
    MIXED_SAVE,   /* 8 tensors of 8 MiB in one commit */
    MIXED_KINDS
};

enum {
    MIXED_BASE = 1000 /* variables that are there from the beginning, for readers */
};

/* `self` is this program. */
void bench_mixed(const char *directory, char *self, int is_quick);
/* Of number i of those that are there. */
static inline void mixed_base_name(char *name, size_t room, int i)
{
    snprintf(name, room, "base/weights_%d", i);
}

#endif
