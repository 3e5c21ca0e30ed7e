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
     "  --json               the same as --format json\n"
     "  --json-nan AS        string (default), or null: NaN and infinities in JSON\n" HELP_AT,
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
    {"log", "  varsdb log run.db layer1/weights\n  varsdb log run.db layer1/weights --json\n", "",
     "one row a snapshot that has it, oldest first, and one for the present.  norm_change: l2_norm minus\n"
     "that of the row before.  change: first, same, changed or renamed; a renamed variable is followed\n"
     "to the names that it had, when the name given is that of today\n"},
    {"stats",
     "  varsdb stats run.db --flagged                  (where are the NaNs, and what else looks ill)\n"
     "  varsdb stats run.db --collection MODEL --scope layer1\n"
     "  varsdb stats run.db --at step:100 --since step:50\n",
     HELP_FILTERS HELP_AT
     "  --since SNAPSHOT     what growth is counted from (default: the snapshot before, or the\n"
     "                       one before that, where the first has the same norm)\n"
     "  --flagged            only variables with a flag; exits 1 when there is one\n",
     "flags: nan, inf: it has such elements.  dead: several elements, all finite and all equal,\n"
     "and not as its initializer made them (which a snapshot does not tell).  Of float and complex\n"
     "dtypes, exploding: the root of the mean square is above 1000, or the norm is\n"
     "more than 10 times the one before; vanishing: the root of the mean square is below\n"
     "1e-8 and not 0, or the norm is less than a tenth.  mean, std and norms are of the finite elements;\n"
     "no value is read.  Without --collection and --at, GLOBAL is meant\n" HELP_SELECTORS},
    {"top",
     "  varsdb top run.db\n"
     "  varsdb top run.db --by norm --count 5\n"
     "  varsdb top run.db --since step:100             (what moved most since then)\n",
     "  --by size|elements|norm|change\n"
     "                       bytes (default), elements, l2_norm, or rel_l2 of what moved\n"
     "  --count N            rows (default 20), or all\n"
     "  --since SNAPSHOT     with --by change, which it implies: from where (default: latest)\n" HELP_FILTERS,
     "share: the part of what all have together (of norms: of their squares); cumulative: with those\n"
     "above it.  Without --collection, GLOBAL is meant\n" HELP_SELECTORS},
    {"find",
     "  varsdb find run.db weights\n"
     "  varsdb find run.db l1w                         (layer1/weights, and others)\n"
     "  varsdb find run.db 'dense wieghts' --score     (both, each in some way)\n",
     "  --all                all of them (default: the best 20)\n"
     "  --score              how well each answers, too\n",
     "a name answers when it has the letters in their order, best where its components and words begin,\n"
     "or a component with a slip or two; capitals do not matter.  exits 1 when none does\n"},
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
