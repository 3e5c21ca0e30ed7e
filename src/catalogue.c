/* catalogue.c - see catalogue.h. */
#include "catalogue.h"

#include <strings.h>

#include "mem.h"

static bool is_view(const struct vdb_schema_object *o)
{
    return strcmp(o->type, "view") == 0;
}

/* ---- texts */

/* The views that another view reads begin a table's place in it: FROM variables, JOIN variables. */
static bool is_view_at(const char *at, size_t bytes)
{
    for (size_t i = 0; i < vdb_schema_object_count; i++) {
        const struct vdb_schema_object *o = &vdb_schema_objects[i];
        if (is_view(o) && strlen(o->name) == bytes && strncmp(o->name, at, bytes) == 0)
            return true;
    }
    return false;
}

static size_t keyword(const char *at)
{
    static const char *const before[] = {"FROM ", "JOIN ", "VIEW "};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (strncmp(at, before[i], 5) == 0)
            return 5;
    return 0;
}

int vdb_catalogue_text(const struct vdb_schema_object *o, const char *prefix, vdb_buf *out)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz_";
    int rc = VARSDB_OK;
    if (!is_view(o) || !*prefix)
        return vdb_buf_append_text(out, o->sql);
    for (const char *at = o->sql; rc == VARSDB_OK && *at;) {
        size_t step = keyword(at);
        rc = vdb_buf_append(out, at, step ? step : 1);
        at += step ? step : 1;
        if (rc == VARSDB_OK && step && is_view_at(at, strspn(at, name)))
            rc = vdb_buf_append_text(out, prefix);
    }
    return rc;
}

static bool is_named(const struct vdb_schema_object *o, const char *prefix, const char *name)
{
    size_t bytes = is_view(o) ? strlen(prefix) : 0;
    return strncasecmp(name, prefix, bytes) == 0 && strcasecmp(name + bytes, o->name) == 0;
}

/* ---- making it */

/* CREATE [UNIQUE] TYPE, where the database's name belongs before the object's. */
static size_t head(const struct vdb_schema_object *o, const char *prefix, const char *text)
{
    const char *name = strstr(text, o->name);
    return (size_t)(name - text) - (is_view(o) ? strlen(prefix) : 0);
}

static int create(vdb_engine *engine, vdb_error *e, const struct vdb_schema_object *o)
{
    vdb_buf text = {0}, sql = {0};
    int rc = vdb_catalogue_text(o, engine->view_prefix, &text);
    size_t before = rc == VARSDB_OK ? head(o, engine->view_prefix, text.data) : 0;
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&sql, text.data, before);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&sql, vdb_sqlite_schema(engine));
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&sql, ".");
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&sql, text.data + before);
    rc = rc == VARSDB_OK ? vdb_sqlite_script(engine, sql.data) : vdb_fail_nomem(e);
    vdb_buf_release(&text);
    vdb_buf_release(&sql);
    return rc;
}

int vdb_catalogue_create(vdb_engine *engine, vdb_error *e)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < vdb_schema_object_count; i++)
        rc = create(engine, e, &vdb_schema_objects[i]);
    return rc;
}

/* ---- the check */

typedef struct catalogue_check {
    vdb_error *e;
    const char *path, *prefix;
    bool *there; /* of every object of the schema, whether the file has it */
    size_t next; /* the object that mostly comes next: a file has them in the order in which they were made */
    vdb_buf text;
} catalogue_check;

/* To SQLite names are the same in either case; ours are written in one, so another is a bit that changed. */
static int compare(catalogue_check *c, size_t i, const char *type, const char *name, const char *sql)
{
    const struct vdb_schema_object *o = &vdb_schema_objects[i];
    size_t bytes = is_view(o) ? strlen(c->prefix) : 0;
    const char *text = o->sql;
    if (bytes) {
        vdb_buf_reset(&c->text);
        if (vdb_catalogue_text(o, c->prefix, &c->text) != VARSDB_OK)
            return vdb_fail_nomem(c->e);
        text = c->text.data;
    }
    c->there[i] = strcmp(o->type, type) == 0 && strncmp(name, c->prefix, bytes) == 0 &&
                  strcmp(name + bytes, o->name) == 0 && strcmp(text, sql) == 0;
    return VARSDB_OK;
}

static int check_object(void *payload, const char *type, const char *name, const char *sql)
{
    catalogue_check *c = payload;
    if (!type || !name || !sql)
        return vdb_fail(c->e, VARSDB_CORRUPT, "%s: the catalogue is damaged", c->path);
    bool known = strcmp(type, "view") != 0;
    for (size_t k = 0; k < vdb_schema_object_count; k++) {
        size_t i = (c->next + k) % vdb_schema_object_count;
        if (!is_named(&vdb_schema_objects[i], c->prefix, name))
            continue;
        known = true;
        c->next = i + 1;
        int rc = compare(c, i, type, name, sql);
        if (rc != VARSDB_OK || c->there[i])
            return rc;
    }
    /* A view with a name of ours is believed to be ours, by varsdb_query too; others are a host's. */
    if (!known)
        return VARSDB_OK;
    return vdb_fail(
        c->e, VARSDB_CORRUPT,
        "%s: %s %s is not as varsdb makes it; if somebody added it, drop it: the file is not used as it is",
        c->path, type, name);
}

static int check_complete(const catalogue_check *c)
{
    for (size_t i = 0; i < vdb_schema_object_count; i++)
        if (!is_view(&vdb_schema_objects[i]) && !c->there[i])
            return vdb_fail(c->e, VARSDB_CORRUPT, "%s: %s %s is missing; refusing to use the file", c->path,
                            vdb_schema_objects[i].type, vdb_schema_objects[i].name);
    return VARSDB_OK;
}

int vdb_catalogue_look(vdb_engine *engine, vdb_error *e, const char *path, bool *there)
{
    catalogue_check c = {.e = e, .path = path, .prefix = engine->view_prefix, .there = there};
    memset(there, 0, vdb_schema_object_count * sizeof *there);
    int rc = vdb_sqlite_catalogue(engine, check_object, &c);
    if (rc == VARSDB_OK)
        rc = check_complete(&c);
    vdb_buf_release(&c.text);
    return rc;
}

int vdb_catalogue_check(vdb_engine *engine, vdb_error *e, const char *path)
{
    bool *there = vdb_calloc(vdb_schema_object_count, sizeof *there);
    int rc = there ? vdb_catalogue_look(engine, e, path, there) : vdb_fail_nomem(e);
    vdb_free(there);
    return rc;
}
