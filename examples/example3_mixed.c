/*
 * example3_mixed.c - get_variable and model_variable side by side.
 *
 *     example3_mixed [FILE]
 *
 * Both variables are in GLOBAL, only the second one is in MODEL.  Whoever saves or
 * restores MODEL alone leaves var_a behind: the mistake to look for when a layer
 * came back without one of its parameters.
 */
#include "example.h"

static int get_both(struct example *example, const varsdb_variable **var_a, const varsdb_variable **var_b)
{
    VARSDB_IN_SCOPE (example->db, "mixed_scope") {
        if (varsdb_get_variable(example->db, "var_a",
                                VARSDB_WITH(.shape = VARSDB_SHAPE(1), .initializer = "zeros"), NULL,
                                var_a) != VARSDB_OK)
            return example_complain(example);
        if (varsdb_model_variable(example->db, "var_b",
                                  VARSDB_WITH(.shape = VARSDB_SHAPE(1), .initializer = "ones"), NULL,
                                  var_b) != VARSDB_OK)
            return example_complain(example);
        return VARSDB_OK;
    }
    return example_complain(example);
}

static int run(struct example *example)
{
    const varsdb_variable *var_a = NULL, *var_b = NULL;
    int rc = get_both(example, &var_a, &var_b);

    if (rc == VARSDB_OK)
        rc = example_print_variable(example, "var_a", var_a);
    if (rc == VARSDB_OK)
        rc = example_print_variable(example, "var_b", var_b);
    if (rc != VARSDB_OK)
        return rc;
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
