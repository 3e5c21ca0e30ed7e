# What shells are told that a command line can go on with.
# shellcheck shell=sh disable=SC1091,SC2016,SC2034,SC2088,SC2154,SC3044
. "$HERE/lib.sh"
db=run.db

works init run.db
for name in layer1/weights layer1/biases layer2/weights deep/only/scope/w deep/only/scope/v one step a/x a-b/x; do
    works get run.db "$name" --shape 2 --init zeros
done
works get run.db other/weights --shape 1 --namespace ns2
works collect run.db frozen layer1/weights
works collect run.db 'two words' layer1/weights
works collect run.db "it's \"x\" \$y" layer1/weights
works snapshot run.db --name best --step 100
works snapshot run.db --name 'my "best"' --step 20
mkdir sub .hidden
echo text >note.txt
sqlite3 other.sqlite 'CREATE TABLE t (x)'

# Exactly these candidates, in any order; descriptions apart.
completes() { # "candidate candidate ..." word...
    wanted=$(printf '%s\n' "$1" | tr ' ' '\n' | LC_ALL=C sort)
    shift
    run complete -- "$@"
    status_is 0
    same 'what it is about' "$(head -n 1 "$out")" words
    same candidates "$(sed 1d "$out" | cut -f 1 | LC_ALL=C sort)" "$wanted"
    if [ -s "$err" ]; then fail "it says $(cat "$err")"; else pass; fi
}
is_about() { # "files" or "nothing", word...
    wanted=$1
    shift
    gives "$wanted" complete -- "$@"
    if [ -s "$err" ]; then fail "it says $(cat "$err")"; else pass; fi
}

# Commands: those of the help, with its lines.
works help
sed -n '/^make:/,/^options everywhere:/s/^  \([a-z-]*\)  *\(.*\)/\1 \2/p' "$out" | LC_ALL=C sort >commands
run complete -- ''
sed 1d "$out" | tr '\t' ' ' | LC_ALL=C sort >completed
if [ -s commands ] && cmp -s commands completed; then pass; else fail "differs from the help: $(diff commands completed)"; fi
completes 'show' sho
completes 'show' help sho
completes 'snapshot snapshots snapshot-rm snapshot-pin' snap
completes '--help --version' -
is_about nothing frobnicate
is_about nothing frobnicate ''
is_about nothing

# Options: of each command those that it accepts, as it says itself when it gets another one.
while read -r command rest; do
    [ "$command" = help ] && continue
    run "$command" --no-such-thing-as-this
    accepted=$(sed -n 's/.*; accepted: //p' "$err")
    completes "$accepted --help" "$command" --
done <commands
completes '--collection' ls run.db --coll
completes '--collection' get run.db x --collection a --coll
completes '--color --columns' ls run.db --collection a --col
completes '--output' report run.db --o
run complete -- ls run.db --long --l
is_about nothing ls run.db --long --lo
is_about nothing ls run.db -- --lo

# Words: those that the command itself says it accepts.
accepted() { # command...
    "$VARSDB" "$@" 2>&1 >/dev/null | sed -n 's/.*\(accepted\|formats\|there are\):* //p' | sed 's/; did you mean.*//' | tr -d ,
}
for option in reuse dtype init; do
    words=$(accepted get run.db v --shape 1 "--$option" zzzzz)
    completes "$words" get run.db v "--$option" ''
    completes "$(printf '%s\n' "$words" | sed "s/[^ ][^ ]*/--$option=&/g")" get run.db v "--$option="
done
completes "$(accepted cat run.db one --format zzzzz)" cat run.db one --format ''
completes "$(accepted diff run.db best --sort zzzzz)" diff run.db best --sort ''
completes "$(accepted import run.db f --on-conflict zzzzz)" import run.db f --on-conflict ''
completes "$(accepted import run.db f --names zzzzz)" import run.db f --names ''
completes "$(accepted export run.db f --names zzzzz)" export run.db f --names ''
completes "$(accepted completion zzzzz)" completion ''
# Of the formats those that are written.
formats=
for format in $(accepted export run.db f --format zzzzz); do
    run export run.db f --format "$format"
    grep -q 'read, and not written' "$err" || formats="$formats $format"
