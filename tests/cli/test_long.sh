# Listings of many variables: they stream, in little memory, and end where the reader does.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works init empty.db --seed 1
many=20000
sqlite3 run.db ".load $EXTENSION" "BEGIN IMMEDIATE; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $many)
    SELECT count(get_variable('layer' || (i / 100) || '/w' || i, '[2]', 'float32', 'zeros')) FROM n; COMMIT;" >"$out" 2>"$err"
same 'how many are made' "$(cat "$out")" $many
named() { seq 1 $many | awk '{ printf "layer%d/w%d\n", $1 / 100, $1 }'; }

# All of them, in the order in which they were made; and in the other one.
works ls run.db --columns name
same 'the names' "$(tail -n +2 "$out" | cksum)" "$(named | cksum)"
works ls run.db --columns name --sort id:desc
same 'the names from the last' "$(tail -n +2 "$out" | cksum)" "$(named | tac | cksum)"
works ls run.db --columns name --sort name
same 'the names in their order' "$(tail -n +2 "$out" | cksum)" "$(named | sort | cksum)"
# Through all batches: those that two expressions, of SQL and of grep, find.
works ls run.db --columns name --where "name LIKE '%7%' AND length(name) > 12"
same 'the names that match' "$(tail -n +2 "$out" | cksum)" "$(named | grep 7 | grep -E '.{13}' | cksum)"
gives 'name
layer200/w20000' ls run.db --columns name --where "name = 'layer200/w20000'" --limit 3
gives 'name
layer0/w9
layer0/w19' ls run.db --columns name --where "name GLOB '*9'" --limit 2
works ls run.db --table
out_lines $((many + 2))
works ls run.db --json --columns id
out_lines $((many + 2))

# A bad row in a late batch is told of; what was right before it is not taken back.
run ls run.db --columns name --where "iif(id = 15000, abs(-9223372036854775807 - 1), id < 3)"
status_is 2
err_like '^varsdb: --where .*integer overflow$'
same 'the lines of the error' "$(wc -l <"$err" | tr -d ' ')" 1
out_is 'name
layer0/w1
layer0/w2'
run ls run.db --json --columns id --where "iif(id = 15000, abs(-9223372036854775807 - 1), id < 3)"
status_is 2
out_unlike '^\]'

# It streams: memory does not grow with the rows (each is 60 bytes and more, all of them above 1.2 MB).
if [ -x /usr/bin/time ] && /usr/bin/time -f %M true 2>/dev/null; then
    memory() { /usr/bin/time -f %M "$VARSDB" "$@" 2>&1 >/dev/null | tail -n 1; }
    small=$(memory ls run.db --limit 10)
    large=$(memory ls run.db --table)
    ran='memory'
    if [ $((large - small)) -lt 24000 ]; then pass; else fail "$large KB for $many rows, $small KB for 10"; fi
fi
# The first lines leave before the last row is read: the writer waits in a pipe that nobody empties.
mkfifo slow
"$VARSDB" ls run.db --long >slow 2>"$err" &
writer=$!
{
    read -r line
    read -r second
    if kill -0 $writer 2>/dev/null; then alive=yes; else alive=no; fi
    same 'whether it is writing still' $alive yes
    same 'the first name' "${second%%"$tab"*}" layer0/w1
} <slow
wait $writer
status=$?
ran='a reader that goes away'
status_is 141
same 'silence' "$(cat "$err")" ''

# The same by head, in each format, chosen and sorted rows too.
for options in --tsv --csv --json --table '--sort name' '--where id>5' '--sort name --where id>5 --json' '--columns name'; do
    # shellcheck disable=SC2086
    { "$VARSDB" ls run.db $options 2>"$err"; echo $? >ended; } | head -n 1 >"$out"
    ran="ls $options | head"
    out_lines 1
    same 'silence' "$(cat "$err")" ''
    case $(cat ended) in 0 | 141) pass ;; *) fail "status $(cat ended)" ;; esac
done

# A disk that is full, and output that is closed.
if [ -w /dev/full ]; then
    for options in --tsv --csv --json --table '--sort name' '--where id>5' '--limit 1' '--sort name --limit 1 --json'; do
        # shellcheck disable=SC2086
        "$VARSDB" ls run.db $options >/dev/full 2>"$err"
        status=$?
        ran="ls $options >/dev/full"
        status_is 3
        err_like '^varsdb: cannot write to standard output: No space left'
        same 'lines of the error' "$(wc -l <"$err" | tr -d ' ')" 1
    done
fi

# An empty registry.
gives "name${tab}dtype${tab}shape" ls empty.db
gives 'name  dtype  shape
----  -----  -----' ls empty.db --table
gives "name,dtype,shape$cr" ls empty.db --csv --columns name,dtype,shape --sort name,dtype --where 'bytes > 1' --limit 5
gives '[]' ls empty.db --json --sort name
gives "name${tab}bytes" tree empty.db --columns name,bytes
gives 'name' collections empty.db --columns name --where 'variables > 0'
gives "id${tab}name" snapshots empty.db --columns id,name --sort id
gives "name${tab}variables" namespaces empty.db --columns name,variables --where 'variables > 0'
gives '[]' snapshots empty.db --json --limit 3

# Names with what no name should have, which tensor files may have: one line a row, and the name back from JSON.
safetensors odd.safetensors '{"a\nb\tc\\d\"e,f\u001b[31m":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}' 00
lists() { # command...
    gives "name
a\nb\tc\\\\d\"e,f$(printf '\033')[31m" "$@" --columns name
    gives '[
{"name":"a\nb\tc\\d\"e,f\u001b[31m"}
]' "$@" --columns name --json
    gives 'name
---------------------
a\nb\tc\d"e,f\x1b[31m' "$@" --columns name --table
    gives "name
a\nb\tc\\\\d\"e,f$(printf '\033')[31m" "$@" --columns name --where "name LIKE 'a' || char(10) || '%' AND name LIKE '%\"e,%'" --sort name
}
lists inspect odd.safetensors
lists sql run.db "SELECT 'a' || char(10, 98, 9) || 'c\\d\"e,f' || char(27) || '[31m' AS name"
gives '[
{"x":"a\u009bb\u007fc"}
]' sql run.db "SELECT 'a' || char(155) || 'b' || char(127) || 'c' AS x" --json
# Names of the world come in by files.
safetensors world.safetensors '{"слой/重み":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}' 00
works import world.db world.safetensors
gives 'name
слой/重み' ls world.db --columns name
LC_ALL=C.UTF-8 gives 'name       shape
---------  -----
слой/重み  [1]' ls world.db --columns name,shape --table
finish
