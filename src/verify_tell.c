/* verify_tell.c - findings, as sentences that say what to do; see verify.h. */
#include <stdarg.h>
#include <stdio.h>

#include "verify.h"

static const char *const kinds[] = {
    [VDB_FOUND_STRUCTURE] = "structure",   [VDB_FOUND_DIGEST] = "digest",
    [VDB_FOUND_REFERENCE] = "reference",   [VDB_FOUND_COUNT] = "count",
    [VDB_FOUND_STATISTICS] = "statistics", [VDB_FOUND_HASH] = "hash",
};

/* Names of a damaged file may hold anything; a terminal must not obey them. */
static void defuse(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
}

int vdb_verify_tell(vdb_verify *v, vdb_finding_kind kind, vdb_subject subject, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(v->text, sizeof v->text, format, ap);
    va_end(ap);
    defuse(v->text);
    varsdb_finding finding = {
        .size = sizeof finding,
        .text = v->text,
        .kind = kinds[kind],
        .name_space = subject.name_space,
        .variable = subject.variable,
        .snapshot = subject.snapshot,
        .chunk = subject.chunk,
    };
    v->found++;
    if (v->callback(v->payload, &finding) != 0)
        return vdb_fail(&v->db->error, VARSDB_CANCELLED, "the callback stopped the verification");
    return VARSDB_OK;
}

/* ---- names */

const char *vdb_verify_text(const vdb_value *column)
{
    return column->kind == VDB_TEXT ? column->data : "?";
}

static void print_name(char *out, const vdb_value *path, const vdb_value *name)
{
    bool root = path->kind == VDB_TEXT && path->bytes == 0;
    snprintf(out, VDB_VERIFY_NAME_BYTES, "%s%s%s", vdb_verify_text(path), root ? "" : "/",
             vdb_verify_text(name));
}

const char *vdb_verify_full_name(vdb_verify *v, const vdb_value *path, const vdb_value *name)
{
    print_name(v->name, path, name);
    return v->name;
}

static void print_snapshot(char *out, size_t room, int64_t id, const vdb_value *name)
{
    if (name->kind == VDB_TEXT)
        snprintf(out, room, "%s", (const char *)name->data);
    else
        snprintf(out, room, "#%lld", (long long)id);
}

const char *vdb_verify_snapshot_name(vdb_verify *v, int64_t id, const vdb_value *name)
{
    if (name->kind == VDB_TEXT)
        return name->data;
    print_snapshot(v->id, sizeof v->id, id, name);
    return v->id;
}

/* ---- who holds a value */

typedef struct identity {
    int64_t id, uid;
} identity;

/* While damage is described, more of it may be met: then less is known of the first. */
static int forgive(int rc)
{
    return vdb_verify_is_damage(rc) ? VARSDB_OK : rc;
}

