/* conformance_query.c - verbs: what is known of variables, collections, rename and delete. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* ---- one variable */

typedef struct question {
    conformance_run *run;
    const char *about;
} question;

static bool is_about(const question *q, const char *what)
{
    return strcmp(q->about, what) == 0;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ["b","a"] as a,b: which collections, whatever their order. */
static void say_collections(conformance_run *run, const char *json)
{
    char plain[512];
    conformance_list list;
    size_t count = 0, bytes = 0;
    for (; *json && bytes + 1 < sizeof plain; json++)
        if (!strchr("[]\" ", *json))
            plain[bytes++] = *json;
    plain[bytes] = '\0';
    conformance_list_of(&list, plain);
    while (list.at[count])
        count++;
    qsort(list.at, count, sizeof *list.at, compare_texts);
    for (size_t i = 0; i < count; i++)
        conformance_add(run, list.at[i]);
}

static int answer(void *payload, const varsdb_variable_info *info)
{
    const question *q = payload;
    char shape[256];
    if (is_about(q, "collections"))
        say_collections(q->run, info->collections_json);
    else if (is_about(q, "version"))
        conformance_say(q->run, "%lld", (long long)info->version);
    else if (is_about(q, "trainable"))
        conformance_say(q->run, "%s", info->trainable ? "yes" : "no");
    else if (is_about(q, "initialized"))
        conformance_say(q->run, "%s", info->initialized ? "yes" : "no");
    else if (is_about(q, "initializer"))
        conformance_say(q->run, "%s", info->initializer ? info->initializer : "none");
    else if (is_about(q, "regularizer"))
        conformance_say(q->run, "%s", info->regularizer ? info->regularizer : "none");
    else if (is_about(q, "constraint"))
        conformance_say(q->run, "%s", info->constraint ? info->constraint : "none");
    else if (is_about(q, "seed") && info->has_seed)
        conformance_say(q->run, "%lld", (long long)info->seed);
    else if (is_about(q, "name"))
        conformance_say(q->run, "%s", info->name);
    else if (is_about(q, "dtype"))
        conformance_say(q->run, "%s", varsdb_dtype_name(info->dtype));
    else if (is_about(q, "shape")) {
        conformance_shape_text(&info->shape, shape, sizeof shape);
        conformance_say(q->run, "%s", shape);
    }
    return 0;
}

static int ask(conformance_run *run, const conformance_step *step)
{
    question q = {run, step->words[0]};
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_describe(run->db, v, answer, &q) : rc;
}

static int find(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = varsdb_find_variable(run->db, conformance_operand(step, 0), &v);
    if (rc != VARSDB_OK)
        return rc;
    conformance_capture_as(run, step, v, NULL);
    return conformance_say(run, "%s", varsdb_variable_name(v));
}

static int same(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *a, *b;
    int rc = conformance_variable(run, conformance_operand(step, 0), &a);
    if (rc == VARSDB_OK)
        rc = conformance_variable(run, conformance_operand(step, 1), &b);
    return rc == VARSDB_OK ? conformance_say(run, "%s", a == b ? "yes" : "no") : rc;
}

static int rename_variable(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_rename_variable(run->db, v, conformance_operand(step, 1)) : rc;
}

static int delete_variable(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_delete_variable(run->db, v) : rc;
}

/* ---- collections */

/* TensorFlow's names of keys, for short. */
static const char *collection_of(const char *name)
{
    return strcmp(name, "GLOBAL") == 0      ? VARSDB_GLOBAL
           : strcmp(name, "LOCAL") == 0     ? VARSDB_LOCAL
           : strcmp(name, "MODEL") == 0     ? VARSDB_MODEL
           : strcmp(name, "TRAINABLE") == 0 ? VARSDB_TRAINABLE
                                            : name;
}

static int collect(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    const char *collection = collection_of(conformance_operand(step, 0));
    int rc = conformance_variable(run, conformance_operand(step, 1), &v);
    if (rc != VARSDB_OK)
        return rc;
    return *step->words[0] == 'c' ? varsdb_collect(run->db, collection, v)
                                  : varsdb_uncollect(run->db, collection, v);
}

static int add_name(void *payload, const varsdb_variable_info *info)
{
    conformance_add(payload, info->name);
    return 0;
}

static int members(conformance_run *run, const conformance_step *step)
{
    return varsdb_list_variables(
        run->db, VARSDB_FILTER(.collection = collection_of(conformance_operand(step, 0))), add_name, run);
}

static int list(conformance_run *run, const conformance_step *step)
{
    const char *collection = conformance_option(step, "collection");
    varsdb_filter filter = {
        .size = sizeof filter,
        .collection = collection ? collection_of(collection) : NULL,
        .scope = conformance_option(step, "scope"),
        .match = conformance_option(step, "match"),
        .exclude = conformance_option(step, "exclude"),
        .glob = conformance_option(step, "glob"),
        .match_prefix = conformance_option(step, "match_prefix"),
        .suffix = conformance_option(step, "suffix"),
    };
    return varsdb_list_variables(run->db, &filter, add_name, run);
}

static int add_collection(void *payload, const varsdb_collection_info *info)
{
    conformance_add(payload, info->name);
    return 0;
}

static int list_collections(conformance_run *run, const conformance_step *step)
{
    (void)step;
    return varsdb_list_collections(run->db, add_collection, run);
}

const conformance_verb conformance_query_verbs[] = {
    {"collections", ask, 1, 1, ""},
    {"version", ask, 1, 1, ""},
    {"trainable", ask, 1, 1, ""},
    {"initialized", ask, 1, 1, ""},
    {"initializer", ask, 1, 1, ""},
    {"regularizer", ask, 1, 1, ""},
    {"constraint", ask, 1, 1, ""},
    {"seed", ask, 1, 1, ""},
    {"name", ask, 1, 1, ""},
    {"dtype", ask, 1, 1, ""},
    {"shape", ask, 1, 1, ""},
    {"find", find, 1, 1, ""},
    {"same", same, 2, 2, ""},
    {"rename", rename_variable, 2, 2, ""},
    {"delete", delete_variable, 1, 1, ""},
    {"collect", collect, 2, 2, ""},
    {"uncollect", collect, 2, 2, ""},
    {"members", members, 1, 1, ""},
    {"list", list, 0, 0, " collection scope match exclude glob match_prefix suffix "},
    {"keys", list_collections, 0, 0, ""},
    {NULL, NULL, 0, 0, NULL},
};
