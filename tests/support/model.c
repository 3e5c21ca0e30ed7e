/* model.c - see model.h. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

const char *const model_collections[MODEL_COLLECTIONS] = {VARSDB_GLOBAL, VARSDB_MODEL, VARSDB_TRAINABLE,
                                                          VARSDB_LOCAL, "mine"};

/* ---- values, which models share */

typedef struct kept {
    struct kept *next;
    unsigned char bytes[];
} kept;

static kept *all_kept;

static unsigned char *keep(const void *bytes, size_t count)
{
    kept *k = malloc(sizeof *k + count + 1);
    if (!k)
        abort();
    k->next = all_kept;
    all_kept = k;
    if (bytes)
        memcpy(k->bytes, bytes, count);
    else
        memset(k->bytes, 0, count);
    return k->bytes;
}

void model_forget(void)
{
    for (kept *k = all_kept, *next; k; k = next) {
        next = k->next;
        free(k);
    }
    all_kept = NULL;
}

/* ---- finding */

size_t model_bytes(varsdb_dtype dtype, int rank, const int64_t *dims)
{
    size_t n = dtype == VARSDB_BOOL ? 1 : dtype == VARSDB_INT64 ? 8 : 4;
    for (int i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    return n;
}

model_variable *model_find(model *m, const char *name)
{
    for (int i = 0; i < m->count; i++)
        if (strcmp(m->variables[i].name, name) == 0)
            return &m->variables[i];
    return NULL;
}

model_variable *model_by_key(model *m, int64_t key)
{
    for (int i = 0; i < m->count; i++)
        if (m->variables[i].key == key)
            return &m->variables[i];
    return NULL;
}

model_snapshot *model_find_snapshot(model *m, int64_t id)
{
    for (int i = 0; i < MODEL_SNAPSHOTS; i++)
        if (m->snapshots[i].id == id)
            return &m->snapshots[i];
    return NULL;
}

bool model_is_full(const model *m)
{
    return m->count == MODEL_VARIABLES;
}

static bool is_below(const char *name, const char *scope)
{
    size_t n = strlen(scope);
    return strncmp(name, scope, n) == 0 && name[n] == '/';
}

static bool is_name(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
    size_t n = strlen(name);
    return n && strchr(first, name[0]) && name[n - 1] != '/' && !strstr(name, "//") && !strchr(name, ' ');
}

/* ---- collections */

static void join(model *m, model_variable *v, int collection)
{
    if (collection == MODEL_IN_MODEL)
        join(m, v, MODEL_IN_GLOBAL);
    if (!v->since[collection])
        v->since[collection] = ++m->next;
}

int model_collect(model *m, int collection, int64_t key)
{
    model_variable *v = model_by_key(m, key);
    if (!v)
        return VARSDB_GONE;
    join(m, v, collection);
    return VARSDB_OK;
}

int model_uncollect(model *m, int collection, int64_t key)
{
    model_variable *v = model_by_key(m, key);
    if (!v)
        return VARSDB_GONE;
    if (!v->since[collection])
        return VARSDB_NOTFOUND;
    if (collection == MODEL_IN_GLOBAL && v->since[MODEL_IN_MODEL])
        return VARSDB_INVALID;
    v->since[collection] = 0;
    return VARSDB_OK;
}

static int sorting_by;

static int by_since(const void *a, const void *b)
{
    const model_variable *const *x = a, *const *y = b;
    int64_t p = (*x)->since[sorting_by], q = (*y)->since[sorting_by];
    return (p > q) - (p < q);
}

int model_list(model *m, int collection, const char *scope, model_variable *out[MODEL_VARIABLES])
{
    int n = 0;
    for (int i = 0; i < m->count; i++) {
        model_variable *v = &m->variables[i];
        if ((collection < 0 || v->since[collection]) && (!scope || is_below(v->name, scope)))
            out[n++] = v;
    }
    sorting_by = collection;
    if (collection >= 0)
        qsort(out, (size_t)n, sizeof *out, by_since);
    return n;
}

/* ---- getting */

static int reuse(model *m, const model_request *r, model_variable *v)
{
    if (r->reuse == VARSDB_CREATE)
        return VARSDB_EXISTS;
    if (r->rank >= 0 &&
        (r->rank != v->rank || memcmp(r->dims, v->dims, sizeof *r->dims * (size_t)r->rank) != 0))
        return VARSDB_MISMATCH;
    if (r->dtype != VARSDB_DTYPE_NOT_SAID && r->dtype != v->dtype)
        return VARSDB_MISMATCH;
    if (r->kind == MODEL_GET_MODEL)
        join(m, v, MODEL_IN_MODEL);
    if (r->collection >= 0)
        join(m, v, r->collection);
    return VARSDB_OK;
}

static int create(model *m, const model_request *r, model_variable **out)
{
    model_variable v = {.key = m->next + 1, .dtype = r->dtype ? r->dtype : VARSDB_FLOAT32, .rank = r->rank};
    if (!is_name(r->name) || r->rank < 0)
        return VARSDB_INVALID;
    strcpy(v.name, r->name);
    memcpy(v.dims, r->dims, sizeof v.dims);
    v.bytes = model_bytes(v.dtype, v.rank, v.dims);
    if (r->value && r->value_bytes != v.bytes)
        return VARSDB_INVALID;
    v.initialized = r->value || strcmp(r->initializer, "none") != 0;
    v.version = v.initialized;
    v.value = keep(r->value, v.bytes);
    m->next++;
    model_variable *at = *out = &m->variables[m->count++];
    *at = v;
    if (r->collection >= 0)
        join(m, at, r->collection);
    else if (r->kind != MODEL_GET_LOCAL)
        join(m, at, MODEL_IN_GLOBAL);
    if (r->kind == MODEL_GET_LOCAL)
        join(m, at, MODEL_IN_LOCAL);
    else if (r->trainable != VARSDB_NO)
        join(m, at, MODEL_IN_TRAINABLE);
    if (r->kind == MODEL_GET_MODEL)
        join(m, at, MODEL_IN_MODEL);
    return VARSDB_OK;
}

int model_get(model *m, const model_request *r, int *created, int64_t *key)
{
    model_variable *v = model_find(m, r->name);
    int rc;
    *created = 0;
    if (v) {
        rc = reuse(m, r, v);
    } else if (r->reuse == VARSDB_REQUIRE) {
        rc = VARSDB_NOTFOUND;
    } else {
        rc = create(m, r, &v);
        *created = rc == VARSDB_OK;
    }
    if (rc == VARSDB_OK)
        *key = v->key;
    return rc;
}

/* ---- values */

int model_assign(model *m, int64_t key, const unsigned char *data, size_t bytes)
{
    model_variable *v = model_by_key(m, key);
    if (!v)
        return VARSDB_GONE;
    if (bytes != v->bytes)
        return VARSDB_INVALID;
    for (size_t i = 0; v->dtype == VARSDB_BOOL && i < bytes; i++)
        if (data[i] > 1)
            return VARSDB_INVALID;
    v->value = keep(data, bytes);
    v->initialized = true;
    v->version++;
    return VARSDB_OK;
}

int model_assign_if(model *m, int64_t key, int64_t version, const unsigned char *data, size_t bytes)
{
    model_variable *v = model_by_key(m, key);
    if (!v || v->version == version)
        return model_assign(m, key, data, bytes);
    model_variable before = *v;
    int rc = model_assign(m, key, data, bytes);
    *v = before;
    return rc == VARSDB_OK ? VARSDB_CONFLICT : rc;
}

/* Integers wrap around. */
#define ADD_EACH(type)                                 \
    for (size_t i = 0; i < bytes; i += sizeof(type)) { \
        type a, b;                                     \
        memcpy(&a, sum + i, sizeof a);                 \
        memcpy(&b, data + i, sizeof b);                \
        a += b;                                        \
        memcpy(sum + i, &a, sizeof a);                 \
    }

int model_add(model *m, int64_t key, const unsigned char *data, size_t bytes)
{
    model_variable *v = model_by_key(m, key);
    if (!v)
        return VARSDB_GONE;
    if (v->dtype == VARSDB_BOOL || bytes != v->bytes)
        return VARSDB_INVALID;
    if (!v->initialized)
        return VARSDB_UNINITIALIZED;
    unsigned char *sum = keep(v->value, bytes);
    if (v->dtype == VARSDB_FLOAT32)
        ADD_EACH(float)
    else if (v->dtype == VARSDB_INT32)
        ADD_EACH(uint32_t)
    else
        ADD_EACH(uint64_t)
    v->value = sum;
    v->version++;
    return VARSDB_OK;
}

int model_read(model *m, int64_t key, size_t offset, size_t bytes, const unsigned char **out)
{
    const model_variable *v = model_by_key(m, key);
    if (!v)
        return VARSDB_GONE;
    if (!v->initialized)
        return VARSDB_UNINITIALIZED;
    if (offset > v->bytes || bytes > v->bytes - offset)
        return VARSDB_INVALID;
    *out = v->value + offset;
    return VARSDB_OK;
}

/* ---- names */

static void take_out(model *m, const model_variable *v)
{
    int at = (int)(v - m->variables);
    memmove(&m->variables[at], &m->variables[at + 1], sizeof *v * (size_t)(m->count - at - 1));
    m->count--;
}

int model_delete(model *m, int64_t key)
{
    const model_variable *v = model_by_key(m, key);
    if (!v)
        return VARSDB_GONE;
    take_out(m, v);
    return VARSDB_OK;
}

int model_delete_scope(model *m, const char *scope, int64_t *count)
{
    *count = 0;
    for (int i = m->count - 1; i >= 0; i--)
        if (is_below(m->variables[i].name, scope)) {
            take_out(m, &m->variables[i]);
            ++*count;
        }
    return *count ? VARSDB_OK : VARSDB_NOTFOUND;
}

int model_rename(model *m, int64_t key, const char *name)
{
    model_variable *v = model_by_key(m, key);
    if (!*name || name[strlen(name) - 1] == '/' || name[0] == '/' || strstr(name, "//"))
        return VARSDB_INVALID;
    if (!v)
        return VARSDB_GONE;
    model_variable *there = model_find(m, name);
    if (there)
        return there == v ? VARSDB_OK : VARSDB_EXISTS;
    strcpy(v->name, name);
    return VARSDB_OK;
}

int model_rename_scope(model *m, const char *scope, const char *name)
{
    int below = 0, taken = 0;
    for (int i = 0; i < m->count; i++) {
        below += is_below(m->variables[i].name, scope);
        taken += is_below(m->variables[i].name, name);
    }
    if (is_below(name, scope))
        return VARSDB_INVALID;
    if (!below)
        return VARSDB_NOTFOUND;
    if (strcmp(scope, name) == 0)
        return VARSDB_OK;
    if (taken)
        return VARSDB_EXISTS;
    for (int i = 0; i < m->count; i++) {
        char renamed[2 * MODEL_NAME_BYTES];
        model_variable *v = &m->variables[i];
        if (!is_below(v->name, scope))
            continue;
        strcpy(renamed, name);
        strcat(renamed, v->name + strlen(scope));
        strcpy(v->name, renamed);
    }
    return VARSDB_OK;
}

/* ---- snapshots */

int model_take(model *m, const char *name, model_snapshot **out)
{
    model_snapshot *s = model_find_snapshot(m, 0);
    model_variable *members[MODEL_VARIABLES];
    for (int i = 0; name && i < MODEL_SNAPSHOTS; i++)
        if (m->snapshots[i].id && strcmp(m->snapshots[i].name, name) == 0)
            return VARSDB_EXISTS;
    int count = model_list(m, MODEL_IN_GLOBAL, NULL, members);
    if (!count)
        return VARSDB_NOTFOUND;
    s->count = count;
    for (int i = 0; i < count; i++)
        s->items[i] = *members[i];
    strcpy(s->name, name ? name : "");
    *out = s;
    return VARSDB_OK;
}

int model_drop(model *m, int64_t id)
{
    model_snapshot *s = id ? model_find_snapshot(m, id) : NULL;
    if (!s)
        return VARSDB_NOTFOUND;
    s->id = 0;
    return VARSDB_OK;
}

static const model_variable *item_of_name(const model_snapshot *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->items[i].name, name) == 0)
            return &s->items[i];
    return NULL;
}

