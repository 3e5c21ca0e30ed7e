/* cmd_cat.c - varsdb cat: the values of a variable or a part, or of a slice of it. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "npy.h"
#include "part.h"
#include "pick.h"
#include "print.h"
#include "snapshot.h"
#include "values.h"
#include "vocabulary.h"

enum {
    TEXT,
    JSON,
    NPY,
    RAW
};

/* Elements as nested lists: which bracket opens or closes is read off an odometer. */
typedef struct printer {
    sink *to;
    bool json, nan_null; /* JSON: NaN and infinities are null, not strings */
    int rank;
    int64_t counts[VARSDB_RANK_MAX], index[VARSDB_RANK_MAX];
    bool begun;
    values values;
    const slice *slice;
    int64_t flat; /* of the next string */
} printer;

/* What stands before an element: brackets of the rows that begin with it. */
static void print_before(printer *p)
{
    int open = 0;
    while (open < p->rank && p->index[p->rank - 1 - open] == 0)
        open++;
    if (p->begun && p->json) {
        sink_char(p->to, ',');
    } else if (p->begun && !open) {
        sink_text(p->to, ", ");
    } else if (p->begun) {
        sink_text(p->to, ",\n");
        sink_repeat(p->to, ' ', (size_t)(p->rank - open));
    }
    sink_repeat(p->to, '[', (size_t)open);
    p->begun = true;
}

/* What stands after it: brackets of the rows that end with it. */
static void print_after(printer *p)
{
    int close = 0;
    while (close < p->rank && ++p->index[p->rank - 1 - close] == p->counts[p->rank - 1 - close])
        p->index[p->rank - 1 - close++] = 0;
    sink_repeat(p->to, ']', (size_t)close);
}

static size_t without_quotes(char *text, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++)
        if (text[i] != '"')
            text[n++] = text[i];
    return n;
}

/* What is quoted in an element is NaN, or an infinity; in a complex one maybe both. */
static size_t with_nulls(char *text, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] != '"') {
            text[n++] = text[i];
            continue;
        }
        memcpy(text + n, "null", 4); /* which is shorter */
        n += 4;
        while (text[++i] != '"') {
        }
    }
    return n;
}

static int print_block(void *payload, const void *data, size_t from, size_t count)
{
    printer *p = payload;
    for (size_t i = from; i < from + count; i++) {
        print_before(p);
        char *room = sink_reserve(p->to);
        if (varsdb_element_json(p->values.dtype, data, i, room, SINK_RESERVE_MAX) != VARSDB_OK)
            return cli_fail(p->values.c, CLI_FAILED, "an element cannot be printed");
        size_t bytes = strlen(room);
        if (!p->json)
            bytes = without_quotes(room, bytes);
        else if (p->nan_null)
            bytes = with_nulls(room, bytes);
        sink_commit(p->to, bytes);
        print_after(p);
    }
    return p->to->error ? CLI_FAILED : CLI_DONE;
}

static int copy_block(void *payload, const void *data, size_t from, size_t count)
{
    printer *p = payload;
    (void)from; /* 0: elements smaller than a byte are copied whole only, from the first on */
    sink_bytes(p->to, data, (size_t)((count * p->values.bits + 7) / 8));
    return p->to->error ? CLI_FAILED : CLI_DONE;
}

static int print_run(void *payload, int64_t first, int64_t count)
{
    printer *p = payload;
    return values_each(&p->values, first, count, print_block, p);
}

static int copy_run(void *payload, int64_t first, int64_t count)
{
    printer *p = payload;
    int64_t block = (int64_t)p->values.block;
    if (first % block || count % block)
        return cli_fail(p->values.c, CLI_USAGE,
                        "the slice cuts through blocks of %s; they are of %lld elements",
                        varsdb_dtype_name(p->values.dtype), (long long)block);
    return values_each(&p->values, first / block, count / block, copy_block, p);
}

static int print_string(void *payload, const char *string, size_t bytes)
{
    printer *p = payload;
    if (slice_holds(p->slice, p->flat++)) {
        print_before(p);
        print_json(p->to, string, bytes);
        print_after(p);
    }
    return p->to->error;
}

/* Rows of no element are printed as "[]", one for each index before the empty axis. */
static void print_empty(printer *p)
{
    int64_t rows = 1;
    p->rank = 0;
    while (p->counts[p->rank] != 0)
        rows *= p->counts[p->rank++];
    for (; rows > 0 && !p->to->error; rows--) {
        print_before(p);
        sink_text(p->to, "[]");
        print_after(p);
    }
}

