/* function_value.c - values as bytes, as JSON, and by the element.  What has no value yet is NULL. */
#include "function.h"
#include "json.h"
#include "name.h"
#include "result.h"
#include "selection.h"
#include "value.h"

static int refuse_length(vdb_call *c, const char *name, const char *what)
{
    return vdb_fail(
        &c->error, VARSDB_INVALID,
        "variable %.200s: %s takes more than the %llu bytes that this connection allows a value; take a "
        "slice, or tensor_each",
        name, what, (unsigned long long)vdb_sql_length_limit(c->sql));
}

/* ---- tensor */

/* Also of elements that share bytes with their neighbours. */
static void copy_block(void *out, const vdb_block *b)
{
    int bits = varsdb_dtype_bits(b->dtype);
    size_t bytes = (size_t)bits / 8, to = (size_t)b->place;
    if (bytes)
        memcpy((char *)out + to * bytes, (const char *)b->data + b->first * bytes, b->count * bytes);
    for (size_t i = 0; !bytes && i < b->count; i++)
        vdb_packed_set(out, bits, to + i, vdb_packed_get(b->data, bits, b->first + i));
}

static int copy_value(vdb_call *c, vdb_stored *s)
{
    vdb_selection selection;
    int64_t part_bytes = 0;
    int rc = vdb_selection_parse(&c->error, s, NULL, &selection);
    if (rc != VARSDB_OK)
        return rc;
    uint64_t bytes = s->tensor.bytes;
    if (!selection.whole && !vdb_dtype_has_numbers(s->dtype))
        return vdb_fail(&c->error, VARSDB_UNSUPPORTED, "a part of variable %.200s, of %s, has no bytes",
                        s->name, varsdb_dtype_name(s->dtype));
    if (!selection.whole && vdb_dtype_bytes(s->dtype, selection.elements, &part_bytes))
        bytes = (uint64_t)part_bytes;
    if (bytes > vdb_sql_length_limit(c->sql))
        return refuse_length(c, s->name, "its value");
    unsigned char *copy = vdb_calloc(bytes, 1);
    if (!copy)
        return vdb_fail_nomem(&c->error);
    rc = selection.whole ? vdb_stored_read(s, &c->error, 0, copy, (size_t)bytes)
                         : vdb_selection_each(&selection, s, &c->error, copy_block, copy);
    if (rc == VARSDB_OK)
        sqlite3_result_blob64(c->context, copy, bytes, vdb_free);
    else
        vdb_free(copy);
    return rc;
}

int vdb_function_tensor(vdb_call *c)
{
    vdb_stored s;
    int rc = vdb_call_find(c, &s);
    if (rc == VARSDB_OK && s.initialized)
        rc = copy_value(c, &s);
    vdb_stored_release(&s);
    return rc;
}

/* ---- tensor_json */

typedef struct printer {
    vdb_call *call;
    vdb_stored *stored;
    vdb_selection selection;
    vdb_buf text;
    uint64_t limit;
} printer;

/* JSON has an escape for NUL, and none for bytes that are no UTF-8. */
static bool has_json(const char *string, size_t bytes)
{
    for (size_t at = 0, piece; at < bytes; at += piece + 1) {
        piece = strnlen(string + at, bytes - at);
        if (!vdb_utf8_valid(string + at, piece))
            return false;
    }
    return true;
}

static int print_string(printer *p, int64_t i)
{
    vdb_error *e = &p->call->error;
    const char *string;
    size_t bytes;
    int rc = vdb_stored_string(p->stored, e, i, &string, &bytes);
    if (rc != VARSDB_OK)
        return rc;
    if (!has_json(string, bytes))
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "variable %.200s: string %lld is not UTF-8, as JSON is; tensor_item and tensor_each "
                        "have its bytes",
                        p->stored->name, (long long)i);
    return vdb_json_print_string(&p->text, string, bytes) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(e);
}

static int print_element(printer *p)
{
    vdb_stored *s = p->stored;
    vdb_error *e = &p->call->error;
    int64_t i = p->selection.flat;
    char number[64];
    int rc = VARSDB_OK;
    if (s->dtype == VARSDB_STRING)
        return print_string(p, i);
    if (i < s->first || i - s->first >= s->count)
        rc = vdb_stored_load(s, e, i);
    if (rc != VARSDB_OK)
        return rc;
    rc = varsdb_element_json(s->dtype, s->window, (size_t)(i - s->first), number, sizeof number);
    assert(rc == VARSDB_OK);
    return vdb_buf_append_text(&p->text, number) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(e);
}

/* As deep as the rank. */
static int print_axis(printer *p, int axis)
{
    int rc = VARSDB_OK;
    if (axis == p->selection.rank) {
        rc = print_element(p);
        vdb_selection_next(&p->selection);
        return rc;
    }
    int64_t count = p->selection.size[axis];
    if (vdb_buf_append(&p->text, "[", 1) != VARSDB_OK)
        return vdb_fail_nomem(&p->call->error);
    for (int64_t i = 0; rc == VARSDB_OK && i < count; i++) {
        if (p->text.size > p->limit)
            return refuse_length(p->call, p->stored->name, "its text");
        if (i && vdb_buf_append(&p->text, ",", 1) != VARSDB_OK)
            return vdb_fail_nomem(&p->call->error);
        rc = print_axis(p, axis + 1);
    }
    if (rc == VARSDB_OK && vdb_buf_append(&p->text, "]", 1) != VARSDB_OK)
        rc = vdb_fail_nomem(&p->call->error);
    return rc;
}