done
completes "${formats# }" export run.db f --format ''
rm -f f f.*
completes '--dtype=bfloat16' get run.db v --dtype=bf
is_about nothing get run.db v --value ''
is_about nothing ls run.db --match ''
is_about nothing ls run.db --no-such=x

# Registries and folders where one is wanted, files where they are.
completes 'run.db sub/' ls ''
completes 'run.db' ls r
completes '.hidden/' ls .h
is_about files ls zzz
is_about files ls '~/'
is_about files export run.db ''
is_about files import run.db a ''
is_about files inspect ''
is_about files set run.db one --from ''
cp run.db sub/inner.db
completes 'sub/inner.db' ls sub/
completes 'layer1/weights' show sub/inner.db layer1/w
HOME=$PWD
export HOME
completes 'layer1/weights' show '~/run.db' layer1/w

# Names, a component at a time; on through a scope that is the only way, unless the scope is an answer itself.
completes 'layer1/ layer2/ deep/ one step a/ a-b/' show run.db ''
completes 'layer1/weights layer1/biases' show run.db layer1/
completes 'layer1/weights' show run.db layer1/w
completes 'layer1/ layer2/' show run.db lay
completes 'deep/only/scope/w deep/only/scope/v' show run.db de
# An option that there is none of is no argument.
completes 'deep/only/scope/w deep/only/scope/v' show --lnog run.db deep/
completes 'a/x' show run.db a/
is_about nothing show run.db zzz
is_about nothing show run.db layer1/weights/
completes 'deep/' rm run.db de
completes 'layer1/weights' rm run.db one step layer1/w
completes 'layer1/weights' mv run.db layer1/w
completes 'layer1/' mv run.db one layer1
completes 'deep/' tree run.db de
completes 'deep/only/' scope run.db deep/
completes 'deep/only/' ls run.db --scope deep/
completes '--scope=layer1/ --scope=layer2/' ls --scope=l run.db --scope=l
completes 'other/weights' show run.db --namespace ns2 o
completes 'other/weights' show --namespace=ns2 run.db ''
VARSDB_NAMESPACE=ns2 completes 'other/weights' show run.db ''
completes 'main ns2' ls run.db --namespace ''

# Candidates with spaces in them, one a line.
completes_lines() { # "candidate, newline, ...", word...
    wanted=$(printf '%s\n' "$1" | LC_ALL=C sort)
    shift
    run complete -- "$@"
    same candidates "$(sed 1d "$out" | LC_ALL=C sort)" "$wanted"
}
completes_lines 'best
latest
my "best"
step:100
step:20' restore run.db ''
completes_lines '#1
#2' show run.db one --at '#'
completes 'step:100 step:20' diff run.db best step:
completes 'step:100' stats run.db --since step:1
completes 'name max_abs rel_l2' diff run.db best --sort ''
completes 'step:20' snapshot-rm run.db best step:2
completes_lines 'two words' collect run.db two
completes_lines "it's \"x\" \$y" ls run.db --collection it
completes 'GLOBAL' uncollect run.db G

# ---- It changes nothing, and runs nothing.

