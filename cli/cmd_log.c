/* cmd_log.c - varsdb log: one variable through the snapshots, and as it is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pick.h"
#include "print.h"
#include "spark.h"
#include "sqltext.h"

#define SPARK_COLUMNS 60
#define HASH_BYTES    33

/* The variable as one snapshot has it, or, without one, as it is. */
typedef struct moment {
    int64_t snapshot; /* 0: the present */
    char *label, *name;
    bool has_step, there, initialized, has_moments;
    int64_t step, time;
    char hash[HASH_BYTES];
    double mean, std, l2_norm;
    int64_t nans, infs;
} moment;

typedef struct history {
    cli *c;
    const char *wanted;
    moment *moments;
    size_t count, room;
    bool failed;
    int64_t id, created_at; /* of the variable as it is; id 0: there is none */
    moment *at;             /* the one that is looked for */
} history;

static moment *add(history *h)
{
    if (h->count == h->room) {
        size_t room = h->room ? h->room * 2 : 64;
        moment *bigger = realloc(h->moments, room * sizeof *bigger);
        if (!bigger) {
            h->failed = true;
            return NULL;
        }
        h->moments = bigger;
        h->room = room;
    }
    moment *m = &h->moments[h->count++];
    *m = (moment){0};
    return m;
}

static void release(history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        free(h->moments[i].label);
        free(h->moments[i].name);
    }
    free(h->moments);
}

static bool copy_text(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

static int add_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    history *h = payload;
    moment *m = add(h);
    if (!m)
        return 1;
    m->snapshot = info->id;
    m->has_step = info->has_step;
    m->step = info->step;
    m->time = info->created_at;
    h->failed = !copy_text(&m->label, info->name);
    return h->failed;
}

static void take(history *h, moment *m, const varsdb_variable_info *info)
{
    m->there = true;
    m->initialized = info->initialized;
    m->has_moments = info->initialized && info->has_moments;
    m->mean = info->mean;
    m->std = info->std;
    m->l2_norm = info->l2_norm;
    m->nans = info->nans;
    m->infs = info->pos_infs + info->neg_infs;
    snprintf(m->hash, sizeof m->hash, "%s", info->hash ? info->hash : "");
    h->failed |= !copy_text(&m->name, info->name);
}

static int take_present(void *payload, const varsdb_variable_info *info)
{
    history *h = payload;
    moment *m = add(h);
    if (!m)
        return 1;
    h->id = info->id;
    h->created_at = info->created_at;
    m->time = info->updated_at;
    take(h, m, info);
    return h->failed;
}

static int find_moment(const void *key, const void *element)
{
    int64_t wanted = *(const int64_t *)key, id = ((const moment *)element)->snapshot;
    return (wanted > id) - (wanted < id);
}

static double real_of(const varsdb_value *value)
{
    return value->text ? strtod(value->text, NULL) : 0;
}

static int64_t count_of(const varsdb_value *value)
{
    return value->text ? strtoll(value->text, NULL, 10) : 0;
}

/* One row of the view: what one snapshot has of the name. */
static int take_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    history *h = payload;
    int64_t id = count_of(&values[0]);
    moment *m = h->count ? bsearch(&id, h->moments, h->count, sizeof *m, find_moment) : NULL;
    (void)columns;
    (void)names;
    if (!m || m->there) /* taken since the list was read */
        return 0;
    take(h, m,
         &(varsdb_variable_info){.name = h->wanted,
                                 .hash = values[1].text,
                                 .initialized = values[1].text != NULL,
                                 .has_moments = values[4].text != NULL,
                                 .mean = real_of(&values[2]),
                                 .std = real_of(&values[3]),
                                 .l2_norm = real_of(&values[4]),
                                 .nans = count_of(&values[5]),
                                 .pos_infs = count_of(&values[6]),
                                 .neg_infs = count_of(&values[7])});
    return h->failed;
}

/* By name: an index finds them, and no snapshot is listed. */
static int read_by_name(history *h)
{
    char *space = NULL, *name = NULL, *query = NULL;
    bool whole = sqltext_literal(&space, varsdb_namespace(h->c->db)) == 0 &&
                 sqltext_literal(&name, h->wanted) == 0 &&
                 asprintf(&query,
                          "SELECT snapshot_id, hash, mean, std, l2_norm, nans, pos_infs, neg_infs "
                          "FROM snapshot_variables WHERE namespace = %s AND name = %s",
                          space, name) >= 0;
    int rc = whole ? varsdb_query(h->c->db, query, take_row, h) : VARSDB_OK;
    free(space);
    free(name);
    if (whole)
        free(query);
    if (!whole || h->failed)
        return cli_fail_memory(h->c);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(h->c);
}

static int take_same_id(void *payload, const varsdb_variable_info *info)
{
    history *h = payload;
    if (info->id != h->id)
        return 0;
    take(h, h->at, info);
    return 1;
}

/* A snapshot that is younger than the variable, and lacks its name, has it under another or not at
 * all.  An id is used again after a delete only: since the variable was made it is its own. */