static int print_value(vdb_call *c, vdb_stored *s, const char *slice)
{
    printer p = {.call = c, .stored = s, .limit = vdb_sql_length_limit(c->sql)};
    int rc = vdb_selection_parse(&c->error, s, slice, &p.selection);
    if (rc == VARSDB_OK)
        rc = print_axis(&p, 0);
    if (rc == VARSDB_OK && p.text.size > p.limit)
        rc = refuse_length(c, s->name, "its text");
    if (rc == VARSDB_OK) {
        size_t bytes = p.text.size;
        sqlite3_result_text64(c->context, vdb_buf_detach(&p.text), bytes, vdb_free, SQLITE_UTF8);
    }
    vdb_buf_release(&p.text);
    return rc;
}

int vdb_function_tensor_json(vdb_call *c)
{
    vdb_stored s;
    const char *slice = NULL;
    int rc = vdb_call_find(c, &s);
    if (rc == VARSDB_OK)
        rc = vdb_call_optional_text(c, 1, "slice, as '0:2,:',", &slice);
    if (rc == VARSDB_OK && s.initialized)
        rc = print_value(c, &s, slice);
    vdb_stored_release(&s);
    return rc;
}

/* ---- tensor_item */

static int read_index(vdb_call *c, int axis, int64_t length, const char *name, int64_t *out)
{
    int64_t i;
    int rc = vdb_call_integer(c, axis + 1, "an index", &i);
    if (rc != VARSDB_OK)
        return rc;
    if (i < -length || i >= length)
        return vdb_fail(&c->error, VARSDB_INVALID,
                        "variable %.200s, axis %d, of %lld elements: there is no element %lld", name, axis,
                        (long long)length, (long long)i);
    *out = i < 0 ? i + length : i;
    return VARSDB_OK;
}

static int find_item(vdb_call *c, const vdb_stored *s, int64_t *out)
{
    int64_t flat = 0, i = 0;
    int rc = VARSDB_OK;
    if (c->count - 1 != s->dims.rank)
        return vdb_fail(&c->error, VARSDB_INVALID, "variable %.200s has %d axes, and %d indices were given",
                        s->name, s->dims.rank, c->count - 1);
    for (int axis = 0; rc == VARSDB_OK && axis < s->dims.rank; axis++) {
        bool cut = s->is_part && axis == s->axis;
        rc = read_index(c, axis, cut ? s->length : s->dims.dim[axis], s->name, &i);
        if (rc == VARSDB_OK)
            flat = flat * s->dims.dim[axis] + i + (cut ? s->offset : 0);
    }
    *out = flat;
    return rc;
}

/* Many are asked for of one value, which is read and checked by the chunk: the last one is kept. */
static vdb_stored *keep(vdb_sql *sql, vdb_stored *found)
{
    if (sql->looked_at && vdb_stored_is(sql->looked_at, found))
        return sql->looked_at;
    vdb_stored_free(sql->looked_at);
    sql->looked_at = vdb_calloc(1, sizeof *found);
    if (sql->looked_at) {
        *sql->looked_at = *found;
        *found = (vdb_stored){0};
    }
    return sql->looked_at;
}

int vdb_function_tensor_item(vdb_call *c)
{
    vdb_stored s;
    int64_t i = 0;
    int rc = vdb_call_find(c, &s);
    if (rc == VARSDB_OK)
        rc = find_item(c, &s, &i);
    if (rc == VARSDB_OK && s.initialized) {
        vdb_stored *kept = keep(c->sql, &s);
        rc = kept ? vdb_result_of_stored(c->context, kept, &c->error, i) : vdb_fail_nomem(&c->error);
    }
    vdb_stored_release(&s);
    return rc;
}

/* ---- tensor_from_json */

int vdb_function_tensor_from_json(vdb_call *c)
{
    const char *json, *name = NULL, *shape_json = NULL;
    vdb_dims asked, dims;
    vdb_buf bytes = {0};
    varsdb_dtype dtype = VARSDB_FLOAT32;
    int rc = vdb_call_text(c, 0, "json", &json);
    if (rc == VARSDB_OK)
        rc = vdb_call_optional_text(c, 1, "dtype, as 'float32',", &name);
    if (rc == VARSDB_OK)
        rc = vdb_call_optional_text(c, 2, "shape, as '[2,3]',", &shape_json);
    if (rc == VARSDB_OK && name && (dtype = varsdb_dtype_parse(name)) == VARSDB_DTYPE_NOT_SAID)
        rc = vdb_fail(&c->error, VARSDB_INVALID, "there is no dtype '%.60s'", name);
    if (rc == VARSDB_OK && shape_json)
        rc = vdb_shape_parse_json(&c->error, shape_json, strlen(shape_json), &asked);
    if (rc != VARSDB_OK)
        return rc;
    varsdb_shape shape = shape_json ? vdb_dims_shape(&asked) : (varsdb_shape){0, NULL};
    rc = vdb_value_parse(&c->error, json, dtype, shape_json ? &shape : NULL, &dims, &bytes);
    if (rc == VARSDB_OK) {
        size_t size = bytes.size;
        char *data = vdb_buf_detach(&bytes);
        if (data)
            sqlite3_result_blob64(c->context, data, size, vdb_free);
        else
            sqlite3_result_zeroblob(c->context, 0);
    }
    vdb_buf_release(&bytes);
    return rc;
}