before=$(fingerprint run.db)
# Of the directory also when something was last made or removed in it.
listed=$(stat -c '%n %y' . ./*)
for line in 'rm run.db one' 'rm run.db --all --namespace main' 'init new.db' 'get run.db new --shape 2' 'gc run.db' \
    'import new.db note.txt' 'snapshot run.db' 'backup run.db copy.db' 'set run.db one --value 1' 'sql run.db x' \
    'migrate run.db' 'export run.db out.npz' 'restore run.db best' 'show missing.db' 'completion bash' 'version' 'help'; do
    # shellcheck disable=SC2086 # words
    for last in '' - l --namespace=; do
        run complete -- $line "$last"
        status_is 0
        if head -n 1 "$out" | grep -Eqx 'words|files|nothing' && [ ! -s "$err" ]; then pass; else fail "it prints \"$(cat "$out" "$err")\""; fi
    done
done
same 'the registry' "$(fingerprint run.db)" "$before"
same 'the directory' "$(stat -c '%n %y' . ./*)" "$listed"
run complete show run.db ''
status_is 2
err_like 'is for the completions of shells'

# What is no registry, is damaged, or cannot be read has no names, and nothing is said.
is_about nothing show note.txt ''
is_about nothing show other.sqlite ''
is_about nothing show sub ''
is_about nothing show missing.db ''
mkfifo pipe
is_about nothing show pipe ''
head -c 5000 run.db >short.db
is_about nothing show short.db layer
# Beside somebody who has it open, what is committed is there.
{
    echo "BEGIN IMMEDIATE; SELECT 1;"
    sleep 3
} | sqlite3 run.db >locked &
while [ ! -s locked ]; do sleep 0.1; done
completes 'layer1/weights' show run.db layer1/w
wait
# One that nobody else may look at: it gives up.
cp run.db closed.db
: >closed
{
    echo 'PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; SELECT 1;'
    sleep 4
} | sqlite3 closed.db >closed &
while [ "$(wc -l <closed)" -lt 2 ]; do sleep 0.1; done
begun=$(date +%s)
is_about nothing show closed.db layer
if [ $(($(date +%s) - begun)) -le 2 ]; then pass; else fail 'it waits'; fi
wait

# A thousand at most.
i=0
while [ $i -lt 1200 ]; do
    echo "\"many/v$i\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[$i,$((i + 1))]}"
    i=$((i + 1))
done | paste -sd, - | sed 's/^/{/; s/$/}/' >header
safetensors many.safetensors "$(cat header)" "$(printf '%02400d' 0)"
works import run.db many.safetensors
run complete -- show run.db many/
out_lines 1001
run complete -- show run.db many/v119
out_lines 12

# ---- bash: its script, called as readline does.

if ! command -v bash >/dev/null 2>&1; then finish && exit; fi
gives "$(cat "$HERE/../../cli/completion/varsdb.bash")" completion bash
gives "$(cat "$HERE/../../cli/completion/_varsdb")" completion zsh
gives "$(cat "$HERE/../../cli/completion/varsdb.fish")" completion fish
"$VARSDB" completion bash >script.bash
# The line, the pieces that bash cuts it into at spaces, : and =, and what it gets for the last of them.
replies() { # "reply, newline, ..." line piece...
    wanted=$1
    shift
    ran="bash: $1"
    got=$(bash -c '. ./script.bash
        COMP_LINE=$1 COMP_POINT=${#1}
        COMP_WORDS=("${@:2}")
        COMP_CWORD=$(($# - 2))
        _varsdb "$VARSDB" "${COMP_WORDS[COMP_CWORD]}"
        [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 2>replies.err)
    same replies "$got" "$wanted"
    if [ -s replies.err ]; then fail "it says $(cat replies.err)"; else pass; fi
}
replies show 'varsdb sho' varsdb sho
replies layer1/weights 'varsdb show run.db layer1/w' varsdb show run.db layer1/w
replies 'deep/' 'varsdb rm  run.db   de' varsdb rm run.db de
replies 'two\ words' 'varsdb collect run.db two' varsdb collect run.db two
replies 'two\ words' 'varsdb collect run.db two\ w' varsdb collect run.db 'two\ w'
replies 'two words' 'varsdb collect run.db "two w' varsdb collect run.db '"two w'
replies 'two words' "varsdb collect run.db 'two w" varsdb collect run.db "'two w"
replies "it\\'s\\ \\\"x\\\"\\ \\\$y" 'varsdb collect run.db it' varsdb collect run.db it
replies 'it'"'"'s \"x\" \$y' 'varsdb collect run.db "it' varsdb collect run.db '"it'
replies '' "varsdb collect run.db 'it" varsdb collect run.db "'it"
# Only what stands behind the : or = is put in its place.
replies 100 'varsdb restore run.db step:1' varsdb restore run.db step : 1
replies '20
100' 'varsdb restore run.db step:' varsdb restore run.db step :
replies bfloat16 'varsdb get run.db v --dtype=bf' varsdb get run.db v --dtype = bf
replies 'frozen' 'varsdb ls run.db --collection=fr' varsdb ls run.db --collection = fr
replies 'frozen' 'varsdb ls run.db --collection fr' varsdb ls run.db --collection fr
replies '' 'varsdb export run.db ' varsdb export run.db ''
replies '' 'varsdb show missing.db x' varsdb show missing.db x
finish
