/*
 * vtab_each.c - tensor_each(name[, snapshot]): one row an element; tensor_slice(name, slice[, snapshot]):
 * those of a slice.
 *
 * Of a part, tensor_each counts in the part; tensor_slice always counts in the whole tensor.  Rows come in
 * the order of flat_index.  For tensor_each, comparisons of flat_index and an equal `indices` say where to
 * begin and to end; SQLite checks them again.
 */
#include <math.h>

#include "result.h"
#include "selection.h"
#include "vtab.h"

enum {
    COLUMN_FLAT_INDEX,
    COLUMN_INDICES,
    COLUMN_VALUE,
    COLUMN_NAME, /* the arguments: name, snapshot; or name, slice, snapshot */
    ARGUMENTS_MAX = 3
};

/* What xBestIndex found; the arguments' bits come first. */
enum {
    PLAN_EQUAL = 8,
    PLAN_INDICES = 16,
    PLAN_LOWER = 32, /* >= or > */
    PLAN_UPPER = 64,
    PLAN_RANGES = 4 /* how many of these there are */
};

#define ROWS_OF_A_TENSOR 1000000
#define ROWS_OF_A_RANGE  1000

typedef struct each_cursor {
    sqlite3_vtab_cursor base;
    vdb_stored stored;
    vdb_selection at;
    int64_t end; /* of the places */
    sqlite3_value *arguments[ARGUMENTS_MAX];
} each_cursor;

/* ---- the table */

static int connect_each(sqlite3 *db, void *sql, int argc, const char *const *argv, sqlite3_vtab **out,
                        char **error)
{
    (void)argc, (void)argv, (void)error;
    return vdb_vtab_connect(db, sql, VDB_Q_FUNCTION_EACH_TABLE, out);
}

static int connect_slice(sqlite3 *db, void *sql, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **error)
{
    (void)argc, (void)argv, (void)error;
    return vdb_vtab_connect(db, sql, VDB_Q_FUNCTION_SLICE_TABLE, out);
}

static int range_of(const struct sqlite3_index_constraint *c)
{
    if (c->iColumn == COLUMN_INDICES)
        return c->op == SQLITE_INDEX_CONSTRAINT_EQ ? PLAN_INDICES : 0;
    if (c->iColumn != COLUMN_FLAT_INDEX && c->iColumn != -1)
        return 0;
    switch (c->op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return PLAN_EQUAL;
    case SQLITE_INDEX_CONSTRAINT_GE:
    case SQLITE_INDEX_CONSTRAINT_GT:
        return PLAN_LOWER;
    case SQLITE_INDEX_CONSTRAINT_LE:
    case SQLITE_INDEX_CONSTRAINT_LT:
        return PLAN_UPPER;
    default:
        return 0;
    }
}

/* One constraint of each kind, in the order of the bits, behind the arguments. */
static int take_ranges(sqlite3_index_info *info, int next)
{
    int plan = 0;
    for (int kind = PLAN_EQUAL; kind <= PLAN_UPPER; kind *= 2)
        for (int i = 0; i < info->nConstraint; i++)
            if (info->aConstraint[i].usable && range_of(&info->aConstraint[i]) == kind) {
                info->aConstraintUsage[i].argvIndex = ++next;
                plan |= kind;
                break;
            }
    return plan;
}

static void estimate(sqlite3_index_info *info, int plan)
{
    if (plan & (PLAN_EQUAL | PLAN_INDICES)) {
        info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
        info->estimatedRows = 1;
    } else if ((plan & PLAN_LOWER) && (plan & PLAN_UPPER)) {
        info->estimatedRows = ROWS_OF_A_RANGE;
    } else {
        info->estimatedRows = plan & (PLAN_LOWER | PLAN_UPPER) ? ROWS_OF_A_TENSOR / 2 : ROWS_OF_A_TENSOR;
    }
    info->estimatedCost = (double)info->estimatedRows + 10;
}

static int plan(sqlite3_index_info *info, int arguments, bool ranges)
{
    int given, code = vdb_vtab_take_arguments(info, COLUMN_NAME, arguments, &given);
    if (code != SQLITE_OK)
        return code;
    int found = ranges ? take_ranges(info, __builtin_popcount((unsigned)given)) : 0;
    estimate(info, found);
    info->idxNum = given | found;
    info->orderByConsumed =
        info->nOrderBy == 1 && !info->aOrderBy[0].desc &&
        (info->aOrderBy[0].iColumn == COLUMN_FLAT_INDEX || info->aOrderBy[0].iColumn == -1);
    return SQLITE_OK;
}

