# verify, gc, backup, migrate.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

for command in verify gc migrate; do refuses 3 'run.db does not exist' "$command" run.db; done
refuses 3 'run.db does not exist' backup run.db copy.db
if [ -e copy.db ]; then fail 'a copy of nothing'; else pass; fi

# Nothing in it, and something.
works init run.db --seed 1
gives '' verify run.db
err_like '^varsdb: no problem found in 0 variables$'
gives 'nothing to free' gc run.db
works get run.db mark --value '[81985529216486895]' --dtype int64
works get run.db big --shape 300000 --init ones
works get run.db there --value 1 --namespace other
gives '' verify run.db
err_like '^varsdb: no problem found in 3 variables$'
gives '' verify run.db --quick
err_like '^varsdb: no problem found in 3 variables \(.*bytes were not read\)$'
gives '[]' verify run.db --json
gives "kind${tab}namespace${tab}variable${tab}snapshot${tab}chunk${tab}text" verify run.db --tsv
gives '' verify run.db --namespace absent

# A copy is whole, and the same.
works backup run.db copy.db
err_like '^varsdb: run.db: copied to copy.db, [0-9.]+ MiB$'
works verify copy.db
same 'the copy' "$("$VARSDB" ls copy.db --long | cut -f 1-8)" "$("$VARSDB" ls run.db --long | cut -f 1-8)"
gives '[81985529216486895]' cat copy.db mark
copy=$(fingerprint copy.db)
refuses 1 'copy.db' backup run.db copy.db
same 'the file that was there' "$(fingerprint copy.db)" "$copy"
refuses 1 'run.db' backup run.db run.db
refuses 3 'absent/copy.db' backup run.db absent/copy.db
refuses 2 'takes DB OUT' backup run.db

# A disk that is full: nothing is left.  The limit makes writes fail as a full disk does.
mkdir small
(
    trap '' XFSZ
    ulimit -f 128
    exec "$VARSDB" backup run.db small/copy.db
) >"$out" 2>"$err"
same 'status when the disk is full' "$?" 3
same 'lines of error' "$(wc -l <"$err" | tr -d ' ')" 1
err_like '^varsdb: .*small/copy.db'
same 'what is left' "$(ls -A small)" ''

# Garbage: a value that was replaced, and what only a deleted snapshot had.
works snapshot run.db --name ones
works set run.db big --init zeros
works snapshot-rm run.db ones
size=$(wc -c <run.db)
works gc run.db --dry-run
out_like '^(would free [0-9.]+ (M|K)iB: .*|nothing to free)$'
works gc run.db
works gc run.db
out_is 'nothing to free'
works gc run.db --json
out_like '^\{"chunks":0,"tensors":0,"states":0,"sessions":0,"bytes":0,"file_bytes":[0-9]+,"held_bytes":0,"holders":\[\]\}$'
works gc run.db --csv
out_lines 2
works verify run.db
gives '[0.0]' cat run.db big --slice 299999
works rm run.db big
works gc run.db
if [ "$(wc -c <run.db)" -lt "$size" ]; then pass; else fail "the file has still $(wc -c <run.db) bytes"; fi
works verify run.db

# What a reader still sees cannot be given back: who it is is told.
mkfifo reader
sqlite3 run.db <reader >/dev/null 2>&1 &
pid=$!
exec 3>reader
printf 'BEGIN;\nSELECT * FROM variables;\n.shell touch reading\n' >&3
until [ -e reading ]; do sleep 0.01; done
works get run.db wide --shape 300000 --init ones
works gc run.db
out_like '^held: [0-9.]+ (KiB|MiB) by a reader$'
works gc run.db --json
out_like '"holders":\[\{"program":"a reader","host":"[^"]*","pid":0,"bytes":[0-9]+,"since":null\}\]\}$'
exec 3>&-
wait "$pid"
works gc run.db --json
out_like '"holders":\[\]\}$'

# Damage: one bit of a value in the file.  0x0123456789abcdef stands there as efcdab8967452301.
flip() { # file
    at=$(LC_ALL=C grep -abo "$(printf '\357\315\253\211gE#')" "$1" | head -n 1 | cut -d : -f 1)
    printf '\356' | dd of="$1" bs=1 seek="$at" conv=notrunc 2>/dev/null
}
cp run.db bad.db
flip bad.db
db=bad.db
before=$(fingerprint bad.db)
run verify bad.db
status_is 1
out_like 'mark'
out_lines 1
err_like '^varsdb: 1 problem found$'
same 'what was verified' "$(fingerprint bad.db)" "$before"
run verify bad.db --json
status_is 1
out_like '^\{"kind":"[a-z]+","namespace":"main","variable":"mark","snapshot":null,"chunk":(0|null),"text":".*mark.*"\}$'
run verify bad.db --csv
status_is 1
out_like '^[a-z]+,main,mark,,'
refuses 3 'mark' cat bad.db mark
"$VARSDB" verify bad.db >/dev/full 2>"$err"
same 'status when nobody hears it' "$?" 3

# Damage that keeps it from being opened, and what is no registry.
cp run.db torn.db
printf 'nonsense nonsense nonsense' | dd of=torn.db bs=1 seek=100 conv=notrunc 2>/dev/null
db=torn.db
run verify torn.db
status_is 1
if [ -s "$err" ]; then pass; else fail 'nothing was said'; fi
echo 'This is no registry.' >text.db
refuses 3 'text.db' verify text.db
refuses 3 'text.db' gc text.db
refuses 3 'text.db' backup text.db copy2.db
refuses 3 'text.db' migrate text.db
if [ -e copy2.db ]; then fail 'a copy of no registry'; else pass; fi

# The schema.
db=run.db
works migrate run.db
out_like '^schema [0-9]+, up to date$'
version=$(sed 's/^schema \([0-9]*\),.*/\1/' "$out")
gives "before${tab}now
$version${tab}$version" migrate run.db --tsv
gives "{\"before\":$version,\"now\":$version}" migrate run.db --json
gives "max(number)
$version" sql run.db 'SELECT max(number) FROM varsdb_schema_migrations'
finish