/* By name, else by identity, unless the present name has a value in the snapshot too. */
static model_variable *target_of(model *m, const model_snapshot *s, const model_variable *item)
{
    model_variable *v = model_find(m, item->name);
    if (v)
        return v;
    v = model_by_key(m, item->key);
    return v && !item_of_name(s, v->name) ? v : NULL;
}

static bool fits(const model_variable *v, const model_variable *item)
{
    return v->dtype == item->dtype && v->rank == item->rank &&
           memcmp(v->dims, item->dims, sizeof *v->dims * (size_t)v->rank) == 0;
}

static bool is_missing(model *m, const model_snapshot *s)
{
    for (int i = 0; i < m->count; i++) {
        const model_variable *v = &m->variables[i];
        bool found = false;
        for (int k = 0; k < s->count && !found; k++)
            found = target_of(m, s, &s->items[k]) == v;
        if (v->since[MODEL_IN_GLOBAL] && !found)
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const model_variable *)a)->name, ((const model_variable *)b)->name);
}

static void recreate(model *m, const model_variable *item)
{
    model_variable *v = &m->variables[m->count++];
    *v = *item;
    v->key = ++m->next;
    v->version = item->initialized;
    for (int c = 0; c < MODEL_COLLECTIONS; c++)
        v->since[c] = item->since[c] ? ++m->next : 0;
}

int model_restore(model *m, int64_t id, bool existing_only, bool ignore_missing)
{
    const model_snapshot *s = id ? model_find_snapshot(m, id) : NULL;
    if (!s)
        return VARSDB_NOTFOUND;
    for (int i = 0; i < s->count; i++) {
        const model_variable *v = target_of(m, s, &s->items[i]);
        if (v && !fits(v, &s->items[i]))
            return VARSDB_MISMATCH;
    }
    if (!ignore_missing && is_missing(m, s))
        return VARSDB_NOTFOUND;
    model_variable items[MODEL_VARIABLES], *targets[MODEL_VARIABLES];
    memcpy(items, s->items, sizeof *items * (size_t)s->count);
    qsort(items, (size_t)s->count, sizeof *items, by_name);
    for (int i = 0; i < s->count; i++)
        targets[i] = target_of(m, s, &items[i]);
    for (int i = 0; i < s->count; i++) {
        if (targets[i]) {
            targets[i]->value = items[i].value;
            targets[i]->initialized = items[i].initialized;
            targets[i]->version++;
        } else if (!existing_only) {
            recreate(m, &items[i]);
        }
    }
    return VARSDB_OK;
}
