/* scope_attributes.c - see scope_attributes.h. */
#include "scope_attributes.h"

#include <stdbool.h>
#include <string.h>

#include "collection.h"
#include "initializer.h"
#include "mem.h"
#include "partition.h"
#include "regularizer.h"

/* ---- checks */

static bool is_clear(const char *text, int may_clear)
{
    return may_clear && text && *text == '\0';
}

static int check_specs(vdb_error *e, const varsdb_scope_options *o, int may_clear)
{
    int rc = VARSDB_OK;
    if (o->initializer && !is_clear(o->initializer, may_clear))
        rc = vdb_initializer_check(e, o->initializer);
    if (rc == VARSDB_OK && o->regularizer && !is_clear(o->regularizer, may_clear))
        rc = vdb_regularizer_check(e, o->regularizer);
    if (rc == VARSDB_OK && o->partitioner && !is_clear(o->partitioner, may_clear))
        rc = vdb_partitioner_check(e, o->partitioner);
    for (const char *const *name = o->collections; rc == VARSDB_OK && name && *name; name++)
        rc = vdb_collection_check_name(e, vdb_collection_name(*name));
    return rc;
}

int vdb_scope_options_check(vdb_error *e, const varsdb_scope_options *o, int may_clear)
{
    if (o->size < sizeof *o)
        return vdb_fail(e, VARSDB_MISUSE, "scope options without their size; use VARSDB_SCOPE()");
    if ((unsigned)o->reuse > VARSDB_CREATE)
        return vdb_fail(e, VARSDB_INVALID, "scope: reuse is INHERIT, REQUIRE, AUTO or CREATE, not %d",
                        (int)o->reuse);
    bool known = o->dtype == VARSDB_DTYPE_NOT_SAID || varsdb_dtype_name(o->dtype) ||
                 (may_clear && o->dtype == VARSDB_DTYPE_CLEAR);
    if (!known)
        return vdb_fail(e, VARSDB_INVALID, "scope: %d is no dtype", (int)o->dtype);
    return check_specs(e, o, may_clear);
}

/* ---- copies */

static bool copy_text(char **out, const char *given, const char *inherited)
{
    const char *text = given ? given : inherited;
    *out = text ? vdb_strdup(text) : NULL;
    return !text || *out;
}

static void free_list(char **list)
{
    for (char **text = list; text && *text; text++)
        vdb_free(*text);
    vdb_free(list);
}

static bool copy_list(char ***out, const char *const *list)
{
    size_t count = 0;
    *out = NULL;
    if (!list)
        return true;
    while (list[count])
        count++;
    char **copy = vdb_calloc(count + 1, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = vdb_strdup(list[i]);
        if (!copy[i]) {
            free_list(copy);
            return false;
        }
    }
    *out = copy;
    return copy != NULL;
}

/* The given getter before those that are there already. */
static bool copy_getters(vdb_scope_attributes *out, const vdb_getter *first, const vdb_getter *rest,
                         size_t count)
{
    size_t given = first && first->call ? 1 : 0;
    out->getters = NULL;
    out->getter_count = given + count;
    if (out->getter_count == 0)
        return true;
    out->getters = vdb_calloc(out->getter_count, sizeof *out->getters);
    if (!out->getters)
        return false;
    if (given)
        out->getters[0] = *first;
    if (count)
        memcpy(out->getters + given, rest, count * sizeof *rest);
    return true;
}

int vdb_scope_attributes_inherit(const vdb_scope_attributes *from, const varsdb_scope_options *o,
                                 vdb_scope_attributes *out)
{
    vdb_getter getter = {o->getter, o->getter_payload};
    const char *const *collections = o->collections ? o->collections : (const char *const *)from->collections;
    vdb_scope_attributes a = {
        .reuse = o->reuse == VARSDB_INHERIT ? from->reuse : o->reuse,
        .dtype = o->dtype == VARSDB_DTYPE_NOT_SAID ? from->dtype : o->dtype,
    };
    if (!copy_text(&a.initializer, o->initializer, from->initializer) ||
        !copy_text(&a.regularizer, o->regularizer, from->regularizer) ||
        !copy_text(&a.partitioner, o->partitioner, from->partitioner) ||
        !copy_text(&a.constraint, o->constraint, NULL) || !copy_list(&a.collections, collections) ||
        !copy_getters(&a, &getter, from->getters, from->getter_count)) {
        vdb_scope_attributes_release(&a);
        return VARSDB_NOMEM;
    }
    *out = a;
    return VARSDB_OK;
}

/* ---- changes */

/* What the option says of a text: as it was, none, or another. */
static const char *changed(const char *option, const char *was)
{
    return !option ? was : *option ? option : NULL;
}

int vdb_scope_attributes_change(vdb_scope_attributes *a, const varsdb_scope_options *o)
{
    vdb_getter getter = {o->getter, o->getter_payload};
    const char *const *collections = o->collections ? o->collections : (const char *const *)a->collections;
    vdb_scope_attributes next = {
        .reuse = o->reuse == VARSDB_INHERIT ? a->reuse : o->reuse,
        .dtype = o->dtype == VARSDB_DTYPE_NOT_SAID ? a->dtype : o->dtype,
    };
    if (o->dtype == VARSDB_DTYPE_CLEAR)
        next.dtype = VARSDB_DTYPE_NOT_SAID;
    bool replaces = o->getter != NULL;
    if (!copy_text(&next.initializer, NULL, changed(o->initializer, a->initializer)) ||
        !copy_text(&next.regularizer, NULL, changed(o->regularizer, a->regularizer)) ||
        !copy_text(&next.partitioner, NULL, changed(o->partitioner, a->partitioner)) ||
        !copy_text(&next.constraint, NULL, changed(o->constraint, a->constraint)) ||
        !copy_list(&next.collections, collections) ||
        !copy_getters(&next, replaces ? &getter : NULL, a->getters, replaces ? 0 : a->getter_count)) {
        vdb_scope_attributes_release(&next);
        return VARSDB_NOMEM;
    }
    vdb_scope_attributes_release(a);
    *a = next;
    return VARSDB_OK;
}

void vdb_scope_attributes_release(vdb_scope_attributes *a)
{
    vdb_free(a->initializer);
    vdb_free(a->regularizer);
    vdb_free(a->partitioner);
    vdb_free(a->constraint);
    free_list(a->collections);
    vdb_free(a->getters);
    *a = (vdb_scope_attributes){0};
}
