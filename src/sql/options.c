/* options.c - see options.h. */
#include "options.h"

#include "json.h"

#define KNOWN "trainable, reuse, collections, regularizer, partitioner, constraint, value, site"

typedef struct reading {
    vdb_sql_options *o;
    vdb_error *error;
    vdb_json json;
    char *end; /* of the texts so far */
    vdb_buf key, scratch;
} reading;

void vdb_sql_options_begin(vdb_sql_options *o)
{
    *o = (vdb_sql_options){.with.size = sizeof o->with};
}

void vdb_sql_options_release(vdb_sql_options *o)
{
    vdb_free(o->texts);
    o->texts = NULL;
}

int vdb_sql_options_set_shape(vdb_sql_options *o, vdb_error *e, const char *json)
{
    int rc = vdb_shape_parse_json(e, json, strlen(json), &o->dims);
    if (rc != VARSDB_OK)
        return rc;
    o->shape = vdb_dims_shape(&o->dims);
    o->with.shape = &o->shape;
    return VARSDB_OK;
}

int vdb_sql_options_set_dtype(vdb_sql_options *o, vdb_error *e, const char *name)
{
    varsdb_dtype dtype = varsdb_dtype_parse(name);
    if (dtype == VARSDB_DTYPE_NOT_SAID)
        return vdb_fail(e, VARSDB_INVALID,
                        "there is no dtype '%.60s'; there are float32, int64, bool, string, ...", name);
    o->with.dtype = dtype;
    return VARSDB_OK;
}

/* ---- the object */

static int refuse(const reading *r, const char *kind)
{
    return vdb_fail(r->error, VARSDB_INVALID, "option \"%.60s\" is %s", r->key.data, kind);
}

/* Room is as large as the JSON text, in which each of these stands between quotes, or behind a key. */
static const char *keep(reading *r, const char *text, size_t bytes)
{
    char *at = r->end;
    memcpy(at, text, bytes);
    at[bytes] = '\0';
    r->end += bytes + 1;
    return at;
}

static int unescape(reading *r, vdb_buf *out)
{
    vdb_buf_reset(out);
    if (vdb_json_unescape(&r->json, out) != VARSDB_OK || vdb_buf_append(out, "", 0) != VARSDB_OK)
        return vdb_fail_nomem(r->error);
    if (strlen(out->data) != out->size)
        return vdb_fail(r->error, VARSDB_INVALID, "a text of the options holds NUL");
    return VARSDB_OK;
}

static int take_text(reading *r, vdb_json_token token, const char **out)
{
    if (token != VDB_JSON_STRING)
        return refuse(r, "a text");
    int rc = unescape(r, &r->scratch);
    if (rc == VARSDB_OK)
        *out = keep(r, r->scratch.data, r->scratch.size);
    return rc;
}

static int take_trainable(reading *r, vdb_json_token token)
{
    if (token != VDB_JSON_TRUE && token != VDB_JSON_FALSE)
        return refuse(r, "true or false");
    r->o->with.trainable = token == VDB_JSON_TRUE ? VARSDB_YES : VARSDB_NO;
    return VARSDB_OK;
}

static int take_reuse(reading *r, vdb_json_token token)
{
    static const char *const words[] = {
        [VARSDB_REQUIRE] = "require", [VARSDB_AUTO] = "auto", [VARSDB_CREATE] = "create"};
    const char *text = NULL;
    int rc = take_text(r, token, &text);
    if (rc != VARSDB_OK)
        return rc;
    for (int i = VARSDB_REQUIRE; i <= VARSDB_CREATE; i++)
        if (strcmp(text, words[i]) == 0) {
            r->o->with.reuse = (varsdb_reuse)i;
            return VARSDB_OK;
        }
    return refuse(r, "\"auto\", \"create\" or \"require\"");
}

