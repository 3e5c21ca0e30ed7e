/*
 * disk.h - a directory of files in memory, and the list of what was done to it.
 *
 * What a program writes, cuts, names, and syncs is put on the list (disk_log); loss.h makes of such a list
 * the disks that a loss of power may leave.  SQLite's shared memory and the turnstile's file are on no list:
 * nobody believes what they held before a crash.
 */
#ifndef POWER_DISK_H
#define POWER_DISK_H

#include <stdbool.h>

#include "contents.h"

#define DISK_ROOT       "/power-loss" /* the directory; not one of this machine's */
#define DISK_NAME_BYTES 64
#define DISK_NAMES_MAX  32
#define DISK_FILES_MAX  256

typedef enum disk_kind {
    DISK_WRITE,
    DISK_RESIZE,
    DISK_SYNC,       /* a file: contents and size last */
    DISK_NAME,       /* makes a file, or links it: the name is there */
    DISK_UNNAME,     /* takes a name away */
    DISK_RENAME,     /* name becomes other, in one step */
    DISK_SYNC_NAMES, /* the directory: names last */
    DISK_DONE        /* no operation: what was asked for was said to be done */
} disk_kind;

typedef struct disk_op {
    disk_kind kind;
    int file;
    uint64_t offset, bytes; /* of a write; of a resize the new size is in bytes */
    unsigned char *data;
    char name[DISK_NAME_BYTES], other[DISK_NAME_BYTES];
} disk_op;

typedef struct disk_log {
    size_t count, room;
    disk_op *ops;
} disk_log;

typedef struct disk_file {
    contents contents;
    unsigned char *map; /* of shared memory, whose contents are here and not there */
    bool scratch;       /* on no list */
} disk_file;

typedef struct disk_name {
    char name[DISK_NAME_BYTES]; /* "" when it is free */
    int file;
} disk_name;

typedef struct disk {
    int file_count; /* numbers are not used again */
    disk_file files[DISK_FILES_MAX];
    disk_name names[DISK_NAMES_MAX];
    disk_log *log;   /* NULL: nothing is put on a list */
    uint64_t number; /* no two disks of a process have the same */
} disk;

void disk_make(disk *d);
void disk_copy(const disk *from, disk *to); /* *to is overwritten; it has no log */
void disk_free(disk *d);
void disk_log_free(disk_log *log);

int disk_find(const disk *d, const char *name); /* a file's number, or -1 */
int disk_names(const disk *d, int file);        /* how many it has */
int disk_make_file(disk *d, const char *name);  /* its number */
void disk_write(disk *d, int file, uint64_t offset, const void *data, size_t bytes);
void disk_resize(disk *d, int file, uint64_t bytes);
void disk_sync(disk *d, int file);
void disk_link(disk *d, int file, const char *name);
void disk_unlink(disk *d, const char *name);
void disk_rename(disk *d, const char *name, const char *other);
void disk_sync_names(disk *d);
void disk_done(disk *d);

/* Does what the list says; a sync does nothing. */
void disk_apply(disk *d, const disk_op *op);

#endif
