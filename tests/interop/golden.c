/*
 * golden.c - whether the initial values of tests/support/golden.h come out of this compiler
 * on this machine.  It needs the C library alone, to be run wherever that is.
 */
#include <stdio.h>

#include "golden.h"

/* Whether a row agrees; else says what is there instead. */
static bool agrees(const golden_row *row)
{
    vdb_error e;
    uint64_t hash = 0;
    if (golden_hash(row, &e, &hash) != VARSDB_OK) {
        printf("%s: %s\n", row->spec, e.text);
        return false;
    }
    if (hash == row->hash)
        return true;
    printf("%s of %s: 0x%016llx, not 0x%016llx\n", row->spec, varsdb_dtype_name(row->dtype),
           (unsigned long long)hash, (unsigned long long)row->hash);
    return false;
}

int main(void)
{
    size_t differ = 0;
    for (size_t i = 0; i < GOLDEN_ROWS; i++)
        differ += !agrees(&golden_rows[i]);
    printf("%zu rows, %zu differ\n", GOLDEN_ROWS, differ);
    return differ > 0;
}
