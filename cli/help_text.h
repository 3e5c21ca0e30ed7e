/*
 * help_text.h - the texts of --help, by noun.  Examples come first: most readers want
 * one to copy.
 */
#ifndef CLI_HELP_TEXT_H
#define CLI_HELP_TEXT_H

typedef struct help_text {
    const char *command, *examples, *options, *notes;
} help_text;

/* Each ends in one without a command. */
extern const help_text help_of_variables[], help_of_snapshots[], help_of_files[];

/* The text of a command; NULL: it has none. */
const help_text *help_text_of(const char *command);

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

#define HELP_AT "  --at SNAPSHOT        as a snapshot has it\n"

#define HELP_SELECTORS                                                                        \
    "a snapshot is given by its name, step:N (the last of that step), #ID, or latest; quote " \
    "#ID in a shell\n"

#define HELP_NAMESPACE                                                                       \
    "  --namespace NS       work in NS (default: $VARSDB_NAMESPACE, else main)\n"            \
    "  --allow-network      open a registry on a network file system, which does not lock\n" \
    "                       reliably: only if one machine ever opens it\n"

#define HELP_ROWS                                                                           \
    "  --json, --csv, --tsv, --table\n"                                                     \
    "                       how to print rows (default: a table on a terminal, else TSV)\n" \
    "  --wide               a table as wide as it needs; without, it fits the screen\n"     \
    "  --color WHEN         auto (default), always, never\n"                                \
    "  --no-pager           let long tables scroll by\n"                                    \
    "  --json-nan AS        string (default), or null: NaN and infinities in JSON\n"

#define HELP_LISTS                                                                                  \
    "  --columns A,B,...    these columns, in this order; '*' for all that there are\n"             \
    "  --where SQLEXPR      rows for which it is true, as \"bytes > 1e6 AND name LIKE '%/w'\"\n"    \
    "  --sort A[:desc],...  by these columns; nothing comes last; rows are held in memory for it\n" \
    "  --limit N            the first N rows\n"

#define HELP_NOTES                                                    \
    "  --quiet              no notes, and no progress; errors stay\n" \
    "  --verbose            tell each step of a long command\n"

#define HELP_IMMUTABLE                                                                             \
    "  --immutable          read a registry that nobody writes to, in a directory without write\n" \
    "                       permission\n"

#endif
