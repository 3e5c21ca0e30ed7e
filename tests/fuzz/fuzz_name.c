/* fuzz_name.c - any bytes as a name, as a shape's text and as a dtype's name. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "name.h"
#include "shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* UTF-8 by another way: what each sequence decodes to has one shortest form, and it is this one. */
static bool is_utf8(const unsigned char *p, size_t bytes)
{
    for (size_t i = 0; i < bytes;) {
        unsigned lead = p[i], more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
        if (lead == 0 || (lead >= 0x80 && lead < 0xc0) || lead >= 0xf8 || more >= bytes - i)
            return false;
        unsigned long code = more ? lead & (0x3fu >> more) : lead;
        for (unsigned k = 1; k <= more; k++) {
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (p[i + k] & 0x3f);
        }
        unsigned shortest = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        if (shortest != more || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
            return false;
        i += 1 + more;
    }
    return true;
}

static void check_name(const char *text, size_t bytes)
{
    vdb_error e = {0};
    int created = vdb_name_check_created(&e, "variable", text, bytes);
    int stored = vdb_name_check_stored(&e, "variable", text, bytes);
    assert(created == VARSDB_OK || created == VARSDB_INVALID);
    assert(stored == VARSDB_OK || stored == VARSDB_INVALID);
    assert(created != VARSDB_OK || stored == VARSDB_OK);
    assert(stored != VARSDB_OK || (bytes >= 1 && bytes <= VDB_NAME_BYTES_MAX));
    bool valid = is_utf8((const unsigned char *)text, bytes);
    assert(vdb_utf8_valid(text, bytes) == valid);
    assert(stored != VARSDB_OK || valid);
    size_t without = vdb_name_without_output(text, bytes), scope = vdb_name_scope_bytes(text, bytes);
    assert(without == bytes || (without + 2 == bytes && memcmp(text + without, ":0", 2) == 0));
    assert(scope == 0 || (scope < bytes && text[scope] == '/'));
    assert(!memchr(text + scope + (scope > 0), '/', bytes - scope - (scope > 0)) || scope == 0);
    if (stored == VARSDB_OK) {
        assert(vdb_name_in_scope(text, bytes, text, scope));
        assert(vdb_name_in_scope(text, bytes, text, bytes) && vdb_name_in_scope(text, bytes, "", 0));
    }
}

/* What is printed is parsed as what it was. */
static void check_shape(const char *text, size_t bytes)
{
    vdb_error e = {0};
    vdb_dims dims, again;
    vdb_buf printed = {0};
    int64_t elements;
    int rc = vdb_shape_parse_json(&e, text, bytes, &dims);
    assert(rc == VARSDB_OK || rc == VARSDB_INVALID);
    if (rc != VARSDB_OK)
        return;
    varsdb_shape shape = vdb_dims_shape(&dims);
    assert(vdb_shape_check(&e, &shape, false) == VARSDB_OK && vdb_shape_agrees(&shape, &shape));
    rc = vdb_shape_elements(&e, &shape, &elements);
    assert(rc == VARSDB_INVALID || (rc == VARSDB_OK && elements >= 0));
    assert(vdb_shape_print(&printed, &shape) == VARSDB_OK);
    assert(vdb_shape_parse_json(&e, printed.data, printed.size, &again) == VARSDB_OK);
    assert(again.rank == dims.rank &&
           memcmp(again.dim, dims.dim, (size_t)dims.rank * sizeof dims.dim[0]) == 0);
    vdb_buf_release(&printed);
}

/* Each dtype's name is read as it, and nothing else is read as one. */
static void check_dtype(int number, const char *text)
{
    const char *name = varsdb_dtype_name((varsdb_dtype)number);
    assert((name != NULL) == vdb_dtype_valid((varsdb_dtype)number));
    assert(!name || varsdb_dtype_parse(name) == (varsdb_dtype)number);
    varsdb_dtype dtype = varsdb_dtype_parse(text);
    assert(dtype == VARSDB_DTYPE_NOT_SAID || strcmp(varsdb_dtype_name(dtype), text) == 0);
    assert(vdb_dtype_valid(dtype) == (dtype != VARSDB_DTYPE_NOT_SAID));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    if (!text)
        abort();
    check_name((const char *)data, size);
    check_shape((const char *)data, size);
    check_dtype(size ? data[0] : 0, text);
    free(text);
    return 0;
}
