/* pickle.c - the machine; see pickle.h. */
#ifndef VARSDB_OMIT_PYTORCH

#include "pickle.h"

#include <stdio.h>
#include <string.h>

#include "../byte_order.h"
#include "../mem.h"
#include "../name.h"

#define STOP '.'

/* Values that every machine begins with. */
enum common {
    COMMON_NONE,
    COMMON_FALSE,
    COMMON_TRUE,
    COMMON_TUPLE,
    COMMONS
};

typedef struct machine {
    vdb_error *error;
    const unsigned char *text;
    size_t bytes, at, steps;
    vdb_pickle p;
    vdb_pickle_ref *stack;
    size_t height, stack_room;
    uint32_t *marks; /* heights */
    size_t mark_count, marks_room;
    vdb_pickle_ref *memo; /* a value's number and 1, 0: there is none */
    size_t memo_count;
} machine;

/* ---- Memory ------------------------------------------------------------- */

static int grow(machine *m, void **list, size_t needed, size_t *room, size_t item_bytes)
{
    if (needed <= *room)
        return VARSDB_OK;
    size_t more = *room ? *room : 32;
    while (more < needed)
        more += more / 2;
    void *p = vdb_realloc(*list, more, item_bytes);
    if (!p)
        return vdb_fail_nomem(m->error);
    *list = p;
    *room = more;
    return VARSDB_OK;
}

static int push(machine *m, vdb_pickle_ref ref)
{
    void *list = m->stack;
    int rc = grow(m, &list, m->height + 1, &m->stack_room, sizeof *m->stack);
    m->stack = list;
    if (rc == VARSDB_OK)
        m->stack[m->height++] = ref;
    return rc;
}

static int make(machine *m, vdb_pickle_value value, vdb_pickle_ref *out)
{
    void *list = m->p.values;
    int rc = grow(m, &list, m->p.count + 1, &m->p.room, sizeof *m->p.values);
    m->p.values = list;
    if (rc != VARSDB_OK)
        return rc;
    *out = (vdb_pickle_ref)m->p.count; /* a step makes one at most, see VDB_PICKLE_STEPS_MAX */
    m->p.values[m->p.count++] = value;
    return VARSDB_OK;
}

static int push_new(machine *m, vdb_pickle_value value)
{
    vdb_pickle_ref ref = 0;
    int rc = make(m, value, &ref);
    return rc == VARSDB_OK ? push(m, ref) : rc;
}

static int push_integer(machine *m, int64_t integer)
{
    return push_new(m, (vdb_pickle_value){.kind = VDB_PICKLE_INTEGER, .as.integer = integer});
}

/* The room of a list is the least power of two, from 4 on. */
static int append_item(machine *m, vdb_pickle_value *list, vdb_pickle_ref item)
{
    uint32_t count = list->count;
    if (count == 0 || (count >= 4 && (count & (count - 1)) == 0)) {
        vdb_pickle_ref *p = vdb_realloc(list->as.items, count ? (size_t)count * 2 : 4, sizeof *p);
        if (!p)
            return vdb_fail_nomem(m->error);
        list->as.items = p;
    }
    list->as.items[list->count++] = item;
    return VARSDB_OK;
}

/* ---- Failures ----------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int refuse(machine *m, const char *format, ...)
{
    char what[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return vdb_fail(m->error, VARSDB_FORMAT, "byte %zu of the pickle: %s", m->at, what);
}

static int fail_cut(machine *m)
{
    m->p.cut = true;
    return vdb_fail(m->error, VARSDB_FORMAT, "the pickle ends at byte %zu, before its end; it is truncated",
                    m->bytes);
}

/* ---- What the text has -------------------------------------------------- */

static int take(machine *m, size_t bytes, const unsigned char **out)
{
    if (bytes > m->bytes - m->at)
        return fail_cut(m);
    *out = m->text + m->at;
    m->at += bytes;
    return VARSDB_OK;
}

