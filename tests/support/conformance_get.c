/* conformance_get.c - verbs: get, model, local, with getters and callbacks for values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* ---- getters */

static int call_rest(varsdb *db, const varsdb_getters *rest, const char *name, const char *suffix,
                     const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    char longer[256];
    snprintf(longer, sizeof longer, "%s%s", name, suffix);
    return varsdb_call_getter(db, rest, longer, options, created, out);
}

/* What the getter was given: the full name, and the flag that is in force. */
static void log_call(conformance_getter *getter, const char *name, const varsdb_variable_options *options)
{
    static const char *const flags[] = {"inherit", "require", "auto", "create"};
    char text[256];
    snprintf(text, sizeof text, "%s:%s", name, flags[options->reuse & 3]);
    conformance_log(getter->run, text);
}

static int get_by_getter(varsdb *db, const varsdb_getters *rest, void *payload, const char *name,
                         const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    conformance_getter *getter = payload;
    const varsdb_variable *other;
    if (strcmp(getter->kind, "find") == 0)
        return varsdb_find_variable(db, getter->argument, out);
    if (strcmp(getter->kind, "refuse") == 0)
        return VARSDB_CANCELLED;
    if (strcmp(getter->kind, "rename") == 0)
        return call_rest(db, rest, name, getter->argument, options, created, out);
    if (strcmp(getter->kind, "both") == 0) {
        int rc = call_rest(db, rest, name, getter->argument, options, created, &other);
        return rc == VARSDB_OK ? varsdb_call_getter(db, rest, name, options, created, out) : rc;
    }
    if (strcmp(getter->kind, "fixed") == 0) {
        varsdb_variable_options o = *options;
        o.trainable = VARSDB_NO;
        return varsdb_call_getter(db, rest, name, &o, created, out);
    }
    if (strcmp(getter->kind, "show") == 0)
        log_call(getter, name, options);
    else
        conformance_log(getter->run, getter->argument);
    return varsdb_call_getter(db, rest, name, options, created, out);
}

varsdb_getter conformance_getter_of(conformance_run *run, const char *text, void **payload)
{
    static const char kinds[] = " find refuse rename both fixed show log ";
    if (!text)
        return NULL;
    if (run->getter_count == CONFORMANCE_GETTERS) {
        conformance_bad(run, "more than %d getters", CONFORMANCE_GETTERS);
        return NULL;
    }
    conformance_getter *getter = &run->getters[run->getter_count++];
    char known[32];
    size_t kind = strcspn(text, ":");
    getter->run = run;
    snprintf(getter->kind, sizeof getter->kind, "%.*s", (int)kind, text);
    snprintf(getter->argument, sizeof getter->argument, "%s", text[kind] ? text + kind + 1 : "");
    snprintf(known, sizeof known, " %s ", getter->kind);
    if (!strstr(kinds, known))
        conformance_bad(run, "there is no getter %s", getter->kind);
    *payload = getter;
    return get_by_getter;
}

/* ---- values that callbacks make */

/* Element i is i, of 4 bytes each; or there is nothing to be had. */
static int fill_with_indices(void *payload, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t offset,
                             void *buffer, size_t bytes)
{
    (void)shape;
    if (strcmp(payload, "fail") == 0)
        return VARSDB_CANCELLED;
    for (size_t at = 0; at + 4 <= bytes; at += 4) {
        uint64_t i = (offset + at) / 4;
        int32_t integer = (int32_t)i;
        float real = (float)i;
        memcpy((unsigned char *)buffer + at, dtype == VARSDB_INT32 ? (void *)&integer : (void *)&real, 4);
    }
    return VARSDB_OK;
}

/* A value given as dtype:shape:numbers. */
typedef struct made {
    conformance_run *run;
    const char *text;
    conformance_dims dims;
    double bytes[128];
} made;

static int make_value(void *payload, varsdb_made_value *out)
{
    made *m = payload;
    char dtype[32], shape[64], numbers[256];
    if (strcmp(m->text, "fail") == 0)
        return VARSDB_CANCELLED;
    conformance_log(m->run, "made");
    if (sscanf(m->text, "%31[^:]:%63[^:]:%255s", dtype, shape, numbers) != 3)
        return conformance_bad(m->run, "%s is not dtype:shape:numbers", m->text);
    out->dtype = conformance_dtype(dtype);
    out->shape = *conformance_shape(&m->dims, shape);
    out->data = m->bytes;
    out->bytes = conformance_encode(out->dtype, numbers, m->bytes, sizeof m->bytes);
    return VARSDB_OK;
}

