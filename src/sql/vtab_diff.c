/*
 * vtab_diff.c - snapshot_diff(a[, b]): what varsdb_diff tells, from snapshot a to snapshot b, or to the
 * present.
 */
#include "vtab.h"

#define WHAT            "snapshot_diff(a[, b])"
#define ARGUMENTS       2
#define ROWS            100
#define COST_OF_COMPARE 1000000

enum {
    COLUMN_NAME,
    COLUMN_CHANGE,
    COLUMN_MAX_ABS,
    COLUMN_REL_L2,
    COLUMN_OLD_NAME,
    COLUMN_A /* and b */
};

typedef struct diff_row {
    varsdb_change change;
    char *name, *old_name;
    bool has_delta;
    double max_abs, rel_l2;
} diff_row;

typedef struct diff_cursor {
    vdb_vtab_rows rows;
    vdb_buf found; /* diff_row for each, by name */
    bool is_cut;   /* memory was out for another row */
    sqlite3_value *arguments[ARGUMENTS];
    /* Of when the rows were found; a join asks for them again and again. */
    vdb_sql_registry *registry; /* retained */
    int64_t data_version, changes;
} diff_cursor;

static int connect_table(sqlite3 *db, void *sql, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **error)
{
    (void)argc, (void)argv, (void)error;
    return vdb_vtab_connect(db, sql, VDB_Q_FUNCTION_DIFF_TABLE, out);
}

static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    int given, code = vdb_vtab_take_arguments(info, COLUMN_A, ARGUMENTS, &given);
    (void)table;
    info->idxNum = given;
    info->estimatedRows = ROWS;
    info->estimatedCost = COST_OF_COMPARE;
    return code;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    return vdb_vtab_open(sizeof(diff_cursor), out);
}

static diff_row *row_of(const diff_cursor *c, int64_t i)
{
    return (diff_row *)(void *)c->found.data + i;
}

static void clear(diff_cursor *c)
{
    for (int64_t i = 0; i < c->rows.count; i++) {
        vdb_free(row_of(c, i)->name);
        vdb_free(row_of(c, i)->old_name);
    }
    vdb_buf_release(&c->found);
    vdb_vtab_drop(c->arguments, ARGUMENTS);
    vdb_sql_registry_release(c->registry);
    c->registry = NULL;
    c->rows.at = c->rows.count = 0;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    clear((diff_cursor *)cursor);
    vdb_free(cursor);
    return SQLITE_OK;
}

/* ---- comparing */

/* varsdb_difference_cb */
static int take(void *payload, const varsdb_difference *d)
{
    diff_cursor *c = payload;
    diff_row row = {d->change,         vdb_strdup(d->name), vdb_strdup(d->old_name),
                    d->has_delta != 0, d->max_abs,          d->rel_l2};
    if (row.name && row.old_name && vdb_buf_append(&c->found, &row, sizeof row) == VARSDB_OK) {
        c->rows.count++;
        return 0;
    }
    vdb_free(row.name);
    vdb_free(row.old_name);
    c->is_cut = true;
    return 1;
}

static int find_snapshot(varsdb *db, vdb_error *e, sqlite3_value *value, const char *which, int64_t *out)
{
    const char *selector = vdb_text_of(value);
    int rc = VARSDB_OK;
    if (selector)
        rc = varsdb_find_snapshot(db, selector, out);
    else if (sqlite3_value_type(value) == SQLITE_INTEGER && sqlite3_value_int64(value) > 0)
        *out = sqlite3_value_int64(value);
    else
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT ": %s is a snapshot, as 'best', 'step:100', '#3' or 'latest', or its id", which);
    return rc == VARSDB_OK ? rc : vdb_fail(e, rc, "%s", varsdb_errmsg(db));
}

/* Whatever is written, by this connection or others, makes another moment. */
static int read_moment(const diff_cursor *c, vdb_sql_registry *registry, vdb_error *e, int64_t *version,
                       int64_t *changes)
{
    varsdb *db = registry->db;
    int rc = db->engine->methods->data_version(db->engine, version);
    *changes = sqlite3_total_changes64(vdb_vtab_sql(&c->rows.base)->connection);
    return rc == VARSDB_OK ? rc : vdb_fail(e, rc, "%s", varsdb_errmsg(db));
}

static bool are_same(sqlite3_value *a, sqlite3_value *b)
{
    if (!a || !b)
        return !a && !b;
    if (sqlite3_value_type(a) != sqlite3_value_type(b))
        return false;
    if (sqlite3_value_type(a) == SQLITE_INTEGER)
        return sqlite3_value_int64(a) == sqlite3_value_int64(b);
    const char *one = vdb_text_of(a), *other = vdb_text_of(b);
    return one && other && strcmp(one, other) == 0;
}

