# The conformance file through the functions and tables of SQL, in SQLite's own shell: every case whose steps
# SQL can do, each statement a transaction of its own, and again with each case within one transaction.
# shellcheck shell=sh disable=SC1091,SC2154
. "$HERE/lib.sh"
cases_of=$HERE/../conformance

# A registry of this seed, made once.
template() { # seed
    [ -f "seed$1.db" ] || works init "seed$1.db" --seed "$1"
}

# Every script of the directory, on a registry of its own.
run_scripts() { # directory
    for script in "$1"/*.sql; do
        read -r _ seed <"${script%.sql}.want"
        template "$seed"
        rm -f run.db run.db-*
        cp "seed$seed.db" run.db
        sqlite3 -batch -init /dev/null run.db <"$script" >"${script%.sql}.got" 2>&1
    done
}

# What each statement gave against what it must give: a line for each case that does not hold, and at last
# how many were tried and how many held.
judge() { # directory
    awk -F '\t' '
    FNR == 1 { finish(); file = FILENAME; id = $1; statements = 0; next }
    { statements++; how[statements] = $1; what[statements] = $2; step[statements] = $3 }
    END { finish(); print tried + 0, held + 0 }

    function finish(    k) {
        if (file == "") return
        tried++
        read_answers()
        for (k = 1; k <= statements; k++)
            if (!holds(k)) {
                gsub(/\n/, " ", gave[k])
                print id ": " step[k] ": gave \"" gave[k] "\", not " how[k] " \"" what[k] "\""
                return
            }
        held++
    }

    function read_answers(    answers, line, k) {
        answers = file
        sub(/want$/, "got", answers)
        for (k = 0; k <= statements; k++) gave[k] = ""
        for (k = 0; (getline line <answers) > 0;)
            if (line ~ /^@[0-9]+$/) k = substr(line, 2) + 0
            else gave[k] = gave[k] (gave[k] == "" ? "" : "\n") line
        close(answers)
        if (gave[0] != "") { how[1] = "is"; gave[1] = gave[0] } # the extension could not be loaded
    }

    function holds(k,    kind, at, failed, sentence) {
        sentence = gave[k]
        failed = sub(/^[A-Za-z ]*[Ee]rror[^:]*: (near line [0-9]+: )?/, "", sentence)
        if (how[k] == "is") return gave[k] == what[k]
        if (how[k] == "well") return !failed
        if (how[k] == "new") { made = gave[k]; return made ~ /^[1-9][0-9]*$/ }
        if (how[k] == "same") return gave[k] == made
        at = index(what[k], " ")
        kind = substr(what[k], 1, at - 1)
        return failed && is_of_kind(kind, sentence) && sentence ~ substr(what[k], at + 1)
    }

    # All of these are SQLITE_ERROR, behind which the shell puts no code, and differ in their sentences.
    function is_of_kind(kind, sentence,    missing, taken, different) {
        missing = sentence ~ /does not exist in namespace|is no part of/
        taken = sentence ~ /exists already|is part [0-9]+ of the|would have one name/
        different = sentence ~ /has (shape|dtype) .*, not the requested/
        if (sentence ~ /\n| \([0-9]+\)$/) return 0
        if (kind == "NOTFOUND") return missing
        if (kind == "EXISTS") return taken
        if (kind == "MISMATCH") return different
        return kind == "INVALID" && !missing && !taken && !different
    }' "$1"/*.want
}

# All that can be tried so, of which at least so many are.
try() { # directory how-it-is-called at-least held
    mkdir "$1"
    cases=$(awk -v out="$1" -v held="$4" -f "$cases_of/script.awk" -f "$cases_of/sql.awk" "$cases_of"/*.txt)
    run_scripts "$1"
    judge "$1" >"$1.judged"
    ran="conformance through SQL$2"
    sed '$d' "$1.judged" >"$1.problems"
    while read -r problem; do fail "$problem"; done <"$1.problems"
    read -r tried held <<END
$(tail -n 1 "$1.judged")
END
    passed=$((passed + held))
    echo "$ran: $cases cases, $tried tried, $held held"
    if [ "$tried" -ge "$3" ] && [ "$held" -eq "$tried" ]; then pass
    else fail "$tried tried, of at least $3, and $held held"; fi
}

ran="make extension"
cp "$EXTENSION" varsdb0.so 2>/dev/null || fail "$EXTENSION is not there"
try each '' 361 ''
try held ', each in a transaction' 354 1

# What is drawn at random is, bit by bit, what the command draws.
bits() { # registry
    sqlite3 "$1" 'SELECT name, dtype, shape, initializer, seed, hash FROM variables'
}

works init command.db --seed 42
works init sql.db --seed 42
echo '.load ./varsdb0' >initial.sql
while read -r name shape dtype initializer; do
    works get command.db "$name" --shape "$shape" --dtype "$dtype" --init "$initializer"
    echo "SELECT get_variable('$name', '[$shape]', '$dtype', '$initializer');" >>initial.sql
done <<END
a/uniform 30,20 float32 random_uniform(-1,1)
a/uniform_half 30,20 float16 random_uniform
a/uniform_integer 30,20 int32 random_uniform(0,100)
a/normal 30,20 float64 random_normal(3,0.5)
a/normal_of_a_seed 30,20 float32 random_normal(seed=7)
truncated 30,20 bfloat16 truncated_normal
glorot 3,3,10,20 float32 glorot_uniform
he 30,20 float64 he_normal
scaling 30,20 float32 variance_scaling(2,fan_avg,uniform)
xavier 30,20 float32 xavier
orthogonal 30,20 float32 orthogonal
delta 3,4,6 float64 delta_orthogonal(2)
END
ran="initial.sql"
sqlite3 -batch -init /dev/null sql.db <initial.sql >"$out" 2>&1
out_lines 12
same 'what SQL drew' "$(bits sql.db)" "$(bits command.db)"
finish
