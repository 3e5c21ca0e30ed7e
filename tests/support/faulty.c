/* faulty.c - see faulty.h. */
#include "faulty.h"

#include <stdlib.h>

#include "internal.h"

static const vdb_engine_methods *real;
static vdb_engine_methods methods;
static faulty_counts counts;
static int left = -1, failed;

static int start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count,
                 vdb_rows **out)
{
    counts.statements++;
    if (left == 0) {
        left = -1;
        failed = 1;
        return vdb_fail(engine->error, VARSDB_IO, "the test failed statement %d", (int)query);
    }
    left -= left > 0;
    return real->start(engine, query, args, count, out);
}

static int begin(vdb_engine *engine, vdb_begin_mode mode)
{
    counts.begins++;
    return real->begin(engine, mode);
}

static int commit(vdb_engine *engine)
{
    counts.commits++;
    return real->commit(engine);
}

static int data_version(vdb_engine *engine, int64_t *out)
{
    counts.data_versions++;
    return real->data_version(engine, out);
}

void faulty_install(varsdb *db)
{
    real = db->engine->methods;
    methods = *real;
    methods.start = start;
    methods.begin = begin;
    methods.commit = commit;
    methods.data_version = data_version;
    db->engine->methods = &methods;
    counts = (faulty_counts){0};
    faulty_fail(-1);
}

void faulty_remove(varsdb *db)
{
    db->engine->methods = real;
}

void faulty_fail(int after)
{
    left = after;
    failed = 0;
}

int faulty_failed(void)
{
    return failed;
}

faulty_counts faulty_take_counts(void)
{
    faulty_counts taken = counts;
    counts = (faulty_counts){0};
    return taken;
}

int faulty_fail_each(registry *r, int (*call)(void *argument), void *argument)
{
    char *before = registry_dump(r);
    int i = 0;
    faulty_install(r->db);
    for (;; i++) {
        faulty_fail(i);
        int rc = call(argument);
        if (!faulty_failed())
            break;
        ck_assert_int_eq(rc, VARSDB_IO);
        char *after = registry_dump(r);
        ck_assert_str_eq(before, after);
        free(after);
    }
    faulty_fail(-1);
    faulty_remove(r->db);
    free(before);
    return i;
}
