/* player.c - see player.h. */
#include "player.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

player_run run;

int64_t below(int64_t n)
{
    return (int64_t)(random_next(&run.random) % (uint64_t)n);
}

bool once_in(int n)
{
    return below(n) == 0;
}

/* ---- who sees what */

model *seen_by(handle *h)
{
    return h->is_reading ? &h->picture : h->in_transaction ? &run.working : &run.committed;
}

/* The call is checked on a copy: what was refused must have changed nothing. */
void expect_result(handle *h, int expected, int rc)
{
    int i = 0;
    while (run.counts[i].call && strcmp(run.counts[i].call, run.call) != 0)
        i++;
    run.counts[i].call = run.call;
    run.counts[i].done += rc == VARSDB_OK;
    run.counts[i].refused += rc != VARSDB_OK;
    if (rc != expected)
        ck_abort_msg("seed %llu, step %d: %s is %s (%s), not %s", (unsigned long long)run.seed, run.step,
                     run.call, varsdb_errname(rc), varsdb_errmsg(h->db), varsdb_errname(expected));
    if (rc != VARSDB_OK && !*varsdb_errmsg(h->db))
        ck_abort_msg("seed %llu, step %d: %s failed without a message", (unsigned long long)run.seed,
                     run.step, run.call);
}

#define must(condition, what)                                                                            \
    do {                                                                                                 \
        if (!(condition))                                                                                \
            ck_abort_msg("seed %llu, step %d: %s: %s", (unsigned long long)run.seed, run.step, run.call, \
                         what);                                                                          \
    } while (0)

static void remember(handle *h, int64_t key, const varsdb_variable *object)
{
    for (int i = 0; i < h->count; i++)
        if (h->known[i].key == key) {
            must(h->known[i].object == object, "another object for the same variable");
            return;
        }
    if (h->count < KNOWN)
        h->known[h->count++] = (known){key, object};
}

/* Some object that the handle has, dead or alive; NULL: it has none. */
static const known *some_known(const handle *h)
{
    return h->count ? &h->known[below(h->count)] : NULL;
}

/* ---- random arguments */

static const char *some_name(void)
{
    static const char *const names[] = {"a",     "b",   "c", "s/a", "s/b", "s/t/a",
                                        "s/t/u", "t/a", "u", "w",   "w/m", "x1"};
    static const char *const bad[] = {"", "a b", "/a", "a//b", "_a"};
    return once_in(40) ? bad[below(5)] : names[below(12)];
}

static void some_bytes(unsigned char *out, size_t bytes, varsdb_dtype dtype)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)below(dtype == VARSDB_BOOL ? 2 : 256);
    if (dtype == VARSDB_FLOAT32) /* small numbers, so that sums are numbers */
        for (size_t i = 0; i + sizeof(float) <= bytes; i += sizeof(float)) {
            float x = (float)below(1000) / 8;
            memcpy(out + i, &x, sizeof x);
        }
}

static void some_shape(int *rank, int64_t dims[2])
{
    *rank = (int)below(3);
    for (int i = 0; i < 2; i++)
        dims[i] = i < *rank ? 1 + below(run.save_bytes && once_in(4) ? 60 : 3) : 0;
    if (*rank && once_in(12))
        dims[0] = 0;
}

static void full_name(const handle *h, const char *name, char out[2 * MODEL_NAME_BYTES])
{
    const char *scope = h->scope[h->depth];
    snprintf(out, 2 * MODEL_NAME_BYTES, "%s%s%s", scope, *scope ? "/" : "", name);
}

/* ---- calls on variables */

