/* rich.c - see rich.h. */
#include "rich.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "rowsql.h"

/* ---- contents */

static void add_net(varsdb *db)
{
    const varsdb_variable *v;
    ok(db, varsdb_set_scope_defaults(
               db, "net", &(varsdb_scope_defaults){"random_normal(0,1)", "l2(0.5)", NULL, VARSDB_FLOAT32}));
    ok(db, varsdb_set_scope_defaults(
               db, "cut", &(varsdb_scope_defaults){NULL, NULL, "fixed_size(2,0)", VARSDB_FLOAT64}));
    v = got_model(db, "net/layer/w", VARSDB_WITH(.shape = VARSDB_SHAPE(4, 3), .constraint = "unit norm"));
    ok(db, varsdb_set_attribute(db, v, "unit", "\"metre\""));
    ok(db, varsdb_collect(db, "favourites", v));
    got_model(db, "net/layer/b", VARSDB_WITH(.shape = VARSDB_SHAPE(3)));
    got(db, "net/twin", VARSDB_WITH(.shape = VARSDB_SHAPE(7), .initializer = "zeros"));
    got(db, "net/other_twin", VARSDB_WITH(.shape = VARSDB_SHAPE(7), .initializer = "zeros"));
    got(db, "cut/p",
        VARSDB_WITH(.shape = VARSDB_SHAPE(5, 2), .initializer = "constant([1,2,3])", .dtype = VARSDB_FLOAT64,
                    .partitioner = "fixed_size(2,0)"));
    ok(db, varsdb_set_attribute(db, NULL, "purpose", "{\"a\":[1]}"));
}

static void add_kinds(varsdb *db)
{
    static const char *const names[] = {"one", "", "thrice", "four and more"};
    got(db, "kinds/unsigned", VARSDB_WITH(.dtype = VARSDB_UINT64, .value_json = "[0,18446744073709551615]"));
    got(db, "kinds/signed", VARSDB_WITH(.dtype = VARSDB_INT8, .value_json = "[-128,127,0]"));
    got(db, "kinds/complex", VARSDB_WITH(.dtype = VARSDB_COMPLEX64, .value_json = "[[3,4],[0,0]]"));
    got(db, "kinds/special",
        VARSDB_WITH(.dtype = VARSDB_FLOAT32, .value_json = "[\"NaN\",\"Infinity\",\"-Infinity\",-0.0,2]"));
    got(db, "kinds/negative_zero", VARSDB_WITH(.dtype = VARSDB_FLOAT64, .value_json = "[-0.0]"));
    got(db, "kinds/nothing", VARSDB_WITH(.shape = VARSDB_SHAPE(0), .initializer = "zeros"));
    got(db, "kinds/nan", VARSDB_WITH(.dtype = VARSDB_BFLOAT16, .value_json = "[\"NaN\"]"));
    got(db, "kinds/flag", VARSDB_WITH(.dtype = VARSDB_BOOL, .value_json = "[true,false]"));
    got(db, "kinds/nibbles",
        VARSDB_WITH(.shape = VARSDB_SHAPE(3), .dtype = VARSDB_FLOAT4_E2M1, .initializer = "ones"));
    got(db, "kinds/sixes",
        VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT6_E2M3, .initializer = "ones"));
    const varsdb_variable *text =
        got(db, "kinds/text",
            VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2), .dtype = VARSDB_STRING, .initializer = "none"));
    ok(db, varsdb_assign_strings(db, text, names, NULL, 4));
    got(db, "kinds/later", VARSDB_WITH(.shape = VARSDB_SHAPE(9), .initializer = "none"));
    got(db, "kinds/later_text",
        VARSDB_WITH(.shape = VARSDB_SHAPE(9), .dtype = VARSDB_STRING, .initializer = "none"));
    const varsdb_variable *v;
    ok(db,
       varsdb_local_variable(db, "steps", VARSDB_WITH(.dtype = VARSDB_INT64, .value_json = "7"), NULL, &v));
    ok(db, varsdb_assign_json(db, v, "8"));
}

static void add_big(varsdb *db, int64_t elements)
{
    float *value = malloc((size_t)elements * sizeof *value);
    ck_assert_ptr_nonnull(value);
    for (int64_t i = 0; i < elements; i++)
        value[i] = (float)(i % 1000) / 8 - 30;
    got(db, "big/table",
        VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .value = value,
                    .value_bytes = (size_t)elements * sizeof *value));
    free(value);
    /* its chunks are alike, and one stands for all */
    got(db, "big/blank", VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .initializer = "zeros"));
}