static int take_number(machine *m, size_t bytes, uint32_t *out)
{
    const unsigned char *p = NULL;
    int rc = take(m, bytes, &p);
    if (rc == VARSDB_OK)
        *out = (uint32_t)vdb_get_little_endian(p, bytes);
    return rc;
}

/* A text that ends in a line feed, which is not in it. */
static int take_line(machine *m, const char **out, size_t *bytes)
{
    const unsigned char *begin = m->text + m->at, *end = memchr(begin, '\n', m->bytes - m->at);
    if (!end)
        return fail_cut(m);
    *out = (const char *)begin;
    *bytes = (size_t)(end - begin);
    m->at += *bytes + 1;
    return VARSDB_OK;
}

/* ---- What the stack has ------------------------------------------------- */

static size_t floor_of(const machine *m)
{
    return m->mark_count ? m->marks[m->mark_count - 1] : 0;
}

static int pop(machine *m, vdb_pickle_ref *out)
{
    if (m->height <= floor_of(m))
        return refuse(m, "an operation takes more values than there are");
    *out = m->stack[--m->height];
    return VARSDB_OK;
}

/* The value on top, which stays. */
static int peek(machine *m, vdb_pickle_ref *out)
{
    int rc = pop(m, out);
    m->height += rc == VARSDB_OK;
    return rc;
}

/* Takes the values since the last mark: they stay on the stack, from *from on, until the next push. */
static int pop_marked(machine *m, size_t *from, size_t *count)
{
    if (!m->mark_count)
        return refuse(m, "an operation takes all values since a mark, and there is no mark");
    *from = m->marks[--m->mark_count];
    *count = m->height - *from;
    m->height = *from;
    return VARSDB_OK;
}

static int push_tuple(machine *m, size_t from, size_t count)
{
    if (!count)
        return push(m, COMMON_TUPLE);
    void *pool = m->p.pool;
    int rc = grow(m, &pool, m->p.pool_count + count, &m->p.pool_room, sizeof *m->p.pool);
    m->p.pool = pool;
    if (rc != VARSDB_OK)
        return rc;
    memcpy(m->p.pool + m->p.pool_count, m->stack + from, count * sizeof *m->p.pool);
    vdb_pickle_value tuple = {.kind = VDB_PICKLE_TUPLE, .count = (uint32_t)count, .as.pool = m->p.pool_count};
    m->p.pool_count += count;
    return push_new(m, tuple);
}

/* ---- Operations --------------------------------------------------------- */

static int do_mark(machine *m, size_t unused)
{
    (void)unused;
    void *list = m->marks;
    int rc = grow(m, &list, m->mark_count + 1, &m->marks_room, sizeof *m->marks);
    m->marks = list;
    if (rc == VARSDB_OK)
        m->marks[m->mark_count++] = (uint32_t)m->height;
    return rc;
}

static int do_proto(machine *m, size_t unused)
{
    (void)unused;
    uint32_t version = 0;
    int rc = take_number(m, 1, &version);
    if (rc == VARSDB_OK && version != 2)
        rc = refuse(m, "it is of protocol %u; torch.save writes protocol 2", (unsigned)version);
    return rc;
}

static int do_common(machine *m, size_t which)
{
    return push(m, (vdb_pickle_ref)which);
}

static int do_empty(machine *m, size_t kind)
{
    return push_new(m, (vdb_pickle_value){.kind = (unsigned char)kind});
}

static bool is_text(const char *text, size_t bytes)
{
    for (const char *end = text + bytes, *nul; text <= end; text = nul + 1) {
        nul = memchr(text, '\0', (size_t)(end - text));
        nul = nul ? nul : end;
        if (!vdb_utf8_valid(text, (size_t)(nul - text)))
            return false;
    }
    return true;
}

