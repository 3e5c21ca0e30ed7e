/*
 * variable_getter.c - custom getters: what stands between a call and the registry.
 */
#include <string.h>

#include "name.h"
#include "variable.h"

/* What is left of the chain: the registry when it is empty. */
struct varsdb_getters {
    vdb_variable_kind kind;
    const vdb_getter *next;
    size_t count;
};

/* Calls the first of the chain.  What it says by its result is also said in words. */
static int call_first(varsdb *db, const varsdb_getters *chain, const char *name,
                      const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    varsdb_getters rest = {chain->kind, chain->next + 1, chain->count - 1};
    int made = 0;
    const varsdb_variable *v = NULL;
    int rc = chain->next->call(db, &rest, chain->next->payload, name, options, &made, &v);
    if (rc != VARSDB_OK)
        return db->error.code == rc
                   ? rc
                   : vdb_fail(&db->error, rc, "variable %s: its getter failed: %s", name, varsdb_errstr(rc));
    if (!v)
        return vdb_fail(&db->error, VARSDB_MISUSE,
                        "variable %s: its getter returned VARSDB_OK and no variable", name);
    /* It may have failed at something and not minded. */
    vdb_error_clear(&db->error);
    if (created)
        *created = made;
    *out = v;
    return VARSDB_OK;
}

/* Getters may enter and leave scopes and get variables themselves, so they work on copies. */
int vdb_variable_get_through(varsdb *db, const vdb_request *r, const vdb_getter *getters, size_t count,
                             int *created, const varsdb_variable **out)
{
    varsdb_variable_options options = *r->options;
    char *name = vdb_strndup(r->name, r->name_bytes);
    vdb_getter *copy = vdb_calloc(count, sizeof *copy);
    int rc = name && copy ? VARSDB_OK : vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK) {
        varsdb_getters chain = {r->kind, copy, count};
        memcpy(copy, getters, count * sizeof *copy);
        options.reuse = r->reuse;
        options.getter = NULL;
        rc = call_first(db, &chain, name, &options, created, out);
    }
    vdb_free(copy);
    vdb_free(name);
    return rc;
}

int varsdb_call_getter(varsdb *db, const varsdb_getters *rest, const char *name,
                       const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    vdb_request r = {.options = options ? options : &vdb_no_variable_options};
    int rc = vdb_variable_check_call(db, name, r.options, out);
    if (rc == VARSDB_OK && !rest)
        rc = vdb_misuse(db, "the rest of the getters is needed");
    if (rc != VARSDB_OK)
        return rc;
    if (rest->count)
        return call_first(db, rest, name, r.options, created, out);
    r.kind = rest->kind;
    r.reuse = vdb_variable_effective_reuse(db, r.options);
    r.name_bytes = vdb_name_without_output(name, strlen(name));
    vdb_buf_reset(&db->full_name);
    if (vdb_buf_append(&db->full_name, name, r.name_bytes) != VARSDB_OK)
        return vdb_fail_nomem(&db->error);
    r.name = db->full_name.data;
    return vdb_variable_get_from_registry(db, &r, created, out);
}
