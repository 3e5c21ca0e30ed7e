# The example tracker: its tables and the variables of its runs agree, whoever writes, fails or is killed;
# and the page that explains it shows code that is in it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
root=$(cd "$HERE/../.." && pwd)
tracker=$(dirname "$VARSDB")/examples/tracker

ran="the example tracker"
if [ ! -x "$tracker" ]; then
    fail "$tracker is not there; build it with: make check-cli"
    finish
    exit
fi

track() { # argument...
    ran="tracker $*"
    "$tracker" "$@" >"$out" 2>"$err" </dev/null
    status=$?
}

silent() {
    if [ -s "$err" ]; then fail "said $(head -c 300 "$err")"; else pass; fi
}

complains() { # status expression argument...
    wanted=$1
    expression=$2
    shift 2
    track "$@"
    status_is "$wanted"
    err_like "$expression"
    if [ -s "$out" ]; then fail "printed \"$(head -c 300 "$out")\""; else pass; fi
}

asked() { # file query expected
    ran="sqlite3 $1 '$2'"
    same 'what it prints' "$(sqlite3 -batch "$1" "$2" 2>&1)" "$3"
}

# Every run of the file: params, variables in both of the views, and as many steps here as there.
agrees() { # file number-of-runs
    asked "$1" 'SELECT count(*) FROM runs' "$2"
    asked "$1" 'SELECT count(*) FROM runs r JOIN vars_namespaces n ON n.name = r.name WHERE n.variables = 3' "$2"
    asked "$1" "SELECT count(*) FROM vars_namespaces WHERE name <> 'main'" "$2"
    asked "$1" 'SELECT count(DISTINCT run_id) FROM params' "$2"
    asked "$1" "SELECT r.name, count(*) FROM runs r LEFT JOIN vars_model_variables v ON v.namespace = r.name
                GROUP BY r.id HAVING group_concat(v.name) IS NOT 'linear/weights,linear/bias'" ''
    asked "$1" "SELECT r.name, v.name, v.version FROM runs r JOIN vars_variables v ON v.namespace = r.name
                WHERE v.version <> 1 + (SELECT count(*) FROM metrics m WHERE m.run_id = r.id)" ''
    asked "$1" "SELECT r.name, v.mean FROM runs r JOIN vars_variables v ON v.namespace = r.name
                WHERE v.name = 'global_step'
                AND v.mean <> (SELECT coalesce(max(step), 0) FROM metrics m WHERE m.run_id = r.id)" ''
    asked "$1" "SELECT count(*) FROM vars_snapshots s LEFT JOIN runs r ON r.name = s.namespace
                LEFT JOIN metrics m ON m.run_id = r.id AND m.step = s.step WHERE m.step IS NULL" 0
    asked "$1" 'SELECT (SELECT count(*) FROM vars_snapshots) - (SELECT count(*) FROM metrics)' 0
    asked "$1" 'SELECT name FROM run_states WHERE NOT whole' ''
    asked "$1" 'PRAGMA integrity_check; PRAGMA foreign_key_check' ok
}

# ---- eight processes at once, in a file that has something in it already

sqlite3 race.db 'PRAGMA application_id = 77; PRAGMA user_version = 5;
                 CREATE TABLE notes (text); INSERT INTO notes VALUES (123)'
track race.db race --workers 8 --runs 3 --epochs 6
status_is 0
silent
out_like '^8 workers, 0 failed; [0-9]+ looks, 0 runs that were not whole$'
agrees race.db 24
asked race.db "SELECT count(*) FROM runs r WHERE r.state = 'done'
               AND (SELECT count(*) FROM metrics m WHERE m.run_id = r.id) = 6
               AND (SELECT min(step) + max(step) FROM metrics m WHERE m.run_id = r.id) = 7" 24
asked race.db "SELECT count(*), count(DISTINCT value) FROM params WHERE name = 'seed'" '24|24'
asked race.db "SELECT count(*) FROM params WHERE name = 'epochs' AND value = '6'" 24
asked race.db 'PRAGMA application_id; PRAGMA user_version; SELECT text FROM notes' '77
5
123'
track race.db list
status_is 0
out_lines 25
ran='varsdb ls race.db'
db=race.db
refuses 3 'not a varsdb registry' ls race.db

# The same seed comes to the same weights, in whatever company.
track alone.db run --seed 20 --epochs 6
status_is 0
weights="SELECT hash FROM vars_variables v JOIN runs r ON r.name = v.namespace
         JOIN params p ON p.run_id = r.id AND p.name = 'seed' AND p.value = '20' WHERE v.name = 'linear/weights'"
asked race.db "$weights" "$(sqlite3 alone.db "$weights")"

# Who looks would see it: a run that lost its params, and one that lost a row of metrics.
sqlite3 race.db 'DELETE FROM params WHERE run_id = 3; DELETE FROM metrics WHERE run_id = 4 AND step = 2'
asked race.db 'SELECT id FROM run_states WHERE NOT whole' '3
4'
track race.db race --workers 1 --epochs 1
status_is 1

# Eight that make the file together.
i=0
while [ $i -lt 8 ]; do
    "$tracker" new.db run --seed "$i" --epochs 2 >/dev/null 2>>new.err &
    i=$((i + 1))
done
wait
same 'what eight that made a file said' "$(cat new.err)" ''
agrees new.db 8