static int are_found(const diff_cursor *c, vdb_sql_registry *registry, sqlite3_value **given, vdb_error *e,
                     bool *out)
{
    int64_t version, changes;
    *out = false;
    if (c->registry != registry || !are_same(given[0], c->arguments[0]) ||
        !are_same(given[1], c->arguments[1]))
        return VARSDB_OK;
    int rc = read_moment(c, registry, e, &version, &changes);
    *out = rc == VARSDB_OK && version == c->data_version && changes == c->changes;
    return rc;
}

static int compare(diff_cursor *c, vdb_sql_registry *registry, sqlite3_value **given, vdb_error *e)
{
    int64_t from = 0, to = 0;
    varsdb *db = registry->db;
    int rc = vdb_vtab_keep(given, ARGUMENTS, c->arguments) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = find_snapshot(db, e, given[0], "a", &from);
    if (rc == VARSDB_OK && given[1] && sqlite3_value_type(given[1]) != SQLITE_NULL)
        rc = find_snapshot(db, e, given[1], "b", &to);
    if (rc == VARSDB_OK)
        rc = read_moment(c, registry, e, &c->data_version, &c->changes);
    c->registry = vdb_sql_registry_retain(registry);
    c->is_cut = false;
    if (rc == VARSDB_OK && (rc = varsdb_diff(db, from, to, NULL, take, c)) != VARSDB_OK)
        rc = c->is_cut ? vdb_fail_nomem(e) : vdb_fail(e, rc, "%s", varsdb_errmsg(db));
    if (rc != VARSDB_OK)
        clear(c);
    return rc;
}

static int filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc, sqlite3_value **argv)
{
    diff_cursor *c = (diff_cursor *)cursor;
    vdb_error e;
    vdb_sql_registry *registry;
    sqlite3_value *given[ARGUMENTS];
    bool found = false;
    (void)text, (void)argc;
    vdb_vtab_spread(plan, ARGUMENTS, argv, given);
    int rc = given[0] ? vdb_sql_open(vdb_vtab_sql(cursor), VDB_SQL_READ, &e, &registry)
                      : vdb_fail(&e, VARSDB_INVALID, WHAT ": a is needed");
    if (rc == VARSDB_OK)
        rc = are_found(c, registry, given, &e, &found);
    if (rc == VARSDB_OK && !found) {
        clear(c);
        rc = compare(c, registry, given, &e);
    }
    c->rows.at = 0;
    return rc == VARSDB_OK ? SQLITE_OK : vdb_vtab_fail(cursor->pVtab, &e);
}

/* ---- rows */

static const char *word(varsdb_change change)
{
    switch (change) {
    case VARSDB_ADDED:
        return "added";
    case VARSDB_REMOVED:
        return "removed";
    case VARSDB_RENAMED:
        return "renamed";
    case VARSDB_TYPE_CHANGED:
        return "type_changed";
    default:
        return "value_changed";
    }
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int i)
{
    const diff_cursor *c = (const diff_cursor *)cursor;
    const diff_row *row = row_of(c, c->rows.at);
    switch (i) {
    case COLUMN_NAME:
        sqlite3_result_text(context, row->name, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_OLD_NAME:
        if (strcmp(row->name, row->old_name) != 0)
            sqlite3_result_text(context, row->old_name, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_CHANGE:
        sqlite3_result_text(context, word(row->change), -1, SQLITE_STATIC);
        break;
    case COLUMN_MAX_ABS:
    case COLUMN_REL_L2:
        if (row->has_delta)
            sqlite3_result_double(context, i == COLUMN_MAX_ABS ? row->max_abs : row->rel_l2);
        break;
    default:
        vdb_vtab_result(context, c->arguments[i - COLUMN_A]);
    }
    return SQLITE_OK;
}

const sqlite3_module *vdb_vtab_diff(void)
{
    static const sqlite3_module module = {
        .xConnect = connect_table,
        .xBestIndex = plan,
        .xDisconnect = vdb_vtab_disconnect,
        .xOpen = open_cursor,
        .xClose = close_cursor,
        .xFilter = filter,
        .xNext = vdb_vtab_rows_next,
        .xEof = vdb_vtab_rows_end,
        .xColumn = column,
        .xRowid = vdb_vtab_rows_id,
    };
    return &module;
}
