/* cmd_show.c - varsdb show: all there is to know of one variable, and how its values are spread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "cli.h"
#include "columns.h"
#include "histogram.h"
#include "part.h"
#include "pick.h"
#include "print.h"

#define KEY_COLUMNS 12
#define LIMIT_BYTES 64

typedef struct view {
    cli *c;
    const varsdb_variable *variable;
    char min[LIMIT_BYTES], max[LIMIT_BYTES]; /* of the finite values; empty if there is none */
    histogram histogram;
    char *attributes; /* as JSON, where that is printed */
    int status;
} view;

static void print_key(sink *to, const char *key)
{
    size_t bytes = strlen(key), width = print_visible_width(key, bytes);
    print_visible(to, key, bytes);
    sink_repeat(to, ' ', width < KEY_COLUMNS ? KEY_COLUMNS - width + 1 : 1);
}

static void print_text(sink *to, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    print_key(to, key);
    print_visible(to, text, strlen(text));
    sink_char(to, '\n');
}

static void print_count(sink *to, const char *key, int64_t value)
{
    char text[PRINT_NUMBER_MAX];
    text[print_int(text, value)] = '\0';
    print_text(to, key, text);
}

static void print_real(sink *to, const char *key, double value)
{
    char text[PRINT_NUMBER_MAX];
    text[print_double(text, value)] = '\0';
    print_text(to, key, text);
}

static void print_moment(sink *to, const char *key, int64_t milliseconds)
{
    char text[PRINT_NUMBER_MAX];
    text[print_time(text, milliseconds)] = '\0';
    print_text(to, key, text);
}

static void print_identity(sink *to, const varsdb_variable_info *info)
{
    char size[PRINT_NUMBER_MAX];
    print_size(size, info->bytes);
    print_text(to, "name", info->name);
    print_text(to, "namespace", info->name_space);
    print_count(to, "id", info->id);
    print_text(to, "dtype", varsdb_dtype_name(info->dtype));
    print_text(to, "shape", info->shape_json);
    print_count(to, "elements", info->elements);
    print_text(to, "size", size);
    print_text(to, "trainable", info->trainable ? "yes" : "no");
    print_text(to, "collections", info->collections_json);
    print_text(to, "initializer", info->initializer);
    if (info->has_seed)
        print_count(to, "seed", info->seed);
    print_text(to, "regularizer", info->regularizer);
    print_text(to, "constraint", info->constraint);
    if (info->parts) {
        print_text(to, "partitioner", info->partitioner);
        print_count(to, "axis", info->partition_axis);
        print_count(to, "parts", info->parts);
    }
    if (info->initialized)
        print_count(to, "version", info->version);
    else
        print_text(to, "version", "0 (no value yet)");
    print_text(to, "hash", info->hash);
}

static void print_origin(sink *to, const varsdb_variable_info *info)
{
    print_moment(to, "created", info->created_at);
    print_moment(to, "updated", info->updated_at);
    print_text(to, "program", info->program);
    print_text(to, "host", info->host);
    if (info->pid)
        print_count(to, "pid", info->pid);
    print_text(to, "site", info->site);
}

static void print_statistics(sink *to, const varsdb_variable_info *info)
{
    if (!info->initialized || info->dtype == VARSDB_STRING)
        return;
    print_text(to, "min", info->min);
    print_text(to, "max", info->max);
    if (info->has_moments) {
        print_real(to, "mean", info->mean);
        print_real(to, "std", info->std);
        print_real(to, "l2_norm", info->l2_norm);
    }
    print_count(to, "zeros", info->zeros);
    print_count(to, "nans", info->nans);
    print_count(to, "pos_infs", info->pos_infs);
    print_count(to, "neg_infs", info->neg_infs);
}

static int print_attribute(void *payload, const char *key, const char *json)
{
    sink *to = payload;
    sink_text(to, "attribute    ");
    print_visible(to, key, strlen(key));
    sink_text(to, " = ");
    print_visible(to, json, strlen(json));
    sink_char(to, '\n');
    return to->error;
}

static void print_as_text(view *v, const varsdb_variable_info *info)
{
    sink *to = &v->c->out;
    print_identity(to, info);
    print_origin(to, info);
    print_statistics(to, info);
}

static void print_as_row(view *v, const varsdb_variable_info *info)
{
    cli *c = v->c;
    static const char *const more[] = {"partitioner", "axis", "parts", "attributes", "histogram"};
    const char *names[COLUMNS_ALL + COUNT_OF(more)];
    out_rows o;
    bool json = c->format == OUT_JSON;
    char *bars = json ? histogram_json(&v->histogram) : NULL;
    memcpy(names, columns_all, sizeof columns_all);
    memcpy(names + COLUMNS_ALL, more, sizeof more);
    out_begin(&o, &c->out, c->format, names, json ? COUNT_OF(names) : COUNT_OF(names) - 2);
    o.single = true;
    columns_print_all(&o, info);
    out_text(&o, info->parts ? info->partitioner : NULL);
    if (info->parts)
        out_int(&o, info->partition_axis);
    else
        out_null(&o);
    out_int(&o, info->parts);
    if (json) {
        out_raw(&o, v->attributes);
        out_raw(&o, bars);
    }
    free(bars);
    v->status = cli_end_rows(c, &o, VARSDB_OK);
}

