/* pytorch_view.c - a call of _rebuild_tensor as a view of a storage; see pytorch.h. */
#ifndef VARSDB_OMIT_PYTORCH

#include <string.h>

#include "../dtype.h"
#include "../shape.h"
#include "pytorch.h"

#define DIGITS_MAX 20

void *vdb_pytorch_take(vdb_error *e, vdb_pytorch *t, size_t bytes)
{
    void *p = vdb_arena_take(&t->arena, bytes);
    if (!p && vdb_arena_is_full(&t->arena, bytes))
        vdb_fail(e, VARSDB_FORMAT, "names, shapes and metadata take more than %zu MiB",
                 VDB_PYTORCH_ARENA_MOST >> 20);
    else if (!p)
        vdb_fail_nomem(e);
    return p;
}

/* ---- What a pickle's values say ----------------------------------------- */

static const vdb_pickle_value *item_of(const vdb_pickle *p, const vdb_pickle_value *tuple, size_t i)
{
    return vdb_pickle_at(p, vdb_pickle_item(p, tuple, i));
}

static int tag_of(const vdb_pickle *p, const vdb_pickle_value *v)
{
    bool named = v->kind == VDB_PICKLE_NAME || v->kind == VDB_PICKLE_CALL;
    return named ? p->names[v->as.call.name].tag : VDB_PYTORCH_OTHER;
}

static int take_count(vdb_error *e, const vdb_pickle_value *v, const char *what, uint64_t *out)
{
    if (v->kind != VDB_PICKLE_INTEGER)
        return vdb_fail(e, VARSDB_FORMAT, "%s is %s; it must be a whole number", what,
                        vdb_pickle_kind_name(v));
    if (v->as.integer < 0)
        return vdb_fail(e, VARSDB_FORMAT, "%s is %lld; it must not be negative", what,
                        (long long)v->as.integer);
    *out = (uint64_t)v->as.integer;
    return VARSDB_OK;
}

/* ---- Storages ----------------------------------------------------------- */

static bool is_digits(const vdb_pickle_value *v)
{
    if (v->kind != VDB_PICKLE_TEXT || !v->count || v->count > DIGITS_MAX)
        return false;
    for (uint32_t i = 0; i < v->count; i++)
        if (v->as.text[i] < '0' || v->as.text[i] > '9')
            return false;
    return true;
}

/* (key, first, items): what files of old say of a storage that is a part of another. */
static int parse_part(vdb_error *e, const vdb_pickle *p, const vdb_pickle_value *part, vdb_pytorch_storage *s)
{
    if (part->kind == VDB_PICKLE_NONE)
        return VARSDB_OK;
    if (part->kind != VDB_PICKLE_TUPLE || part->count != 3)
        return vdb_fail(e, VARSDB_FORMAT, "a part of a storage is named by %s", vdb_pickle_kind_name(part));
    int rc = take_count(e, item_of(p, part, 1), "the begin of a storage's part", &s->first);
    if (rc == VARSDB_OK)
        rc = take_count(e, item_of(p, part, 2), "the size of a storage's part", &s->used);
    if (rc == VARSDB_OK && (s->first > s->items || s->used > s->items - s->first))
        rc = vdb_fail(e, VARSDB_FORMAT, "a part of a storage of %llu elements goes beyond its end",
                      (unsigned long long)s->items);
    return rc;
}

int vdb_pytorch_parse_storage(vdb_error *e, const vdb_pickle *p, const vdb_pickle_value *v,
                              vdb_pytorch_storage *out)
{
    vdb_pytorch_storage s = {.item_bytes = 1};
    const vdb_pickle_value *id = v->kind == VDB_PICKLE_PERSISTENT ? vdb_pickle_at(p, v->as.call.args) : NULL;
    if (!id || id->count < 5 || id->count > 6 || !vdb_pickle_is_text(item_of(p, id, 0), "storage"))
        return vdb_fail(e, VARSDB_FORMAT, "%s is where a storage must be", vdb_pickle_kind_name(v));
    const vdb_pickle_value *type = item_of(p, id, 1), *key = item_of(p, id, 2);
    int tag = tag_of(p, type);
    if (type->kind != VDB_PICKLE_NAME || (tag != VDB_PYTORCH_STORAGE && tag != VDB_PYTORCH_BYTES))
        return vdb_fail(e, VARSDB_FORMAT, "%s is where a storage's type must be", vdb_pickle_kind_name(type));
    if (!is_digits(key))
        return vdb_fail(e, VARSDB_FORMAT, "a storage's key must be 1 to %d digits", DIGITS_MAX);
    s.key = key->as.text;
    s.key_bytes = key->count;
    if (tag == VDB_PYTORCH_STORAGE) {
        s.dtype = p->names[type->as.call.name].dtype;
        s.item_bytes = (unsigned)varsdb_dtype_bits(s.dtype) / 8;
    }
    int rc = take_count(e, item_of(p, id, 4), "the size of a storage", &s.items);
    s.used = s.items;
    if (rc == VARSDB_OK && s.items > (uint64_t)INT64_MAX / s.item_bytes)
        rc = vdb_fail(e, VARSDB_FORMAT, "a storage of %llu elements is more than can be counted",
                      (unsigned long long)s.items);
    if (rc == VARSDB_OK && id->count == 6)
        rc = parse_part(e, p, item_of(p, id, 5), &s);
    if (rc == VARSDB_OK)
        *out = s;
    return rc;
}

