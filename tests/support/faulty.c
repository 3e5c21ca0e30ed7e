/* faulty.c - see faulty.h. */
#include "faulty.h"

#include <stdlib.h>

#include "internal.h"

static const vdb_engine_methods *real;
static vdb_engine_methods methods;
static faulty_counts counts;
static int left = -1, failed, says = VARSDB_IO;
static bool lasts;

static bool is_due(void)
{
    bool due = left == 0;
    if (due)
        failed = 1;
    if (left > 0 || (due && !lasts))
        left--;
    return due;
}

static int refuse(vdb_engine *engine, const char *what)
{
    return vdb_fail(engine->error, says, "the test failed %s", what);
}

static int start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count,
                 vdb_rows **out)
{
    counts.statements++;
    if (is_due())
        return vdb_fail(engine->error, says, "the test failed statement %d", (int)query);
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
    return is_due() ? refuse(engine, "a commit") : real->commit(engine);
}

static int data_version(vdb_engine *engine, int64_t *out)
{
    counts.data_versions++;
    return real->data_version(engine, out);
}

/* ---- what else may fail */

static vdb_engine *installed;

static int begin_or_fail(vdb_engine *engine, vdb_begin_mode mode)
{
    return is_due() ? refuse(engine, "a beginning") : begin(engine, mode);
}

static int upgrade_or_fail(vdb_engine *engine)
{
    return is_due() ? refuse(engine, "an upgrade") : real->upgrade(engine);
}

/* Giving up what was only read takes neither memory nor the disk. */
static int rollback_or_fail(vdb_engine *engine)
{
    bool wrote = real->state(engine) == VDB_TRANSACTION_WRITE;
    int rc = real->rollback(engine);
    return wrote && is_due() ? refuse(engine, "a rollback") : rc;
}

static int data_version_or_fail(vdb_engine *engine, int64_t *out)
{
    return is_due() ? refuse(engine, "a data version") : data_version(engine, out);
}

static int next_or_fail(vdb_rows *rows, bool *row)
{
    return is_due() ? refuse(installed, "the next row") : real->next(rows, row);
}

static int blob_read_or_fail(vdb_engine *engine, vdb_blob_column column, int64_t id, uint64_t offset,
                             void *buffer, size_t bytes)
{
    return is_due() ? refuse(engine, "a blob") : real->blob_read(engine, column, id, offset, buffer, bytes);
}

static int space_or_fail(vdb_engine *engine, vdb_space *out)
{
    return is_due() ? refuse(engine, "the space") : real->space(engine, out);
}

static int reclaim_or_fail(vdb_engine *engine, int64_t pages, int64_t *kept)
{
    return is_due() ? refuse(engine, "a reclaim") : real->reclaim(engine, pages, kept);
}

static int checkpoint_or_fail(vdb_engine *engine)
{
    return is_due() ? refuse(engine, "a checkpoint") : real->checkpoint(engine);
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
    says = VARSDB_IO;
    faulty_fail(-1);
}

void faulty_install_whole(varsdb *db)
{
    faulty_install(db);
    installed = db->engine;
    methods.begin = begin_or_fail;
    methods.upgrade = upgrade_or_fail;
    methods.rollback = rollback_or_fail;
    methods.data_version = data_version_or_fail;
    methods.next = next_or_fail;
    methods.blob_read = blob_read_or_fail;
    methods.space = space_or_fail;
    methods.reclaim = reclaim_or_fail;
    methods.checkpoint = checkpoint_or_fail;
}

void faulty_remove(varsdb *db)
{
    db->engine->methods = real;
}

void faulty_fail(int after)
{
    left = after;
    lasts = false;
    if (after >= 0)
        failed = 0;
}

void faulty_fail_from(int after)
{
    faulty_fail(after);
    lasts = true;
}

void faulty_say(int code)
{
    says = code;
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
