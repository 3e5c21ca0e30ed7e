#!/bin/sh
# demo.sh - trains a small model into a registry and looks at it from outside.
#
# "make demo" runs it in build/demo.  VARSDB is the command, EXAMPLES the directory of
# the built examples; what it makes, demo.db, stays in the current directory.
# It fails when a command fails or when a fact that it promises is not there.
set -eu

: "${VARSDB:?VARSDB must be the path of the varsdb command}"
: "${EXAMPLES:?EXAMPLES must be the directory of the built examples}"
if ! command -v sqlite3 >/dev/null; then
    echo "demo: the sqlite3 shell is needed" >&2
    exit 3
fi
PATH=$EXAMPLES:$PATH

# So that the commands below read as one would type them.
varsdb() {
    "$VARSDB" "$@"
}

heading() {
    printf '\n== %s\n' "$1"
}

# Prints a command as one would type it.
show_command() {
    printf '\n$'
    for word; do
        case $word in
        '' | *[!A-Za-z0-9_./:=,-]*) printf " \"%s\"" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
}

run() {
    show_command "$@"
    "$@"
}

# The same, and keeps the output in the file $1.
run_into() {
    output=$1
    shift
    show_command "$@"
    status=0
    "$@" >"$output" || status=$?
    cat "$output"
    return $status
}

fail() {
    echo "demo: $1" >&2
    exit 1
}

expect_line() { # file, line
    grep -Fqx -- "$2" "$1" || fail "this line was expected: $2"
}

ask() {
    sqlite3 -readonly demo.db "$1"
}

rm -f demo.db demo.db-wal demo.db-shm demo.db-turnstile

heading "get_variable finds what it made"
run_into example1.txt example1_get_variable_reuse
expect_line example1.txt "bias_1 is bias_2: true"
expect_line example1.txt "GLOBAL variables: {test_scope/bias}"
expect_line example1.txt "MODEL variables: {}"

heading "model_variable is in MODEL, too"
run_into example2.txt example2_model_variable
expect_line example2.txt "weight_1 is weight_2: true"
expect_line example2.txt "GLOBAL variables: {test_scope/weight}"
expect_line example2.txt "MODEL variables: {test_scope/weight}"

heading "both of them, side by side"
run_into example3.txt example3_mixed
expect_line example3.txt "GLOBAL variables: {mixed_scope/var_a, mixed_scope/var_b}"
expect_line example3.txt "MODEL variables: {mixed_scope/var_b}"

heading "training a network that reads digits"
run_into first.txt train demo.db 600
grep -q '^created ' first.txt || fail "the first run was to create its variables"

heading "the same command again goes on where the first one stopped"
run_into second.txt train demo.db 600
grep -q '^reused .* going on at step 600$' second.txt || fail "the second run was to reuse the variables"
expect_line second.txt "$(tail -n 1 first.txt)"

heading "every hundred steps it took a snapshot; the last ten are kept"
run varsdb snapshots demo.db --table
[ "$(ask "SELECT group_concat(step, ' ') FROM snapshots")" = "300 400 500 600 700 800 900 1000 1100 1200" ] ||
    fail "the snapshots of steps 300 to 1200 were to be there"

heading "which layers moved? going on with the first one frozen"
run_into third.txt train demo.db 100 layer1
if run_into moved.txt varsdb diff demo.db step:1200 step:1300 --collection MODEL --sort rel_l2 --table; then
    fail "diff was to tell by its exit status that something moved"
fi
grep -q '^value_changed  *layer2/weights ' moved.txt || fail "the weights of layer2 were to move"
if grep -q 'layer1/' moved.txt; then fail "layer1 was frozen, and was not to move"; fi

heading "back to step 600: the network reads as well as it did then"
run varsdb restore demo.db step:600 --table
run varsdb diff demo.db step:600 --table
run_into sixth.txt train demo.db 0
expect_line sixth.txt "$(tail -n 1 first.txt)"

heading "and going on from there comes to the same step 700, to the last digit"
run_into seventh.txt train demo.db 100
expect_line seventh.txt "$(grep '^step  *700 ' second.txt)"
echo
echo "Which snapshots read best, and how much would be freed without them?"
run sqlite3 -readonly -header -column demo.db "SELECT step, bytes, new_bytes, exclusive_bytes, json_extract(metadata, '\$.accuracy') AS accuracy
FROM snapshots ORDER BY accuracy DESC, step LIMIT 3"

heading "is every byte as it was written? and what does nobody need any more?"
run varsdb verify demo.db
run varsdb gc demo.db

heading "what is in the registry"
run varsdb tree demo.db
run varsdb collections demo.db --table

heading "MODEL is what the network is, GLOBAL is that and what training needs"
run varsdb ls demo.db --collection MODEL --table
run varsdb ls demo.db --collection GLOBAL --table
[ "$(ask "SELECT count(*) FROM model_variables")" -eq 4 ] || fail "MODEL was to have 4 variables"
[ "$(ask "SELECT count(*) FROM global_variables")" -eq 13 ] || fail "GLOBAL was to have 13 variables"
[ "$(ask "SELECT count(*) FROM model_variables WHERE id NOT IN (SELECT id FROM global_variables)")" -eq 0 ] ||
    fail "MODEL was to be within GLOBAL"

heading "one weight, with statistics"
run varsdb show demo.db layer1/weights

heading "SQL, with nothing but the sqlite3 shell"
echo
echo "Which model variables are the largest, and how far do their values spread?"
run sqlite3 -readonly -header -column demo.db "SELECT name, shape, bytes, round(min, 3) AS min, round(max, 3) AS max, round(std, 4) AS std
FROM model_variables ORDER BY bytes DESC LIMIT 4"
echo
echo "Which GLOBAL variables are not part of the model, and which line made them?"
run sqlite3 -readonly -header -column demo.db "SELECT name, dtype, shape, trainable, collections, site
FROM global_variables WHERE id NOT IN (SELECT id FROM model_variables)"
echo
echo "How large are the weights against their moving averages?"
run sqlite3 -readonly -header -column demo.db "SELECT v.name, round(v.l2_norm, 4) AS norm, round(a.l2_norm, 4) AS norm_of_average
FROM moving_average_variables v JOIN global_variables a ON a.name = v.name || '/moving_average'"
[ "$(ask "SELECT count(*) FROM moving_average_variables")" -eq 4 ] || fail "4 variables were to have an average"
[ "$(ask "SELECT count(*) FROM global_variables WHERE trainable")" -eq 4 ] || fail "4 variables were to be trainable"

heading "done; look further: varsdb --help, sqlite3 $(pwd)/demo.db"
