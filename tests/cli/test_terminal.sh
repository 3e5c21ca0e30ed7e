# Tables on a terminal: its width, its colours, its characters, and the pager.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
if ${CC:-cc} -D_GNU_SOURCE -o on_a_terminal "$HERE/on_a_terminal.c" >cc.log 2>&1; then pass; else fail "$(head -n 3 cc.log)"; fi
rows=40
columns=80
TERM=xterm
NO_COLOR=1
VARSDB_PAGER=
LC_ALL=C.UTF-8
export TERM NO_COLOR VARSDB_PAGER LC_ALL
unset LESS PAGER
shows() { # text, command...
    expected=$1
    shift
    ran="varsdb $* on $columns columns"
    ./on_a_terminal "$rows" "$columns" "$VARSDB" "$@" >"$out" 2>"$err" </dev/null
    status=$?
    status_is 0
    if [ "$(cat "$out")" = "$expected" ]; then pass; else fail "showed \"$(cat "$out")\", not \"$expected\"; said \"$(cat "$err")\""; fi
}

works init run.db --seed 1
works get run.db decoder/block_0/attention/kernel --shape 1536,1000 --init zeros
works get run.db step --dtype int64 --shape scalar --init zeros

# It fits: the middle of a name gives way, numbers and shapes never do, and then the last columns.
shows 'name                              dtype    shape
--------------------------------  -------  -----------
decoder/block_0/attention/kernel  float32  [1536,1000]
step                              int64    []' ls run.db
columns=40
shows 'name                dtype    shape
------------------  -------  -----------
decoder/…on/kernel  float32  [1536,1000]
step                int64    []' ls run.db
LC_ALL=C shows 'name                dtype    shape
------------------  -------  -----------
decoder...n/kernel  float32  [1536,1000]
step                int64    []' ls run.db --name '*'
columns=46
shows 'name                 bytes  version  trainable
-----------------  -------  -------  ---------
decoder/…n/kernel  5.9 MiB        1          1
step                   8 B        1          1
(1 more column: dtype; --wide shows all)' ls run.db --columns name,bytes,version,trainable,dtype
columns=20
shows 'name
--------------------
decoder/b…ion/kernel
step
(2 more columns; --wide shows all)' ls run.db
shows 'name                              dtype    shape
--------------------------------  -------  -----------
decoder/block_0/attention/kernel  float32  [1536,1000]
step                              int64    []' ls run.db --wide
columns=10
shows '                  n
-------------------
9223372036854775807' sql run.db 'SELECT 9223372036854775807 AS n'
columns=1
shows '…
-
…
…
(2 more columns; --wide shows all)' ls run.db
columns=0
COLUMNS=40 shows 'name                dtype    shape
------------------  -------  -----------
decoder/…on/kernel  float32  [1536,1000]
step                int64    []' ls run.db
columns=80
# Elsewhere it is as wide as it needs, unless it is told.
gives 'name                              dtype    shape
--------------------------------  -------  -----------
decoder/block_0/attention/kernel  float32  [1536,1000]
step                              int64    []' ls run.db --table
COLUMNS=40 gives 'name                dtype    shape
------------------  -------  -----------
decoder/…on/kernel  float32  [1536,1000]
step                int64    []' ls run.db --table
COLUMNS=wide gives 'name                              dtype    shape
--------------------------------  -------  -----------
decoder/block_0/attention/kernel  float32  [1536,1000]
step                              int64    []' ls run.db --table
# TSV, CSV and JSON do not mind the width.
COLUMNS=20 gives "name${tab}dtype${tab}shape${tab}bytes
decoder/block_0/attention/kernel${tab}float32${tab}[1536,1000]${tab}6144000
step${tab}int64${tab}[]${tab}8" ls run.db --columns name,dtype,shape,bytes
shows '[
{"name":"step","bytes":8}
]' ls run.db --json --columns name,bytes --name step

# Sizes: the limits of each unit.
gives '  bytes
-------
    0 B
 1023 B
1.0 KiB
1.5 KiB
1.0 MiB
8.0 EiB
     -5' sql run.db 'SELECT column1 AS bytes FROM (VALUES(0),(1023),(1024),(1536),(1048576),(9223372036854775807),(-5))' --table

