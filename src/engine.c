/* engine.c - the small conveniences over an engine's methods. */
#include "engine.h"

#include <assert.h>

int vdb_engine_begin(vdb_engine *engine, vdb_begin_mode mode)
{
    assert(engine->methods->api_version == VDB_ENGINE_API_VERSION);
    return engine->methods->begin(engine, mode);
}

int vdb_start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count, vdb_rows **out)
{
    assert(query < VDB_QUERY_COUNT);
    assert(count == (size_t)vdb_queries[query].parameters);
    return engine->methods->start(engine, query, args, count, out);
}

int vdb_next(vdb_engine *engine, vdb_rows *rows, bool *row)
{
    return engine->methods->next(rows, row);
}

void vdb_finish(vdb_engine *engine, vdb_rows *rows)
{
    if (rows)
        engine->methods->finish(rows);
}

vdb_value vdb_column(vdb_engine *engine, vdb_rows *rows, int i)
{
    return engine->methods->column(rows, i);
}

int vdb_run(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(engine, query, args, count, &rows);
    while (rc == VARSDB_OK && row)
        rc = vdb_next(engine, rows, &row);
    vdb_finish(engine, rows);
    return rc;
}

int vdb_get_int(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count, int64_t *out,
                bool *found)
{
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(engine, query, args, count, &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(engine, rows, &row);
    if (rc == VARSDB_OK && row)
        *out = vdb_column(engine, rows, 0).integer;
    if (rc == VARSDB_OK)
        *found = row;
    vdb_finish(engine, rows);
    return rc;
}
