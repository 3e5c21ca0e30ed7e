/* help.c - see help.h.  The texts show examples first: most readers want one to copy. */
#include "help.h"

#include <string.h>

typedef struct help_text {
    const char *command, *examples, *options, *notes;
} help_text;

#define HELP_VALUE                                                                                \
    "  --shape 2,3          shape; scalar for none; ? for a dimension that may be any on reuse\n" \
    "  --dtype float32      element type (default: the scope's, else float32)\n"                  \
    "  --init SPEC          zeros, ones, constant(0.5), random_uniform(-1,1), "                   \
    "random_normal(0,0.1,seed=7),\n"                                                              \
    "                       glorot_uniform, none (no value yet), ...\n"                           \
    "  --value JSON         initial value: 0.5, [[1,2],[3,4]]; gives the shape too\n"

#define HELP_TRAINABLE                \
    "  --trainable, --no-trainable\n" \
    "                       whether it joins TRAINABLE; a new one does unless told not\n"

#define HELP_REUSE                                            \
    "  --regularizer SPEC, --partitioner SPEC\n"              \
    "                       l2(0.01); fixed_size(2,axis=0)\n" \
    "  --reuse auto|create|require\n"                         \
    "                       get or create (default), must be new, must exist\n"

#define HELP_FILTERS                                                                                      \
    "  --collection C       members of C; GLOBAL, MODEL, TRAINABLE and LOCAL are short for TensorFlow's " \
    "names\n"                                                                                             \
    "  --scope SCOPE        in this scope and below\n"                                                    \
    "  --match REGEX        names in which the expression is found\n"                                     \
    "  --name GLOB          names that the shell pattern matches as a whole; * passes over /\n"

#define HELP_NAMESPACE                                                                       \
    "  --namespace NS       work in NS (default: $VARSDB_NAMESPACE, else main)\n"            \
    "  --allow-network      open a registry on a network file system, which does not lock\n" \
    "                       reliably: only if one machine ever opens it\n"

#define HELP_ROWS                       \
    "  --json, --csv, --tsv, --table\n" \
    "                       how to print rows (default: a table on a terminal, else TSV)\n"

#define HELP_IMMUTABLE                                                                             \
    "  --immutable          read a registry that nobody writes to, in a directory without write\n" \
    "                       permission\n"

static const help_text texts[] = {
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
     "  --from FILE.npy      NumPy's format, of the same shape and dtype\n"
     "  --init SPEC          initializer\n",
     NULL},
    {"cat",
     "  varsdb cat run.db layer1/weights\n"
     "  varsdb cat run.db layer1/weights --slice 0:2,:\n"
     "  varsdb cat run.db layer1/weights --format npy > weights.npy\n"
     "  varsdb cat run.db table/part_0                 (a part of a partitioned variable)\n",
     "  --slice B:E,...      a range for each axis, from the first on; negative ones count from the end.\n"
     "                       Both ends must lie inside the axis.  An index alone selects one element of\n"
     "                       the axis and keeps the axis, which has the length 1 then\n"
     "  --format text|json|npy|raw\n"
     "                       text: a line for each innermost row; raw: packed bytes, little-endian\n"
     "  --json               the same as --format json\n",
     NULL},
    {"ls",
     "  varsdb ls run.db\n"
     "  varsdb ls run.db --collection MODEL --scope layer1 --long\n"
     "  varsdb ls run.db --name '*/weights' --json\n",
     HELP_FILTERS "  --long               more columns; --json always has all\n", NULL},
    {"tree", "  varsdb tree run.db\n  varsdb tree run.db layer1\n", "", NULL},
    {"show", "  varsdb show run.db layer1/weights\n  varsdb show run.db table/part_0\n", "", NULL},
    {"collections", "  varsdb collections run.db\n", "", NULL},
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
    {"import",
     "  varsdb import run.db model.safetensors\n"
     "  varsdb import run.db model.safetensors --scope encoder --sep . --model --trainable 'weight$'\n"
     "  varsdb import run.db model.safetensors --existing-only --dry-run\n"
     "  varsdb import run.db model.safetensors --on-conflict skip\n",
     "  --scope PREFIX       put everything below it\n"
     "  --collection C       add to C, too\n"
     "  --model              add to the model variables\n"
     "  --trainable RE       names that are trainable (default: none)\n"
     "  --include RE, --exclude RE\n"
     "                       tensors of the file to take, to leave\n"
     "  --rename OLD=NEW     replace expression OLD by NEW ($1 for groups) in the file's names\n"
     "  --sep .              turn a separator into scopes\n"
     "  --on-conflict error|skip|replace\n"
     "                       what to do about variables that exist (default: error, nothing is imported)\n"
     "  --existing-only      assign to what is there, create nothing; lists what came of each.\n"
     "                       --on-conflict does not matter then\n"
     "  --dry-run            list what would come of each, change nothing; what fails an import fails\n"
     "                       this too, a variable that exists before anything is listed\n",
     "DB is made if it does not exist, except with --existing-only and --dry-run\n"},
    {"export",
     "  varsdb export run.db model.safetensors\n"
     "  varsdb export run.db encoder.safetensors --collection MODEL --scope encoder\n",
     HELP_FILTERS "  --include RE         the same as --match\n"
                  "  --exclude RE         names to leave out\n"
                  "  --format FORMAT      instead of the file's suffix\n"
                  "  --names registry|original\n"
                  "                       as in the registry, or as in the file they came from (default)\n",
     "without --collection the variables in GLOBAL are taken: all but local ones\n"},
    {"inspect", "  varsdb inspect model.safetensors\n", "", NULL},
    {"sql", "  varsdb sql run.db 'SELECT name, std FROM model_variables ORDER BY std DESC'\n", "", NULL},
    {"version", "  varsdb version\n", "", NULL},
    {"help", "  varsdb help get\n", "", NULL},
};

