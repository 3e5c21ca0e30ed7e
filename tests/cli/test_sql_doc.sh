# docs/sql.md: its registry is made as it says, and every query prints what it shows.
#
# "```sh" makes the registry.  "```sql" runs with the extension, "```sql views" without it, and "```python" where a
# Python can load it; the next fence without a word is the output.  One with the word "quiet" has none and only runs.
# Runs of spaces and of dashes count as one, since the shell's columns are as wide as what is in them.  The columns
# host, pid and created_at are shown as HOST, PID and CREATED_AT: what is in them is checked here.
# shellcheck shell=sh disable=SC1091,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
page=$HERE/../../docs/sql.md
PATH=$(dirname "$VARSDB"):$PATH
mkdir build
ln -s "$(dirname "$VARSDB")/varsdb0.so" build/varsdb0.so

ran=varsdb0.so
if [ ! -e build/varsdb0.so ]; then
    fail "it is not there; build it with: make extension"
    finish
    exit
fi

# N.code, N.kind, N.line and, where the page shows one, N.shown.
awk '/^```/ && inside { inside = ""; next }
     /^```./ { n++; inside = n ".code"; shown = 1; printf "" > inside
               print substr($0, 4) > (n ".kind"); print FNR > (n ".line"); next }
     /^```/ { inside = shown ? n ".shown" : "stray"; shown = 0; printf "" > inside; next }
     inside { print > inside; next }
     NF { shown = 0 }' "$page"

squeeze() { sed -e 's/--*/-/g' -e 's/  */ /g' -e 's/^ //' -e 's/ $//'; }

# Fields below a head of these names.
mask() {
    awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^(host|pid|created_at)$/) masked[i] = toupper($i) }
         NR > 2 { for (i in masked) $i = masked[i] } { print }'
}

ask() { # file query - with the extension, as the page prints it
    sqlite3 -batch -bail -header -column -nullvalue NULL "$1" '.load build/varsdb0' "$2"
}

run_block() { # number
    kind=$(cat "$1.kind")
    case $kind in
    sh) PATH=$PATH sh -e "$1.code" >"$1.made" 2>&1 ;;
    'sql views'*) sqlite3 -batch -bail -readonly -header -column -nullvalue NULL run.db "$(cat "$1.code")" ;;
    sql*) ask run.db "$(cat "$1.code")" ;;
    python) "$python" "$1.code" ;;
    *) echo "no such kind of block: $kind" && false ;;
    esac >"$1.printed" 2>&1 </dev/null
}

python=
for candidate in python3 /usr/bin/python3; do
    if [ -z "$python" ] && "$candidate" -c 'import sqlite3
sqlite3.connect(":memory:").enable_load_extension(True)' 2>/dev/null; then python=$candidate; fi
done

n=1
queries=0
while [ -f "$n.code" ]; do
    kind=$(cat "$n.kind")
    ran="docs/sql.md:$(cat "$n.line") ($kind)"
    case $kind in sql*) queries=$((queries + 1)) ;; esac
    if [ "$kind" = python ] && [ -z "$python" ]; then
        echo "$TEST: left out $ran: no python3 that loads extensions"
    elif ! run_block $n; then
        fail "failed: $(head -c 300 "$n.printed") $(tail -n 3 "$n.made" 2>/dev/null)"
    elif [ -f "$n.shown" ]; then
        mask <"$n.printed" | squeeze >"$n.got"
        squeeze <"$n.shown" >"$n.wanted"
        if cmp -s "$n.got" "$n.wanted"; then pass; else fail "printed \"$(cat "$n.printed")\", not what is shown"; fi
    else
        case $kind in sh | *quiet) pass ;; *) fail 'shows no output; mark it "quiet", if it has none' ;; esac
    fi
    n=$((n + 1))
done
ran=docs/sql.md
if [ -e stray ]; then fail 'an output belongs to no block'; else pass; fi
if [ $queries -ge 12 ]; then pass; else fail "only $queries queries were found"; fi

# ---- the same queries where the answers are known otherwise

code_with() { # text - of the one block that has it
    cat "$(grep -lF -e "$1" -- *.code | head -n 1)"
}

answers() { # what file query expected - without the head; columns by "|", statements in a row
    ran=$1
    same 'the answer' "$(sqlite3 -batch -bail -noheader -list -nullvalue NULL "$2" '.load build/varsdb0' "$3" 2>&1)" "$4"
}

