/*
 * example2_model_variable.c - model_variable twice, with one name in one scope.
 *
 *     example2_model_variable [FILE]
 *
 * It is found again just as with get_variable, and it is in both collections:
 * GLOBAL, as every variable, and MODEL, as what the model consists of.
 */
#include "example.h"

static int get_twice(struct example *example, const varsdb_variable **weight_1,
                     const varsdb_variable **weight_2)
{
    VARSDB_IN_SCOPE (example->db, "test_scope") {
        if (varsdb_model_variable(example->db, "weight",
                                  VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2), .initializer = "ones"), NULL,
                                  weight_1) != VARSDB_OK)
            return example_complain(example);
        /* Found, not made: without an initializer the value stays what it is. */
        if (varsdb_model_variable(example->db, "weight", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)), NULL,
                                  weight_2) != VARSDB_OK)
            return example_complain(example);
        return VARSDB_OK;
    }
    return example_complain(example);
}

static int run(struct example *example)
{
    const varsdb_variable *weight_1 = NULL, *weight_2 = NULL;
    int rc = get_twice(example, &weight_1, &weight_2);

    if (rc == VARSDB_OK)
        rc = example_print_variable(example, "weight_1", weight_1);
    if (rc == VARSDB_OK)
        rc = example_print_variable(example, "weight_2", weight_2);
    if (rc != VARSDB_OK)
        return rc;
    printf("weight_1 is weight_2: %s\n", weight_1 == weight_2 ? "true" : "false");
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
