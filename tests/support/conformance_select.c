/* conformance_select.c - verbs: tf-slim's selections, the global step, parts, losses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

static int add_name(void *payload, const varsdb_variable *v)
{
    conformance_add(payload, varsdb_variable_name(v));
    return 0;
}

static int unique(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = varsdb_find_unique(run->db, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? conformance_say(run, "%s", varsdb_variable_name(v)) : rc;
}

static int to_restore(conformance_run *run, const conformance_step *step)
{
    conformance_list include, exclude;
    return varsdb_list_to_restore(run->db, conformance_list_of(&include, conformance_option(step, "include")),
                                  conformance_list_of(&exclude, conformance_option(step, "exclude")),
                                  add_name, run);
}

static int filter(conformance_run *run, const conformance_step *step)
{
    conformance_list names, include, exclude;
    const varsdb_variable *given[32], *kept[32];
    const char *search = conformance_option(step, "search");
    size_t count = 0, left = 0;
    int rc = VARSDB_OK;
    conformance_list_of(&names, conformance_operand(step, 0));
    for (; rc == VARSDB_OK && names.at[count]; count++)
        rc = conformance_variable(run, names.at[count], &given[count]);
    if (rc == VARSDB_OK)
        rc = varsdb_filter_variables(run->db, given, count,
                                     conformance_list_of(&include, conformance_option(step, "include")),
                                     conformance_list_of(&exclude, conformance_option(step, "exclude")),
                                     !search || strcmp(search, "no") != 0, kept, &left);
    for (size_t i = 0; rc == VARSDB_OK && i < left; i++)
        add_name(run, kept[i]);
    return rc;
}

/* Operands are name:numbers, the numbers float32. */
static int assign_values(conformance_run *run, const conformance_step *step)
{
    char names[4][64];
    double data[4][32];
    varsdb_named_value values[4];
    size_t count = 0;
    for (const char *text; count < 4 && (text = conformance_operand(step, count)); count++) {
        size_t bytes = strcspn(text, ":");
        if (!text[bytes])
            return conformance_bad(run, "%s is not name:numbers", text);
        snprintf(names[count], sizeof names[count], "%.*s", (int)bytes, text);
        values[count].name = names[count];
        values[count].data = data[count];
        values[count].bytes =
            conformance_encode(VARSDB_FLOAT32, text + bytes + 1, data[count], sizeof data[count]);
    }
    return varsdb_assign_values(run->db, values, count);
}

static int uninitialized(conformance_run *run, const conformance_step *step)
{
    (void)step;
    return varsdb_report_uninitialized(run->db, add_name, run);
}

/* ---- the global step */

static int global_step(conformance_run *run, const conformance_step *step)
{
    const char *what = conformance_operand(step, 0), *which = conformance_operand(step, 1);
    const varsdb_variable *v = NULL;
    int created = 1, rc;
    if (strcmp(what, "create") == 0)
        rc = varsdb_create_global_step(run->db, &v);
    else if (strcmp(what, "get") == 0)
        rc = varsdb_get_global_step(run->db, &v);
    else if (strcmp(what, "get_or_create") == 0)
        rc = varsdb_get_or_create_global_step(run->db, &created, &v);
    else if (strcmp(what, "check") == 0 && which) {
        rc = conformance_variable(run, which, &v);
        return rc == VARSDB_OK ? varsdb_check_global_step(run->db, v) : rc;
    } else
        return conformance_bad(run, "global_step %s?", what);
    if (rc != VARSDB_OK)
        return rc;
    conformance_capture_as(run, step, v, NULL);
    return conformance_say(run, "%s",
                           strcmp(what, "get") == 0 ? varsdb_variable_name(v)
                           : created                ? "created"
                                                    : "reused");
}

/* ---- parts */

/* offset+length of each */
static int add_part(void *payload, const varsdb_part *part)
{
    char text[64];
    snprintf(text, sizeof text, "%lld+%lld", (long long)part->offset,
             (long long)part->shape.dims[part->axis]);
    conformance_add(payload, text);
    return 0;
}

static int parts(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_list_parts(run->db, v, add_part, run) : rc;
}

static int add_part_shape(void *payload, const varsdb_part *part)
{
    char shape[128], text[160];
    conformance_shape_text(&part->shape, shape, sizeof shape);
    snprintf(text, sizeof text, "%d:%s", part->axis, shape);
    conformance_add(payload, text);
    return 0;
}

static int part_shapes(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int rc = conformance_variable(run, conformance_operand(step, 0), &v);
    return rc == VARSDB_OK ? varsdb_list_parts(run->db, v, add_part_shape, run) : rc;
}

static int find_part(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int64_t part;
    int rc = varsdb_find_part(run->db, conformance_operand(step, 0), &v, &part);
    return rc == VARSDB_OK ? conformance_say(run, "%s %lld", varsdb_variable_name(v), (long long)part) : rc;
}

/* Parts of float32 variables, by "w/part_1", with their numbers. */
static int assign_part(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int64_t part;
    double data[128];
    int rc = varsdb_find_part(run->db, conformance_operand(step, 0), &v, &part);
    size_t bytes = conformance_encode(VARSDB_FLOAT32, conformance_operand(step, 1), data, sizeof data);
    return rc == VARSDB_OK ? varsdb_assign_part(run->db, v, part, data, bytes) : rc;
}

static int read_part(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v;
    int64_t part;
    float data[128];
    char text[64];
    const char *count = conformance_operand(step, 1);
    size_t elements = (size_t)strtoul(count, NULL, 10);
    int rc = varsdb_find_part(run->db, conformance_operand(step, 0), &v, &part);
    if (elements > 128)
        return conformance_bad(run, "at most 128 elements");
    if (rc == VARSDB_OK)
        rc = varsdb_read_part(run->db, v, part, data, elements * sizeof *data);
    for (size_t i = 0; rc == VARSDB_OK && i < elements; i++) {
        snprintf(text, sizeof text, "%g", (double)data[i]);
        conformance_add(run, text);
    }
    return rc;
}

/* ---- losses */

static int loss(conformance_run *run, const conformance_step *step)
{
    const varsdb_variable *v = NULL;
    const char *which = conformance_operand(step, 0);
    double sum;
    int rc = which ? conformance_variable(run, which, &v) : VARSDB_OK;
    if (rc == VARSDB_OK)
        rc = varsdb_regularization_loss(run->db, v, &sum);
    return rc == VARSDB_OK ? conformance_say(run, "%.6g", sum) : rc;
}

const conformance_verb conformance_select_verbs[] = {
    {"unique", unique, 1, 1, ""},
    {"to_restore", to_restore, 0, 0, " include exclude "},
    {"filter", filter, 1, 1, " include exclude search "},
    {"assign_values", assign_values, 1, 4, ""},
    {"uninitialized", uninitialized, 0, 0, ""},
    {"global_step", global_step, 1, 2, ""},
    {"parts", parts, 1, 1, ""},
    {"part_shapes", part_shapes, 1, 1, ""},
    {"find_part", find_part, 1, 1, ""},
    {"assign_part", assign_part, 2, 2, ""},
    {"read_part", read_part, 2, 2, ""},
    {"loss", loss, 0, 1, ""},
    {NULL, NULL, 0, 0, NULL},
};
