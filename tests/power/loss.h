/*
 * loss.h - what a disk may hold after its power was lost.
 *
 * A list of operations is gone through one by one.  What was synced lasts; everything else is pending, and a
 * loss of power makes of each pending operation what it likes, whatever the order was: it happened, it did
 * not happen, and of a write only the first or the last sectors came to be, or the file grew and has zeros
 * there, or some of the sectors hold garbage.  Names last when the directory was synced, contents and sizes
 * when the file was.
 */
#ifndef POWER_LOSS_H
#define POWER_LOSS_H

#include "../support/actor.h"
#include "disk.h"

#define LOSS_PENDING_MAX 4096

typedef enum loss_fate {
    LOSS_LOST,
    LOSS_KEPT,
    LOSS_FIRST,   /* sectors, of a write */
    LOSS_LAST,    /* sectors */
    LOSS_GROWN,   /* the size, without the bytes */
    LOSS_GARBAGE, /* in some sectors */
    LOSS_FATES
} loss_fate;

typedef struct loss {
    disk durable; /* what lasts */
    const disk_log *log;
    size_t next;
    size_t count;                     /* of pending operations, */
    size_t pending[LOSS_PENDING_MAX]; /* by their places in the list */
} loss;

typedef struct loss_sectors {
    unsigned bytes; /* of one */
    bool powersafe; /* what a write damages is what it writes, not all of the sectors that it touches */
} loss_sectors;

void loss_begin(loss *l, const disk *start, const disk_log *log);
void loss_end(loss *l);
/* Goes past one operation; NULL at the end. */
const disk_op *loss_next(loss *l);
/* The disk when each pending operation has its fate. */
void loss_image(const loss *l, const loss_fate *fates, const loss_sectors *sectors, test_random *random,
                disk *out);
/* Fates drawn at random: most of the time in a way of which something is likely to be left. */
void loss_draw(const loss *l, test_random *random, loss_fate *fates);
/* Lost or kept by the bits of a number. */
void loss_choose(const loss *l, uint64_t bits, loss_fate *fates);
/* What was pending and what became of it, for people. */
void loss_print(const loss *l, const loss_fate *fates, FILE *out);

#endif
