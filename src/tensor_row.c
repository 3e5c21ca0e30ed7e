/* tensor_row.c - what a tensor's row says; see tensor.h. */
#include <stdio.h>

#include "row.h"
#include "tensor.h"

/* uint64 beyond int64 is kept exact, as text. */
static vdb_value unsigned_value(uint64_t v, char text[24])
{
    if (v <= INT64_MAX)
        return vdb_int((int64_t)v);
    snprintf(text, 24, "%llu", (unsigned long long)v);
    return vdb_text(text);
}

static void extremes(const vdb_stats *s, vdb_value *at, vdb_extreme_text *text)
{
    switch (vdb_dtype_class_of(s->dtype)) {
    case VDB_CLASS_SIGNED:
        at[TENSOR_MIN] = vdb_int(s->min_signed);
        at[TENSOR_MAX] = vdb_int(s->max_signed);
        break;
    case VDB_CLASS_BOOL:
    case VDB_CLASS_UNSIGNED:
        at[TENSOR_MIN] = unsigned_value(s->min_unsigned, text->min);
        at[TENSOR_MAX] = unsigned_value(s->max_unsigned, text->max);
        break;
    default:
        at[TENSOR_MIN] = vdb_real(s->min_real);
        at[TENSOR_MAX] = vdb_real(s->max_real);
    }
}

/* SQL has no NaN, and -0.0 comes back as 0: a moment that overflowed is stored as none. */
static vdb_value moment(double v)
{
    return v - v == 0 ? vdb_real(v == 0 ? 0 : v) : vdb_null();
}

void vdb_tensor_row_statistics(const vdb_stats *s, vdb_value *at, vdb_extreme_text *text)
{
    if (!vdb_dtype_has_numbers(s->dtype))
        return;
    if (vdb_stats_has_extremes(s)) {
        extremes(s, at, text);
        at[TENSOR_MEAN] = moment(s->mean);
        at[TENSOR_STD] = moment(vdb_stats_std(s));
        at[TENSOR_L2_NORM] = moment(vdb_stats_l2_norm(s));
    }
    at[TENSOR_ZEROS] = vdb_int(s->zeros);
    at[TENSOR_NANS] = vdb_int(s->nans);
    at[TENSOR_POS_INFS] = vdb_int(s->pos_infs);
    at[TENSOR_NEG_INFS] = vdb_int(s->neg_infs);
}

void vdb_tensor_row_fill(const vdb_tensor *t, int64_t id, int64_t discriminator, vdb_value *at,
                         vdb_extreme_text *text)
{
    memset(at, 0, TENSOR_COLUMNS * sizeof *at);
    at[TENSOR_ID] = vdb_int(id);
    at[TENSOR_HASH] = vdb_blob(&t->hash, sizeof t->hash);
    at[TENSOR_BYTES] = vdb_int((int64_t)t->bytes);
    at[TENSOR_DTYPE] = vdb_text(varsdb_dtype_name(t->dtype));
    at[TENSOR_DISCRIMINATOR] = vdb_int(discriminator);
    at[TENSOR_CHUNK_COUNT] = vdb_int(0);
    at[TENSOR_CHUNKS_DIGEST] = vdb_int(0);
    vdb_tensor_row_statistics(&t->stats, at, text);
}

int vdb_tensor_row_insert(varsdb *db, const vdb_value *at, vdb_value inline_bytes)
{
    vdb_value args[TENSOR_COLUMNS + 2];
    memcpy(args, at, TENSOR_COLUMNS * sizeof *args);
    args[TENSOR_COLUMNS] = vdb_int(vdb_digest_row(at, TENSOR_COLUMNS));
    args[TENSOR_COLUMNS + 1] = inline_bytes;
    return vdb_run(db->engine, VDB_Q_TENSOR_INSERT, args, TENSOR_COLUMNS + 2);
}

int vdb_tensor_row_next_id(varsdb *db, int64_t *out)
{
    return vdb_row_take_id(db, VDB_Q_TENSOR_NEXT_ID, &db->next.tensor, out);
}

int vdb_tensor_row_find(varsdb *db, const vdb_tensor *t, int64_t *discriminator, int64_t *id, bool *found)
{
    return vdb_row_find_alike(db, VDB_Q_TENSOR_FIND,
                              VDB_ARGS(vdb_blob(&t->hash, sizeof t->hash), vdb_int((int64_t)t->bytes),
                                       vdb_text(varsdb_dtype_name(t->dtype)), vdb_int(*discriminator)),
                              id, discriminator, found);
}

/* ---- reading */

static int fail_damaged(varsdb *db, const char *name)
{
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the stored value of variable %s is damaged", db->path,
                    name);
}

static int check_row(varsdb *db, int64_t id, const char *name, const vdb_value *at, int64_t digest)
{
    int rc = vdb_row_check(db, "tensor", id, at, TENSOR_COLUMNS, digest);
    if (rc == VARSDB_OK && (at[TENSOR_HASH].bytes != sizeof(vdb_hash) || at[TENSOR_DTYPE].kind != VDB_TEXT))
        rc = fail_damaged(db, name);
    return rc;
}

int vdb_tensor_row_load(varsdb *db, int64_t id, const char *name, vdb_tensor_row *out)
{
    vdb_value at[TENSOR_COLUMNS + 1] = {0};
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_BY_ID, VDB_ARGS(vdb_int(id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row)
        vdb_row_columns(db, rows, at, TENSOR_COLUMNS + 1);
    if (rc == VARSDB_OK)
        rc = row ? check_row(db, id, name, at, at[TENSOR_COLUMNS].integer) : fail_damaged(db, name);
    if (rc == VARSDB_CORRUPT)
        vdb_fail_in(&db->error, "variable %s", name);
    if (rc == VARSDB_OK) {
        varsdb_dtype dtype = varsdb_dtype_parse(at[TENSOR_DTYPE].data);
        *out = (vdb_tensor_row){
            .id = id,
            .bytes = (uint64_t)at[TENSOR_BYTES].integer,
            .dtype = dtype,
            .chunk_bytes = vdb_tensor_chunk_bytes(db, dtype),
            .chunk_count = at[TENSOR_CHUNK_COUNT].integer,
            .chunks_digest = at[TENSOR_CHUNKS_DIGEST].integer,
        };
        memcpy(&out->hash, at[TENSOR_HASH].data, sizeof out->hash);
    }
    vdb_finish(db->engine, rows);
    return rc;
}