# ---- what is rolled back is nowhere

track one.db run --name first --param 'note=it is so' --epochs 4
status_is 0
silent
before=$(sqlite3 one.db .dump)
complains 1 'UNIQUE constraint failed: params' one.db run --param note=1 --param note=2
complains 1 'UNIQUE constraint failed: runs' one.db run --name first
complains 1 'control character' one.db run --name "a${tab}b"
complains 1 'CHECK constraint failed' one.db run --name main
same 'the file' "$(sqlite3 one.db .dump)" "$before"
agrees one.db 1
track one.db run --epochs 0
status_is 0
out_is 'run-2: 0 epochs, accuracy '"$(sed 's/.* //' "$out")"
agrees one.db 2

# ---- show

track one.db show first
status_is 0
silent
out_like "^run first${tab}done${tab}20"
out_has "param note${tab}it is so"
out_has "param epochs${tab}4"
out_has "variable global_step${tab}int64${tab}[]${tab}5${tab}4.0${tab}0"
out_like "^variable linear/weights${tab}float32${tab}\[8,1\]${tab}5${tab}.*${tab}1$"
out_like "^last step 4${tab}"
same 'the accuracy that the weights have' "$(sed -n "s/^accuracy of the variables$tab//p" "$out")" \
    "$(sed -n "s/^last step .*$tab//p" "$out")"
complains 1 'no run second' one.db show second

# ---- killed in the middle

# Runs a worker until it logged so many steps, and then kills it.
kill_after() { # steps file
    "$tracker" "$2" run --epochs 1000000 >/dev/null 2>&1 &
    worker=$!
    tries=0
    while [ "$(sqlite3 -readonly "$2" "SELECT count(*) >= $1 FROM metrics WHERE run_id = (SELECT max(id) FROM runs)" \
        2>/dev/null)" != 1 ] && [ $tries -lt 1000 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    kill -9 $worker
    wait $worker 2>/dev/null
}

for steps in 1 7 30; do
    kill_after $steps "killed$steps.db"
    agrees "killed$steps.db" 1
    asked "killed$steps.db" "SELECT steps >= $steps, state FROM run_states" '1|running'
    track "killed$steps.db" show run-1
    status_is 0
    same 'the accuracy that the weights have' "$(sed -n "s/^accuracy of the variables$tab//p" "$out")" \
        "$(sed -n "s/^last step .*$tab//p" "$out")"
    track "killed$steps.db" run --epochs 2
    status_is 0
    agrees "killed$steps.db" 2
done

# It is killed with a log that it cut before: uncut, so many steps are a hundred megabytes.
kill_after 1500 long.db
ran='the log of 1500 steps'
size=$(wc -c <long.db-wal)
if [ "$size" -lt 8000000 ]; then pass; else fail "has $size bytes"; fi
agrees long.db 1

# ---- wrong usage, wrong files

for arguments in '' 'x.db' 'x.db walk' 'x.db list more' 'x.db show'; do
    # shellcheck disable=SC2086 # arguments are words
    complains 2 '^usage: tracker FILE' $arguments
done
complains 2 'needs a value: --seed' x.db run --seed
complains 2 'not a number that will do: -1' x.db run --seed -1
complains 2 'not a number that will do: 3x' x.db run --epochs 3x
complains 2 'no such option: --workers' x.db run --workers 3
complains 2 'no such option: --name' x.db race --name a
complains 2 'not KEY=VALUE' x.db run --param novalue
complains 2 'several runs: a' x.db run --name a --runs 2
complains 1 'x.db: unable to open' x.db list
if [ -e x.db ]; then fail 'x.db was made'; else pass; fi
complains 1 'unable to open' . run
echo 'this is no database, but a text that is long enough to be asked whether it is one' >text.db
complains 1 'text.db: file is not a database' text.db run
complains 1 'text.db: file is not a database' text.db show run-1
same 'the text' "$(wc -w <text.db)" 18
sqlite3 others.db 'CREATE TABLE runs (distance)'
complains 1 "not a tracker's" others.db list
complains 1 'table runs already exists' others.db run
asked others.db 'SELECT name FROM sqlite_schema' runs
works init registry.db
complains 1 "a registry's own" registry.db run
works verify registry.db
asked registry.db "SELECT count(*) FROM sqlite_schema WHERE name IN ('runs', 'params', 'metrics', 'run_states')" 0

# What the settings weaken is told: in memory nothing lasts.
track :memory: run --epochs 1
status_is 0
err_like 'in memory, and ends with the connection'

# ---- docs/embedding.md: each block of C is in the sources, whatever it is indented by

ran='docs/embedding.md'
page=$root/docs/embedding.md
sed 's/^ *//' "$root"/examples/tracker/*.[ch] >sources.txt
awk '/^```/ { inside = $0 == "```c"; n += inside; next } inside { sub(/^ */, ""); print > ("block" n) }' "$page"
blocks=0
for block in block*; do
    [ -e "$block" ] || break
    blocks=$((blocks + 1))
    if awk 'NR == FNR { wanted = wanted $0 "\n"; next } { all = all $0 "\n" }
            END { exit !index("\n" all, "\n" wanted) }' "$block" sources.txt; then pass
    else fail "not in examples/tracker: $(head -n 2 "$block")"; fi
done
if [ $blocks -ge 8 ]; then pass; else fail "only $blocks blocks of C"; fi

finish
