# varsdb.h, and varsdb_sql.h, in the languages that they promise: with the macros in C99 and later, and from
# C++11 on, under every compiler that is there.  The C++ program also runs.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

root=$(cd "$HERE/../.." && pwd)
build=$(dirname "$VARSDB")
warnings='-Wall -Wextra -Wpedantic -Werror'
tried=0

# Every macro that a user calls, as the comments show it.
cat >macros.c <<'END_OF_C'
#include <varsdb.h>

#define NAME_RESULT(name, number, text) case VARSDB_##name:
#define COUNT_DTYPE(name, number, text, bits) +1

int open_it(varsdb **db);
int open_it(varsdb **db)
{
    static const int64_t seed = 7;
    return varsdb_open("run.db", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed), db);
}

int variables(varsdb *db, const varsdb_variable **w);
int variables(varsdb *db, const varsdb_variable **w)
{
    int created;
    VARSDB_IN_SCOPE(db, "layer1")
        varsdb_model_variable(db, "weights", VARSDB_WITH(.shape = VARSDB_SHAPE(784, 128)), &created, w);
    VARSDB_IN_SCOPE(db, "layer2", .reuse = VARSDB_AUTO) {
        VARSDB_IN_SCOPE(db, "inner", .dtype = VARSDB_DTYPE_CLEAR)
            varsdb_get_variable(db, "b", VARSDB_WITH(.shape = VARSDB_SCALAR), &created, w);
        return varsdb_get_variable(db, "c", VARSDB_WITH(.shape = VARSDB_SHAPE(VARSDB_ANY, 2)), NULL, w);
    }
    return varsdb_enter_scope(db, "layer3", VARSDB_SCOPE(.initializer = "zeros"), NULL);
}

int others(varsdb *db, const varsdb_variable *w, float *row);
int others(varsdb *db, const varsdb_variable *w, float *row)
{
    const varsdb_filter *filter = VARSDB_FILTER(.scope = "layer1", .collection = VARSDB_MODEL);
    int64_t id;
    int rc = varsdb_read_slice(db, w, VARSDB_SLICE(2, .begin = VARSDB_INDEX(5, 0), .size = VARSDB_INDEX(1, -1)),
                               row, 128 * sizeof *row);
    if (rc == VARSDB_OK)
        rc = varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "best", .filter = filter), &id);
    if (rc == VARSDB_OK)
        rc = varsdb_restore(db, id, VARSDB_RESTORE(.dry_run = 1));
    if (rc == VARSDB_OK)
        rc = varsdb_diff(db, id, 0, VARSDB_DIFF(.hashes_only = 1), NULL, NULL);
    if (rc == VARSDB_OK)
        rc = varsdb_verify(db, VARSDB_UPKEEP(.quick = 1), NULL, NULL);
    if (rc == VARSDB_OK)
        rc = varsdb_import(db, "a.safetensors", VARSDB_IMPORT(.model = 1));
    if (rc == VARSDB_OK)
        rc = varsdb_export(db, "b.safetensors", VARSDB_EXPORT(.format = "safetensors"), NULL);
    return rc;
}

int known(enum varsdb_result rc, const char **where);
int known(enum varsdb_result rc, const char **where)
{
    *where = VARSDB_HERE;
    switch (rc) {
        VARSDB_RESULTS(NAME_RESULT)
        return 0 VARSDB_DTYPES(COUNT_DTYPE);
    default:
        return VARSDB_VERSION_NUMBER;
    }
}
END_OF_C

# What the header says for C++, and what is left of the macros there.
cat >program.cpp <<'END_OF_CPP'
#include <stdio.h>
#include <varsdb.h>

#define NAME_RESULT(name, number, text) VARSDB_##name,

static const int results[] = {VARSDB_RESULTS(NAME_RESULT)};

static int run(varsdb *db)
{
    const int64_t dims[] = {2, 3};
    const varsdb_shape shape = {2, dims};
    const varsdb_variable *w;
    int created;
    auto with = varsdb_sized<varsdb_variable_options>();
    with.shape = &shape;
    with.site = VARSDB_HERE;
    with.initializer = "ones";

    auto in = varsdb_sized<varsdb_scope_options>();
    in.reuse = VARSDB_AUTO;
    in.dtype = VARSDB_FLOAT64;
    int rc = varsdb_enter_scope(db, "layer1", &in, NULL);
    if (rc == VARSDB_OK)
        rc = varsdb_model_variable(db, "weights", &with, &created, &w);
    if (rc == VARSDB_OK)
        rc = varsdb_leave_scope(db, NULL);

    const int64_t begin[] = {1, 1}, size[] = {1, 2};
    const varsdb_slice slice = {2, begin, size, NULL};
    double row[2];
    if (rc == VARSDB_OK)
        rc = varsdb_read_slice(db, w, &slice, row, sizeof row);
    if (rc == VARSDB_OK)
        printf("%s %s %g %g %d\n", varsdb_variable_name(w), varsdb_dtype_name(varsdb_variable_dtype(w)), row[0],
               row[1], created);
    return rc;
}

