/* conformance_scope.c - verbs: handles, transactions, scopes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* ---- handles and transactions */

static int open_file(conformance_run *run, const conformance_step *step)
{
    int64_t seed = 0;
    const char *text = conformance_option(step, "seed");
    varsdb_open_options o = {
        .size = sizeof o, .reuse = conformance_reuse(conformance_option(step, "reuse")), .program = "train"};
    o.in = conformance_option(step, "in");
    if (text) {
        seed = strtoll(text, NULL, 10);
        o.seed = &seed;
    }
    return conformance_open(run, 0, &o);
}

static int use_handle(conformance_run *run, const conformance_step *step)
{
    size_t i = *conformance_operand(step, 0) == '2';
    if (!run->handles[i])
        return conformance_open(run, i, VARSDB_OPEN(.flags = 0));
    run->db = run->handles[i];
    return VARSDB_OK;
}

static int use_namespace(conformance_run *run, const conformance_step *step)
{
    return varsdb_use_namespace(run->db, conformance_operand(step, 0));
}

static int transaction(conformance_run *run, const conformance_step *step)
{
    switch (*step->words[0]) {
    case 'b':
        return varsdb_begin(run->db);
    case 'c':
        return varsdb_commit(run->db);
    default:
        return varsdb_rollback(run->db);
    }
}

/* ---- scopes */

/* The options of a step, with what they point to. */
typedef struct scope_arguments {
    conformance_list collections;
    varsdb_scope_options options;
} scope_arguments;

static const varsdb_scope_options *scope_options(conformance_run *run, const conformance_step *step,
                                                 scope_arguments *a)
{
    a->options = (varsdb_scope_options){
        .size = sizeof a->options,
        .reuse = conformance_reuse(conformance_option(step, "reuse")),
        .default_name = conformance_option(step, "default"),
        .initializer = conformance_option(step, "init"),
        .regularizer = conformance_option(step, "regularizer"),
        .partitioner = conformance_option(step, "partitioner"),
        .dtype = conformance_dtype(conformance_option(step, "dtype")),
        .constraint = conformance_option(step, "constraint"),
        .collections = conformance_list_of(&a->collections, conformance_option(step, "collections")),
    };
    a->options.getter =
        conformance_getter_of(run, conformance_option(step, "getter"), &a->options.getter_payload);
    return &a->options;
}

static int entered(conformance_run *run, const conformance_step *step, int rc, const varsdb_scope *scope)
{
    if (rc != VARSDB_OK)
        return rc;
    conformance_capture_as(run, step, NULL, scope);
    return conformance_say(run, "%s", varsdb_current_scope(run->db));
}

static int enter(conformance_run *run, const conformance_step *step)
{
    scope_arguments a;
    const varsdb_scope *scope = NULL;
    const varsdb_scope_options *o = scope_options(run, step, &a);
    int rc = varsdb_enter_scope(run->db, conformance_operand(step, 0), o, step->capture ? &scope : NULL);
    return entered(run, step, rc, scope);
}

static int reenter(conformance_run *run, const conformance_step *step)
{
    scope_arguments a;
    const varsdb_scope *from = conformance_scope(run, conformance_operand(step, 0)), *scope = NULL;
    const varsdb_scope_options *o = scope_options(run, step, &a);
    int rc = varsdb_reenter_scope(run->db, from, o, step->capture ? &scope : NULL);
    return entered(run, step, rc, scope);
}

static int leave(conformance_run *run, const conformance_step *step)
{
    const char *which = conformance_operand(step, 0);
    int rc = varsdb_leave_scope(run->db, which ? conformance_scope(run, which) : NULL);
    return rc == VARSDB_OK ? conformance_say(run, "%s", varsdb_current_scope(run->db)) : rc;
}

static int change(conformance_run *run, const conformance_step *step)
{
    scope_arguments a;
    return varsdb_change_scope(run->db, scope_options(run, step, &a));
}

static int reuse_variables(conformance_run *run, const conformance_step *step)
{
    (void)step;
    return varsdb_reuse_variables(run->db);
}

static int current_scope(conformance_run *run, const conformance_step *step)
{
    (void)step;
    return conformance_say(run, "%s", varsdb_current_scope(run->db));
}

/* ---- persistent scopes */

static int defaults(conformance_run *run, const conformance_step *step)
{
    varsdb_scope_defaults d = {
        .initializer = conformance_option(step, "init"),
        .regularizer = conformance_option(step, "regularizer"),
        .partitioner = conformance_option(step, "partitioner"),
        .dtype = conformance_dtype(conformance_option(step, "dtype")),
    };
    return varsdb_set_scope_defaults(run->db, conformance_operand(step, 0), &d);
}

static int add_scope(void *payload, const varsdb_scope_info *info)
{
    conformance_add(payload, info->name);
    return 0;
}

static int scopes(conformance_run *run, const conformance_step *step)
{
    return varsdb_list_scopes(run->db, conformance_operand(step, 0), add_scope, run);
}

static int rename_scope(conformance_run *run, const conformance_step *step)
{
    return varsdb_rename_scope(run->db, conformance_operand(step, 0), conformance_operand(step, 1));
}

static int delete_scope(conformance_run *run, const conformance_step *step)
{
    int64_t count = 0;
    int rc = varsdb_delete_scope(run->db, conformance_operand(step, 0), &count);
    return rc == VARSDB_OK ? conformance_say(run, "%lld", (long long)count) : rc;
}

#define DEFAULTS   " init regularizer partitioner dtype "
#define ATTRIBUTES DEFAULTS "reuse constraint collections getter "

const conformance_verb conformance_scope_verbs[] = {
    {"open", open_file, 0, 0, " reuse seed in "},
    {"handle", use_handle, 1, 1, ""},
    {"use", use_namespace, 1, 1, ""},
    {"begin", transaction, 0, 0, ""},
    {"commit", transaction, 0, 0, ""},
    {"rollback", transaction, 0, 0, ""},
    {"enter", enter, 0, 1, ATTRIBUTES "default "},
    {"reenter", reenter, 1, 1, ATTRIBUTES "default "},
    {"leave", leave, 0, 1, ""},
    {"change", change, 0, 0, ATTRIBUTES},
    {"reuse_variables", reuse_variables, 0, 0, ""},
    {"scope", current_scope, 0, 0, ""},
    {"defaults", defaults, 1, 1, DEFAULTS},
    {"scopes", scopes, 0, 1, ""},
    {"rename_scope", rename_scope, 2, 2, ""},
    {"delete_scope", delete_scope, 1, 1, ""},
    {NULL, NULL, 0, 0, NULL},
};
