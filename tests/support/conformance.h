/*
 * conformance.h - the conformance file: one case a line, each a small script against a
 * fresh registry, run through the public C API.  The language is in
 * tests/conformance/README.md.
 */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "temp.h"
#include "varsdb.h"

/* ---- the file */

typedef struct conformance_case {
    char file[64];
    int line;
    char *text; /* the whole line, cut into the four below */
    const char *id, *verdict, *sentence, *script;
} conformance_case;

typedef struct conformance_cases {
    conformance_case *at;
    size_t count;
    char problem[256]; /* the first line that cannot be parsed; empty when all can */
} conformance_cases;

/* Reads every .txt of the directory, in the order of their names. */
void conformance_load(const char *directory, conformance_cases *out);
void conformance_release(conformance_cases *cases);
/* Where the registry is: in a file of its own, or in a host's database, on a connection of the host's for
 * each handle, with no transaction of the host's or all within one. */
typedef enum conformance_place {
    CONFORMANCE_FILE,
    CONFORMANCE_HOST,
    CONFORMANCE_TRANSACTION,
    CONFORMANCE_PLACES
} conformance_place;

/* Whether the case can be tried there: two handles cannot both write in transactions of a host's. */
bool conformance_can_be(const conformance_case *c, conformance_place place);
/* Whether the case holds; why says which step does not, and what it gave. */
bool conformance_holds(const conformance_case *c, conformance_place place, char *why, size_t room);

/* ---- a step */

#define CONFORMANCE_WORDS 24

typedef struct conformance_step {
    char *words[CONFORMANCE_WORDS]; /* the verb, its operands, and key=value */
    size_t count;
    const char *capture;  /* x of "as @x" */
    const char *expected; /* NULL: only that it goes well */
    const char *pattern;  /* what an error's message matches, or NULL */
} conformance_step;

/* Cuts the text, which is changed; false when it is no step. */
bool conformance_parse_step(char *text, conformance_step *out);
/* Operand i, from 0; NULL when there are fewer. */
const char *conformance_operand(const conformance_step *step, size_t i);
/* The value of key=value; NULL when it is not given. */
const char *conformance_option(const conformance_step *step, const char *key);

/* ---- a run */

#define CONFORMANCE_TEXT     16384
#define CONFORMANCE_CAPTURES 32
#define CONFORMANCE_GETTERS  16

typedef struct conformance_capture {
    const char *name;
    const varsdb *db;
    const varsdb_variable *variable;
    const varsdb_scope *scope;
} conformance_capture;

typedef struct conformance_run conformance_run;

typedef struct conformance_getter {
    conformance_run *run;
    char kind[16], argument[64];
} conformance_getter;

struct conformance_run {
    temp_dir dir;
    char path[TEMP_PATH_BYTES];
    varsdb *db;         /* the handle in use */
    varsdb *handles[2]; /* it is one of these */
    conformance_place place;
    struct sqlite3 *hosts[2]; /* of the handles, when the place is a host's */
    conformance_capture captures[CONFORMANCE_CAPTURES];
    size_t captured;
    conformance_getter getters[CONFORMANCE_GETTERS];
    size_t getter_count;
    char log[1024];              /* what getters and callbacks noted */
    char text[CONFORMANCE_TEXT]; /* the step's answer */
    char problem[256];           /* why the script is no script; then nothing holds */
};

/* A verb runs its step: a result code, and text when the code is VARSDB_OK. */
typedef struct conformance_verb {
    const char *name;
    int (*run)(conformance_run *run, const conformance_step *step);
    size_t least, most; /* operands */
    const char *keys;   /* accepted, each between blanks */
} conformance_verb;

/* Each ends in an entry without a name. */
extern const conformance_verb conformance_scope_verbs[];
extern const conformance_verb conformance_get_verbs[];
extern const conformance_verb conformance_query_verbs[];
extern const conformance_verb conformance_select_verbs[];
extern const conformance_verb conformance_value_verbs[];

/* The script is wrong; the code is for returning it from a verb. */
__attribute__((format(printf, 2, 3))) int conformance_bad(conformance_run *run, const char *format, ...);
__attribute__((format(printf, 2, 3))) int conformance_say(conformance_run *run, const char *format, ...);
/* Adds to the answer, after a comma unless it is the first. */
void conformance_add(conformance_run *run, const char *text);
void conformance_log(conformance_run *run, const char *text);

int conformance_open(conformance_run *run, size_t handle, const varsdb_open_options *options);
void conformance_capture_as(conformance_run *run, const conformance_step *step,
                            const varsdb_variable *variable, const varsdb_scope *scope);
const varsdb_scope *conformance_scope(conformance_run *run, const char *reference);
/* "@x", or a full name, which is looked up. */
int conformance_variable(conformance_run *run, const char *reference, const varsdb_variable **out);

/* ---- arguments */

/* A comma-separated list as the API takes it, ended by NULL; "" is an empty one. */
typedef struct conformance_list {
    char text[512];
    const char *at[32];
} conformance_list;

/* NULL when text is. */
const char *const *conformance_list_of(conformance_list *list, const char *text);
varsdb_reuse conformance_reuse(const char *text); /* NULL is INHERIT; a number is itself */
varsdb_dtype conformance_dtype(const char *text); /* "clear" is VARSDB_DTYPE_CLEAR */
/* rank: the getter's by "kind:argument"; NULL when text is. */
varsdb_getter conformance_getter_of(conformance_run *run, const char *text, void **payload);

typedef struct conformance_dims {
    int64_t dims[VARSDB_RANK_MAX];
    varsdb_shape shape;
} conformance_dims;
/* "2,3", "scalar"; "?" is VARSDB_ANY.  NULL when text is. */
const varsdb_shape *conformance_shape(conformance_dims *dims, const char *text);
void conformance_shape_text(const varsdb_shape *shape, char *out, size_t room);
int64_t conformance_elements(const varsdb_shape *shape);
/* Numbers separated by commas as elements of a dtype; how many bytes. */
size_t conformance_encode(varsdb_dtype dtype, const char *numbers, void *out, size_t room);

#endif
