/* gate.c - see gate.h. */
#include "gate.h"

static gate *gate_of(vdb_engine *engine)
{
    return (gate *)(void *)engine->methods;
}

static int gate_data_version(vdb_engine *engine, int64_t *out)
{
    gate *g = gate_of(engine);
    if (g->inner->state(engine) == VDB_TRANSACTION_NONE)
        g->report(g->payload, GATE_LOOKUP);
    return g->inner->data_version(engine, out);
}

/* Asks for the lock without waiting; who has to wait is told, and waits as ever. */
static int begin_telling(gate *g, vdb_engine *engine, vdb_begin_mode mode)
{
    vdb_error saved = *engine->error;
    g->inner->set_timeout(engine, -1);
    int rc = g->inner->begin(engine, mode);
    g->inner->set_timeout(engine, g->db->timeout_ms);
    if (rc != VARSDB_BUSY)
        return rc;
    *engine->error = saved;
    g->blocked++;
    g->report(g->payload, GATE_BLOCKED);
    rc = g->inner->begin(engine, mode);
    g->report(g->payload, GATE_GRANTED);
    return rc;
}

static int gate_begin(vdb_engine *engine, vdb_begin_mode mode)
{
    gate *g = gate_of(engine);
    if (mode == VDB_BEGIN_READ) {
        g->report(g->payload, GATE_READ);
        return g->inner->begin(engine, mode);
    }
    g->begins++;
    g->report(g->payload, GATE_BEGIN);
    return g->tells_blocked ? begin_telling(g, engine, mode) : g->inner->begin(engine, mode);
}

static bool writes(enum vdb_query query)
{
    const char *sql = vdb_queries[query].sql;
    return strncmp(sql, "SELECT", 6) != 0 && strncmp(sql, "WITH", 4) != 0;
}

static int gate_start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count,
                      vdb_rows **out)
{
    gate *g = gate_of(engine);
    if (writes(query)) {
        g->writes++;
        g->report(g->payload, GATE_WRITE);
    } else if (g->inner->state(engine) == VDB_TRANSACTION_NONE) {
        g->report(g->payload, GATE_READ);
    }
    return g->inner->start(engine, query, args, count, out);
}

static int gate_commit(vdb_engine *engine)
{
    gate *g = gate_of(engine);
    g->commits++;
    g->report(g->payload, GATE_COMMIT);
    return g->inner->commit(engine);
}

static int gate_rollback(vdb_engine *engine)
{
    gate *g = gate_of(engine);
    g->report(g->payload, GATE_ROLLBACK);
    return g->inner->rollback(engine);
}

static int gate_checkpoint(vdb_engine *engine)
{
    gate *g = gate_of(engine);
    g->report(g->payload, GATE_BEGIN);
    return g->inner->checkpoint(engine);
}

void gate_install(gate *g, varsdb *db, gate_report_cb report, void *payload)
{
    *g = (gate){
        .methods = *db->engine->methods,
        .inner = db->engine->methods,
        .db = db,
        .report = report,
        .payload = payload,
    };
    g->methods.data_version = gate_data_version;
    g->methods.begin = gate_begin;
    g->methods.start = gate_start;
    g->methods.commit = gate_commit;
    g->methods.rollback = gate_rollback;
    g->methods.checkpoint = gate_checkpoint;
    db->engine->methods = &g->methods;
}

void gate_remove(gate *g)
{
    g->db->engine->methods = g->inner;
}