static void call_get(handle *h)
{
    static const varsdb_dtype dtypes[] = {VARSDB_FLOAT32, VARSDB_INT32, VARSDB_INT64, VARSDB_BOOL};
    unsigned char value[MODEL_VALUE_BYTES];
    char name[2 * MODEL_NAME_BYTES];
    const char *short_name = some_name();
    model_request r = {.kind = (model_kind)below(3),
                       .collection = -1,
                       .rank = -1,
                       .initializer = once_in(4) ? "none" : "zeros"};
    varsdb_variable_options o = *VARSDB_WITH(.initializer = r.initializer);
    full_name(h, short_name, name);
    r.name = name;
    model_variable *there = model_find(seen_by(h), name);
    r.dtype = once_in(3) ? dtypes[below(4)] : there && !once_in(4) ? there->dtype : VARSDB_DTYPE_NOT_SAID;
    some_shape(&r.rank, r.dims);
    if (there && !once_in(4)) {
        r.rank = there->rank;
        memcpy(r.dims, there->dims, sizeof r.dims);
    }
    o.dtype = r.dtype;
    o.reuse = once_in(3) ? (varsdb_reuse)below(4) : VARSDB_INHERIT;
    r.reuse = o.reuse ? o.reuse : h->reuse[h->depth];
    o.trainable = r.trainable = once_in(3) ? VARSDB_NO : once_in(2) ? VARSDB_YES : VARSDB_NOT_SAID;
    varsdb_shape shape = {r.rank, r.dims};
    o.shape = &shape;
    const char *collections[] = {NULL, NULL};
    if (once_in(4)) {
        r.collection = once_in(3) ? MODEL_IN_MODEL : MODEL_IN_MINE;
        collections[0] = model_collections[r.collection];
        o.collections = collections;
    }
    if (once_in(2)) {
        r.value_bytes = model_bytes(r.dtype ? r.dtype : VARSDB_FLOAT32, r.rank, r.dims);
        some_bytes(value, r.value_bytes, r.dtype ? r.dtype : VARSDB_FLOAT32);
        r.value_bytes += once_in(20);
        o.value = r.value = value;
        o.value_bytes = r.value_bytes;
        o.initializer = NULL;
    }
    int created, expected_created;
    int64_t key = 0;
    const varsdb_variable *v = NULL;
    int (*call)(varsdb *, const char *, const varsdb_variable_options *, int *, const varsdb_variable **) =
        r.kind == MODEL_GET         ? varsdb_get_variable
        : r.kind == MODEL_GET_MODEL ? varsdb_model_variable
                                    : varsdb_local_variable;
    run.call = "get";
    if (!there && model_is_full(seen_by(h)))
        return;
    int expected = model_get(seen_by(h), &r, &expected_created, &key);
    expect_result(h, expected, call(h->db, short_name, &o, &created, &v));
    if (expected != VARSDB_OK)
        return;
    must(created == expected_created, "created is wrong");
    remember(h, key, v);
}

static void call_find(handle *h)
{
    const char *name = some_name();
    const varsdb_variable *v = NULL;
    const model_variable *there = model_find(seen_by(h), name);
    run.call = "find";
    int rc = varsdb_find_variable(h->db, name, &v);
    if (!there && rc == VARSDB_INVALID)
        rc = VARSDB_NOTFOUND; /* of what is no name either */
    expect_result(h, there ? VARSDB_OK : VARSDB_NOTFOUND, rc);
    if (there)
        remember(h, there->key, v);
}

static void call_assign(handle *h)
{
    const known *k = some_known(h);
    unsigned char value[MODEL_VALUE_BYTES + 1];
    if (!k)
        return;
    const model_variable *v = model_by_key(seen_by(h), k->key);
    size_t bytes = v ? v->bytes + (size_t)once_in(20) : 4;
    some_bytes(value, bytes, v ? v->dtype : VARSDB_INT32);
    if (v && v->dtype == VARSDB_BOOL && bytes && once_in(8))
        value[below((int64_t)bytes)] = 2;
    if (once_in(3)) {
        run.call = "assign_if";
        int64_t version = v ? v->version + once_in(3) : 1;
        expect_result(h, model_assign_if(seen_by(h), k->key, version, value, bytes),
                      varsdb_assign_if(h->db, k->object, version, value, bytes));
    } else if (once_in(3)) {
        run.call = "assign_add";
        expect_result(h, model_add(seen_by(h), k->key, value, bytes),
                      varsdb_assign_add(h->db, k->object, value, bytes));
    } else {
        run.call = "assign";
        expect_result(h, model_assign(seen_by(h), k->key, value, bytes),
                      varsdb_assign(h->db, k->object, value, bytes));
    }
}

static void call_assign_all(handle *h)
{
    enum {
        MOST = 3
    };
    unsigned char values[MOST][MODEL_VALUE_BYTES + 1];
    varsdb_assignment all[MOST];
    model after = *seen_by(h);
    int expected = VARSDB_OK, count = 0;
    int64_t first = h->count ? below(h->count) : 0;
    for (; count < MOST && first + count < h->count; count++) {
        const known *k = &h->known[first + count];
        const model_variable *v = model_by_key(&after, k->key);
        size_t bytes = v ? v->bytes + (size_t)once_in(20) : 4;
        some_bytes(values[count], bytes, v ? v->dtype : VARSDB_INT32);
        all[count] = (varsdb_assignment){k->object, values[count], bytes};
        int rc = model_assign(&after, k->key, values[count], bytes);
        expected = rc == VARSDB_GONE || expected == VARSDB_OK ? rc : expected; /* all are looked up first */
    }
    run.call = "assign_all";
    expect_result(h, expected, varsdb_assign_all(h->db, all, (size_t)count));
    if (expected == VARSDB_OK)
        *seen_by(h) = after;
}