static int find_variables(vdb_verify *v, int64_t tensor, identity *first)
{
    vdb_engine *engine = v->db->engine;
    vdb_holders *h = &v->holders;
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(engine, VDB_Q_VERIFY_TENSOR_VARIABLES, VDB_ARGS(vdb_int(tensor)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value space = vdb_column(engine, rows, 0), path = vdb_column(engine, rows, 1);
        vdb_value name = vdb_column(engine, rows, 2);
        if (h->variables++ > 0)
            continue;
        snprintf(h->name_space, sizeof h->name_space, "%s", vdb_verify_text(&space));
        print_name(h->variable, &path, &name);
        *first = (identity){vdb_column(engine, rows, 3).integer, vdb_column(engine, rows, 4).integer};
    }
    vdb_finish(engine, rows);
    return forgive(rc);
}

/* When only snapshots have the value, the variable's name is the one that the first of them knows. */
static int find_snapshots(vdb_verify *v, int64_t tensor, identity *first)
{
    vdb_engine *engine = v->db->engine;
    vdb_holders *h = &v->holders;
    vdb_rows *rows = NULL;
    bool row = true;
    int64_t last = 0;
    int rc = vdb_start(engine, VDB_Q_VERIFY_TENSOR_SNAPSHOTS, VDB_ARGS(vdb_int(tensor)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value id = vdb_column(engine, rows, 0), name = vdb_column(engine, rows, 1);
        if (h->snapshots > 0 && id.integer == last)
            continue; /* it has the value twice */
        last = id.integer;
        if (h->snapshots++ > 0)
            continue;
        print_snapshot(h->snapshot, sizeof h->snapshot, id.integer, &name);
        if (h->variables > 0)
            continue;
        vdb_value space = vdb_column(engine, rows, 2), variable = vdb_column(engine, rows, 3);
        snprintf(h->name_space, sizeof h->name_space, "%s", vdb_verify_text(&space));
        snprintf(h->variable, sizeof h->variable, "%s", vdb_verify_text(&variable));
        *first = (identity){vdb_column(engine, rows, 4).integer, vdb_column(engine, rows, 5).integer};
    }
    vdb_finish(engine, rows);
    return forgive(rc);
}

static int find_other_value(vdb_verify *v, int64_t tensor, identity of)
{
    vdb_engine *engine = v->db->engine;
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(engine, VDB_Q_VERIFY_OTHER_VALUE,
                       VDB_ARGS(vdb_int(of.id), vdb_int(of.uid), vdb_int(tensor)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        vdb_value id = vdb_column(engine, rows, 0), name = vdb_column(engine, rows, 1);
        print_snapshot(v->holders.other, sizeof v->holders.other, id.integer, &name);
    }
    vdb_finish(engine, rows);
    return forgive(rc);
}

static int find_holders(vdb_verify *v, int64_t tensor)
{
    identity first = {0, 0};
    vdb_holders *h = &v->holders;
    h->variables = h->snapshots = 0;
    h->name_space[0] = h->variable[0] = h->snapshot[0] = h->other[0] = '\0';
    int rc = find_variables(v, tensor, &first);
    if (rc == VARSDB_OK)
        rc = find_snapshots(v, tensor, &first);
    if (rc == VARSDB_OK && h->variables > 0)
        rc = find_other_value(v, tensor, first);
    return rc;
}

/* ---- findings about values */

static void print_more(char out[48], int64_t count, const char *one)
{
    out[0] = '\0';
    if (count > 1)
        snprintf(out, 48, " and %lld more %s%s", (long long)count - 1, one, count == 2 ? "" : "s");
}

static int tell_held(vdb_verify *v, vdb_finding_kind kind, int64_t chunk, const char *what)
{
    const vdb_holders *h = &v->holders;
    char variables[48], snapshots[48];
    vdb_subject subject = {h->name_space, h->variable, h->snapshots ? h->snapshot : NULL, chunk};
    print_more(variables, h->variables, "variable");
    print_more(snapshots, h->snapshots, "snapshot");
    const char *held = h->snapshots ? ", as it is and in snapshot " : "";
    if (h->variables == 0)
        return vdb_verify_tell(
            v, kind, subject,
            "variable %s in namespace %s, as snapshot %s%s has it: %s; drop %s, or take the "
            "file from a backup",
            h->variable, h->name_space, h->snapshot, snapshots, what,
            h->snapshots == 1 ? "the snapshot" : "these snapshots");
    /* Bytes that are assigned again mend those that rotted, but not a row that did. */
    const char *cure = kind == VDB_FOUND_HASH ? "assign it again" : "take the file from a backup";
    if (h->other[0])
        return vdb_verify_tell(v, kind, subject,
                               "variable %s%s in namespace %s%s%s%s: %s; %s, or restore it from snapshot %s, "
                               "which has another value",
                               h->variable, variables, h->name_space, held, h->snapshot, snapshots, what,
                               cure, h->other);
    return vdb_verify_tell(v, kind, subject, "variable %s%s in namespace %s%s%s%s: %s; %s", h->variable,
                           variables, h->name_space, held, h->snapshot, snapshots, what, cure);
}

int vdb_verify_tell_tensor(vdb_verify *v, vdb_finding_kind kind, int64_t tensor, int64_t chunk,
                           const char *what)
{
    int rc = find_holders(v, tensor);
    if (rc != VARSDB_OK)
        return rc;
    if (v->holders.variables || v->holders.snapshots)
        return tell_held(v, kind, chunk, what);
    vdb_subject garbage = {NULL, NULL, NULL, chunk};
    return vdb_verify_tell(
        v, kind, garbage, "the stored value %lld, which nothing refers to: %s; collecting garbage removes it",
        (long long)tensor, what);
}

int vdb_verify_tell_chunk(vdb_verify *v, vdb_finding_kind kind, int64_t chunk_id, const char *what)
{
    vdb_engine *engine = v->db->engine;
    vdb_rows *rows = NULL;
    bool row = false;
    int64_t tensor = 0, position = 0;
    int rc = vdb_start(engine, VDB_Q_VERIFY_CHUNK_TENSORS, VDB_ARGS(vdb_int(chunk_id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        tensor = vdb_column(engine, rows, 0).integer;
        position = vdb_column(engine, rows, 1).integer;
    }
    vdb_finish(engine, rows);
    bool known = rc == VARSDB_OK && row;
    rc = forgive(rc);
    if (rc != VARSDB_OK)
        return rc;
    if (known)
        return vdb_verify_tell_tensor(v, kind, tensor, position, what);
    return vdb_verify_tell(v, kind, VDB_NO_SUBJECT,
                           "the stored piece %lld, which no value has: %s; collecting garbage removes it",
                           (long long)chunk_id, what);
}
