/*
 * fuzz_value.c - JSON text as a tensor of a fuzzed dtype and shape.
 *
 * Input: a byte for the dtype; one for the rank, its high bit for no shape; a byte for each
 * dimension; the rest is the text.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "name.h"
#include "value.h"

#define RANKS      5
#define DIMENSIONS 9 /* 8 stands for an unknown one */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A string that is unescaped, printed and unescaped again is the same string. */
static void check_string(const vdb_json *j)
{
    vdb_error e;
    vdb_json again;
    vdb_json_token token;
    vdb_buf text = {0}, printed = {0}, back = {0};
    assert(vdb_json_unescape(j, &text) == VARSDB_OK && text.size <= j->raw_bytes);
    assert(j->escaped || text.size == j->raw_bytes);
    assert(vdb_json_print_string(&printed, text.data, text.size) == VARSDB_OK);
    assert(!text.size || memchr(text.data, '\0', text.size) || vdb_utf8_valid(text.data, text.size));
    vdb_json_begin(&again, printed.data, printed.size, 1);
    assert(vdb_json_next(&again, &e, &token) == VARSDB_OK && token == VDB_JSON_STRING);
    assert(vdb_json_unescape(&again, &back) == VARSDB_OK);
    assert(back.size == text.size && (!text.size || memcmp(back.data, text.data, text.size) == 0));
    vdb_buf_release(&text);
    vdb_buf_release(&printed);
    vdb_buf_release(&back);
}

/* The one walk over the tokens agrees with the other. */
static void check_tokens(const char *text, size_t bytes)
{
    vdb_error e;
    vdb_json j;
    vdb_json_token token = VDB_JSON_NULL;
    uint64_t number;
    vdb_json_begin(&j, text, bytes, VDB_JSON_DEPTH_MAX);
    int rc = vdb_json_next(&j, &e, &token);
    while (rc == VARSDB_OK && token != VDB_JSON_END) {
        assert(j.at <= bytes && j.depth >= 0 && j.depth <= VDB_JSON_DEPTH_MAX);
        if (token == VDB_JSON_STRING || token == VDB_JSON_KEY)
            check_string(&j);
        if (token == VDB_JSON_NUMBER && vdb_json_uint(&j, &number))
            assert(number <= INT64_MAX);
        rc = vdb_json_next(&j, &e, &token);
    }
    assert(rc == vdb_json_check(&e, text, bytes));
    vdb_json_begin(&j, text, bytes, VDB_JSON_DEPTH_MAX);
    if (vdb_json_next(&j, &e, &token) == VARSDB_OK)
        assert(vdb_json_skip(&j, &e, token) == VARSDB_OK || rc != VARSDB_OK);
}

/* The elements as a flat list, or as the one element that they are. */
static void print_elements(varsdb_dtype dtype, const vdb_dims *dims, const vdb_buf *value, int64_t elements,
                           vdb_buf *out)
{
    char element[64];
    int rc = vdb_buf_append_text(out, dims->rank ? "[" : "");
    for (size_t i = 0; rc == VARSDB_OK && i < (size_t)elements; i++) {
        assert(varsdb_element_json(dtype, value->data, i, element, sizeof element) == VARSDB_OK);
        rc = vdb_buf_printf(out, "%s%s", i ? "," : "", element);
    }
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, dims->rank ? "]" : "");
    assert(rc == VARSDB_OK);
}

/* What is printed reads back as the same bytes. */
static void check_round_trip(varsdb_dtype dtype, const vdb_dims *dims, const vdb_buf *value, int64_t elements)
{
    vdb_error e;
    vdb_dims again;
    vdb_buf text = {0}, back = {0};
    varsdb_shape shape = vdb_dims_shape(dims);
    print_elements(dtype, dims, value, elements, &text);
    assert(vdb_value_parse(&e, text.data, dtype, &shape, &again, &back) == VARSDB_OK);
    assert(back.size == value->size && (!back.size || memcmp(back.data, value->data, back.size) == 0));
    vdb_buf_release(&text);
    vdb_buf_release(&back);
}

static void check_value(varsdb_dtype dtype, const varsdb_shape *asked, const char *text)
{
    vdb_error e;
    vdb_dims dims;
    vdb_buf value = {0};
    int64_t elements, bytes;
    int rc = vdb_value_parse(&e, text, dtype, asked, &dims, &value);
    if (rc == VARSDB_OK) {
        varsdb_shape shape = vdb_dims_shape(&dims);
        assert(!asked || vdb_shape_agrees(asked, &shape));
        assert(vdb_shape_check(&e, &shape, false) == VARSDB_OK);
        assert(vdb_shape_elements(&e, &shape, &elements) == VARSDB_OK);
        if (dtype != VARSDB_STRING) {
            assert(vdb_dtype_bytes(dtype, elements, &bytes) && (size_t)bytes == value.size);
            check_round_trip(dtype, &dims, &value, elements);
        }
    } else {
        assert(rc == VARSDB_INVALID && value.size == 0 && e.text[0]);
    }
    vdb_buf_release(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t dims[RANKS];
    if (size < 2 + RANKS)
        return 0;
    varsdb_dtype dtype = (varsdb_dtype)(1 + data[0] % VARSDB_STRING);
    varsdb_shape shape = {data[1] % RANKS, dims};
    for (int i = 0; i < shape.rank; i++)
        dims[i] = data[2 + i] % DIMENSIONS == DIMENSIONS - 1 ? VARSDB_ANY : data[2 + i] % DIMENSIONS;
    size_t begin = 2 + (size_t)shape.rank;
    char *text = strndup((const char *)data + begin, size - begin);
    if (!text)
        abort();
    check_value(dtype, data[1] & 0x80 ? NULL : &shape, text);
    check_tokens(text, strlen(text));
    check_tokens((const char *)data + begin, size - begin);
    free(text);
    return 0;
}