static void call_read(handle *h)
{
    const known *k = some_known(h);
    unsigned char got[MODEL_VALUE_BYTES + 8];
    const unsigned char *expected = NULL;
    if (!k)
        return;
    const model_variable *v = model_by_key(seen_by(h), k->key);
    size_t all = v ? v->bytes : 4, offset = (size_t)below((int64_t)all + 1);
    size_t bytes = (size_t)below((int64_t)(all - offset) + 1) + (size_t)once_in(20);
    int64_t version = -1;
    run.call = "read_range";
    int rc = model_read(seen_by(h), k->key, offset, bytes, &expected);
    expect_result(h, rc, varsdb_read_range(h->db, k->object, offset, got, bytes));
    must(rc != VARSDB_OK || memcmp(got, expected, bytes) == 0, "other bytes");
    run.call = "version";
    expect_result(h, v ? VARSDB_OK : VARSDB_GONE, varsdb_variable_version(h->db, k->object, &version));
    must(!v || version == v->version, "another version");
}

static void call_collect(handle *h)
{
    const known *k = some_known(h);
    int collection = (int)below(MODEL_COLLECTIONS);
    if (!k)
        return;
    if (once_in(2)) {
        run.call = "collect";
        expect_result(h, model_collect(seen_by(h), collection, k->key),
                      varsdb_collect(h->db, model_collections[collection], k->object));
    } else {
        run.call = "uncollect";
        expect_result(h, model_uncollect(seen_by(h), collection, k->key),
                      varsdb_uncollect(h->db, model_collections[collection], k->object));
    }
}

static void call_rename(handle *h)
{
    const known *k = some_known(h);
    const char *name = some_name();
    if (!k || strpbrk(name, " "))
        return;
    run.call = "rename_variable";
    expect_result(h, model_rename(seen_by(h), k->key, name), varsdb_rename_variable(h->db, k->object, name));
}

static void call_rename_scope(handle *h)
{
    static const char *const scopes[] = {"s", "s/t", "t", "w", "v"};
    const char *from = scopes[below(5)], *to = scopes[below(5)];
    run.call = "rename_scope";
    expect_result(h, model_rename_scope(seen_by(h), from, to), varsdb_rename_scope(h->db, from, to));
}

static void call_delete(handle *h)
{
    const known *k = some_known(h);
    int64_t expected_count = 0, count = 0;
    if (once_in(8)) {
        static const char *const scopes[] = {"s", "s/t", "t", "w"};
        const char *scope = scopes[below(4)];
        run.call = "delete_scope";
        int expected = model_delete_scope(seen_by(h), scope, &expected_count);
        expect_result(h, expected, varsdb_delete_scope(h->db, scope, &count));
        must(expected != VARSDB_OK || count == expected_count, "another count");
    } else if (k) {
        run.call = "delete_variable";
        expect_result(h, model_delete(seen_by(h), k->key), varsdb_delete_variable(h->db, k->object));
    }
}

/* ---- calls on snapshots */

static int64_t some_snapshot(handle *h)
{
    return seen_by(h)->snapshots[below(MODEL_SNAPSHOTS)].id;
}

static void call_take(handle *h)
{
    static const char *const names[] = {"one", "two", "three", NULL};
    const char *name = names[below(4)];
    model_snapshot *s = NULL;
    int64_t id = 0;
    if (!model_find_snapshot(seen_by(h), 0))
        return;
    run.call = "take_snapshot";
    int expected = model_take(seen_by(h), name, &s);
    expect_result(h, expected, varsdb_take_snapshot(h->db, VARSDB_SNAPSHOT(.name = name), &id));
    if (s)
        s->id = id;
}

static void call_restore(handle *h)
{
    int64_t id = some_snapshot(h);
    bool existing_only = once_in(3), ignore_missing = once_in(2);
    const model_snapshot *s = model_find_snapshot(seen_by(h), id);
    if (!id || seen_by(h)->count + s->count > MODEL_VARIABLES)
        return;
    run.call = "restore";
    int expected = model_restore(seen_by(h), id, existing_only, ignore_missing);
    expect_result(
        h, expected,
        varsdb_restore(h->db, id,
                       VARSDB_RESTORE(.existing_only = existing_only, .ignore_missing = ignore_missing)));
}

static void call_drop(handle *h)
{
    int64_t id = once_in(10) ? 123456 : some_snapshot(h);
    if (!id)
        return;
    run.call = "drop_snapshot";
    expect_result(h, model_drop(seen_by(h), id), varsdb_drop_snapshot(h->db, id));
}