/* ---- Views -------------------------------------------------------------- */

/* What a call says: the shape's dimensions and the strides as they are there. */
typedef struct draft {
    vdb_pytorch_storage storage;
    uint64_t offset; /* elements */
    int64_t dims[VARSDB_RANK_MAX];
    uint64_t strides[VARSDB_RANK_MAX];
    varsdb_shape shape;
    varsdb_dtype dtype;
    int64_t elements, bytes;
} draft;

static int parse_shape(vdb_error *e, const vdb_pickle *p, const vdb_pickle_value *size,
                       const vdb_pickle_value *stride, draft *d)
{
    if (size->kind != VDB_PICKLE_TUPLE || stride->kind != VDB_PICKLE_TUPLE || size->count != stride->count)
        return vdb_fail(e, VARSDB_FORMAT, "its size and its stride must be tuples of as many numbers");
    if (size->count > VARSDB_RANK_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "it has %u dimensions; %d is the most", (unsigned)size->count,
                        VARSDB_RANK_MAX);
    int rc = VARSDB_OK;
    for (uint32_t i = 0; i < size->count && rc == VARSDB_OK; i++) {
        uint64_t dim = 0;
        rc = take_count(e, item_of(p, size, i), "a dimension", &dim);
        if (rc == VARSDB_OK)
            rc = take_count(e, item_of(p, stride, i), "a stride", &d->strides[i]);
        d->dims[i] = (int64_t)dim;
    }
    if (rc != VARSDB_OK)
        return rc;
    d->shape = (varsdb_shape){(int)size->count, d->dims};
    rc = vdb_shape_check(e, &d->shape, false);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(e, &d->shape, &d->elements);
    if (rc == VARSDB_INVALID)
        e->code = rc = VARSDB_FORMAT;
    return rc;
}

/* What is said beside the numbers: of tensors that are conjugated or negated when they are used. */
static int refuse_extras(vdb_error *e, const vdb_pickle_value *extras)
{
    if (extras->kind == VDB_PICKLE_NONE || (extras->kind == VDB_PICKLE_DICT && !extras->count))
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_UNSUPPORTED,
                    "it is no plain tensor (conjugated or negated on use?); save what "
                    "tensor.resolve_conj().resolve_neg() returns");
}

static int parse_dtype(vdb_error *e, const vdb_pickle *p, const vdb_pickle_value *args, bool typed, draft *d)
{
    size_t extras = typed ? 7 : 6;
    d->dtype = d->storage.dtype;
    if (typed) {
        const vdb_pickle_value *dtype = item_of(p, args, 6);
        if (tag_of(p, dtype) != VDB_PYTORCH_DTYPE)
            return vdb_fail(e, VARSDB_FORMAT, "its dtype is %s", vdb_pickle_kind_name(dtype));
        d->dtype = p->names[dtype->as.call.name].dtype;
    }
    if (d->dtype == VARSDB_DTYPE_NOT_SAID)
        return vdb_fail(e, VARSDB_FORMAT, "its storage has no dtype");
    if (!vdb_dtype_bytes(d->dtype, d->elements, &d->bytes))
        return vdb_fail(e, VARSDB_FORMAT, "%lld elements of %s are more bytes than can be counted",
                        (long long)d->elements, varsdb_dtype_name(d->dtype));
    return args->count > extras ? refuse_extras(e, item_of(p, args, extras)) : VARSDB_OK;
}

