/*
 * vtab_histogram.c - tensor_histogram(name[, bins[, snapshot]]): how finite elements are spread over ranges
 * of one width, from the least to the greatest.  When all are equal there is one; without any, or for
 * strings, there is none.
 */
#include "histogram.h"
#include "selection.h"
#include "vtab.h"

#define BINS         20
#define BINS_MAX     1000000
#define WHAT         "tensor_histogram(name[, bins[, snapshot]])"
#define ARGUMENTS    3
#define COST_OF_READ 1000000

enum {
    COLUMN_BIN,
    COLUMN_LOW,
    COLUMN_HIGH,
    COLUMN_COUNT,
    COLUMN_NAME /* and bins, and snapshot */
};

typedef struct histogram_cursor {
    vdb_vtab_rows rows; /* the bins */
    vdb_histogram h;
    sqlite3_value *arguments[ARGUMENTS];
} histogram_cursor;

static int connect_table(sqlite3 *db, void *sql, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **error)
{
    (void)argc, (void)argv, (void)error;
    return vdb_vtab_connect(db, sql, VDB_Q_FUNCTION_HISTOGRAM_TABLE, out);
}

static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    int given, code = vdb_vtab_take_arguments(info, COLUMN_NAME, ARGUMENTS, &given);
    (void)table;
    info->idxNum = given;
    info->estimatedRows = BINS;
    info->estimatedCost = COST_OF_READ;
    info->orderByConsumed =
        info->nOrderBy == 1 && !info->aOrderBy[0].desc && info->aOrderBy[0].iColumn == COLUMN_BIN;
    return code;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    return vdb_vtab_open(sizeof(histogram_cursor), out);
}

static void clear(histogram_cursor *c)
{
    vdb_free(c->h.counts);
    vdb_vtab_drop(c->arguments, ARGUMENTS);
    c->h = (vdb_histogram){0};
    c->rows.at = c->rows.count = 0;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    clear((histogram_cursor *)cursor);
    vdb_free(cursor);
    return SQLITE_OK;
}

/* ---- counting */

static int read_bins(vdb_error *e, sqlite3_value *value, int *out)
{
    int64_t bins = BINS;
    if (value && sqlite3_value_type(value) == SQLITE_INTEGER)
        bins = sqlite3_value_int64(value);
    else if (value && sqlite3_value_type(value) != SQLITE_NULL)
        bins = 0;
    if (bins < 1 || bins > BINS_MAX)
        return vdb_fail(e, VARSDB_INVALID, WHAT ": bins is an integer from 1 to %d", BINS_MAX);
    *out = (int)bins;
    return VARSDB_OK;
}

static void widen(void *histogram, const vdb_block *b)
{
    vdb_histogram_widen(histogram, b->dtype, b->data, b->first, b->count);
}

static void count_block(void *histogram, const vdb_block *b)
{
    vdb_histogram_add(histogram, b->dtype, b->data, b->first, b->count);
}

static int count_all(vdb_stored *s, vdb_error *e, int bins, vdb_histogram *out)
{
    vdb_histogram h = {0};
    vdb_selection all;
    int rc = vdb_selection_parse(e, s, NULL, &all);
    if (rc == VARSDB_OK)
        rc = vdb_selection_each(&all, s, e, widen, &h);
    if (rc != VARSDB_OK || h.bins == 0)
        return rc;
    h.bins = h.low < h.high ? bins : 1;
    h.counts = vdb_calloc((size_t)h.bins, sizeof *h.counts);
    if (!h.counts)
        return vdb_fail_nomem(e);
    vdb_selection_seek(&all, 0);
    rc = vdb_selection_each(&all, s, e, count_block, &h);
    if (rc == VARSDB_OK)
        *out = h;
    else
        vdb_free(h.counts);
    return rc;
}

static int find(histogram_cursor *c, sqlite3_value **given, vdb_error *e)
{
    vdb_sql_registry *registry;
    vdb_place place;
    vdb_stored s = {0};
    int bins = 0;
    if (!given[0])
        return vdb_fail(e, VARSDB_INVALID, WHAT ": a name is needed");
    int rc = vdb_place_of(e, WHAT, given[0], given[2], &place);
    if (rc == VARSDB_OK)
        rc = read_bins(e, given[1], &bins);
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(vdb_vtab_sql(&c->rows.base), VDB_SQL_READ, e, &registry);
    if (rc == VARSDB_OK)
        rc = vdb_stored_find(registry, &place, e, &s);
    if (rc == VARSDB_OK && s.initialized && vdb_dtype_has_numbers(s.dtype))
        rc = count_all(&s, e, bins, &c->h);
    c->rows.count = c->h.bins;
    vdb_stored_release(&s);
    return rc;
}

static int filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc, sqlite3_value **argv)
{
    histogram_cursor *c = (histogram_cursor *)cursor;
    vdb_error e;
    sqlite3_value *given[ARGUMENTS];
    (void)text, (void)argc;
    clear(c);
    vdb_vtab_spread(plan, ARGUMENTS, argv, given);
    int rc = vdb_vtab_keep(given, ARGUMENTS, c->arguments) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(&e);
    if (rc == VARSDB_OK)
        rc = find(c, given, &e);
    return rc == VARSDB_OK ? SQLITE_OK : vdb_vtab_fail(cursor->pVtab, &e);
}

/* ---- rows */

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int i)
{
    const histogram_cursor *c = (const histogram_cursor *)cursor;
    int bin = (int)c->rows.at;
    switch (i) {
    case COLUMN_BIN:
        sqlite3_result_int(context, bin);
        break;
    case COLUMN_LOW:
    case COLUMN_HIGH:
        sqlite3_result_double(context, vdb_histogram_edge(&c->h, bin + (i == COLUMN_HIGH)));
        break;
    case COLUMN_COUNT:
        sqlite3_result_int64(context, c->h.counts[bin]);
        break;
    default:
        vdb_vtab_result(context, c->arguments[i - COLUMN_NAME]);
    }
    return SQLITE_OK;
}

const sqlite3_module *vdb_vtab_histogram(void)
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
