/* pickle_tree.c - what a pickle holds: access, checks, and as JSON; see pickle.h. */
#ifndef VARSDB_OMIT_PYTORCH

#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "pickle.h"

void vdb_pickle_release(vdb_pickle *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->values[i].kind == VDB_PICKLE_LIST || p->values[i].kind == VDB_PICKLE_DICT)
            vdb_free(p->values[i].as.items);
    vdb_free(p->values);
    vdb_free(p->pool);
    *p = (vdb_pickle){0};
}

vdb_pickle_value *vdb_pickle_at(const vdb_pickle *p, vdb_pickle_ref ref)
{
    return &p->values[ref];
}

vdb_pickle_ref vdb_pickle_item(const vdb_pickle *p, const vdb_pickle_value *v, size_t i)
{
    return v->kind == VDB_PICKLE_TUPLE ? p->pool[v->as.pool + i] : v->as.items[i];
}

bool vdb_pickle_is_container(const vdb_pickle_value *v)
{
    return v->kind == VDB_PICKLE_TUPLE || v->kind == VDB_PICKLE_LIST || v->kind == VDB_PICKLE_DICT;
}

bool vdb_pickle_is_text(const vdb_pickle_value *v, const char *text)
{
    return v->kind == VDB_PICKLE_TEXT && v->count == strlen(text) && memcmp(v->as.text, text, v->count) == 0;
}

static const char *word_of(const vdb_pickle_value *v)
{
    static const char *const words[] = {"None", "bool", "int", "int",  "float",  "text",   "tuple",
                                        "list", "dict", "set", "name", "object", "storage"};
    return words[v->kind];
}

const char *vdb_pickle_kind_name(const vdb_pickle_value *v)
{
    static const char *const names[] = {"None",   "a bool",    "a number", "a number", "a number",
                                        "a text", "a tuple",   "a list",   "a dict",   "a set",
                                        "a name", "an object", "a storage"};
    return names[v->kind];
}

/* A container on the way from the root to where we are. */
typedef struct level {
    vdb_pickle_ref ref;
    size_t next; /* item */
} level;

/* ---- The check ---------------------------------------------------------- */

enum seen {
    SEEN_NOT,
    SEEN_OPEN, /* it is on the way */
    SEEN_DONE
};

static int check_depth(vdb_error *e, int depth)
{
    if (depth > VDB_PICKLE_DEPTH_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "the pickle is nested more than %d deep", VDB_PICKLE_DEPTH_MAX);
    return VARSDB_OK;
}

static int open_level(vdb_error *e, const vdb_pickle *p, level *levels, int *depth, vdb_pickle_ref ref)
{
    vdb_pickle_value *v = vdb_pickle_at(p, ref);
    if (v->seen == SEEN_OPEN)
        return vdb_fail(e, VARSDB_FORMAT, "%s in the pickle holds itself", vdb_pickle_kind_name(v));
    int rc = check_depth(e, *depth + 1);
    if (rc != VARSDB_OK)
        return rc;
    v->seen = SEEN_OPEN;
    v->height = 1;
    levels[(*depth)++] = (level){.ref = ref};
    return VARSDB_OK;
}

/* What the container learns of an item that is done. */
static void learn(vdb_pickle_value *v, const vdb_pickle_value *item)
{
    v->holds_call |= item->kind == VDB_PICKLE_CALL || item->holds_call;
    if (v->height <= item->height)
        v->height = (unsigned char)(item->height + 1);
}

int vdb_pickle_check_tree(vdb_error *e, const vdb_pickle *p, vdb_pickle_ref root)
{
    level levels[VDB_PICKLE_DEPTH_MAX];
    int depth = 0, rc = VARSDB_OK;
    vdb_pickle_value *top = vdb_pickle_at(p, root);
    top->holds_call = top->kind == VDB_PICKLE_CALL;
    if (vdb_pickle_is_container(top))
        rc = open_level(e, p, levels, &depth, root);
    while (depth && rc == VARSDB_OK) {
        level *l = &levels[depth - 1];
        vdb_pickle_value *v = vdb_pickle_at(p, l->ref);
        if (l->next == v->count) {
            v->seen = SEEN_DONE;
            depth--;
            if (depth)
                learn(vdb_pickle_at(p, levels[depth - 1].ref), v);
            continue;
        }
        vdb_pickle_ref ref = vdb_pickle_item(p, v, l->next++);
        const vdb_pickle_value *item = vdb_pickle_at(p, ref);
        if (vdb_pickle_is_container(item) && item->seen != SEEN_DONE) {
            rc = open_level(e, p, levels, &depth, ref);
        } else {
            rc = check_depth(e, depth + item->height); /* it may be in a shallower place, too */
            learn(v, item);
        }
    }
    return rc;
}

/* ---- JSON --------------------------------------------------------------- */