columns=26
# What is empty in all rows goes first, whatever its place.
shows 'name            a      z
--------------  -  -----
kernel/weights  1  23456
                   12345
(2 more columns; --wide shows all)' sql run.db "SELECT column1 AS name, column2 AS a, column3 AS empty, column4 AS none, column5 AS z
    FROM (VALUES('kernel/weights', 1, NULL, '', 23456), (NULL, NULL, NULL, '', 12345))"
shows 'a  empty
-  -----
1  ' sql run.db 'SELECT 1 AS a, NULL AS empty'
# Fractions have six digits; all of them where nothing has to fit, and in what programs read.
columns=80
shows '       x     mean            y
--------  -------  -----------
0.333333  1.5e-10  -1234567890' sql run.db 'SELECT 1.0/3 AS x, 1.5e-10 AS mean, -1234567890 AS y'
shows '                 x
------------------
0.3333333333333333' sql run.db 'SELECT 1.0/3 AS x' --wide
shows "x
0.3333333333333333" sql run.db 'SELECT 1.0/3 AS x' --tsv
# What the help says is broken between words, and no word is lost; commands to copy are left whole.
words() { tr -s ' \r\n' '\n' <"$1" | sort; }
for command in ls import top find restore; do
    "$VARSDB" help $command >whole
    ./on_a_terminal 200 60 "$VARSDB" help $command | tr -d '\r' >broken
    same "lines of help $command" "$(awk 'length > 60 && !/^ *varsdb |^usage/' broken)" ''
    same "words of help $command" "$(words broken)" "$(words whole)"
