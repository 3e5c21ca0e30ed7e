/*
 * diff_value.c - how far two stored values are from each other; see diff.h.
 *
 * Both pass in windows of a chunk.  Chunks that both have add nothing to new - old, but their
 * squares belong to ||old||, which is over the elements that are finite on both sides.  The norm in
 * the row of old is over those that are finite in old: the same ones, if all of new is finite.
 * Otherwise, and when that norm is out of double's normal range, those chunks are read too, once for
 * both sides.
 */
#include "chunk.h"
#include "diff.h"
#include "difference.h"
#include "progress.h"
#include "row.h"
#include "tensor.h"
#include "variable_info.h"

#define NORM_LEAST 0x1p-960 /* below it a norm has lost digits */

typedef struct side {
    vdb_tensor_row row;
    bool all_finite;
    bool has_norm;
    double norm;
    unsigned char *window;
} side;

typedef struct comparison {
    varsdb *db;
    const char *name;
    varsdb_dtype dtype;
    uint64_t elements, bytes;
    side now, old;
    bool norm_known, skipped;
    vdb_difference difference;
    /* the places at which both have the same chunk, one ahead; -1: no more */
    vdb_rows *common;
    int64_t next_common;
} comparison;

/* ---- the two tensors */

static int fail_damaged(const comparison *c)
{
    return vdb_fail(&c->db->error, VARSDB_CORRUPT, "%s: the stored value of variable %.400s is damaged",
                    c->db->path, c->name);
}

static int load_statistics(const comparison *c, int64_t tensor, side *s)
{
    varsdb *db = c->db;
    vdb_value at[TENSOR_COLUMNS + 1];
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_BY_ID, VDB_ARGS(vdb_int(tensor)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && !row)
        rc = fail_damaged(c);
    if (rc == VARSDB_OK) {
        vdb_row_columns(db, rows, at, TENSOR_COLUMNS + 1);
        rc = vdb_info_check_tensor(db, tensor, at);
    }
    if (rc == VARSDB_OK) {
        s->all_finite = at[TENSOR_NANS].kind == VDB_INT && at[TENSOR_NANS].integer == 0 &&
                        at[TENSOR_POS_INFS].integer == 0 && at[TENSOR_NEG_INFS].integer == 0;
        s->norm = at[TENSOR_L2_NORM].real;
        s->has_norm = at[TENSOR_L2_NORM].kind == VDB_REAL && (s->norm == 0 || s->norm >= NORM_LEAST);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

static int load_side(comparison *c, int64_t tensor, side *s)
{
    int rc = vdb_tensor_row_load(c->db, tensor, c->name, &s->row);
    if (rc == VARSDB_OK && (s->row.bytes != c->bytes || s->row.dtype != c->dtype))
        rc = fail_damaged(c);
    if (rc == VARSDB_OK)
        rc = load_statistics(c, tensor, s);
    if (rc != VARSDB_OK)
        return rc;
    size_t room = s->row.chunk_bytes < c->bytes ? s->row.chunk_bytes : (size_t)c->bytes;
    s->window = vdb_malloc(room ? room : 1);
    return s->window ? VARSDB_OK : vdb_fail_nomem(&c->db->error);
}

/* ---- chunks that both have */

static int64_t link_digest(int64_t tensor, int64_t position, int64_t chunk)
{
    vdb_value at[] = {vdb_int(tensor), vdb_int(position), vdb_int(chunk)};
    return vdb_digest_row(at, 3);
}

static int next_common(comparison *c)
{
    bool row = false;
    vdb_engine *engine = c->db->engine;
    int rc = vdb_next(engine, c->common, &row);
    c->next_common = -1;
    if (rc != VARSDB_OK || !row)
        return rc;
    int64_t position = vdb_column(engine, c->common, 0).integer;
    int64_t chunk = vdb_column(engine, c->common, 1).integer;
    if (vdb_column(engine, c->common, 2).integer != link_digest(c->now.row.id, position, chunk) ||
        vdb_column(engine, c->common, 3).integer != link_digest(c->old.row.id, position, chunk))
        return vdb_chunk_fail(c->db, c->name, position);
    c->next_common = position;
    return VARSDB_OK;
}

static int start_common(comparison *c)
{
    int rc = vdb_start(c->db->engine, VDB_Q_DIFF_COMMON_CHUNKS,
                       VDB_ARGS(vdb_int(c->now.row.id), vdb_int(c->old.row.id)), &c->common);
    return rc == VARSDB_OK ? next_common(c) : rc;
}

/* ---- windows */

static int read_window(const comparison *c, const side *s, uint64_t offset, size_t bytes)
{
    return vdb_tensor_row_read(c->db, &s->row, c->name, offset, s->window, bytes);
}

/* Windows hold whole elements; bits of the last byte that are none are left out. */
static size_t elements_in(const comparison *c, uint64_t offset, size_t bytes)
{
    uint64_t bits = (uint64_t)varsdb_dtype_bits(c->dtype);
    uint64_t before = offset / bits * 8 + offset % bits * 8 / bits, here = bytes * 8 / bits;
    return (size_t)(here < c->elements - before ? here : c->elements - before);
}

static int compare_window(comparison *c, uint64_t offset, size_t bytes, bool common)
{
    size_t elements = elements_in(c, offset, bytes);
    if (common && c->norm_known) {
        c->skipped = true;
        return VARSDB_OK;
    }
    int rc = read_window(c, &c->old, offset, bytes);
    if (rc == VARSDB_OK && !common)
        rc = read_window(c, &c->now, offset, bytes);
    if (rc == VARSDB_OK)
        vdb_difference_add(&c->difference, common ? c->old.window : c->now.window, c->old.window, elements);
    return rc;
}

static int compare(comparison *c, vdb_diff_meter *meter)
{
    size_t room = c->old.row.chunk_bytes;
    int rc = start_common(c);
    for (uint64_t at = 0; rc == VARSDB_OK && at < c->bytes; at += room) {
        size_t here = c->bytes - at < room ? (size_t)(c->bytes - at) : room;
        bool common = c->next_common == (int64_t)(at / room);
        rc = compare_window(c, at, here, common);
        if (rc == VARSDB_OK && common)
            rc = next_common(c);
        meter->done += here;
        if (rc == VARSDB_OK)
            rc = vdb_progress(c->db, meter->progress, meter->payload, "comparing", meter->done, meter->total);
    }
    vdb_finish(c->db->engine, c->common);
    return rc;
}

int vdb_diff_values(varsdb *db, const vdb_diff_item *now, const vdb_diff_item *old, vdb_diff_meter *meter,
                    vdb_diff_delta *out)
{
    int64_t bytes = 0;
    comparison c = {.db = db, .name = now->name, .dtype = now->dtype, .elements = (uint64_t)now->elements};
    if (!vdb_dtype_bytes(now->dtype, now->elements, &bytes))
        return fail_damaged(&c);
    c.bytes = (uint64_t)bytes;
    vdb_difference_begin(&c.difference, c.dtype);
    int rc = load_side(&c, now->tensor, &c.now);
    if (rc == VARSDB_OK)
        rc = load_side(&c, old->tensor, &c.old);
    c.norm_known = c.now.all_finite && c.old.has_norm;
    if (rc == VARSDB_OK)
        rc = compare(&c, meter);
    vdb_free(c.now.window);
    vdb_free(c.old.window);
    if (rc == VARSDB_OK)
        *out = (vdb_diff_delta){vdb_difference_max_abs(&c.difference),
                                c.skipped ? vdb_difference_rel_l2_to(&c.difference, c.old.norm)
                                          : vdb_difference_rel_l2(&c.difference)};
    return rc;
}