static int print_stand_in(const vdb_pickle_value *v, vdb_buf *out)
{
    bool counts = v->kind == VDB_PICKLE_TEXT || v->kind == VDB_PICKLE_LONG || vdb_pickle_is_container(v);
    unsigned length = v->kind == VDB_PICKLE_DICT ? v->count / 2 : v->count;
    return counts ? vdb_buf_printf(out, "{\"type\":\"%s\",\"length\":%u}", word_of(v), length)
                  : vdb_buf_printf(out, "{\"type\":\"%s\"}", word_of(v));
}

static int print_real(double value, vdb_buf *out)
{
    char text[64];
    int rc = varsdb_element_json(VARSDB_FLOAT64, &value, 0, text, sizeof text);
    return rc == VARSDB_OK ? vdb_buf_append_text(out, text) : rc;
}

static int print_name(const vdb_pickle *p, const vdb_pickle_value *v, vdb_buf *out)
{
    const vdb_pickle_name *name = &p->names[v->as.call.name];
    return vdb_buf_printf(out, "\"%s.%s\"", name->module, name->attribute);
}

static int print_leaf(const vdb_pickle *p, const vdb_pickle_value *v, vdb_buf *out)
{
    switch ((vdb_pickle_kind)v->kind) {
    case VDB_PICKLE_NONE:
        return vdb_buf_append_text(out, "null");
    case VDB_PICKLE_BOOL:
        return vdb_buf_append_text(out, v->as.integer ? "true" : "false");
    case VDB_PICKLE_INTEGER:
        return vdb_buf_printf(out, "%lld", (long long)v->as.integer);
    case VDB_PICKLE_REAL:
        return print_real(v->as.real, out);
    case VDB_PICKLE_TEXT:
        return vdb_json_print_string(out, v->as.text, v->count);
    case VDB_PICKLE_NAME:
        return print_name(p, v, out);
    default:
        return print_stand_in(v, out);
    }
}

/* A key, and the colon.  *possible: JSON has such a key. */
static int print_key(const vdb_pickle *p, const vdb_pickle_value *key, size_t most, vdb_buf *out,
                     bool *possible)
{
    const char *quote = key->kind == VDB_PICKLE_INTEGER ? "\"" : "";
    *possible = (key->kind == VDB_PICKLE_TEXT && key->count <= most) || key->kind == VDB_PICKLE_INTEGER;
    if (!*possible)
        return VARSDB_OK;
    int rc = vdb_buf_append_text(out, quote);
    if (rc == VARSDB_OK)
        rc = print_leaf(p, key, out);
    return rc == VARSDB_OK ? vdb_buf_printf(out, "%s:", quote) : rc;
}

static int print_bracket(const vdb_pickle_value *v, vdb_buf *out, bool opens)
{
    bool dict = v->kind == VDB_PICKLE_DICT;
    return vdb_buf_append_text(out, opens ? (dict ? "{" : "[") : (dict ? "}" : "]"));
}

/* The next thing of the innermost container: its end, or an item with what stands before it. */
static int print_next(const vdb_pickle *p, level *levels, int *depth, size_t most, vdb_buf *out,
                      bool *possible)
{
    level *l = &levels[*depth - 1];
    const vdb_pickle_value *v = vdb_pickle_at(p, l->ref);
    if (l->next == v->count) {
        --*depth;
        return print_bracket(v, out, false);
    }
    int rc = l->next ? vdb_buf_append_text(out, ",") : VARSDB_OK;
    if (rc == VARSDB_OK && v->kind == VDB_PICKLE_DICT)
        rc = print_key(p, vdb_pickle_at(p, vdb_pickle_item(p, v, l->next++)), most, out, possible);
    if (rc != VARSDB_OK || !*possible)
        return rc;
    vdb_pickle_ref ref = vdb_pickle_item(p, v, l->next++);
    const vdb_pickle_value *item = vdb_pickle_at(p, ref);
    if (item->kind == VDB_PICKLE_TEXT && item->count > most)
        *possible = false;
    else if (!vdb_pickle_is_container(item))
        return print_leaf(p, item, out);
    if (!*possible)
        return VARSDB_OK;
    levels[(*depth)++] = (level){.ref = ref};
    return print_bracket(item, out, true);
}

int vdb_pickle_print(const vdb_pickle *p, vdb_pickle_ref ref, size_t most, vdb_buf *out)
{
    level levels[VDB_PICKLE_DEPTH_MAX + 1];
    const vdb_pickle_value *v = vdb_pickle_at(p, ref);
    size_t before = out->size;
    bool possible = v->kind != VDB_PICKLE_TEXT || v->count <= most;
    int depth = 0, rc = VARSDB_OK;
    if (!possible)
        return print_stand_in(v, out);
    if (vdb_pickle_is_container(v)) {
        levels[depth++] = (level){.ref = ref};
        rc = print_bracket(v, out, true);
    } else {
        rc = print_leaf(p, v, out);
    }
    while (rc == VARSDB_OK && depth && possible && out->size - before <= most)
        rc = print_next(p, levels, &depth, most, out, &possible);
    if (rc == VARSDB_OK && (!possible || out->size - before > most)) {
        out->size = before;
        rc = print_stand_in(v, out);
    }
    return rc;
}

#endif