static int plan_each(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    return plan(info, 2, true);
}

static int plan_slice(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    return plan(info, 3, false);
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    return vdb_vtab_open(sizeof(each_cursor), out);
}

static void clear(each_cursor *c)
{
    vdb_stored_release(&c->stored);
    vdb_vtab_drop(c->arguments, ARGUMENTS_MAX);
    c->at = (vdb_selection){0};
    c->end = 0;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    clear((each_cursor *)cursor);
    vdb_free(cursor);
    return SQLITE_OK;
}

/* ---- where to begin and to end */

/* The least integer that is not below the value, or with `up` false the largest not above; false: SQLite
 * compares in another way. */
static bool bound(sqlite3_value *value, bool up, int64_t *out)
{
    int type = sqlite3_value_numeric_type(value);
    double real = sqlite3_value_double(value);
    if (type == SQLITE_INTEGER) {
        *out = sqlite3_value_int64(value);
        return true;
    }
    if (type != SQLITE_FLOAT)
        return false;
    real = up ? ceil(real) : floor(real);
    *out = real >= 0x1p63 ? INT64_MAX : real < -0x1p63 ? INT64_MIN : (int64_t)real;
    return true;
}

static void cut(each_cursor *c, int64_t from, int64_t to)
{
    if (to < INT64_MAX && to + 1 < c->end)
        c->end = to + 1 < 0 ? 0 : to + 1;
    if (from > c->at.place)
        vdb_selection_seek(&c->at, from < c->end ? from : c->end);
}

/* The place of "[1,2]"; whatever else is written is no element. */
static void cut_indices(each_cursor *c, sqlite3_value *value)
{
    vdb_error ignored;
    vdb_dims indices;
    int64_t place = 0;
    const char *text = vdb_text_of(value);
    bool is_one = text && vdb_shape_parse_json(&ignored, text, strlen(text), &indices) == VARSDB_OK &&
                  indices.rank == c->at.rank;
    for (int i = 0; is_one && i < indices.rank; i++) {
        is_one = indices.dim[i] >= 0 && indices.dim[i] < c->at.size[i];
        place = place * c->at.size[i] + indices.dim[i];
    }
    if (is_one)
        cut(c, place, place);
    else
        c->end = 0;
}

static void cut_ranges(each_cursor *c, int plan, sqlite3_value **values)
{
    int64_t n;
    for (int kind = PLAN_EQUAL; kind <= PLAN_UPPER; kind *= 2) {
        if (!(plan & kind))
            continue;
        sqlite3_value *value = *values++;
        if (sqlite3_value_type(value) == SQLITE_NULL)
            c->end = 0; /* nothing is equal to it, more, or less */
        else if (kind == PLAN_INDICES)
            cut_indices(c, value);
        else if (kind != PLAN_UPPER && bound(value, true, &n))
            cut(c, n, kind == PLAN_EQUAL ? n : INT64_MAX);
        else if (kind == PLAN_UPPER && bound(value, false, &n))
            cut(c, 0, n);
    }
    if (c->at.place > c->end)
        c->at.place = c->end;
}

static int find(each_cursor *c, const char *what, sqlite3_value *slice, sqlite3_value *snapshot, vdb_error *e)
{
    vdb_sql_registry *registry;
    vdb_place place;
    const char *text = slice ? vdb_text_of(slice) : NULL;
    if (!c->arguments[0])
        return vdb_fail(e, VARSDB_INVALID, "%s: a name is needed", what);
    if (slice && !text && sqlite3_value_type(slice) != SQLITE_NULL)
        return vdb_fail(e, VARSDB_INVALID, "%s: a slice is a text, as '0:2,:'", what);
    int rc = vdb_place_of(e, what, c->arguments[0], snapshot, &place);
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(vdb_vtab_sql(&c->base), VDB_SQL_READ, e, &registry);
    if (rc == VARSDB_OK)
        rc = vdb_stored_find(registry, &place, e, &c->stored);
    if (rc == VARSDB_OK)
        rc = vdb_selection_parse(e, &c->stored, text, &c->at);
    if (rc == VARSDB_OK)
        c->end = c->stored.initialized ? c->at.elements : 0;
    return rc;
}

