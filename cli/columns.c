/* columns.c - see columns.h. */
#include "columns.h"

const char *const columns_all[COLUMNS_ALL] = {
    "id",    "namespace",  "name",        "scope",       "dtype", "shape",       "rank",        "elements",
    "bytes", "trainable",  "initialized", "initializer", "seed",  "regularizer", "collections", "version",
    "hash",  "created_at", "updated_at",  "program",     "host",  "pid",         "site",        "min",
    "max",   "mean",       "std",         "l2_norm",     "zeros", "nans",        "pos_infs",    "neg_infs",
};

const char *const columns_at[COLUMNS_AT] = {
    "id",          "namespace", "name",      "scope",       "dtype",       "shape", "rank",
    "elements",    "bytes",     "trainable", "initialized", "initializer", "seed",  "regularizer",
    "collections", "hash",      "min",       "max",         "mean",        "std",   "l2_norm",
    "zeros",       "nans",      "pos_infs",  "neg_infs",
};

static void print_optional_int(out_rows *o, int there, int64_t value)
{
    if (there)
        out_int(o, value);
    else
        out_null(o);
}

static void print_optional_double(out_rows *o, int there, double value)
{
    if (there)
        out_double(o, value);
    else
        out_null(o);
}

static void print_identity(out_rows *o, const varsdb_variable_info *info)
{
    out_int(o, info->id);
    out_text(o, info->name_space);
    out_text(o, info->name);
    out_text(o, info->scope);
    out_text(o, varsdb_dtype_name(info->dtype));
    out_raw(o, info->shape_json);
    out_int(o, info->shape.rank);
    out_int(o, info->elements);
    out_int(o, info->bytes);
    out_int(o, info->trainable);
    out_int(o, info->initialized);
}

static void print_creation(out_rows *o, const varsdb_variable_info *info)
{
    out_text(o, info->initializer);
    print_optional_int(o, info->has_seed, info->seed);
    out_text(o, info->regularizer);
    out_raw(o, info->collections_json);
}

static void print_history(out_rows *o, const varsdb_variable_info *info)
{
    out_int(o, info->version);
    out_text(o, info->hash);
    out_time(o, info->created_at);
    out_time(o, info->updated_at);
    out_text(o, info->program);
    out_text(o, info->host);
    print_optional_int(o, info->pid != 0, info->pid);
    out_text(o, info->site);
}

/* min and max are JSON text already: numbers, exact. */
static void print_statistics(out_rows *o, const varsdb_variable_info *info)
{
    int counted = info->initialized && varsdb_dtype_bits(info->dtype) > 0;
    out_raw(o, info->min);
    out_raw(o, info->max);
    print_optional_double(o, info->has_moments, info->mean);
    print_optional_double(o, info->has_moments, info->std);
    print_optional_double(o, info->has_moments, info->l2_norm);
    print_optional_int(o, counted, info->zeros);
    print_optional_int(o, counted, info->nans);
    print_optional_int(o, counted, info->pos_infs);
    print_optional_int(o, counted, info->neg_infs);
}

void columns_print_all(out_rows *o, const varsdb_variable_info *info)
{
    print_identity(o, info);
    print_creation(o, info);
    print_history(o, info);
    print_statistics(o, info);
}

void columns_print_at(out_rows *o, const varsdb_variable_info *info)
{
    print_identity(o, info);
    print_creation(o, info);
    out_text(o, info->hash);
    print_statistics(o, info);
}