static int do_text(machine *m, size_t length_bytes)
{
    const unsigned char *p = NULL;
    uint32_t bytes = 0;
    int rc = take_number(m, length_bytes, &bytes);
    if (rc == VARSDB_OK)
        rc = take(m, bytes, &p);
    if (rc == VARSDB_OK && !is_text((const char *)p, bytes))
        rc = refuse(m, "a text that ends here is not UTF-8");
    if (rc == VARSDB_OK)
        rc = push_new(
            m, (vdb_pickle_value){.kind = VDB_PICKLE_TEXT, .count = bytes, .as.text = (const char *)p});
    return rc;
}

static int do_real(machine *m, size_t bytes)
{
    const unsigned char *p = NULL;
    int rc = take(m, bytes, &p);
    if (rc != VARSDB_OK)
        return rc;
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++)
        bits = bits << 8 | p[i];
    vdb_pickle_value real = {.kind = VDB_PICKLE_REAL};
    memcpy(&real.as.real, &bits, sizeof bits);
    return push_new(m, real);
}

static int do_long(machine *m, size_t length_bytes)
{
    const unsigned char *p = NULL;
    uint32_t bytes = 0;
    int rc = take_number(m, length_bytes, &bytes);
    if (rc == VARSDB_OK)
        rc = take(m, bytes, &p);
    if (rc != VARSDB_OK)
        return rc;
    if (bytes > 8)
        return push_new(
            m, (vdb_pickle_value){.kind = VDB_PICKLE_LONG, .count = bytes, .as.text = (const char *)p});
    uint64_t value = vdb_get_little_endian(p, bytes);
    if (bytes && bytes < 8 && p[bytes - 1] & 0x80)
        value |= UINT64_MAX << (8 * bytes);
    return push_integer(m, (int64_t)value);
}

static int do_integer(machine *m, size_t bytes)
{
    uint32_t value = 0;
    int rc = take_number(m, bytes, &value);
    return rc == VARSDB_OK ? push_integer(m, bytes == 4 ? (int32_t)value : (int64_t)value) : rc;
}

static bool is_line(const char *text, const char *line, size_t bytes)
{
    return strlen(text) == bytes && memcmp(line, text, bytes) == 0;
}

static int do_global(machine *m, size_t unused)
{
    (void)unused;
    const char *module = NULL, *attribute = NULL;
    size_t module_bytes = 0, attribute_bytes = 0;
    int rc = take_line(m, &module, &module_bytes);
    if (rc == VARSDB_OK)
        rc = take_line(m, &attribute, &attribute_bytes);
    if (rc != VARSDB_OK)
        return rc;
    for (size_t i = 0; i < m->p.name_count; i++)
        if (is_line(m->p.names[i].module, module, module_bytes) &&
            is_line(m->p.names[i].attribute, attribute, attribute_bytes))
            return push_new(m, (vdb_pickle_value){.kind = VDB_PICKLE_NAME, .as.call.name = (uint32_t)i});
    return vdb_fail(
        m->error, VARSDB_UNSUPPORTED,
        "it holds '%.*s.%.*s', which is not among the names that are read; what is read are plain "
        "tensors in dicts and lists, such as torch.save(model.state_dict(), ...) writes",
        module_bytes < 100 ? (int)module_bytes : 100, module,
        attribute_bytes < 100 ? (int)attribute_bytes : 100, attribute);
}

static int do_put(machine *m, size_t index_bytes)
{
    uint32_t index = 0;
    vdb_pickle_ref top = 0;
    int rc = take_number(m, index_bytes, &index);
    if (rc == VARSDB_OK)
        rc = peek(m, &top);
    if (rc != VARSDB_OK)
        return rc;
    if (index >= m->steps)
        return refuse(m, "number %u of the memo is more than operations came before", (unsigned)index);
    if (index >= m->memo_count) {
        size_t more = (size_t)index + 1 + m->memo_count / 2;
        vdb_pickle_ref *memo = vdb_realloc(m->memo, more, sizeof *memo);
        if (!memo)
            return vdb_fail_nomem(m->error);
        memset(memo + m->memo_count, 0, (more - m->memo_count) * sizeof *memo);
        m->memo = memo;
        m->memo_count = more;
    }
    m->memo[index] = top + 1;
    return VARSDB_OK;
}