# Every way in which a variable can have NaN in four snapshots and at present: its name says where.
works init nan.db --seed 1
ask nan.db "WITH bit (b) AS (VALUES ('0'), ('1'))
            SELECT get_variable(p.b || q.b || r.b || s.b || t.b, '[2]', NULL, 'zeros')
            FROM bit p, bit q, bit r, bit s, bit t" >/dev/null
for at in 1 2 3 4 5; do
    ask nan.db "SELECT assign(name, CASE substr(name, $at, 1) WHEN '1' THEN '[0,\"NaN\"]' ELSE '[0,$at]' END)
                FROM variables" >/dev/null
    if [ $at -lt 5 ]; then works snapshot nan.db --step $((at * 10)); fi
done
answers 'since when NaN' nan.db "$(code_with since_id)" "$(sqlite3 nan.db 'SELECT name FROM variables' |
    awk 'substr($1, 5) == "1" { n = 0
         while (n < 4 && substr($1, 4 - n, 1) == "1") n++
         print "main|" $1 "|1|" (n ? (5 - n) "|" (5 - n) * 10 : "NULL|NULL") "|" n }')"
answers 'since when NaN, of how many' nan.db "SELECT count(*) FROM variables WHERE nans > 0" 16

# Twelve layers, and an optimizer's variable in the third.
works init layers.db --seed 1
ask layers.db "SELECT model_variable('l' || value || '/w', '[' || value || ']')
               FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]'); SELECT get_variable('l3/opt/m', '[100]')" >/dev/null
answers 'the largest layers' layers.db "$(code_with 'BY bytes DESC, id')" 'main|l3|2|103|412
main|l12|1|12|48
main|l11|1|11|44
main|l10|1|10|40
main|l9|1|9|36
main|l8|1|8|32
main|l7|1|7|28
main|l6|1|6|24
main|l5|1|5|20
main|l4|1|4|16
main|l12|1|48
main|l11|1|44
main|l10|1|40
main|l9|1|36
main|l8|1|32
main|l7|1|28
main|l6|1|24
main|l5|1|20
main|l4|1|16
main|l3|1|12'

# A layer of two: (3,4) and 12 become (3,5) and 10. 5 of 169 is the square; the norms are 5 and 12, sqrt(34) and 10.
works init moved.db --seed 1
works model moved.db l/w --value '[3,4]'
works model moved.db l/b --value '[12]'
works model moved.db still/w --value '[7]'
works snapshot moved.db --step 200
works set moved.db l/w --value '[3,5]'
works set moved.db l/b --value '[10]'
works snapshot moved.db --step 300
answers 'how far layers moved' moved.db "$(code_with "snapshot_diff('step:200', 'step:300') d")" 'l|2|2.0|0.172
still|0|NULL|0.0'
answers 'how far, by views' moved.db "$(code_with at_least)" 'l|2|2.1658|24.5216'

# By how run.db was made. Each step leaves 9/10 of fc1; conv1 is 1, 2, ... 5 times the same noise.
answers 'how far fc1 moved' run.db "SELECT round(rel_l2, 6) FROM snapshot_diff('step:100', 'step:200')
                                    WHERE name = 'fc1/weights'" 0.1
answers 'conv1, element by element' run.db "SELECT count(*), total(abs(b.value - 5 * a.value) > 1e-6)
    FROM tensor_each('conv1/weights', 'step:100') a JOIN tensor_each('conv1/weights', 'step:500') b USING (flat_index)" '72|0.0'
answers 'dead units' run.db "$(code_with 'AS unit')" 'main|fc1/weights|3
main|fc1/weights|11'
works cat run.db fc1/weights --at step:500 --format json
answers 'the bins' run.db "SELECT group_concat(count, ' ') FROM tensor_histogram('fc1/weights', 5, 'step:500')" \
    "$(tr -s '[], \n' '\n' <"$out" | awk 'NF { x[n++] = $1; low = n == 1 || $1 < low ? $1 + 0 : low; high = n == 1 || $1 > high ? $1 + 0 : high }
         END { for (i = 0; i < n; i++) { b = int((x[i] - low) / (high - low) * 5); count[b > 4 ? 4 : b]++ }
               print count[0], count[1], count[2], count[3], count[4] }')"
answers 'who made them' run.db "SELECT count(*) FROM variables WHERE host = '$(uname -n)' AND pid > 1 AND program IN
    ('varsdb', 'sqlite3') AND abs(julianday('now') - julianday(created_at)) < 0.1" \
    "$(sqlite3 run.db 'SELECT count(*) FROM variables')"

finish