static void call_read_at(handle *h)
{
    unsigned char got[MODEL_VALUE_BYTES];
    int64_t id = some_snapshot(h);
    if (!id)
        return;
    const model_snapshot *s = model_find_snapshot(seen_by(h), id);
    const model_variable *item = &s->items[below(s->count)];
    run.call = "read_range_at";
    expect_result(h, item->initialized ? VARSDB_OK : VARSDB_UNINITIALIZED,
                  varsdb_read_range_at(h->db, id, item->name, 0, got, item->bytes));
    must(!item->initialized || memcmp(got, item->value, item->bytes) == 0, "other bytes");
}

/* ---- scopes */

static void call_scope(handle *h)
{
    static const char *const names[] = {"s", "t", "w"};
    run.call = "enter_scope";
    if (h->depth == DEPTH || (h->depth && once_in(2))) {
        run.call = "leave_scope";
        expect_result(h, VARSDB_OK, varsdb_leave_scope(h->db, NULL));
        h->depth--;
        return;
    }
    char full[2 * MODEL_NAME_BYTES];
    const char *name = names[below(3)];
    full_name(h, name, full);
    varsdb_reuse reuse = (varsdb_reuse)below(4);
    expect_result(h, VARSDB_OK, varsdb_enter_scope(h->db, name, VARSDB_SCOPE(.reuse = reuse), NULL));
    strcpy(h->scope[h->depth + 1], full);
    h->reuse[h->depth + 1] = reuse ? reuse : h->reuse[h->depth];
    h->depth++;
}

/* ---- whole states */

typedef struct listing {
    model_variable **expected;
    int count, at;
} listing;

static int compare_listed(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    must(l->at < l->count, "more are listed");
    const model_variable *v = l->expected[l->at++];
    if (strcmp(info->name, v->name) != 0)
        ck_abort_msg("seed %llu, step %d: %s is listed, not %s", (unsigned long long)run.seed, run.step,
                     info->name, v->name);
    must(info->dtype == v->dtype && info->shape.rank == v->rank && info->bytes == (int64_t)v->bytes,
         "another type is listed");
    for (int i = 0; i < v->rank; i++)
        must(info->shape.dims[i] == v->dims[i], "another shape is listed");
    must(info->version == v->version, "another version is listed");
    must(!info->initialized == !v->initialized, "initialized is listed wrongly");
    must(!info->trainable == !v->since[MODEL_IN_TRAINABLE], "trainable is listed wrongly");
    return 0;
}

static void call_list(handle *h)
{
    static const char *const scopes[] = {NULL, NULL, "s", "s/t", "w"};
    model_variable *expected[MODEL_VARIABLES];
    int collection = (int)below(MODEL_COLLECTIONS + 1) - 1;
    const char *scope = scopes[below(5)];
    listing l = {.expected = expected, .count = model_list(seen_by(h), collection, scope, expected)};
    run.call = "list_variables";
    expect_result(h, VARSDB_OK,
                  varsdb_list_variables(
                      h->db,
                      VARSDB_FILTER(.collection = collection < 0 ? NULL : model_collections[collection],
                                    .scope = scope),
                      compare_listed, &l));
    must(l.at == l.count, "fewer are listed");
}

void player_compare_all(handle *h)
{
    model *m = seen_by(h);
    unsigned char got[MODEL_VALUE_BYTES];
    for (int i = 0; i < m->count; i++) {
        const model_variable *v = &m->variables[i];
        const varsdb_variable *object = NULL;
        run.call = "find, at the end";
        expect_result(h, VARSDB_OK, varsdb_find_variable(h->db, v->name, &object));
        remember(h, v->key, object);
        run.call = "read, at the end";
        expect_result(h, v->initialized ? VARSDB_OK : VARSDB_UNINITIALIZED,
                      varsdb_read(h->db, object, got, v->bytes));
        must(!v->initialized || memcmp(got, v->value, v->bytes) == 0, "other bytes");
    }
    for (int i = 0; i < MODEL_COLLECTIONS + 1; i++)
        call_list(h);
}

/* ---- choosing */

/* What only looks, and what may write, by how often. */
static void (*const readers[])(handle *) = {call_find, call_read,    call_read,
                                            call_list, call_read_at, call_scope};
static void (*const writers[])(handle *) = {
    call_get,    call_get,    call_get,        call_get,     call_get,         call_assign,
    call_assign, call_assign, call_assign_all, call_collect, call_collect,     call_rename,
    call_delete, call_take,   call_restore,    call_drop,    call_rename_scope};

void player_look(handle *h)
{
    readers[below((int64_t)(sizeof readers / sizeof *readers))](h);
}

void player_write(handle *h)
{
    writers[below((int64_t)(sizeof writers / sizeof *writers))](h);
}