static int do_get(machine *m, size_t index_bytes)
{
    uint32_t index = 0;
    int rc = take_number(m, index_bytes, &index);
    if (rc != VARSDB_OK)
        return rc;
    if (index >= m->memo_count || !m->memo[index])
        return refuse(m, "number %u of the memo is not there", (unsigned)index);
    return push(m, m->memo[index] - 1);
}

static int do_tuple(machine *m, size_t count)
{
    if (m->height - floor_of(m) < count)
        return refuse(m, "a tuple of %zu has more values than there are", count);
    m->height -= count;
    return push_tuple(m, m->height, count);
}

/* Puts `count` values, which were taken off the stack and lie there yet, into what is on top of it. */
static int put_into(machine *m, size_t kind, size_t from, size_t count)
{
    vdb_pickle_ref ref = 0;
    int rc = peek(m, &ref);
    if (rc != VARSDB_OK)
        return rc;
    vdb_pickle_value *v = &m->p.values[ref];
    if (v->kind != kind)
        return refuse(m, "items are put into %s, which is no %s", vdb_pickle_kind_name(v),
                      kind == VDB_PICKLE_DICT ? "dict" : "list");
    if (kind == VDB_PICKLE_DICT && count % 2)
        return refuse(m, "a dict is given a key without a value");
    for (size_t i = 0; i < count && rc == VARSDB_OK; i++)
        rc = append_item(m, v, m->stack[from + i]);
    return rc;
}

static int do_put_marked(machine *m, size_t kind)
{
    size_t from = 0, count = 0;
    int rc = pop_marked(m, &from, &count);
    if (rc != VARSDB_OK)
        return rc;
    return kind == VDB_PICKLE_TUPLE ? push_tuple(m, from, count) : put_into(m, kind, from, count);
}

static int do_put_one(machine *m, size_t kind)
{
    size_t count = kind == VDB_PICKLE_DICT ? 2 : 1;
    if (m->height - floor_of(m) < count)
        return refuse(m, "an item is put, and there is none");
    m->height -= count;
    return put_into(m, kind, m->height, count);
}

/* OrderedDict([[key, value], ...]), as Python 2 writes it. */
static int call_dict(machine *m, const vdb_pickle_value *args)
{
    vdb_pickle_ref dict = 0;
    vdb_pickle_value pairs = {.kind = VDB_PICKLE_LIST};
    if (args->count)
        pairs = m->p.values[vdb_pickle_item(&m->p, args, 0)];
    if (pairs.kind != VDB_PICKLE_LIST)
        return refuse(m, "a dict is made of %s", vdb_pickle_kind_name(&pairs));
    m->steps += pairs.count; /* so that their number stays bounded, however often the list is used */
    int rc = make(m, (vdb_pickle_value){.kind = VDB_PICKLE_DICT}, &dict);
    for (size_t i = 0; i < pairs.count && rc == VARSDB_OK; i++) {
        const vdb_pickle_value *pair = &m->p.values[pairs.as.items[i]];
        if ((pair->kind != VDB_PICKLE_LIST && pair->kind != VDB_PICKLE_TUPLE) || pair->count != 2)
            return refuse(m, "a dict is made of something else than pairs");
        rc = append_item(m, &m->p.values[dict], vdb_pickle_item(&m->p, pair, 0));
        if (rc == VARSDB_OK)
            rc = append_item(m, &m->p.values[dict], vdb_pickle_item(&m->p, pair, 1));
    }
    return rc == VARSDB_OK ? push(m, dict) : rc;
}

