/* cmd_show.c - varsdb show: all there is to know of one variable, and how its values are spread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "cli.h"
#include "columns.h"
#include "histogram.h"
#include "holders.h"
#include "keys.h"
#include "part.h"
#include "pick.h"
#include "print.h"
#include "snapshot.h"

#define LIMIT_BYTES 64

typedef struct view {
    cli *c;
    subject of;
    char min[LIMIT_BYTES], max[LIMIT_BYTES]; /* of the finite values; empty if there is none */
    char hash[LIMIT_BYTES];
    histogram histogram;
    char *attributes; /* as JSON, where that is printed */
    int status;
} view;

static void print_identity(sink *to, const varsdb_variable_info *info)
{
    char size[PRINT_NUMBER_MAX];
    print_size(size, info->bytes);
    keys_text(to, "name", info->name);
    keys_text(to, "namespace", info->name_space);
    keys_count(to, "id", info->id);
    keys_text(to, "dtype", varsdb_dtype_name(info->dtype));
    keys_text(to, "shape", info->shape_json);
    keys_count(to, "elements", info->elements);
    keys_text(to, "size", size);
    keys_text(to, "trainable", info->trainable ? "yes" : "no");
    keys_text(to, "collections", info->collections_json);
    keys_text(to, "initializer", info->initializer);
    if (info->has_seed)
        keys_count(to, "seed", info->seed);
    keys_text(to, "regularizer", info->regularizer);
    keys_text(to, "constraint", info->constraint);
    if (info->parts) {
        keys_text(to, "partitioner", info->partitioner);
        keys_count(to, "axis", info->partition_axis);
        keys_count(to, "parts", info->parts);
    }
}

static void print_version(sink *to, const varsdb_variable_info *info)
{
    if (info->initialized)
        keys_count(to, "version", info->version);
    else
        keys_text(to, "version", "0 (no value yet)");
}

static void print_word(sink *to, const char *word, const char *otherwise)
{
    const char *shown = word && *word ? word : otherwise;
    print_visible(to, shown, strlen(shown));
}

/* Who created the name, where and when, in one sentence. */
static void print_origin(sink *to, const varsdb_variable_info *info)
{
    char when[PRINT_NUMBER_MAX];
    when[print_time(when, info->created_at)] = '\0';
    sink_printf(to, "created      %s by ", when);
    print_word(to, info->program, "an unknown program");
    if (info->pid)
        sink_printf(to, ", process %lld", (long long)info->pid);
    sink_text(to, " on ");
    print_word(to, info->host, "an unknown host");
    if (info->site && *info->site) {
        sink_text(to, ", at ");
        print_visible(to, info->site, strlen(info->site));
    }
    sink_char(to, '\n');
    keys_text(to, "site", info->site);
    keys_moment(to, "updated", info->updated_at);
}

static void print_statistics(sink *to, const varsdb_variable_info *info)
{
    if (!info->initialized || !varsdb_dtype_bits(info->dtype))
        return;
    keys_text(to, "min", info->min);
    keys_text(to, "max", info->max);
    if (info->has_moments) {
        keys_real(to, "mean", info->mean);
        keys_real(to, "std", info->std);
        keys_real(to, "l2_norm", info->l2_norm);
    }
    keys_count(to, "zeros", info->zeros);
    keys_count(to, "nans", info->nans);
    keys_count(to, "pos_infs", info->pos_infs);
    keys_count(to, "neg_infs", info->neg_infs);
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
    bool at = !v->of.variable;
    print_identity(to, info);
    if (at && !info->initialized)
        keys_text(to, "value", "none yet");
    if (!at)
        print_version(to, info);
    keys_text(to, "hash", info->hash);
    if (!at)
        print_origin(to, info);
    print_statistics(to, info);
}

/* A snapshot has fewer columns, and no attributes. */
static void print_row_at(view *v, const varsdb_variable_info *info)
{
    cli *c = v->c;
    const char *names[COLUMNS_AT + 1];
    out_rows o;
    bool json = c->format == OUT_JSON;
    char *bars = json ? histogram_json(&v->histogram) : NULL;
    memcpy(names, columns_at, sizeof columns_at);
    names[COLUMNS_AT] = "histogram";
    out_begin(&o, &c->out, c->format, names, json ? COLUMNS_AT + 1 : COLUMNS_AT);
    o.single = true;
    columns_print_at(&o, info);
    if (json)
        out_raw(&o, bars);
    free(bars);
    v->status = cli_end_rows(c, &o, VARSDB_OK);
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
    copy_text(v->hash, info->hash);
    return 0;
}

static int read_histogram(view *v)
{
    if (subject_describe(v->c, &v->of, learn_limits, v) != VARSDB_OK)
        return cli_fail_db(v->c);
    if (!*v->min || !*v->max)
        return CLI_DONE;
    return histogram_read(v->c, &v->of, v->min, v->max, &v->histogram);
}

static int print_variable(void *payload, const varsdb_variable_info *info)
{
    view *v = payload;
    if (v->c->format == OUT_AUTO)
        print_as_text(v, info);
    else if (v->of.variable)
        print_as_row(v, info);
    else
        print_row_at(v, info);
    return v->status;
}

static int print_attributes_and_histogram(view *v)
{
    cli *c = v->c;
    if (v->of.variable &&
        varsdb_list_attributes(c->db, v->of.variable, print_attribute, &c->out) != VARSDB_OK)
        return c->out.error ? CLI_FAILED : cli_fail_db(c);
    if (v->of.variable) {
        int status = holders_print(c, varsdb_variable_name(v->of.variable), v->hash);
        if (status != CLI_DONE)
            return status;
    }
    histogram_print_line(&c->out, &v->histogram);
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
    if (status == CLI_DONE && c->format == OUT_JSON && v->of.variable)
        status = attributes_json(c, v->of.variable, &v->attributes);
    if (status != CLI_DONE)
        return status;
    int rc = subject_describe(c, &v->of, print_variable, v);
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
    keys_text(to, "name", name);
    keys_text(to, "variable", info->name);
    keys_text(to, "namespace", info->name_space);
    keys_count(to, "part", p->index);
    keys_count(to, "parts", p->count);
    keys_count(to, "axis", p->axis);
    keys_count(to, "offset", p->offset);
    keys_text(to, "dtype", varsdb_dtype_name(info->dtype));
    keys_text(to, "shape", shape);
    print_version(to, info);
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

static int show_at(view *v, const char *at)
{
    cli *c = v->c;
    int64_t snapshot;
    int status = snapshot_find(c, at, &snapshot);
    if (status == CLI_DONE)
        status = subject_at(c, snapshot, c->args[1], &v->of);
    return status == CLI_DONE ? show(v) : status;
}

int cmd_show(cli *c, int argc, char **argv)
{
    view v = {.c = c};
    const char *at = NULL;
    const opt options[] = {OPT_TEXT("at", &at)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* The statistics and the values of one moment. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status;
    if (at)
        return show_at(&v, at);
    part wanted;
    const varsdb_variable *variable = part_pick(c, c->args[1], &wanted, &status);
    if (!variable)
        return status;
    if (wanted.given)
        return show_part(c, variable, &wanted);
    subject_of(variable, &v.of);
    return show(&v);
}