static int filter_each(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc,
                       sqlite3_value **argv)
{
    each_cursor *c = (each_cursor *)cursor;
    vdb_error e;
    sqlite3_value *given[2];
    (void)text, (void)argc;
    clear(c);
    int count = vdb_vtab_spread(plan, 2, argv, given);
    int rc = vdb_vtab_keep(given, 2, c->arguments) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(&e);
    if (rc == VARSDB_OK)
        rc = find(c, "tensor_each(name[, snapshot])", NULL, given[1], &e);
    if (rc != VARSDB_OK)
        return vdb_vtab_fail(cursor->pVtab, &e);
    cut_ranges(c, plan, argv + count);
    return SQLITE_OK;
}

static int filter_slice(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc,
                        sqlite3_value **argv)
{
    each_cursor *c = (each_cursor *)cursor;
    vdb_error e;
    sqlite3_value *given[3];
    (void)text, (void)argc;
    clear(c);
    vdb_vtab_spread(plan, 3, argv, given);
    int rc = vdb_vtab_keep(given, 3, c->arguments) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(&e);
    if (rc == VARSDB_OK)
        rc = find(c, "tensor_slice(name, slice[, snapshot])", given[1], given[2], &e);
    return rc == VARSDB_OK ? SQLITE_OK : vdb_vtab_fail(cursor->pVtab, &e);
}

/* ---- rows */

static int at_end(sqlite3_vtab_cursor *cursor)
{
    const each_cursor *c = (const each_cursor *)cursor;
    return c->at.place >= c->end;
}

static int next_row(sqlite3_vtab_cursor *cursor)
{
    each_cursor *c = (each_cursor *)cursor;
    if (c->at.whole)
        c->at.flat = ++c->at.place;
    else
        vdb_selection_next(&c->at);
    return SQLITE_OK;
}

/* Of the part, when `in_part`. */
static void result_indices(const each_cursor *c, sqlite3_context *context, bool in_part)
{
    char text[VARSDB_RANK_MAX * 21 + 3];
    int64_t index[VARSDB_RANK_MAX], rest = c->at.flat;
    size_t n = 0;
    for (int i = c->at.rank - 1; i >= 0; i--) {
        index[i] = rest % c->at.dims[i] - (in_part ? c->at.begin[i] : 0);
        rest /= c->at.dims[i];
    }
    text[n++] = '[';
    for (int i = 0; i < c->at.rank; i++) {
        sqlite3_snprintf((int)(sizeof text - n), text + n, i ? ",%lld" : "%lld", (long long)index[i]);
        n += strlen(text + n);
    }
    text[n++] = ']';
    sqlite3_result_text(context, text, (int)n, SQLITE_TRANSIENT);
}

static int result_value(each_cursor *c, sqlite3_context *context)
{
    vdb_error e;
    int rc = vdb_result_of_stored(context, &c->stored, &e, c->at.flat);
    return rc == VARSDB_OK ? SQLITE_OK : vdb_vtab_fail(c->base.pVtab, &e);
}

static int column(each_cursor *c, sqlite3_context *context, int i, bool in_part)
{
    switch (i) {
    case COLUMN_VALUE:
        return result_value(c, context);
    case COLUMN_FLAT_INDEX:
        sqlite3_result_int64(context, in_part ? c->at.place : c->at.flat);
        break;
    case COLUMN_INDICES:
        result_indices(c, context, in_part);
        break;
    default:
        vdb_vtab_result(context, c->arguments[i - COLUMN_NAME]);
    }
    return SQLITE_OK;
}

static int column_each(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int i)
{
    return column((each_cursor *)cursor, context, i, true);
}

static int column_slice(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int i)
{
    return column((each_cursor *)cursor, context, i, false);
}

static int row_id_each(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    *out = ((each_cursor *)cursor)->at.place;
    return SQLITE_OK;
}

static int row_id_slice(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    *out = ((each_cursor *)cursor)->at.flat;
    return SQLITE_OK;
}

#define MODULE(name)                                                                           \
    {                                                                                          \
        .iVersion = 0, .xCreate = NULL, .xConnect = connect_##name, .xBestIndex = plan_##name, \
        .xDisconnect = vdb_vtab_disconnect, .xOpen = open_cursor, .xClose = close_cursor,      \
        .xFilter = filter_##name, .xNext = next_row, .xEof = at_end, .xColumn = column_##name, \
        .xRowid = row_id_##name,                                                               \
    }

const sqlite3_module *vdb_vtab_each(void)
{
    static const sqlite3_module module = MODULE(each);
    return &module;
}

const sqlite3_module *vdb_vtab_slice(void)
{
    static const sqlite3_module module = MODULE(slice);
    return &module;
}