static void copy_text(char to[LIMIT_BYTES], const char *text)
{
    size_t bytes = text ? strlen(text) : 0;
    if (bytes && bytes < LIMIT_BYTES)
        memcpy(to, text, bytes + 1);
}

static int learn_limits(void *payload, const varsdb_variable_info *info)
{
    view *v = payload;
    copy_text(v->min, info->min);
    copy_text(v->max, info->max);
    return 0;
}

static int read_histogram(view *v)
{
    if (varsdb_describe(v->c->db, v->variable, learn_limits, v) != VARSDB_OK)
        return cli_fail_db(v->c);
    if (!*v->min || !*v->max)
        return CLI_DONE;
    return histogram_read(v->c, v->variable, v->min, v->max, &v->histogram);
}

static int print_variable(void *payload, const varsdb_variable_info *info)
{
    view *v = payload;
    if (v->c->format == OUT_AUTO)
        print_as_text(v, info);
    else
        print_as_row(v, info);
    return v->status;
}

static int print_attributes_and_histogram(view *v)
{
    cli *c = v->c;
    if (varsdb_list_attributes(c->db, v->variable, print_attribute, &c->out) != VARSDB_OK)
        return c->out.error ? CLI_FAILED : cli_fail_db(c);
    if (v->histogram.bins)
        sink_printf(&c->out, "\n  %12s %12s %12s\n", "from", "to", "count");
    histogram_print(&c->out, &v->histogram);
    return CLI_DONE;
}

static int show(view *v)
{
    cli *c = v->c;
    bool text = c->format == OUT_AUTO;
    int status = text || c->format == OUT_JSON ? read_histogram(v) : CLI_DONE;
    if (status == CLI_DONE && c->format == OUT_JSON)
        status = attributes_json(c, v->variable, &v->attributes);
    if (status != CLI_DONE)
        return status;
    int rc = varsdb_describe(c->db, v->variable, print_variable, v);
    free(v->attributes);
    if (v->status != CLI_DONE)
        return v->status;
    if (rc != VARSDB_OK)
        return cli_fail_db(c);
    return text ? print_attributes_and_histogram(v) : CLI_DONE;
}

/* ---- a part */

typedef struct part_view {
    cli *c;
    const part *which;
    int status;
} part_view;

static void print_part_as_text(sink *to, const char *name, const varsdb_variable_info *info, const part *p)
{
    char shape[SHAPE_TEXT_MAX];
    shape_print(shape, &p->shape);
    print_text(to, "name", name);
    print_text(to, "variable", info->name);
    print_text(to, "namespace", info->name_space);
    print_count(to, "part", p->index);
    print_count(to, "parts", p->count);
    print_count(to, "axis", p->axis);
    print_count(to, "offset", p->offset);
    print_text(to, "dtype", varsdb_dtype_name(info->dtype));
    print_text(to, "shape", shape);
    if (info->initialized)
        print_count(to, "version", info->version);
    else
        print_text(to, "version", "0 (no value yet)");
}

static void print_part_as_row(part_view *v, const char *name, const varsdb_variable_info *info)
{
    static const char *const names[] = {"name", "variable", "namespace", "part",  "parts",
                                        "axis", "offset",   "dtype",     "shape", "version"};
    cli *c = v->c;
    const part *p = v->which;
    char shape[SHAPE_TEXT_MAX];
    out_rows o;
    shape_print(shape, &p->shape);
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_text(&o, name);
    out_text(&o, info->name);
    out_text(&o, info->name_space);
    out_int(&o, p->index);
    out_int(&o, p->count);
    out_int(&o, p->axis);
    out_int(&o, p->offset);
    out_text(&o, varsdb_dtype_name(info->dtype));
    out_raw(&o, shape);
    out_int(&o, info->version);
    v->status = cli_end_rows(c, &o, VARSDB_OK);
}

static int print_part(void *payload, const varsdb_variable_info *info)
{
    part_view *v = payload;
    char name[PICK_NAME_MAX + 32];
    snprintf(name, sizeof name, "%s/part_%lld", info->name, (long long)v->which->index);
    if (v->c->format == OUT_AUTO)
        print_part_as_text(&v->c->out, name, info, v->which);
    else
        print_part_as_row(v, name, info);
    return v->status;
}

static int show_part(cli *c, const varsdb_variable *variable, const part *p)
{
    part_view v = {.c = c, .which = p};
    int rc = varsdb_describe(c->db, variable, print_part, &v);
    return v.status != CLI_DONE ? v.status : rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

int cmd_show(cli *c, int argc, char **argv)
{
    view v = {.c = c};
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* The statistics and the values of one moment. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status;
    part wanted;
    v.variable = part_pick(c, c->args[1], &wanted, &status);
    if (!v.variable)
        return status;
    return wanted.given ? show_part(c, v.variable, &wanted) : show(&v);
}