static const help_text *text_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (strcmp(texts[i].command, name) == 0)
            return &texts[i];
    return NULL;
}

void help_print_all(sink *to)
{
    sink_text(to, "usage: varsdb COMMAND DB [ARGUMENTS] [OPTIONS]\n\n"
                  "  varsdb init run.db\n"
                  "  varsdb get run.db layer1/weights --shape 784,128\n"
                  "  varsdb ls run.db\n\ncommands:\n");
    for (const cli_command *command = cli_commands(); command->name; command++)
        sink_printf(to, "  %-12s %s\n", command->name, command->summary);
    sink_text(to, "\noptions everywhere:\n" HELP_NAMESPACE HELP_ROWS HELP_IMMUTABLE
                  "  --help               explain the command\n\n"
                  "they come after the command; each command takes those that its --help lists\n\n"
                  "exit status: 0 done, 1 no (not found, exists, differs), 2 called wrongly, 3 failed\n");
}

void help_print_command(sink *to, const cli_command *command)
{
    const help_text *text = text_of(command->name);
    if (text)
        sink_printf(to, "%s\n", text->examples);
    sink_printf(to, "usage: varsdb %s%s%s [OPTIONS]\n%s\n\noptions:\n", command->name,
                *command->arguments ? " " : "", command->arguments, command->summary);
    if (text)
        sink_text(to, text->options);
    if (command->takes & CLI_ROWS)
        sink_text(to, HELP_ROWS);
    if (command->takes & CLI_READS)
        sink_text(to, HELP_IMMUTABLE);
    sink_text(to, HELP_NAMESPACE);
    if (text && text->notes)
        sink_printf(to, "\n%s", text->notes);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

#define NEAR_BYTES 24

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t d[NEAR_BYTES + 1][NEAR_BYTES + 1];
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > NEAR_BYTES || columns > NEAR_BYTES)
        return NEAR_BYTES;
    for (size_t i = 0; i <= rows; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            d[i][j] =
                smaller(smaller(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[rows][columns];
}

static bool is_near(const char *name, const char *command)
{
    size_t bytes = strlen(name);
    if (bytes >= 2 && strncmp(name, command, bytes) == 0)
        return true;
    return edit_distance(name, command) <= (strlen(command) <= 3 ? 1 : 2);
}

int help_fail_unknown(cli *c, const char *name)
{
    char near[128] = "";
    size_t used = 0;
    if (*name == '-')
        return cli_fail(c, CLI_USAGE, "options come after the command, as in: varsdb ls DB %s", name);
    for (const cli_command *command = cli_commands(); command->name; command++) {
        size_t bytes = strlen(command->name);
        if (!is_near(name, command->name) || used + bytes + 5 > sizeof near)
            continue;
        memcpy(near + used, used ? " or " : "", used ? 4 : 0);
        used += used ? 4 : 0;
        memcpy(near + used, command->name, bytes + 1);
        used += bytes;
    }
    if (*near)
        return cli_fail(c, CLI_USAGE, "unknown command \"%s\"; did you mean %s?", name, near);
    return cli_fail(c, CLI_USAGE, "unknown command \"%s\" (see: varsdb --help)", name);
}

int cmd_help(cli *c, int argc, char **argv)
{
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status != CLI_DONE)
        return status;
    if (!c->count) {
        help_print_all(&c->out);
        return CLI_DONE;
    }
    const cli_command *command = cli_find_command(c->args[0]);
    if (!command)
        return help_fail_unknown(c, c->args[0]);
    help_print_command(&c->out, command);
    return CLI_DONE;
}