static int call_name(machine *m, uint32_t index, vdb_pickle_ref args_ref)
{
    const vdb_pickle_name *name = &m->p.names[index];
    const vdb_pickle_value *args = &m->p.values[args_ref];
    if (name->use == VDB_PICKLE_UNCALLED)
        return refuse(m, "'%.100s.%.100s' is called, which is no function", name->module, name->attribute);
    if (args->count < name->least || args->count > name->most)
        return refuse(m, "'%.100s.%.100s' is called with %u arguments", name->module, name->attribute,
                      (unsigned)args->count);
    if (name->use == VDB_PICKLE_AS_DICT)
        return call_dict(m, args);
    if (name->use == VDB_PICKLE_AS_CALL)
        return push_new(
            m, (vdb_pickle_value){.kind = VDB_PICKLE_CALL, .as.call = {.name = index, .args = args_ref}});
    vdb_pickle_ref tuple = vdb_pickle_item(&m->p, args, 0);
    if (m->p.values[tuple].kind != VDB_PICKLE_TUPLE)
        return refuse(m, "'%.100s.%.100s' is called with something else than a tuple", name->module,
                      name->attribute);
    return push(m, tuple);
}

static int do_reduce(machine *m, size_t unused)
{
    (void)unused;
    vdb_pickle_ref args = 0, callee = 0;
    int rc = pop(m, &args);
    if (rc == VARSDB_OK)
        rc = pop(m, &callee);
    if (rc != VARSDB_OK)
        return rc;
    const vdb_pickle_value *f = &m->p.values[callee];
    if (f->kind != VDB_PICKLE_NAME || m->p.values[args].kind != VDB_PICKLE_TUPLE)
        return refuse(m, "%s is called with %s", vdb_pickle_kind_name(f),
                      vdb_pickle_kind_name(&m->p.values[args]));
    return call_name(m, f->as.call.name, args);
}

/* Attributes, such as a state_dict's _metadata, are passed over. */
static int do_build(machine *m, size_t unused)
{
    (void)unused;
    vdb_pickle_ref state = 0, object = 0;
    int rc = pop(m, &state);
    if (rc == VARSDB_OK)
        rc = peek(m, &object);
    if (rc != VARSDB_OK)
        return rc;
    const vdb_pickle_value *v = &m->p.values[object];
    if (v->kind != VDB_PICKLE_DICT && v->kind != VDB_PICKLE_CALL)
        return refuse(m, "%s is given attributes", vdb_pickle_kind_name(v));
    return VARSDB_OK;
}

static int do_persistent(machine *m, size_t unused)
{
    (void)unused;
    vdb_pickle_ref id = 0;
    int rc = pop(m, &id);
    if (rc == VARSDB_OK && m->p.values[id].kind != VDB_PICKLE_TUPLE)
        rc = refuse(m, "a storage is named by %s", vdb_pickle_kind_name(&m->p.values[id]));
    if (rc == VARSDB_OK)
        rc = push_new(m, (vdb_pickle_value){.kind = VDB_PICKLE_PERSISTENT, .as.call.args = id});
    return rc;
}

typedef int (*operation)(machine *m, size_t argument);