/* ---- the call */

typedef struct get_arguments {
    conformance_dims shape;
    conformance_list collections;
    made made;
    double value[128];
    varsdb_variable_options options;
} get_arguments;

/* value=dtype:numbers carries its dtype, value=numbers is in the dtype that the call says. */
static void give_value(const char *text, get_arguments *a)
{
    varsdb_variable_options *o = &a->options;
    const char *colon = strchr(text, ':');
    char name[32] = "float32";
    if (colon) {
        snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
        o->value_dtype = conformance_dtype(name);
    }
    varsdb_dtype dtype = colon ? o->value_dtype : o->dtype ? o->dtype : VARSDB_FLOAT32;
    o->value_bytes = conformance_encode(dtype, colon ? colon + 1 : text, a->value, sizeof a->value);
    o->value = a->value;
}

static varsdb_tristate trainable_of(const char *text)
{
    return !text ? VARSDB_NOT_SAID : strcmp(text, "no") == 0 ? VARSDB_NO : VARSDB_YES;
}

static void give_callbacks(conformance_run *run, const conformance_step *step, get_arguments *a)
{
    const char *fill = conformance_option(step, "fill"), *make = conformance_option(step, "make");
    if (fill) {
        a->options.fill = fill_with_indices;
        a->options.initial_payload = (void *)(uintptr_t)fill;
    }
    if (make) {
        a->made.run = run;
        a->made.text = make;
        a->options.make = make_value;
        a->options.initial_payload = &a->made;
    }
}

static const varsdb_variable_options *get_options(conformance_run *run, const conformance_step *step,
                                                  get_arguments *a)
{
    const char *value = conformance_option(step, "value");
    a->options = (varsdb_variable_options){
        .size = sizeof a->options,
        .site = "train.c:12",
        .shape = conformance_shape(&a->shape, conformance_option(step, "shape")),
        .dtype = conformance_dtype(conformance_option(step, "dtype")),
        .reuse = conformance_reuse(conformance_option(step, "reuse")),
        .trainable = trainable_of(conformance_option(step, "trainable")),
        .initializer = conformance_option(step, "init"),
        .value_json = conformance_option(step, "json"),
        .collections = conformance_list_of(&a->collections, conformance_option(step, "collections")),
        .regularizer = conformance_option(step, "regularizer"),
        .partitioner = conformance_option(step, "partitioner"),
        .constraint = conformance_option(step, "constraint"),
    };
    if (value)
        give_value(value, a);
    give_callbacks(run, step, a);
    a->options.getter =
        conformance_getter_of(run, conformance_option(step, "getter"), &a->options.getter_payload);
    return &a->options;
}

static int get(conformance_run *run, const conformance_step *step)
{
    static int (*const calls[])(varsdb *, const char *, const varsdb_variable_options *, int *,
                                const varsdb_variable **) = {varsdb_get_variable, varsdb_model_variable,
                                                             varsdb_local_variable};
    get_arguments *a = calloc(1, sizeof *a);
    const varsdb_variable *v = NULL;
    int created = -1;
    if (!a)
        temp_give_up("run", step->words[0]);
    size_t which = *step->words[0] == 'g' ? 0 : *step->words[0] == 'm' ? 1 : 2;
    const varsdb_variable_options *o = get_options(run, step, a);
    int rc = calls[which](run->db, conformance_operand(step, 0), o, &created, &v);
    free(a);
    if (rc != VARSDB_OK)
        return created == -1 && !v ? rc : conformance_bad(run, "an out-parameter was written on failure");
    conformance_capture_as(run, step, v, NULL);
    return conformance_say(run, "%s", created ? "created" : "reused");
}

static int show_log(conformance_run *run, const conformance_step *step)
{
    (void)step;
    conformance_say(run, "%s", run->log);
    run->log[0] = '\0';
    return VARSDB_OK;
}

#define ARGUMENTS                                                                                            \
    " shape dtype reuse trainable init value json fill make collections regularizer partitioner constraint " \
    "getter "

const conformance_verb conformance_get_verbs[] = {
    {"get", get, 1, 1, ARGUMENTS}, {"model", get, 1, 1, ARGUMENTS}, {"local", get, 1, 1, ARGUMENTS},
    {"log", show_log, 0, 0, ""},   {NULL, NULL, 0, 0, NULL},
};
