# The extension in several shells at once, and in shells that are killed.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
. "$HERE/extension.sh"

shells=4
names=200

# ---- all of them make the same variables

script() { # first last: statements before and after them
    printf '.timeout 60000\n.load %s\n' "$extension"
    awk -v names="$names" -v first="$1" -v last="$2" 'BEGIN {
        if (first != "") print first
        for (i = 0; i < names; i++)
            printf "SELECT \047race/%d\047, %s_variable(\047race/%d\047, \047[2,3]\047, NULL, \047random_normal\047);\n",
                i, i % 2 ? "get" : "model", i
        if (last != "") print last
    }'
}

race() { # what registry script
    db=$2
    ran=$1
    works init "$db" --seed 1
    pids=
    for i in $(seq "$shells"); do
        sqlite3 -batch "$db" <"$3" >"$db.$i.out" 2>"$db.$i.err" &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid"
        same 'the status of one' $? 0
    done
    ran=$1
    for i in $(seq "$shells"); do
        same 'what one complains of' "$(head -n 3 "$db.$i.err")" ''
        same 'how many one got' "$(wc -l <"$db.$i.out" | tr -d ' ')" "$names"
        if cmp -s "$db.1.out" "$db.$i.out"; then pass; else fail 'two got different variables'; fi
    done
    plainly "$names|$names|$names" "SELECT count(*), count(DISTINCT name), sum(version = 1) FROM variables"
    plainly "$((names / 2))" 'SELECT count(*) FROM model_variables'
    same 'what they got' "$(sort "$db.1.out")" "$(sqlite3 "$db" "SELECT name, id FROM variables" | sort)"
    works verify "$db"
}

script '' '' >alone.sql
script 'BEGIN IMMEDIATE;' 'COMMIT;' >together.sql
race 'shells, each statement a transaction' alone.db alone.sql
race 'shells, one transaction each' together.db together.sql
# Whoever made them, their values are those that the command makes.
works init other.db --seed 1
for i in 0 101 199; do
    works get other.db "race/$i" --shape 2,3 --init random_normal
    hash="SELECT hash FROM variables WHERE name = 'race/$i'"
    same "the value of race/$i" "$(sqlite3 together.db "$hash")" "$(sqlite3 other.db "$hash")"
done

# ---- one is killed while it assigns

# Two variables of 3 MB in one transaction, and one of them alone, again and again with other values.
db=killed.db
works init killed.db
asked '1|2' "SELECT get_variable('a', '[400000]', 'float64', 'zeros'), get_variable('b', '[400000]', 'float64', 'zeros')"
printf '.timeout 60000\n.load %s\n' "$extension" >killed.sql
awk 'BEGIN {
    for (i = 1; i <= 500; i++)
        printf "BEGIN IMMEDIATE;\nSELECT assign(\047a\047, %d), assign(\047b\047, %d);\nCOMMIT;\n", i, i
}' >>killed.sql
kills=0
for pause in 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4; do
    sqlite3 -batch killed.db <killed.sql >"$out" 2>"$err" &
    child=$!
    sleep "$pause"
    kill -9 "$child" 2>/dev/null && kills=$((kills + 1))
    wait "$child" 2>/dev/null
    ran="killed after $pause s"
    works verify killed.db
    # Both have the same value, all of whose elements are one number, and another connection goes on.
    asked '1|1|1|1' "SELECT tensor('a') = tensor('b'), count(DISTINCT value), min(value) = max(value),
        (SELECT count(DISTINCT version) FROM variables) FROM tensor_each('a')"
    asked 1 "SELECT assign('a', -1) = assign('b', -1)"
done
ran='killing'
same 'how many were killed' "$kills" 8
plainly 1 "SELECT min(version) > 20 FROM variables"
works gc killed.db
works verify killed.db

finish