done
# Wide characters take two columns, combining ones none; what steers or misleads is an escape.
shows 'name   n
----  --
日本   1
é      2
xy    10' sql run.db "SELECT '日本' AS name, 1 AS n UNION ALL SELECT 'e' || char(769), 2 UNION ALL SELECT 'xy', 10"
columns=7
shows 'name
-------
日…語彙
abc…ghi
x' sql run.db "SELECT '日本言語語彙' AS name UNION ALL SELECT 'abcdefghi' UNION ALL SELECT 'x'"
columns=80
shows 'name
--------------------------
a\nb\tc\rd\x1b[31me\x07f
g\u009bh\u202ei\u2066j\xff' sql run.db "SELECT 'a' || char(10) || 'b' || char(9) || 'c' || char(13) || 'd' || char(27) || '[31me' || char(7) || 'f' AS name
    UNION ALL SELECT 'g' || char(155) || 'h' || char(8238) || 'i' || char(8294) || 'j' || CAST(x'ff' AS TEXT)"
LC_ALL=C shows 'name
------------------
\u65e5\U0001f600xy' sql run.db "SELECT '日' || char(128512) || 'xy' AS name"

for format in --tsv --csv --json; do
    ran="$format on a terminal"
    ./on_a_terminal 40 80 "$VARSDB" sql run.db "SELECT 'a' || char(27) || '[31m' || char(155) || '1m' AS x" $format >"$out"
    if LC_ALL=C grep -q "$(printf '\033\\|\302')" "$out"; then fail 'it steers the terminal'; else pass; fi
done

# Colour: on a terminal, and where it is asked for.
escapes() { grep -c "$(printf '\033')" "$out"; }
colors() { # lines with colour, what, command...
    wanted=$1
    what=$2
    shift 2
    "$@" >"$out" 2>"$err"
    same "lines with colour, $what" "$(escapes)" "$wanted"
}
bad="SELECT 1 AS n, 0 AS nans UNION ALL SELECT 9e999, 0 UNION ALL SELECT 2, 7"
colors 0 'NO_COLOR' ./on_a_terminal 40 80 "$VARSDB" sql run.db "$bad"
unset NO_COLOR
# The head and the line below it; infinity, and a count of NaN that is not 0.
colors 4 'a terminal' ./on_a_terminal 40 80 "$VARSDB" sql run.db "$bad"
out_has "$(printf '\033[31mInfinity\033[0m     0')"
out_has "$(printf '       2     \033[31m7\033[0m')"
colors 0 'dumb' env TERM=dumb ./on_a_terminal 40 80 "$VARSDB" sql run.db "$bad"
colors 0 'no TERM' env -u TERM ./on_a_terminal 40 80 "$VARSDB" sql run.db "$bad"
colors 0 'empty NO_COLOR in a file' env NO_COLOR= "$VARSDB" sql run.db "$bad" --table
colors 4 'empty NO_COLOR on a terminal' env NO_COLOR= ./on_a_terminal 40 80 "$VARSDB" sql run.db "$bad"
colors 0 'a file' "$VARSDB" sql run.db "$bad" --table
colors 4 'always' "$VARSDB" sql run.db "$bad" --table --color always
colors 3 'flags' ./on_a_terminal 40 80 "$VARSDB" sql run.db "SELECT 'x' AS name, 'nan' AS flags UNION ALL SELECT 'y', ''"
colors 0 'never' ./on_a_terminal 40 80 "$VARSDB" sql run.db "$bad" --color never
colors 0 'JSON' "$VARSDB" sql run.db "$bad" --json --color always
colors 0 'TSV' "$VARSDB" sql run.db "$bad" --tsv --color always
refuses 2 '^varsdb: --color "blue" is not accepted; accepted: auto, always, never$' ls run.db --color blue
NO_COLOR=1
export NO_COLOR

# The pager: for what is longer than the screen, on a terminal only.
many="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) SELECT i FROM n"
pages() { # lines that the pager saw, what, command...
    wanted=$1
    what=$2
    shift 2
    rm -f paged
    ran="$what"
    "$@" >"$out" 2>"$err"
    status=$?
    status_is 0
    same "lines in the pager, $what" "$(if [ -f paged ]; then wc -l <paged | tr -d ' '; else echo none; fi)" "$wanted"
}
export VARSDB_PAGER='tee paged'
pages 32 'a long table' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
same 'what came through' "$(tail -n 1 "$out")" '30'
pages none 'a short table' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many" --limit 20
pages none '--no-pager' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many" --no-pager
pages none 'no terminal' "$VARSDB" sql run.db "$many" --table
pages none 'JSON' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many" --json
pages none 'a dumb terminal' env TERM=dumb ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
pages 8 'a tree' ./on_a_terminal 3 80 "$VARSDB" tree run.db --table
pages none 'an empty variable' env VARSDB_PAGER= PAGER='tee paged' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
pages none 'cat' env VARSDB_PAGER=cat ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
pages none 'one that is not there' env VARSDB_PAGER=no-such-pager ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
same 'the table then' "$(wc -l <"$out" | tr -d ' ')" 32
pages none 'a path that is not there' env VARSDB_PAGER=./no/such ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
pages 32 'PAGER' env -u VARSDB_PAGER PAGER='tee paged' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
pages 1 'a script of the shell' env VARSDB_PAGER='cat >/dev/null; echo $LESS >paged' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many"
same 'what less is told' "$(cat paged)" FRX
pages 1 'a wide one' env VARSDB_PAGER='cat >/dev/null; echo $LESS >paged' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many" --wide
same 'what less is told' "$(cat paged)" FRSX
# A pager that is left early ends an endless listing, and all is well.
endless="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
pages none 'one that is left' env VARSDB_PAGER='head -n 3' ./on_a_terminal 24 80 timeout 60 "$VARSDB" sql run.db "$endless"
out_lines 3
same 'silence' "$(cat "$err")" ''
ran='a pager that cannot be run'
env VARSDB_PAGER='(./no-such)' ./on_a_terminal 24 80 "$VARSDB" sql run.db "$many" >"$out" 2>"$err"
status=$?
status_is 3
err_like '^varsdb: the pager .* cannot be run; --no-pager does without$'
# What is said on standard error comes when the pager is left.
works export run.db f.safetensors
VARSDB_PAGER='cat; sleep 0.3; echo left' ./on_a_terminal 2 80 sh -c '"$VARSDB" inspect f.safetensors 2>&1' >"$out"
same 'the last lines' "$(tail -n 2 "$out" | cut -c 1-22)" 'left
varsdb: f.safetensors:'
# A difference is still one when it was paged.
works snapshot run.db --name a
works set run.db step --value 1
ran='diff in a pager'
./on_a_terminal 2 80 "$VARSDB" diff run.db a >"$out" 2>"$err"
status=$?
status_is 1
finish
