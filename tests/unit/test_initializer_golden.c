/* test_initializer_golden.c - initial bytes that must never change; the table is support/golden.h. */
#include <check.h>
#include <string.h>

#include "../support/golden.h"
#include "initializer_kind.h"

Suite *test_initializer_golden_suite(void);

START_TEST(initial_bytes_are_those_of_every_release)
{
    for (size_t i = 0; i < GOLDEN_ROWS; i++) {
        const golden_row *row = &golden_rows[i];
        vdb_error e;
        uint64_t hash = 0;
        ck_assert_msg(golden_hash(row, &e, &hash) == VARSDB_OK, "%s: %s", row->spec, e.text);
        ck_assert_msg(hash == row->hash, "%s of %s: 0x%016llx", row->spec, varsdb_dtype_name(row->dtype),
                      (unsigned long long)hash);
    }
}
END_TEST

static bool has_row(const char *kind, varsdb_dtype dtype)
{
    size_t length = strlen(kind);
    for (size_t i = 0; i < GOLDEN_ROWS; i++) {
        const char *spec = golden_rows[i].spec;
        if (golden_rows[i].dtype == dtype && strncmp(spec, kind, length) == 0 &&
            (spec[length] == '\0' || spec[length] == '('))
            return true;
    }
    return false;
}

START_TEST(every_kind_has_a_row_of_every_plain_float)
{
    static const vdb_initializer_kind *const tables[] = {vdb_constant_kinds, vdb_random_kinds,
                                                         vdb_scaling_kinds, vdb_orthogonal_kinds};
    static const varsdb_dtype floats[] = {VARSDB_FLOAT16, VARSDB_BFLOAT16, VARSDB_FLOAT32, VARSDB_FLOAT64};
    size_t kinds = 0;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const vdb_initializer_kind *kind = tables[t]; kind->name; kind++, kinds++)
            for (size_t d = 0; strcmp(kind->name, "none") != 0 && d < 4; d++)
                ck_assert_msg(has_row(kind->name, floats[d]), "%s of %s", kind->name,
                              varsdb_dtype_name(floats[d]));
    ck_assert_uint_ge(kinds, 23);
}
END_TEST

Suite *test_initializer_golden_suite(void)
{
    Suite *suite = suite_create("initializer_golden");
    TCase *tests = tcase_create("initializer_golden");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, initial_bytes_are_those_of_every_release);
    tcase_add_test(tests, every_kind_has_a_row_of_every_plain_float);
    suite_add_tcase(suite, tests);
    return suite;
}
