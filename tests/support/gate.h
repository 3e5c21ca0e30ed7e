/*
 * gate.h - a wrapper around a handle's engine that reports, on the handle's own thread, where a
 * call has come to.  Whoever does not return from the report holds the call there.
 */
#ifndef TEST_GATE_H
#define TEST_GATE_H

#include "internal.h"

typedef enum gate_point {
    GATE_LOOKUP = 1,    /* outside a transaction, before anything cached is believed */
    GATE_BEGIN = 2,     /* before the write lock is asked for, for a transaction or a checkpoint */
    GATE_BLOCKED = 4,   /* another has it; the next thing is to wait */
    GATE_GRANTED = 8,   /* the wait is over */
    GATE_WRITE = 16,    /* before a statement that writes */
    GATE_COMMIT = 32,   /* before a commit */
    GATE_ROLLBACK = 64, /* before a rollback */
    GATE_READ = 128     /* outside a transaction, before a statement, or before a picture is taken */
} gate_point;

typedef void (*gate_report_cb)(void *payload, gate_point point);

typedef struct gate {
    vdb_engine_methods methods; /* first, so that an engine's methods lead to its gate */
    const vdb_engine_methods *inner;
    varsdb *db;
    gate_report_cb report;
    void *payload;
    bool tells_blocked; /* asks without waiting first; otherwise BLOCKED and GRANTED are not reported */
    unsigned begins, writes, commits, blocked; /* counted since gate_install */
} gate;

void gate_install(gate *g, varsdb *db, gate_report_cb report, void *payload);
void gate_remove(gate *g);

#endif
