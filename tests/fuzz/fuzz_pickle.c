/* fuzz_pickle.c - any bytes as a pickle: read, checked, and printed as JSON. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/pytorch.h"
#include "json.h"

#define JSON_MOST 3000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const vdb_pickle *p)
{
    vdb_error e;
    vdb_buf json = {0};
    assert(vdb_pickle_print(p, p->root, JSON_MOST, &json) == VARSDB_OK);
    assert(json.size <= JSON_MOST + 100);
    assert(vdb_json_check(&e, json.data, json.size) == VARSDB_OK);
    vdb_buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vdb_error e = {0};
    vdb_pickle p = {0};
    size_t count;
    const vdb_pickle_name *names = vdb_pytorch_names(&count);
    int rc = vdb_pickle_read(&e, (const char *)data, size, names, count, &p);
    assert(rc == VARSDB_OK || ((rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED) && e.text[0]));
    if (rc == VARSDB_OK) {
        assert(p.bytes <= size && p.count <= size + 4);
        if (vdb_pickle_check_tree(&e, &p, p.root) == VARSDB_OK)
            check_json(&p);
    }
    vdb_pickle_release(&p);
    return 0;
}
