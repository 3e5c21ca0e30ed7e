/*
 * fuzz_sql_options.c - text as the options of get_variable in SQL.  Whatever it is told has its text in the
 * input, and reads again as the same.
 *
 * Input: shape, dtype and options, with a NUL between them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "json.h"
#include "name.h"
#include "sql/options.h"

#define TEXTS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_collections(const vdb_sql_options *o)
{
    const char *const *c = o->with.collections;
    for (int i = 0; c && c[i]; i++)
        assert(i < VDB_COLLECTIONS_MAX && vdb_utf8_valid(c[i], strlen(c[i])));
}

/* A value is one JSON text, and nothing around it. */
static void check_value(const char *json)
{
    vdb_error e;
    if (json) {
        size_t bytes = strlen(json);
        assert(vdb_json_check(&e, json, bytes) == VARSDB_OK);
        assert(bytes > 0 && !strchr(" \t\r\n", json[0]) && !strchr(" \t\r\n", json[bytes - 1]));
    }
}

/* The options as an object of members that come once, in our order. */
static int print(const vdb_sql_options *o, vdb_buf *out)
{
    const varsdb_variable_options *w = &o->with;
    const char *const texts[TEXTS][2] = {{"regularizer", w->regularizer},
                                         {"partitioner", w->partitioner},
                                         {"constraint", w->constraint},
                                         {"site", w->site}};
    static const char *const reuse[] = {
        [VARSDB_REQUIRE] = "\"require\"", [VARSDB_AUTO] = "\"auto\"", [VARSDB_CREATE] = "\"create\""};
    int rc = vdb_buf_printf(out, "{\"value\":%s,\"reuse\":%s,\"trainable\":%s",
                            w->value_json ? w->value_json : "null", w->reuse ? reuse[w->reuse] : "null",
                            w->trainable == VARSDB_YES  ? "true"
                            : w->trainable == VARSDB_NO ? "false"
                                                        : "null");
    for (int i = 0; rc == VARSDB_OK && i < TEXTS; i++)
        if (texts[i][1] && (rc = vdb_buf_printf(out, ",\"%s\":", texts[i][0])) == VARSDB_OK)
            rc = vdb_json_print_string(out, texts[i][1], strlen(texts[i][1]));
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, w->collections ? ",\"collections\":[" : ",\"collections\":null");
    for (int i = 0; rc == VARSDB_OK && w->collections && w->collections[i]; i++) {
        rc = vdb_buf_append_text(out, i ? "," : "");
        if (rc == VARSDB_OK)
            rc = vdb_json_print_string(out, w->collections[i], strlen(w->collections[i]));
    }
    return rc == VARSDB_OK ? vdb_buf_append_text(out, w->collections ? "]}" : "}") : rc;
}

static void check_again(const vdb_sql_options *o)
{
    vdb_error e;
    vdb_sql_options again;
    vdb_buf first = {0}, second = {0};
    vdb_sql_options_begin(&again);
    assert(print(o, &first) == VARSDB_OK);
    assert(vdb_sql_options_set_json(&again, &e, first.data) == VARSDB_OK);
    assert(print(&again, &second) == VARSDB_OK && strcmp(first.data, second.data) == 0);
    vdb_sql_options_release(&again);
    vdb_buf_release(&first);
    vdb_buf_release(&second);
}

static void check_options(const char *shape, const char *dtype, const char *json)
{
    vdb_error e = {0};
    vdb_sql_options o;
    vdb_sql_options_begin(&o);
    int rc = vdb_sql_options_set_shape(&o, &e, shape);
    assert(rc == VARSDB_OK || (rc == VARSDB_INVALID && e.text[0] && !o.with.shape));
    assert(rc != VARSDB_OK || vdb_shape_check(&e, o.with.shape, false) == VARSDB_OK);
    rc = vdb_sql_options_set_dtype(&o, &e, dtype);
    assert(rc == VARSDB_OK || (rc == VARSDB_INVALID && e.text[0]));
    assert(rc != VARSDB_OK || strcmp(varsdb_dtype_name(o.with.dtype), dtype) == 0);
    rc = vdb_sql_options_set_json(&o, &e, json);
    assert(rc == VARSDB_OK || (rc == VARSDB_INVALID && e.text[0]));
    if (rc == VARSDB_OK) {
        check_collections(&o);
        check_value(o.with.value_json);
        check_again(&o);
    }
    vdb_sql_options_release(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bounds cost;
    char *shape = malloc(size + 3); /* so that each part ends in a NUL, the last ones perhaps empty */
    if (!shape)
        abort();
    if (size)
        memcpy(shape, data, size);
    memset(shape + size, 0, 3);
    const char *dtype = shape + strlen(shape) + 1, *json = dtype + strlen(dtype) + 1;
    bounds_begin(&cost);
    check_options(shape, dtype, json);
    bounds_check(&cost);
    free(shape);
    return 0;
}
