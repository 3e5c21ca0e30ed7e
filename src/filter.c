/* filter.c - see filter.h. */
#include "filter.h"

#include <fnmatch.h>

#include "collection.h"
#include "json.h"
#include "name.h"
#include "select.h"

int vdb_filter_init(varsdb *db, const varsdb_filter *given, vdb_filter *out)
{
    static const varsdb_filter everything = {.size = sizeof everything};
    *out = (vdb_filter){.given = given ? given : &everything};
    if (out->given->size < sizeof *given)
        return vdb_misuse(db, "a filter without its size; use VARSDB_FILTER()");
    if (out->given->collection)
        out->collection = vdb_collection_name(out->given->collection);
    if (out->given->scope) {
        out->scope_bytes = strlen(out->given->scope);
        while (out->scope_bytes && out->given->scope[out->scope_bytes - 1] == '/')
            out->scope_bytes--;
    }
    int rc = VARSDB_OK;
    if (out->given->match)
        rc = vdb_match_new(&db->error, out->given->match, &out->match);
    if (rc == VARSDB_OK && out->given->exclude)
        rc = vdb_match_new(&db->error, out->given->exclude, &out->exclude);
    if (rc == VARSDB_OK && (out->given->match_prefix || out->given->suffix))
        rc = vdb_select_new(&db->error, out->given->match_prefix, out->given->suffix, &out->prefix);
    return rc;
}

void vdb_filter_release(vdb_filter *f)
{
    vdb_match_free(f->match);
    vdb_match_free(f->exclude);
    vdb_match_free(f->prefix);
    vdb_buf_release(&f->public_name);
    f->match = f->exclude = f->prefix = NULL;
}

bool vdb_filter_has_patterns(const vdb_filter *f)
{
    return f->match || f->exclude || f->prefix;
}

int vdb_filter_passes(varsdb *db, vdb_filter *f, const char *name, size_t bytes, bool *out)
{
    bool found = true, excluded = false;
    const varsdb_filter *g = f->given;
    int rc = VARSDB_OK;
    *out = false;
    /* A variable may have the name of a scope; it is beside that, not in it. */
    if (f->scope_bytes &&
        (bytes <= f->scope_bytes || !vdb_name_in_scope(name, bytes, g->scope, f->scope_bytes)))
        return VARSDB_OK;
    if (g->glob && fnmatch(g->glob, name, 0) != 0)
        return VARSDB_OK;
    if (f->match)
        rc = vdb_match_find(f->match, &db->error, name, bytes, &found);
    if (rc == VARSDB_OK && found && f->prefix)
        rc = vdb_select_matches(f->prefix, &db->error, name, bytes, &f->public_name, &found);
    if (rc == VARSDB_OK && f->exclude)
        rc = vdb_match_find(f->exclude, &db->error, name, bytes, &excluded);
    *out = found && !excluded;
    return rc;
}

/* The string token is this text. */
static bool is_text(const vdb_json *j, const char *text, size_t bytes)
{
    vdb_buf plain = {0};
    if (!j->escaped)
        return j->raw_bytes == bytes && memcmp(j->raw, text, bytes) == 0;
    bool same = vdb_json_unescape(j, &plain) == VARSDB_OK && plain.size == bytes &&
                memcmp(plain.data ? plain.data : "", text, bytes) == 0;
    vdb_buf_release(&plain);
    return same;
}

bool vdb_filter_names_hold(const char *json, size_t bytes, const char *collection)
{
    vdb_json j;
    vdb_error ignored;
    vdb_json_token token;
    size_t wanted = strlen(collection);
    vdb_json_begin(&j, json, bytes, 1);
    if (vdb_json_next(&j, &ignored, &token) != VARSDB_OK || token != VDB_JSON_ARRAY)
        return false;
    while (vdb_json_next(&j, &ignored, &token) == VARSDB_OK && token == VDB_JSON_STRING)
        if (is_text(&j, collection, wanted))
            return true;
    return false;
}
