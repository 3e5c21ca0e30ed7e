# Output that does not arrive: closed, full, or a reader that goes away.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works get run.db big --dtype int32 --shape 100,1000 --init 'constant(3)'
whole=$(fingerprint run.db)

ran='standard output closed'
for command in 'ls' 'cat' 'tree' 'version'; do
    arguments=run.db
    [ $command = cat ] && arguments='run.db big'
    [ $command = version ] && arguments=
    # shellcheck disable=SC2086
    "$VARSDB" $command $arguments >&- 2>"$err" </dev/null
    status=$?
    status_is 3
    err_like '^varsdb: cannot write to standard output: '
    same "lines for $command" "$(($(wc -l <"$err")))" 1
    if [ -w /dev/full ]; then
        # shellcheck disable=SC2086
        "$VARSDB" $command $arguments >/dev/full 2>"$err" </dev/null
        status=$?
        status_is 3
        err_like '^varsdb: cannot write to standard output: No space left'
    fi
done
same 'the registry after that' "$(fingerprint run.db)" "$whole"
"$VARSDB" ls run.db <&- >&- 2>&-
status=$?
status_is 3
"$VARSDB" get run.db new --shape 1 >&- 2>"$err" <&-
gives 'reused new float32 [1]' get run.db new

ran='a reader that goes away'
whole=$(fingerprint run.db)
same 'head' "$("$VARSDB" cat run.db big | head -n 1 | cut -c 1-9)" '[[3, 3, 3'
"$VARSDB" sql run.db 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n' 2>"$err" |
    head -n 2 >"$out"
out_is "i
1"
same 'silence' "$(cat "$err")" ''
same 'the registry after that' "$(fingerprint run.db)" "$whole"
gives "n
1" sql run.db 'SELECT 1 AS n'
finish