static void add_snapshots(varsdb *db)
{
    const int64_t steps[] = {10, 20};
    ok(db, varsdb_take_snapshot(
               db, VARSDB_SNAPSHOT(.name = "first", .step = &steps[0], .metadata = "{\"loss\":0.5}"), NULL));
    ok(db, varsdb_assign_json(db, got(db, "net/layer/b", NULL), "[1,2,3]"));
    ok(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.step = &steps[1], .pinned = 1, .keep_last = 9), NULL));
    ok(db, varsdb_begin(db));
    rowsql_run(db, "INSERT INTO varsdb_attributes VALUES ('snapshot', 1, 'note', '1', 0),"
                   " ('file', 1, 'format', '\"safetensors\"', 0)");
    rowsql_refit(db, "varsdb_attributes");
    ok(db, varsdb_commit(db));
}

static void add_saves_and_garbage(varsdb *db)
{
    ok(db, varsdb_begin(db));
    rowsql_run(db,
               "INSERT INTO varsdb_chunks (id, hash, bytes, discriminator, digest, data)"
               " SELECT max(id) + 1, bytes_hash(x'0102030405'), 5, 0, 0, x'0102030405' FROM varsdb_chunks");
    rowsql_refit(db, "varsdb_chunks");
    rowsql_run(db, "INSERT INTO varsdb_sessions VALUES (1, 5, 'saver', 'here', 1, 'boot', 1700000000000),"
                   " (2, 6, 'dead', 'there', 2, 'boot', 0)");
    rowsql_run(db, "INSERT INTO varsdb_pins SELECT 1, max(id) FROM varsdb_chunks");
    /* and one that is to be written over */
    rowsql_run(db,
               "INSERT INTO varsdb_chunks (id, hash, bytes, discriminator, digest, data)"
               " SELECT max(id) + 1, bytes_hash(x'0102030406'), 5, 0, 0, x'0102030406' FROM varsdb_chunks");
    rowsql_refit(db, "varsdb_chunks");
    rowsql_run(db, "INSERT INTO varsdb_free_chunks SELECT max(id) FROM varsdb_chunks");
    /* a list whose tensor is gone, items whose snapshot is, a state that no snapshot has */
    rowsql_run(db, "INSERT INTO varsdb_tensor_chunks VALUES (9999, 0, 8888, row_digest(9999, 0, 8888))");
    rowsql_run(db, "INSERT INTO varsdb_snapshot_items VALUES (9999, 7777)");
    ok(db, varsdb_commit(db));
}

void rich_fill(varsdb *db, int64_t big)
{
    rowsql_install(db);
    add_net(db);
    add_kinds(db);
    add_big(db, big);
    ok(db, varsdb_use_namespace(db, "other"));
    got(db, "net/w", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones"));
    got_model(db, "m", VARSDB_WITH(.shape = VARSDB_SCALAR));
    ok(db, varsdb_use_namespace(db, "main"));
    add_snapshots(db);
    add_saves_and_garbage(db);
}

/* ---- findings */

static void keep(char *out, size_t room, const char *text)
{
    snprintf(out, room, "%s", text ? text : "");
}

int found_keep(void *payload, const varsdb_finding *finding)
{
    found *f = payload;
    ck_assert_uint_eq(finding->size, sizeof *finding);
    ck_assert_ptr_nonnull(finding->text);
    ck_assert_ptr_nonnull(finding->kind);
    ck_assert_ptr_null(strchr(finding->text, '\n'));
    if (f->count < FOUND_MAX) {
        keep(f->at[f->count].text, FOUND_TEXT_BYTES, finding->text);
        keep(f->at[f->count].kind, sizeof f->at[0].kind, finding->kind);
        keep(f->at[f->count].name_space, sizeof f->at[0].name_space, finding->name_space);
        keep(f->at[f->count].variable, sizeof f->at[0].variable, finding->variable);
        keep(f->at[f->count].snapshot, sizeof f->at[0].snapshot, finding->snapshot);
        f->at[f->count].chunk = finding->chunk;
    }
    f->count++;
    return 0;
}

void found_verify(varsdb *db, bool quick, found *out)
{
    char counted[64];
    *out = (found){0};
    int rc = varsdb_verify(db, VARSDB_UPKEEP(.quick = quick), found_keep, out);
    if (out->count == 0) {
        check_result(db, rc, VARSDB_OK, "varsdb_verify", __FILE__, __LINE__);
        return;
    }
    check_result(db, rc, VARSDB_CORRUPT, "varsdb_verify", __FILE__, __LINE__);
    snprintf(counted, sizeof counted, ": %d problem%s found", out->count, out->count == 1 ? "" : "s");
    says(db, counted);
}

bool found_says(const found *f, const char *kind, const char *text)
{
    for (int i = 0; i < f->count && i < FOUND_MAX; i++)
        if ((!kind || strcmp(f->at[i].kind, kind) == 0) && strstr(f->at[i].text, text))
            return true;
    return false;
}

const char *found_print(const found *f)
{
    static char all[FOUND_MAX * 64];
    size_t at = 0;
    all[0] = '\0';
    for (int i = 0; i < f->count && i < FOUND_MAX && at < sizeof all - 1; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "[%s] %s\n", f->at[i].kind, f->at[i].text);
    return all;
}