static int take_collections(reading *r, vdb_json_token token)
{
    size_t count = 0;
    if (token != VDB_JSON_ARRAY)
        return refuse(r, "an array of names");
    for (;;) {
        int rc = vdb_json_next(&r->json, r->error, &token);
        if (rc != VARSDB_OK)
            return rc;
        if (token == VDB_JSON_ARRAY_END)
            break;
        if (token != VDB_JSON_STRING)
            return refuse(r, "an array of names");
        if (count == VDB_COLLECTIONS_MAX)
            return vdb_fail(r->error, VARSDB_INVALID, "more than %d collections", VDB_COLLECTIONS_MAX);
        rc = take_text(r, token, &r->o->collections[count]);
        if (rc != VARSDB_OK)
            return rc;
        count++;
    }
    r->o->collections[count] = NULL;
    r->o->with.collections = r->o->collections;
    return VARSDB_OK;
}

/* The text of the value that begins behind `before`. */
static int take_value(reading *r, vdb_json_token token, size_t before)
{
    int rc = vdb_json_skip(&r->json, r->error, token);
    const char *text = r->json.text + before;
    size_t bytes = r->json.at - before, skipped = strspn(text, ": \t\r\n");
    if (rc == VARSDB_OK)
        r->o->with.value_json = keep(r, text + skipped, bytes - skipped);
    return rc;
}

/* A member that is null is none. */
static int take_member(reading *r, size_t before, vdb_json_token token)
{
    enum {
        TRAINABLE,
        REUSE,
        COLLECTIONS,
        VALUE,
        TEXTS,
        KEYS = 8
    };
    static const char *const keys[KEYS] = {"trainable",   "reuse",       "collections", "value",
                                           "regularizer", "partitioner", "constraint",  "site"};
    varsdb_variable_options *with = &r->o->with;
    const char **const texts[] = {&with->regularizer, &with->partitioner, &with->constraint, &with->site};
    int key = 0;
    while (key < KEYS && strcmp(keys[key], r->key.data) != 0)
        key++;
    if (key < KEYS && token == VDB_JSON_NULL)
        return VARSDB_OK;
    switch (key) {
    case TRAINABLE:
        return take_trainable(r, token);
    case REUSE:
        return take_reuse(r, token);
    case COLLECTIONS:
        return take_collections(r, token);
    case VALUE:
        return take_value(r, token, before);
    case KEYS:
        return vdb_fail(r->error, VARSDB_INVALID, "there is no option \"%.60s\"; there are " KNOWN,
                        r->key.data);
    default:
        return take_text(r, token, texts[key - TEXTS]);
    }
}

static int take_object(reading *r)
{
    vdb_json_token token;
    int rc = vdb_json_next(&r->json, r->error, &token);
    if (rc == VARSDB_OK && token != VDB_JSON_OBJECT)
        return vdb_fail(r->error, VARSDB_INVALID,
                        "options are a JSON object, {\"trainable\": false}; there are " KNOWN);
    while (rc == VARSDB_OK && (rc = vdb_json_next(&r->json, r->error, &token)) == VARSDB_OK &&
           token == VDB_JSON_KEY) {
        size_t before = r->json.at;
        rc = unescape(r, &r->key);
        if (rc == VARSDB_OK)
            rc = vdb_json_next(&r->json, r->error, &token);
        if (rc == VARSDB_OK)
            rc = take_member(r, before, token);
    }
    return rc == VARSDB_OK ? vdb_json_next(&r->json, r->error, &token) : rc;
}

int vdb_sql_options_set_json(vdb_sql_options *o, vdb_error *e, const char *json)
{
    size_t bytes = strlen(json);
    reading r = {.o = o, .error = e};
    /* A key that stands there twice would keep two texts, each with quotes of its own. */
    o->texts = r.end = vdb_malloc(bytes + 1);
    if (!r.end)
        return vdb_fail_nomem(e);
    vdb_json_begin(&r.json, json, bytes, VDB_JSON_DEPTH_MAX);
    int rc = take_object(&r);
    vdb_buf_release(&r.key);
    vdb_buf_release(&r.scratch);
    return rc;
}
