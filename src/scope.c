/* scope.c - entering and leaving scopes. */
#include "scope.h"

#include <string.h>

#include "internal.h"
#include "name.h"

/* Nesting is for people; what enters deeper than this forgot to leave. */
#define DEPTH_MAX 1000

int vdb_scope_stack_init(varsdb *db, varsdb_reuse root_reuse)
{
    vdb_scope_stack *stack = &db->scopes;
    stack->root = (varsdb_scope){.db = db, .path = (char *)"", .attributes.reuse = root_reuse};
    stack->counters = vdb_scope_counter_new();
    return stack->counters ? VARSDB_OK : vdb_fail_nomem(&db->error);
}

static void free_scope(varsdb_scope *scope)
{
    if (!scope)
        return;
    vdb_free(scope->path);
    vdb_scope_attributes_release(&scope->attributes);
    vdb_free(scope);
}

static void release_frame(vdb_scope_frame *frame)
{
    if (!frame->scope->captured)
        free_scope(frame->scope);
    vdb_scope_counter_free(frame->saved);
}

void vdb_scope_stack_release(vdb_scope_stack *stack)
{
    while (stack->depth)
        release_frame(&stack->frames[--stack->depth]);
    for (varsdb_scope *scope = stack->captured, *next; scope; scope = next) {
        next = scope->next_captured;
        free_scope(scope);
    }
    vdb_free(stack->frames);
    vdb_scope_attributes_release(&stack->root.attributes);
    vdb_scope_counter_free(stack->counters);
    *stack = (vdb_scope_stack){0};
}

varsdb_scope *vdb_scope_current(varsdb *db)
{
    vdb_scope_stack *stack = &db->scopes;
    return stack->depth ? stack->frames[stack->depth - 1].scope : &stack->root;
}

static const varsdb_scope_options no_options = {.size = sizeof no_options};

static int new_scope(varsdb *db, const char *path, size_t bytes, const varsdb_scope *from,
                     const varsdb_scope_options *o, varsdb_scope **out)
{
    varsdb_scope *scope = vdb_calloc(1, sizeof *scope);
    if (!scope)
        return vdb_fail_nomem(&db->error);
    scope->db = db;
    scope->path = vdb_strndup(path, bytes);
    scope->path_bytes = bytes;
    if (!scope->path || vdb_scope_attributes_inherit(&from->attributes, o, &scope->attributes) != VARSDB_OK) {
        free_scope(scope);
        return vdb_fail_nomem(&db->error);
    }
    *out = scope;
    return VARSDB_OK;
}

/* ---- names */

static int join(varsdb *db, const char *name, vdb_buf *out)
{
    const varsdb_scope *current = vdb_scope_current(db);
    int rc = vdb_buf_append(out, current->path, current->path_bytes);
    if (rc == VARSDB_OK && current->path_bytes)
        rc = vdb_buf_append(out, "/", 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, name);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(&db->error);
}

/* The first of name, name_1, name_2, ... that was not entered below here. */
static int join_unique(varsdb *db, const char *name, vdb_buf *out)
{
    int64_t k;
    int rc = join(db, name, out);
    if (rc == VARSDB_OK)
        rc = vdb_scope_counter_free_suffix(db->scopes.counters, out->data, out->size, &k);
    if (rc == VARSDB_OK && k > 0)
        rc = vdb_buf_printf(out, "_%lld", (long long)k);
    return rc == VARSDB_NOMEM ? vdb_fail_nomem(&db->error) : rc;
}

static int path_of_entry(varsdb *db, const char *name, const varsdb_scope_options *o, vdb_buf *out)
{
    if (!name && !o->default_name)
        return vdb_misuse(db, "a scope needs a name or a default_name");
    if (!name && (o->reuse == VARSDB_REQUIRE || o->reuse == VARSDB_AUTO))
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "scope %s: reuse needs an explicit name; a default_name is made unique",
                        o->default_name);
    if (name && !*name && !vdb_scope_current(db)->path_bytes)
        return VARSDB_OK; /* the root again, with attributes of its own */
    int rc = name ? join(db, name, out) : join_unique(db, o->default_name, out);
    if (rc == VARSDB_OK)
        rc = vdb_name_check_created(&db->error, "scope", out->data ? out->data : "", out->size);
    return rc;
}

/* ---- frames */

static bool count_entry(vdb_scope_counter *counters, const varsdb_scope *scope)
{
    return scope->path_bytes == 0 ||
           vdb_scope_counter_add(counters, scope->path, scope->path_bytes) == VARSDB_OK;
}

static int push(varsdb *db, varsdb_scope *scope, bool by_object, const varsdb_scope **out)
{
    vdb_scope_stack *stack = &db->scopes;
    vdb_scope_counter *saved = NULL;
    if (stack->depth >= DEPTH_MAX)
        return vdb_misuse(db, "1000 scopes are open; some were never left");
    if (stack->depth == stack->room) {
        size_t room = stack->room ? stack->room * 2 : 8;
        vdb_scope_frame *frames = vdb_realloc(stack->frames, room, sizeof *frames);
        if (!frames)
            return vdb_fail_nomem(&db->error);
        stack->frames = frames;
        stack->room = room;
    }
    /* What is counted inside an entry by object is forgotten on leaving; its own entry stays.  Nothing
     * is counted before there is memory for all. */
    bool counted = true;
    if (by_object) {
        saved = vdb_scope_counter_copy(stack->counters);
        counted = saved && count_entry(saved, scope);
    }
    if (!counted || !count_entry(stack->counters, scope)) {
        vdb_scope_counter_free(saved);
        return vdb_fail_nomem(&db->error);
    }
    stack->frames[stack->depth++] = (vdb_scope_frame){scope, by_object, saved};
    if (out) {
        scope->captured = true;
        scope->next_captured = stack->captured;
        stack->captured = scope;
        *out = scope;
    }
    return VARSDB_OK;
}

