/* cmd_stats.c - varsdb stats: the statistics of many variables, and which look ill. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "health.h"
#include "norms.h"
#include "selection.h"
#include "snapshot.h"
#include "tally.h"

/* The columns of the query. */
enum {
    NAME,
    DTYPE,
    SHAPE,
    MEAN,
    STD,
    L2_NORM,
    MIN,
    MAX,
    ZEROS,
    NANS,
    POS_INFS,
    NEG_INFS,
    UNTOUCHED
};

typedef struct survey {
    cli *c;
    selection chosen;
    norms before; /* what growth is counted from */
    out_rows rows;
    bool flagged_only;
    int64_t at, since; /* snapshots; 0: the present, the last ones */
    int64_t seen, flagged, counts[HEALTH_KINDS];
} survey;

static int64_t count_of(const varsdb_value *value)
{
    return value->text ? strtoll(value->text, NULL, 10) : 0;
}

static double real_of(const varsdb_value *value)
{
    return value->text ? strtod(value->text, NULL) : 0;
}

/* "[2,3]" is 6. */
static int64_t elements_of(const char *shape)
{
    int64_t n = 1;
    char *end;
    for (const char *p = shape + 1; *p && *p != ']'; p = *end == ',' ? end + 1 : end) {
        int64_t length = strtoll(p, &end, 10);
        if (end == p || __builtin_mul_overflow(n, length, &n))
            return 0;
    }
    return n;
}

static health_signs signs_of(const survey *s, const varsdb_value *v)
{
    double before = 0;
    bool has_before = v[L2_NORM].text && norms_find(&s->before, v[NAME].text, real_of(&v[L2_NORM]), &before);
    return (health_signs){.dtype = varsdb_dtype_parse(v[DTYPE].text),
                          .elements = elements_of(v[SHAPE].text),
                          .nans = count_of(&v[NANS]),
                          .infs = count_of(&v[POS_INFS]) + count_of(&v[NEG_INFS]),
                          .has_moments = v[L2_NORM].text != NULL,
                          .has_before = has_before,
                          .untouched = count_of(&v[UNTOUCHED]) != 0,
                          .std = real_of(&v[STD]),
                          .l2_norm = real_of(&v[L2_NORM]),
                          .norm_before = before};
}

/* The greatest integers of 64 bits are text in the view, and numbers here. */
static void print_number(out_rows *o, const varsdb_value *value)
{
    if (value->text)
        out_number(o, value->text, value->bytes);
    else
        out_null(o);
}

static void print_flags(out_rows *o, unsigned flags)
{
    char text[64] = "";
    size_t used = 0;
    for (int kind = 0; kind < HEALTH_KINDS; kind++)
        if (flags & 1U << kind)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "",
                                     health_words[kind]);
    out_text(o, used ? text : NULL);
}

static int print_row(void *payload, size_t columns, const char *const *names, const varsdb_value *v)
{
    survey *s = payload;
    out_rows *o = &s->rows;
    (void)columns;
    (void)names;
    if (!selection_has(&s->chosen, v[NAME].text))
        return 0;
    health_signs signs = signs_of(s, v);
    unsigned flags = health_judge(&signs);
    s->seen++;
    s->flagged += flags != 0;
    for (int kind = 0; kind < HEALTH_KINDS; kind++)
        s->counts[kind] += flags >> kind & 1;
    if (!flags && s->flagged_only)
        return 0;
    out_bytes(o, v[NAME].text, v[NAME].bytes);
    print_flags(o, flags);
    out_text(o, v[DTYPE].text);
    out_int(o, signs.elements);
    for (int i = MEAN; i <= NANS; i++)
        print_number(o, &v[i]);
    if (v[POS_INFS].text)
        out_int(o, signs.infs);
    else
        out_null(o);
    return !out_alive(o);
}

static int run_query(survey *s)
{
    char *query = NULL;
    /* The order by what is the same of all replaces the view's, which would hold all rows back to sort
     * them; ids, looked up in a collection, come in their order anyway. */
    if (asprintf(&query,
                 "SELECT v.name, v.dtype, v.shape, v.mean, v.std, v.l2_norm, v.min, v.max, v.zeros, v.nans, "
                 "v.pos_infs, v.neg_infs, %s %s ORDER BY v.namespace",
                 /* A snapshot does not tell. */
                 s->at ? "0" : "v.version = 1 AND v.initializer IS NOT NULL", s->chosen.from) < 0) {
        out_end(&s->rows, false);
        return cli_fail_memory(s->c);
    }
    int rc = varsdb_query(s->c->db, query, print_row, s);
    free(query);
    return cli_end_rows(s->c, &s->rows, rc);
}

/* "12 variables, 3 flagged: 1 nan, 2 dead" */
static void summarize(survey *s)
{
    char text[TALLY_TEXT_MAX];
    tally_text(text, s->counts, health_words, HEALTH_KINDS, -1);
    sink_flush(&s->c->out); /* on a terminal the rows come first */
    cli_note("%lld variable%s, %lld flagged%s%s", (long long)s->seen, s->seen == 1 ? "" : "s",
             (long long)s->flagged, *text ? ": " : "", text);
}

static int survey_all(survey *s, const varsdb_filter *filter)
{
    static const char *const names[] = {"name",    "flags", "dtype", "elements", "mean", "std",
                                        "l2_norm", "min",   "max",   "zeros",    "nans", "infs"};
    cli *c = s->c;
    int status = s->since ? norms_read(c, s->since, &s->before) : norms_read_last(c, s->at, &s->before);
    if (status == CLI_DONE)
        status = selection_make(c, filter, s->at, &s->chosen);
    if (status == CLI_DONE) {
        out_begin(&s->rows, &c->out, c->format, names, COUNT_OF(names));
        status = run_query(s);
    }
    selection_release(&s->chosen);
    norms_release(&s->before);
    if (status != CLI_DONE)
        return status;
    summarize(s);
    return s->flagged_only && s->flagged ? CLI_NO : CLI_DONE;
}

int cmd_stats(cli *c, int argc, char **argv)
{
    pick_filter pick = {0};
    const char *at = NULL, *since = NULL;
    int flagged = 0;
    survey s = {.c = c};
    const opt options[] = {OPT_TEXT("collection", &pick.filter.collection),
                           OPT_TEXT("scope", &pick.filter.scope),
                           OPT_TEXT("match", &pick.filter.match),
                           OPT_TEXT("name", &pick.filter.glob),
                           OPT_TEXT("at", &at),
                           OPT_TEXT("since", &since),
                           OPT_FLAG("flagged", &flagged)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = pick_tidy(c, &pick);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status == CLI_DONE && at)
        status = snapshot_find(c, at, &s.at);
    if (status == CLI_DONE && since)
        status = snapshot_find(c, since, &s.since);
    if (status != CLI_DONE)
        return status;
    s.flagged_only = flagged;
    return survey_all(&s, &pick.filter);
}