int main(int argc, char **argv)
{
    varsdb *db;
    auto options = varsdb_sized<varsdb_open_options>();
    options.flags = VARSDB_CREATE_FILE;
    int rc = varsdb_open(argc > 1 ? argv[1] : "cpp.db", &options, &db);
    if (rc == VARSDB_OK)
        rc = run(db);
    if (rc != VARSDB_OK)
        fprintf(stderr, "%s\n", varsdb_errmsg(db));
    varsdb_close(db);
    return rc == results[0] ? 0 : 1;
}
END_OF_CPP

# varsdb_sql.h before and behind SQLite's header, of which it needs nothing, and alone.
cat >sql_alone.c <<'END_OF_C'
#include <varsdb_sql.h>
int put_there(struct sqlite3 *connection);
int put_there(struct sqlite3 *connection)
{
    return sqlite3_varsdb_init(connection, NULL, NULL);
}
END_OF_C
cat >sql_before.c <<'END_OF_C'
#include <varsdb_sql.h>

#include <sqlite3.h>
int put_on_all(void);
int put_on_all(void)
{
    return sqlite3_auto_extension((void (*)(void))sqlite3_varsdb_init);
}
END_OF_C
cat >sql_behind.c <<'END_OF_C'
#include <sqlite3.h>
#include <varsdb_sql.h>
#include <varsdb_sql.h>
int put_there(sqlite3 *connection, char **error, const sqlite3_api_routines *api);
int put_there(sqlite3 *connection, char **error, const sqlite3_api_routines *api)
{
    return sqlite3_varsdb_init(connection, error, api);
}
END_OF_C
cat >sql.cpp <<'END_OF_CPP'
#include <stdio.h>
#include <sqlite3.h>
#include <varsdb_sql.h>

static int print(void *, int, char **values, char **)
{
    puts(values[0]);
    return 0;
}

int main()
{
    sqlite3 *db;
    char *error = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK || sqlite3_varsdb_init(db, &error, NULL) != SQLITE_OK)
        return 1;
    sqlite3_exec(db, "SELECT varsdb_create() <> ''; SELECT get_variable('w', '[3]', NULL, 'ones'); "
                     "SELECT l2_loss('w')", print, NULL, &error);
    if (error)
        puts(error);
    return sqlite3_close(db);
}
END_OF_CPP

compiles() { # compiler option... file
    ran="$*"
    tried=$((tried + 1))
    # shellcheck disable=SC2086 # words
    if "$@" $warnings "-I$root/src" -fsyntax-only >"$err" 2>&1; then pass; else fail "$(head -n 3 "$err")"; fi
}

# What is promised stands on no library of C++'s: linked as the command is, statically to varsdb.
links() { # compiler program
    ran="$1 $2.cpp"
    # shellcheck disable=SC2046 # words
    if "$1" -std=c++11 "-I$root/src" "$2.cpp" "$build/libvarsdb.a" \
        $(pkg-config --libs sqlite3 libxxhash libpcre2-8 zlib 2>/dev/null || echo -lsqlite3 -lxxhash -lpcre2-8 -lz) \
        -lm -lpthread -o "$2" >"$err" 2>&1; then pass; else fail "$(head -n 3 "$err")"; fi
}

for compiler in gcc clang; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    for standard in c99 c11; do
        compiles "$compiler" "-std=$standard" macros.c
        for file in sql_alone.c sql_before.c sql_behind.c; do
            compiles "$compiler" "-std=$standard" "$file"
        done
    done
    # Without GNU's attributes, as another compiler sees it: a scope is left at the block's end alone.
    compiles "$compiler" -std=c99 -U__GNUC__ macros.c
done

for compiler in g++ clang++; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    for standard in c++11 c++17; do
        compiles "$compiler" "-std=$standard" program.cpp
        compiles "$compiler" "-std=$standard" sql.cpp
    done
    links "$compiler" program
    rm -f cpp.db
    same 'what it prints' "$(./program cpp.db 2>&1)" 'layer1/weights float64 1 1 1'
    links "$compiler" sql
    same 'what it prints' "$(./sql 2>&1)" '1
1
1.5'
done
ran='varsdb.h'
if [ "$tried" -gt 0 ]; then pass; else fail 'no compiler was found'; fi

finish