static int parse_call(vdb_error *e, const vdb_pickle *p, const vdb_pickle_value *call, draft *d)
{
    const vdb_pickle_value *args = vdb_pickle_at(p, call->as.call.args);
    int tag = tag_of(p, call);
    if (tag == VDB_PYTORCH_PARAMETER) {
        call = item_of(p, args, 0);
        tag = call->kind == VDB_PICKLE_CALL ? tag_of(p, call) : VDB_PYTORCH_OTHER;
        if (tag != VDB_PYTORCH_TENSOR && tag != VDB_PYTORCH_TYPED_TENSOR)
            return vdb_fail(e, VARSDB_FORMAT, "it is a parameter made of %s", vdb_pickle_kind_name(call));
        args = vdb_pickle_at(p, call->as.call.args);
    }
    int rc = vdb_pytorch_parse_storage(e, p, item_of(p, args, 0), &d->storage);
    if (rc == VARSDB_OK)
        rc = take_count(e, item_of(p, args, 1), "its offset", &d->offset);
    if (rc == VARSDB_OK)
        rc = parse_shape(e, p, item_of(p, args, 2), item_of(p, args, 3), d);
    if (rc == VARSDB_OK)
        rc = parse_dtype(e, p, args, tag == VDB_PYTORCH_TYPED_TENSOR, d);
    return rc;
}

/* Every element must lie in the storage. */
static int check_extent(vdb_error *e, const draft *d)
{
    unsigned item_bytes = (unsigned)varsdb_dtype_bits(d->dtype) / 8;
    uint64_t room = d->storage.used * d->storage.item_bytes / item_bytes, last = d->offset, step;
    bool fits = d->offset <= room;
    for (int i = 0; d->elements && i < d->shape.rank && fits; i++)
        fits = !__builtin_mul_overflow((uint64_t)d->dims[i] - 1, d->strides[i], &step) &&
               !__builtin_add_overflow(last, step, &last);
    if (!fits || (d->elements && last >= room))
        return vdb_fail(e, VARSDB_FORMAT, "its elements go beyond the end of its storage, which has %llu",
                        (unsigned long long)room);
    return VARSDB_OK;
}

/* Leaves out what says nothing: dimensions of 1, and those that continue the one before them. */
static int join_dims(const draft *d, uint64_t *dims, uint64_t *strides)
{
    int rank = 0;
    for (int i = 0; i < d->shape.rank; i++) {
        uint64_t dim = (uint64_t)d->dims[i], whole;
        if (dim == 1)
            continue;
        if (rank && !__builtin_mul_overflow(d->strides[i], dim, &whole) && strides[rank - 1] == whole) {
            dims[rank - 1] *= dim;
            strides[rank - 1] = d->strides[i];
        } else {
            dims[rank] = dim;
            strides[rank++] = d->strides[i];
        }
    }
    return rank;
}

static int keep_numbers(vdb_error *e, vdb_pytorch *t, const draft *d, vdb_pytorch_view *view)
{
    uint64_t dims[VARSDB_RANK_MAX], strides[VARSDB_RANK_MAX];
    int rank = d->elements ? join_dims(d, dims, strides) : 0;
    size_t shape_bytes = (size_t)d->shape.rank * sizeof(int64_t), bytes = (size_t)rank * sizeof *dims;
    char *kept = vdb_pytorch_take(e, t, shape_bytes + bytes * 2);
    if (!kept)
        return e->code;
    if (shape_bytes)
        memcpy(kept, d->dims, shape_bytes);
    if (bytes) {
        memcpy(kept + shape_bytes, dims, bytes);
        memcpy(kept + shape_bytes + bytes, strides, bytes);
    }
    view->shape = (varsdb_shape){d->shape.rank, (const int64_t *)(const void *)kept};
    view->at.rank = rank;
    view->at.dims = (const uint64_t *)(const void *)(kept + shape_bytes);
    view->at.strides = view->at.dims + rank;
    return VARSDB_OK;
}

int vdb_pytorch_make_view(vdb_error *e, vdb_pytorch *t, const vdb_pickle *p, const vdb_pickle_value *call,
                          const vdb_pytorch_places *places, vdb_pytorch_view *out)
{
    draft d = {0};
    uint64_t begin = 0;
    int rc = parse_call(e, p, call, &d);
    if (rc == VARSDB_OK)
        rc = check_extent(e, &d);
    if (rc == VARSDB_OK)
        rc = places->find(e, places->payload, &d.storage, &begin);
    if (rc != VARSDB_OK)
        return rc;
    unsigned item_bytes = (unsigned)varsdb_dtype_bits(d.dtype) / 8;
    vdb_pytorch_view view = {
        .dtype = d.dtype,
        .bytes = (uint64_t)d.bytes,
        .at = {.base = begin + d.storage.first * d.storage.item_bytes + d.offset * item_bytes,
               .item_bytes = item_bytes,
               .number_bytes = places->big_endian ? (unsigned)vdb_dtype_number_bytes(d.dtype) : 1}};
    rc = keep_numbers(e, t, &d, &view);
    if (rc == VARSDB_OK)
        *out = view;
    return rc;
}

#endif