/* By the byte that stands for it, and that byte's name in Python's pickletools. */
static const struct {
    operation run;
    size_t argument;
} operations[256] = {
    [0x80] = {do_proto, 0},                    /* PROTO */
    ['('] = {do_mark, 0},                      /* MARK */
    ['N'] = {do_common, COMMON_NONE},          /* NONE */
    [0x88] = {do_common, COMMON_TRUE},         /* NEWTRUE */
    [0x89] = {do_common, COMMON_FALSE},        /* NEWFALSE */
    [')'] = {do_common, COMMON_TUPLE},         /* EMPTY_TUPLE */
    ['J'] = {do_integer, 4},                   /* BININT */
    ['K'] = {do_integer, 1},                   /* BININT1 */
    ['M'] = {do_integer, 2},                   /* BININT2 */
    [0x8a] = {do_long, 1},                     /* LONG1 */
    ['G'] = {do_real, 8},                      /* BINFLOAT */
    ['X'] = {do_text, 4},                      /* BINUNICODE */
    ['U'] = {do_text, 1},                      /* SHORT_BINSTRING */
    [']'] = {do_empty, VDB_PICKLE_LIST},       /* EMPTY_LIST */
    ['}'] = {do_empty, VDB_PICKLE_DICT},       /* EMPTY_DICT */
    [0x8f] = {do_empty, VDB_PICKLE_SET},       /* EMPTY_SET */
    [0x85] = {do_tuple, 1},                    /* TUPLE1 */
    [0x86] = {do_tuple, 2},                    /* TUPLE2 */
    [0x87] = {do_tuple, 3},                    /* TUPLE3 */
    ['t'] = {do_put_marked, VDB_PICKLE_TUPLE}, /* TUPLE */
    ['a'] = {do_put_one, VDB_PICKLE_LIST},     /* APPEND */
    ['e'] = {do_put_marked, VDB_PICKLE_LIST},  /* APPENDS */
    ['s'] = {do_put_one, VDB_PICKLE_DICT},     /* SETITEM */
    ['u'] = {do_put_marked, VDB_PICKLE_DICT},  /* SETITEMS */
    ['q'] = {do_put, 1},                       /* BINPUT */
    ['r'] = {do_put, 4},                       /* LONG_BINPUT */
    ['h'] = {do_get, 1},                       /* BINGET */
    ['j'] = {do_get, 4},                       /* LONG_BINGET */
    ['c'] = {do_global, 0},                    /* GLOBAL */
    ['R'] = {do_reduce, 0},                    /* REDUCE */
    ['b'] = {do_build, 0},                     /* BUILD */
    ['Q'] = {do_persistent, 0},                /* BINPERSID */
};

static int do_operation(machine *m, unsigned char op)
{
    if (!operations[op].run)
        return refuse(m, "operation 0x%02x is none that torch.save writes", op);
    return operations[op].run(m, operations[op].argument);
}

/* ---- The whole ---------------------------------------------------------- */

static int begin(machine *m)
{
    static const vdb_pickle_value commons[COMMONS] = {
        [COMMON_NONE] = {.kind = VDB_PICKLE_NONE},
        [COMMON_FALSE] = {.kind = VDB_PICKLE_BOOL},
        [COMMON_TRUE] = {.kind = VDB_PICKLE_BOOL, .as.integer = 1},
        [COMMON_TUPLE] = {.kind = VDB_PICKLE_TUPLE},
    };
    int rc = VARSDB_OK;
    for (size_t i = 0; i < COMMONS && rc == VARSDB_OK; i++)
        rc = make(m, commons[i], &m->p.root);
    return rc;
}

static int run(machine *m)
{
    int rc = begin(m);
    while (rc == VARSDB_OK) {
        const unsigned char *op = NULL;
        rc = take(m, 1, &op);
        if (rc != VARSDB_OK || *op == STOP)
            break;
        rc = ++m->steps > VDB_PICKLE_STEPS_MAX
                 ? refuse(m, "it has more than %zu operations", VDB_PICKLE_STEPS_MAX)
                 : do_operation(m, *op);
    }
    if (rc == VARSDB_OK && (m->height != 1 || m->mark_count))
        rc = refuse(m, "it ends with %zu values and %zu marks left, not with one value", m->height,
                    m->mark_count);
    return rc;
}

int vdb_pickle_read(vdb_error *e, const char *text, size_t bytes, const vdb_pickle_name *names,
                    size_t name_count, vdb_pickle *out)
{
    machine m = {.error = e, .text = (const unsigned char *)text, .bytes = bytes};
    m.p.names = names;
    m.p.name_count = name_count;
    int rc = run(&m);
    bool cut = m.p.cut;
    if (rc == VARSDB_OK) {
        m.p.root = m.stack[0];
        m.p.bytes = m.at;
        *out = m.p;
    } else {
        vdb_pickle_release(&m.p);
        *out = (vdb_pickle){.cut = cut};
    }
    vdb_free(m.stack);
    vdb_free(m.marks);
    vdb_free(m.memo);
    return rc;
}

#endif
