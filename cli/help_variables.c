/* help_variables.c - --help of variables, scopes and collections. */
#include <stddef.h>

#include "help_text.h"

const help_text help_of_variables[] = {
    {"init", "  varsdb init run.db\n  varsdb init run.db --seed 42\n",
     "  --seed N             seed of the initial values; drawn and printed when not given\n", NULL},
    {"get",
     "  varsdb get run.db layer1/weights --shape 784,128\n"
     "  varsdb get run.db step --shape scalar --dtype int64 --init zeros --no-trainable\n"
     "  varsdb get run.db table --value '[[1,2],[3,4]]' --dtype int32\n",
     HELP_VALUE HELP_TRAINABLE
     "  --collection C       join C instead of GLOBAL; may be repeated\n" HELP_REUSE,
     NULL},
    {"model", "  varsdb model run.db layer1/weights --shape 784,128\n",
     HELP_VALUE HELP_TRAINABLE "  --collection C       join C beside GLOBAL and MODEL, which it joins "
                               "always; may be repeated\n" HELP_REUSE,
     NULL},
    {"local", "  varsdb local run.db metrics/count --shape scalar --init zeros\n",
     HELP_VALUE
     "  --collection C       join C beside LOCAL, which it joins always; may be repeated\n" HELP_REUSE,
     "a local variable is never trainable, and no member of GLOBAL\n"},
    {"scope",
     "  varsdb scope run.db layer1\n"
     "  varsdb scope run.db layer1 --init 'random_normal(0,0.1)' --regularizer 'l2(0.01)'\n"
     "  varsdb scope run.db layer1 --dtype ''          (takes the default away)\n",
     "  --init SPEC, --regularizer SPEC, --partitioner SPEC, --dtype DTYPE\n"
     "                       defaults of variables made in the scope and below; '' clears\n",
     NULL},
    {"set",
     "  varsdb set run.db layer1/biases --value '[0,0,1]'\n"
     "  varsdb set run.db layer1/weights --from weights.npy\n"
     "  varsdb set run.db layer1/weights --init zeros\n"
     "  varsdb set run.db table/part_0 --value 0       (a part of a partitioned variable)\n",
     "  --value JSON         the value; a scalar fills the shape\n"
     "  --from FILE          a tensor file of one tensor (NumPy's .npy), of the same shape and dtype\n"
     "  --init SPEC          initializer\n",
     NULL},
    {"cat",
     "  varsdb cat run.db layer1/weights\n"
     "  varsdb cat run.db layer1/weights --slice 0:2,:\n"
     "  varsdb cat run.db layer1/weights --format npy > weights.npy\n"
     "  varsdb cat run.db table/part_0                 (a part of a partitioned variable)\n"
     "  varsdb cat run.db layer1/weights --at step:100 (as the snapshot has it)\n",
     "  --slice B:E,...      a range for each axis, from the first on; negative ones count from the end.\n"
     "                       Both ends must lie inside the axis.  An index alone selects one element of\n"
     "                       the axis and keeps the axis, which has the length 1 then\n"
     "  --format text|json|npy|raw\n"
     "                       text: a line for each innermost row; raw: packed bytes, little-endian\n"
     "  --json               the same as --format json\n" HELP_AT,
     HELP_SELECTORS},
    {"ls",
     "  varsdb ls run.db\n"
     "  varsdb ls run.db --collection MODEL --scope layer1 --long\n"
     "  varsdb ls run.db --name '*/weights' --json\n"
     "  varsdb ls run.db --columns name,shape,bytes --sort bytes:desc --limit 10\n"
     "  varsdb ls run.db --where 'nans + pos_infs + neg_infs > 0' --columns name,nans,pos_infs,neg_infs\n",
     HELP_FILTERS HELP_AT "  --long               more columns; --json always has all\n", HELP_SELECTORS},
    {"tree",
     "  varsdb tree run.db\n  varsdb tree run.db layer1\n  varsdb tree run.db --where \"kind = 'scope'\" "
     "--sort bytes:desc\n",
     HELP_AT, HELP_SELECTORS},
    {"show", "  varsdb show run.db layer1/weights\n  varsdb show run.db table/part_0\n", HELP_AT,
     HELP_SELECTORS},
    {"collections", "  varsdb collections run.db\n  varsdb collections run.db --sort bytes:desc\n", "", NULL},
    {"namespaces", "  varsdb namespaces run.db\n", "", NULL},
    {"collect",
     "  varsdb collect run.db model_variables layer1/weights\n"
     "  varsdb collect run.db frozen layer1/           (all variables of the scope)\n",
     "", NULL},
    {"uncollect",
     "  varsdb uncollect run.db frozen layer1/weights\n"
     "  varsdb uncollect run.db TRAINABLE layer1/      (those variables of the scope that are in it)\n",
     "", NULL},
    {"mv",
     "  varsdb mv run.db layer1/w layer1/weights\n"
     "  varsdb mv run.db layer1/ encoder               (a scope, with the slash, and all below it)\n",
     "", NULL},
    {"rm",
     "  varsdb rm run.db layer1/weights layer1/biases\n"
     "  varsdb rm run.db layer1/                       (the scope and all below it)\n"
     "  varsdb rm run.db --namespace old --all\n",
     "  --all                delete the whole namespace that --namespace names\n", NULL},
    {.command = NULL},
};