static int print_strings(cli *c, const subject *of, printer *p)
{
    int rc = subject_read_strings(c, of, print_string, p);
    return rc == VARSDB_OK ? CLI_DONE : p->to->error ? CLI_FAILED : cli_fail_db(c);
}

static int print_nested(cli *c, const subject *of, printer *p)
{
    int status = CLI_DONE;
    if (varsdb_dtype_block(of->dtype, NULL))
        return cli_fail(c, CLI_USAGE, "%s holds opaque blocks, which are no numbers; accepted: --format raw",
                        varsdb_dtype_name(of->dtype));
    p->rank = p->slice->rank;
    memcpy(p->counts, p->slice->counts, sizeof p->counts);
    if (of->dtype == VARSDB_STRING) {
        status = print_strings(c, of, p);
    } else {
        status = values_open(c, of, &p->values);
        if (status == CLI_DONE)
            status = slice_each_run(p->slice, print_run, p);
    }
    if (status == CLI_DONE && p->slice->elements == 0)
        print_empty(p);
    if (status == CLI_DONE)
        sink_char(p->to, '\n');
    return status;
}

static int copy_bytes(cli *c, const subject *of, printer *p, bool npy)
{
    varsdb_dtype dtype = of->dtype;
    const char *name = varsdb_dtype_name(dtype);
    if (npy && !npy_code(dtype))
        return cli_fail(c, CLI_USAGE, "NumPy's format has no %s; accepted: --format %s", name,
                        varsdb_dtype_block(dtype, NULL) ? "raw"
                        : dtype == VARSDB_STRING        ? "text, json"
                                                        : "text, json or raw");
    if (dtype == VARSDB_STRING)
        return cli_fail(c, CLI_USAGE, "strings have no raw form; accepted: --format text or json");
    if (varsdb_dtype_bits(dtype) % 8 && !slice_is_whole(p->slice))
        return cli_fail(c, CLI_USAGE,
                        "a slice of %s does not begin on a byte; accepted: --format text or json", name);
    int status = values_open(c, of, &p->values);
    if (status != CLI_DONE)
        return status;
    varsdb_shape shape = slice_shape(p->slice);
    if (npy)
        npy_write_header(p->to, dtype, &shape);
    return slice_each_run(p->slice, copy_run, p);
}

/* Finds what is meant, and which elements of it. */
static int pick(cli *c, const char *at, const char *slice_text, subject *of, slice *s)
{
    part wanted;
    int64_t snapshot;
    int status = at ? snapshot_find(c, at, &snapshot) : CLI_DONE;
    if (status == CLI_DONE && at) {
        status = subject_at(c, snapshot, c->args[1], of);
        varsdb_shape shape = subject_shape(of);
        return status == CLI_DONE ? slice_parse(c, slice_text, &shape, s) : status;
    }
    const varsdb_variable *variable = status == CLI_DONE ? part_pick(c, c->args[1], &wanted, &status) : NULL;
    if (!variable)
        return status;
    subject_of(variable, of);
    return part_slice(c, slice_text, &wanted, variable, s);
}

int cmd_cat(cli *c, int argc, char **argv)
{
    static const char *const formats[] = {"text", "json", "npy", "raw", NULL};
    const char *slice_text = NULL, *format_text = NULL, *nan_text = NULL, *at = NULL;
    int format = TEXT, nan = 0, json = 0;
    subject of = {0};
    slice s = {0};
    const opt options[] = {OPT_TEXT("slice", &slice_text), OPT_WORD("format", formats, &format_text),
                           OPT_FLAG("json", &json), OPT_WORD("json-nan", vocabulary_nans, &nan_text),
                           OPT_TEXT("at", &at)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE && json && format_text)
        status = cli_fail(c, CLI_USAGE, "give one of --json and --format");
    if (status == CLI_DONE && format_text)
        status = pick_word(c, "--format", format_text, formats, &format);
    if (status == CLI_DONE && nan_text)
        status = pick_word(c, "--json-nan", nan_text, vocabulary_nans, &nan);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status;
    status = pick(c, at, slice_text, &of, &s);
    if (status != CLI_DONE)
        return status;
    printer p = {.to = &c->out, .json = json || format == JSON, .nan_null = nan == 1, .slice = &s};
    status =
        format == NPY || format == RAW ? copy_bytes(c, &of, &p, format == NPY) : print_nested(c, &of, &p);
    values_close(&p.values);
    return status;
}
