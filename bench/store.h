/*
 * store.h - what keeps values under names: a registry, or what a user would take instead.
 *
 * Each kind is one file, store_<name>.c, and its line in store.c.  All of them do the same
 * for the caller: a value with its record is there for every process once commit has
 * returned, and after a loss of power too.  A failure ends the program.
 */
#ifndef BENCH_STORE_H
#define BENCH_STORE_H

#include <stddef.h>
#include <stdint.h>

/* What a registry keeps of a variable beside its value, where the peers keep bytes. */
struct record {
    int64_t id, version, created_at, updated_at, seed, elements, bytes;
    int32_t dtype, rank;
    int64_t dims[2];
    uint64_t uid, hash[2]; /* no two are alike, so that they do not shrink when they are compressed */
    char initializer[32], site[32];
};

/* A variable of float32, of one dimension; i counts them from 0. */
struct item {
    size_t i, bytes;
    const char *name;
};

/* Of open. */
enum store_use {
    STORE_BUILD = 1, /* make it; nobody else looks at it before its first commit */
    STORE_MAKE,      /* make it; it is at work at once */
    STORE_USE        /* it is there, with all that was put into it */
};

/* Of what is NULL it does without. */
struct store_kind {
    const char *name, *version;
    const char *absent; /* why it is not there, NULL when it is */
    int takes_records;  /* many small variables, found by their names */
    int is_atomic;      /* a commit cut short is none, and readers have a picture that stays */

    /* In a directory of its own. */
    void *(*open)(const char *directory, enum store_use use);
    void (*close)(void *store);

    void (*begin_read)(void *store);
    void (*end_read)(void *store);
    void (*begin_write)(void *store);
    void (*commit)(void *store);

    /* Within begin_write and commit. */
    void (*create)(void *store, const struct item *item, const void *value);
    /* Of records alone: the record, of which dtype, rank and dims are looked at. */
    void (*find)(void *store, const struct item *item, struct record *record);
    /* Within begin_read and end_read, or without. */
    void (*read)(void *store, const struct item *item, void *value);
};

/* The first is ours. */
enum {
    STORE_OURS,
    STORE_KINDS = 6
};
extern const struct store_kind *const store_kinds[STORE_KINDS];

/* The record of a new variable. */
void store_record(const struct item *item, struct record *record);

#endif
