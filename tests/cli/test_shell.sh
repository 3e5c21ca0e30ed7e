# varsdb shell: commands and SQL from a file and from a terminal, on one handle.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works get run.db layer1/weights --shape 2,3 --init ones

# What it says to these lines.
shell() { # lines [options]
    lines=$1
    shift
    ran="varsdb shell: $lines"
    printf '%s\n' "$lines" | "$VARSDB" shell run.db "$@" >"$out" 2>"$err"
    status=$?
}

# The same as the commands print by themselves.
{ "$VARSDB" ls run.db --long && "$VARSDB" cat run.db layer1/weights; } >alone
shell "ls --long
# a comment, and an empty line

cat layer1/weights"
status_is 0
out_is "$(cat alone)"

# Words are quoted as in a shell.
for word in "'odd name'" '"odd name"' 'odd\ name' "od'd na'me"; do
    shell "cat $word"
    status_is 1
    err_like '^varsdb: variable odd name does not exist'
done
shell "cat 'odd name"
status_is 2
err_like '^varsdb: a quote is not closed$'

# SQL goes on until a semicolon at the end of a line, outside of quotes.
shell "SELECT name,
  ';' AS mark
FROM variables ORDER BY name;
values (7);
.sql SELECT 8;
with x(a) AS (SELECT 9) SELECT a FROM x"
status_is 0
out_is "name${tab}mark
layer1/weights${tab};
column1
7
8
8
a
9"

# What writes is seen by what reads after it, in the same session and out of it.
shell "get fresh --shape 2 --init ones
set fresh --value 5
cat fresh
snapshot --name here --quiet
snapshots --csv
rm fresh
ls --name fresh"
status_is 0
out_has '[5.0, 5.0]'
same 'what is left' "$(sqlite3 run.db "SELECT count(*) FROM variables WHERE name = 'fresh'")" 0
same 'what is kept' "$(sqlite3 run.db "SELECT name FROM snapshots")" here

# The first failure ends it, with its status; or none does.
shell "cat nosuch
cat layer1/weights"
status_is 1
out_is ''
same 'lines of error' "$(wc -l <"$err" | tr -d ' ')" 1
shell "cat nosuch
frobnicate
SELECT nothing;
cat layer1/weights" --keep-going
out_is '[[1.0, 1.0, 1.0],
 [1.0, 1.0, 1.0]]'
same 'lines of error' "$(wc -l <"$err" | tr -d ' ')" 3
if [ "$status" -ne 0 ]; then pass; else fail 'status 0'; fi
shell "frobnicate"
status_is 2
err_like 'unknown command "frobnicate"'

# A command that fails in the middle of its transaction leaves nothing of it for the next one.
shell "rm layer1/weights nosuch
ls --name layer1/weights" --keep-going
status_is 1
out_has "layer1/weights${tab}float32${tab}[2,3]"

# Namespaces.
shell "use other
get there --shape 1 --init zeros
ls
use main
ls --name there"
status_is 0
out_has "there${tab}float32${tab}[1]"
same 'where it is' "$("$VARSDB" ls run.db --namespace other | tail -n 1 | cut -f 1)" there

shell "quit
cat nosuch"
status_is 0
shell "shell run.db"
status_is 2
refuses 3 'nosuch.db' shell nosuch.db
shell "help get"
out_like '^usage: varsdb get DB NAME'

# Who reads no further ends it.
yes 'ls --long' | head -n 20000 | "$VARSDB" shell run.db 2>"$err" | head -n 1 >"$out"
out_lines 1

# On a terminal: a prompt; Ctrl-C drops the line; a failure ends nothing; Ctrl-D leaves.
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    mkdir state
    mkfifo keys
    HOME=$PWD XDG_STATE_HOME=$PWD/state TERM=xterm script -qfec "'$VARSDB' shell run.db; echo ended=\$?" terminal <keys >/dev/null 2>&1 &
    child=$!
    exec 5>keys
    sees() { # text: waits until it is on the terminal
        tries=0
        until [ -e terminal ] && tr -d '\r' <terminal | grep -Fq -e "$1"; do
            tries=$((tries + 1))
            [ "$tries" -lt 300 ] || break
            sleep 0.02
        done
        ran="varsdb shell on a terminal"
        if tr -d '\r' <terminal | grep -Fq -e "$1"; then pass; else fail "no \"$1\" in \"$(cat -v terminal)\""; fi
    }
    sees 'main> '
    printf 'rm layer1/weights\003' >&5
    sleep 0.3
    printf 'cat nosuch\n' >&5
    sees 'varsdb: '
    printf 'SELECT 40 +\n' >&5
    sees '...> '
    printf '2 AS answer;\n' >&5
    sees '42'
    if grep -q CLI_LIBEDIT "$(dirname "$VARSDB")/libedit" 2>/dev/null; then
        printf 'ca\tlayer1/w\t\n' >&5
        sees '[1.0, 1.0, 1.0]'
        edits=1
    else
        edits=0
    fi
    printf 'use other\n' >&5
    sees 'other> '
    printf '\004' >&5
    sees 'ended=0'
    exec 5>&-
    wait "$child"
    same 'the variable of the line that was dropped' "$(sqlite3 run.db "SELECT count(*) FROM variables WHERE name = 'layer1/weights'")" 1
    if [ "$edits" = 1 ]; then
        same 'the mode of the history' "$(stat -c %a state/varsdb/history)" 600
        if grep -q 'answer' state/varsdb/history; then pass; else fail 'the history has no query'; fi
    fi
fi
finish
