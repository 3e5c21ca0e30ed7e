/*
 * example1_get_variable_reuse.c - get_variable twice, with one name in one scope.
 *
 *     example1_get_variable_reuse [FILE]
 *
 * The second call finds what the first one made: the two handles are identical.
 * The variable is in GLOBAL; MODEL stays empty, for get_variable does not add to it.
 */
#include "example.h"

static int get_twice(struct example *example, const varsdb_variable **bias_1, const varsdb_variable **bias_2)
{
    VARSDB_IN_SCOPE (example->db, "test_scope") {
        if (varsdb_get_variable(example->db, "bias",
                                VARSDB_WITH(.shape = VARSDB_SHAPE(1), .initializer = "zeros"), NULL,
                                bias_1) != VARSDB_OK)
            return example_complain(example);
        /* Found, not made: without an initializer the value stays what it is. */
        if (varsdb_get_variable(example->db, "bias", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, bias_2) !=
            VARSDB_OK)
            return example_complain(example);
        return VARSDB_OK;
    }
    return example_complain(example);
}

static int run(struct example *example)
{
    const varsdb_variable *bias_1 = NULL, *bias_2 = NULL;
    int rc = get_twice(example, &bias_1, &bias_2);

    if (rc == VARSDB_OK)
        rc = example_print_variable(example, "bias_1", bias_1);
    if (rc == VARSDB_OK)
        rc = example_print_variable(example, "bias_2", bias_2);
    if (rc != VARSDB_OK)
        return rc;
    printf("bias_1 is bias_2: %s\n", bias_1 == bias_2 ? "true" : "false");
    return example_print_collections(example);
}

int main(int argc, char **argv)
{
    struct example example;
    int rc = example_open(&example, argc, argv);

    if (rc == VARSDB_OK)
        rc = run(&example);
    example_close(&example);
    return rc == VARSDB_OK ? 0 : 1;
}