static int read_renamed(history *h)
{
    for (size_t i = 0; i < h->count && h->id; i++) {
        h->at = &h->moments[i];
        if (!h->at->snapshot || h->at->there || h->at->time < h->created_at)
            continue;
        int rc = varsdb_list_snapshot_variables(h->c->db, h->at->snapshot, NULL, take_same_id, h);
        if (h->failed)
            return cli_fail_memory(h->c);
        if (rc != VARSDB_OK && !h->at->there)
            return cli_fail_db(h->c);
    }
    return CLI_DONE;
}

/* Leaves out the snapshots that lack it. */
static void drop_absent(history *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        moment *m = &h->moments[i];
        if (m->there) {
            h->moments[kept++] = *m;
            continue;
        }
        free(m->label);
        free(m->name);
    }
    h->count = kept;
}

static int read_history(history *h)
{
    cli *c = h->c;
    const varsdb_variable *variable = NULL;
    int rc = varsdb_list_snapshots(c->db, add_snapshot, h);
    if (h->failed)
        return cli_fail_memory(c);
    if (rc != VARSDB_OK)
        return cli_fail_db(c);
    int status = read_by_name(h);
    if (status != CLI_DONE)
        return status;
    rc = varsdb_find_variable(c->db, h->wanted, &variable);
    if (rc != VARSDB_OK && rc != VARSDB_NOTFOUND)
        return cli_fail_db(c);
    if (variable && varsdb_describe(c->db, variable, take_present, h) != VARSDB_OK)
        return h->failed ? cli_fail_memory(c) : cli_fail_db(c);
    status = read_renamed(h);
    drop_absent(h);
    if (status == CLI_DONE && !h->count) /* says what there is of that name */
        pick_variable(c, h->wanted, &status);
    return status;
}

static const char *change_of(const moment *m, const moment *before)
{
    if (!before)
        return "first";
    if (strcmp(m->name, before->name) != 0)
        return strcmp(m->hash, before->hash) == 0 ? "renamed" : "renamed, changed";
    return strcmp(m->hash, before->hash) == 0 ? "same" : "changed";
}

static void print_real(out_rows *o, bool there, double value)
{
    if (there)
        out_double(o, value);
    else
        out_null(o);
}

static void print_moment(out_rows *o, const moment *m, const moment *before)
{
    out_text(o, m->snapshot ? m->label : "(present)");
    if (m->has_step)
        out_int(o, m->step);
    else
        out_null(o);
    out_text(o, change_of(m, before));
    print_real(o, m->has_moments, m->l2_norm);
    bool both = before && m->has_moments && before->has_moments;
    print_real(o, both, both ? m->l2_norm - before->l2_norm : 0);
    print_real(o, m->has_moments, m->mean);
    print_real(o, m->has_moments, m->std);
    if (m->has_moments) {
        out_int(o, m->nans);
        out_int(o, m->infs);
    } else {
        out_null(o);
        out_null(o);
    }
    out_time(o, m->time);
    out_text(o, m->name);
    if (m->snapshot)
        out_int(o, m->snapshot);
    else
        out_null(o);
    out_text(o, *m->hash ? m->hash : NULL);
}

/* "l2_norm  ▁▂▃▅█  0.5 to 2.25", for whoever reads a table. */
static int print_spark(const history *h)
{
    sink *to = &h->c->out;
    double *norms = calloc(h->count + 1, sizeof *norms), low = INFINITY, high = -INFINITY;
    size_t count = 0;
    if (!norms)
        return cli_fail_memory(h->c);
    for (size_t i = 0; i < h->count; i++) {
        const moment *m = &h->moments[i];
        if (!m->has_moments)
            continue;
        norms[count++] = m->nans || m->infs ? NAN : m->l2_norm;
        low = m->l2_norm < low ? m->l2_norm : low;
        high = m->l2_norm > high ? m->l2_norm : high;
    }
    if (count > 1) {
        sink_text(to, "l2_norm  ");
        spark_print(to, norms, count, SPARK_COLUMNS);
        sink_printf(to, "  %.6g to %.6g\n\n", low, high);
    }
    free(norms);
    return CLI_DONE;
}

static int print_history(const history *h)
{
    static const char *const names[] = {"snapshot", "step",        "change", "l2_norm", "norm_change",
                                        "mean",     "std",         "nans",   "infs",    "created_at",
                                        "name",     "snapshot_id", "hash"};
    cli *c = h->c;
    out_rows o;
    bool table = c->format == OUT_TABLE || (c->format == OUT_AUTO && isatty(c->out.fd));
    int status = table ? print_spark(h) : CLI_DONE;
    if (status != CLI_DONE)
        return status;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    for (size_t i = 0; i < h->count && out_alive(&o); i++)
        print_moment(&o, &h->moments[i], i ? &h->moments[i - 1] : NULL);
    return cli_end_rows(c, &o, VARSDB_OK);
}

int cmd_log(cli *c, int argc, char **argv)
{
    history h = {.c = c};
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* The snapshots, and the variable as it is, of one moment. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status;
    h.wanted = c->args[1];
    status = read_history(&h);
    if (status == CLI_DONE)
        status = print_history(&h);
    release(&h);
    return status;
}