static int enter_named(varsdb *db, const char *name, const varsdb_scope_options *o, const varsdb_scope **out)
{
    vdb_buf path = {0};
    varsdb_scope *scope = NULL;
    const varsdb_scope_options *options = o ? o : &no_options;
    int rc = vdb_scope_options_check(&db->error, options, 0);
    if (rc == VARSDB_OK)
        rc = path_of_entry(db, name, options, &path);
    if (rc == VARSDB_OK)
        rc = new_scope(db, path.data ? path.data : "", path.size, vdb_scope_current(db), options, &scope);
    if (rc == VARSDB_OK)
        rc = push(db, scope, false, out);
    if (rc != VARSDB_OK)
        free_scope(scope);
    vdb_buf_release(&path);
    return rc;
}

int varsdb_enter_scope(varsdb *db, const char *name, const varsdb_scope_options *options,
                       const varsdb_scope **out)
{
    int rc = vdb_enter(db);
    return rc == VARSDB_OK ? enter_named(db, name, options, out) : rc;
}

int varsdb_reenter_scope(varsdb *db, const varsdb_scope *scope, const varsdb_scope_options *options,
                         const varsdb_scope **out)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    const varsdb_scope_options *o = options ? options : &no_options;
    varsdb_scope *entered = NULL;
    if (!scope || scope->db != db)
        return vdb_misuse(db, "the scope is of another handle");
    if (o->size >= sizeof *o && o->default_name)
        return vdb_misuse(db, "a scope object has its name; default_name does not apply");
    rc = vdb_scope_options_check(&db->error, o, 0);
    if (rc == VARSDB_OK)
        rc = new_scope(db, scope->path, scope->path_bytes, scope, o, &entered);
    if (rc == VARSDB_OK)
        rc = push(db, entered, true, out);
    if (rc != VARSDB_OK)
        free_scope(entered);
    return rc;
}

int varsdb_leave_scope(varsdb *db, const varsdb_scope *scope)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    vdb_scope_stack *stack = &db->scopes;
    if (stack->depth == 0)
        return vdb_misuse(db, "no scope is open");
    vdb_scope_frame *frame = &stack->frames[stack->depth - 1];
    if (scope && frame->scope != scope)
        return vdb_misuse(db,
                          "scopes are left in the opposite order of entering; this one is not the innermost");
    if (frame->by_object) {
        vdb_scope_counter_free(stack->counters);
        stack->counters = frame->saved;
        frame->saved = NULL;
    } else if (frame->scope->path_bytes) {
        vdb_scope_counter_forget_below(stack->counters, frame->scope->path, frame->scope->path_bytes);
    }
    release_frame(frame);
    stack->depth--;
    return VARSDB_OK;
}

/* ---- the rest */

const char *varsdb_current_scope(const varsdb *db)
{
    return db && db->engine ? vdb_scope_current((varsdb *)db)->path : "";
}

const char *varsdb_scope_name(const varsdb_scope *scope)
{
    return scope ? scope->path : "";
}

int varsdb_reuse_variables(varsdb *db)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (db->scopes.depth == 0)
        return vdb_misuse(db, "at the root reuse would never end; use it inside a scope");
    vdb_scope_current(db)->attributes.reuse = VARSDB_REQUIRE;
    return VARSDB_OK;
}

int varsdb_change_scope(varsdb *db, const varsdb_scope_options *options)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !options)
        rc = vdb_misuse(db, "options are needed");
    if (rc == VARSDB_OK)
        rc = vdb_scope_options_check(&db->error, options, 1);
    if (rc == VARSDB_OK && options->default_name)
        rc = vdb_misuse(db, "an open scope has its name; default_name does not apply");
    if (rc == VARSDB_OK && options->reuse != VARSDB_INHERIT && db->scopes.depth == 0)
        rc = vdb_misuse(db, "at the root reuse would never end; use it inside a scope");
    if (rc == VARSDB_OK &&
        vdb_scope_attributes_change(&vdb_scope_current(db)->attributes, options) != VARSDB_OK)
        rc = vdb_fail_nomem(&db->error);
    return rc;
}

varsdb_scope_guard varsdb_scope_guard_enter(varsdb *db, const char *name, const varsdb_scope_options *options)
{
    if (varsdb_enter_scope(db, name, options, NULL) != VARSDB_OK)
        return (varsdb_scope_guard){NULL, 0};
    return (varsdb_scope_guard){db, 1};
}

void varsdb_scope_guard_leave(varsdb_scope_guard *guard)
{
    if (!guard->db)
        return;
    varsdb *db = guard->db;
    guard->db = NULL;
    /* The block's own failure is what the caller will ask for. */
    vdb_error saved = db->error;
    if (varsdb_leave_scope(db, NULL) == VARSDB_OK)
        db->error = saved;
}
