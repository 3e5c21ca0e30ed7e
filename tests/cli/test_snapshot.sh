# snapshot, snapshots, snapshot-rm, snapshot-pin, and --at.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

ids() { "$VARSDB" snapshots run.db --json | sed -n 's/^{"id":\([0-9]*\),.*/\1/p' | tr '\n' ' '; }

# Nothing to take, nothing to find.
refuses 3 'run.db does not exist' snapshot run.db
works init run.db --seed 1
refuses 1 'nothing|no variable|selected' snapshot run.db
gives "id${tab}name${tab}step${tab}created_at${tab}pinned${tab}variables${tab}bytes${tab}new_bytes${tab}metadata" snapshots run.db
gives '[]' snapshots run.db --json
for command in snapshot-rm snapshot-pin restore diff; do
    refuses 1 'latest|snapshot' "$command" run.db latest
    refuses 1 '7' "$command" run.db step:7
done

# 3 + 4 values of float32 are 28 bytes; local variables stay out.
works model run.db net/w --value '[1,2,3]'
works get run.db net/b --value '[1,2,3,4]'
works local run.db mine --value 5
works snapshot run.db --step 100 --name first --meta '{"loss":0.5}'
out_like '^snapshot #[0-9]+ step 100 "first": 2 variables, 28 B, [0-9]+ B new$'
out_lines 1
first=$(sed 's/^snapshot #\([0-9]*\) .*/\1/' "$out")
works snapshot run.db
out_like '^snapshot #[0-9]+: 2 variables, 28 B, 0 B new$'
works snapshot run.db --step 200 --json
out_like '^\{"id":[0-9]+,"name":null,"step":200,"variables":2,"bytes":28,"new_bytes":0\}$'
works snapshot run.db --step -5 --tsv
out_has "id${tab}name${tab}step${tab}variables${tab}bytes${tab}new_bytes"
out_like "^[0-9]+${tab}${tab}-5${tab}2${tab}28${tab}0\$"

# The list.
works snapshots run.db --json
out_like "^\\{\"id\":$first,\"name\":\"first\",\"step\":100,\"created_at\":\"20[0-9-]*T[0-9:.]*Z\",\"pinned\":0,\"variables\":2,\"bytes\":28,\"new_bytes\":[0-9]+,\"metadata\":\\{\"loss\":0.5\\}\\},\$"
out_lines 6
works snapshots run.db --long
out_like "^id${tab}.*${tab}new_bytes${tab}exclusive_bytes${tab}metadata\$"
out_like "^$first${tab}first${tab}100${tab}[^${tab}]*${tab}0${tab}2${tab}28${tab}[0-9]*${tab}0${tab}"
same 'the view has them, too' "$("$VARSDB" sql run.db 'SELECT id FROM snapshots' | sed 1d | tr '\n' ' ')" "$(ids)"

# What only one snapshot has is its own: 12 bytes of w as it was.
works set run.db net/w --value '[7,8,9]'
works snapshot run.db --name w789 --collection MODEL
out_like '^snapshot #[0-9]+ "w789": 1 variable, 12 B, [0-9]+ B new$'
works set run.db net/w --value '[0,0,0]'
works snapshots run.db --long --csv
out_like '^[0-9]+,w789,,[^,]*,0,1,12,[0-9]+,12,'

# Which variables.
works snapshot run.db --scope net/ --match 'b$' --name b
out_like '"b": 1 variable, 16 B'
works snapshot run.db --collection LOCAL --name l
out_like '"l": 1 variable, 4 B'
works ls run.db --at l
out_has "mine${tab}float32${tab}[]"
refuses 1 'selected|no variable|nothing' snapshot run.db --match nothing
refuses 1 'selected|no variable|nothing' snapshot run.db --collection none --name none
refuses 1 'selected|no variable|nothing' snapshot run.db --namespace absent

# Names.
refuses 1 'first.*--replace' snapshot run.db --name first
refuses 1 'first' snapshot run.db --name first --step 5
works snapshot run.db --name first --replace --step 101
works snapshots run.db --csv
out_like '^[0-9]+,first,101,'
out_unlike ',first,100,'
count=$("$VARSDB" snapshots run.db | wc -l)
works snapshot run.db --step 200 --replace
same 'a step that is replaced' "$("$VARSDB" snapshots run.db | wc -l)" "$count"
works snapshot run.db --name 'two words'
out_like ' "two words": 2 variables'
works cat run.db net/w --at 'two words'
out_is '[0.0, 0.0, 0.0]'
refuses 2 'name' snapshot run.db --name "$(printf 'a\033[2J')"
refuses 2 'name' snapshot run.db --name ''
refuses 2 'step:9|name' snapshot run.db --name step:9
refuses 2 'latest|name' snapshot run.db --name latest
refuses 2 '#3|name' snapshot run.db --name '#3'

# Options.
refuses 2 '--step "x"' snapshot run.db --step x
refuses 2 '--step "1.5"' snapshot run.db --step 1.5
refuses 2 '--keep "-1"' snapshot run.db --keep=-1
refuses 2 '--keep "some"' snapshot run.db --keep some
refuses 2 '--keep-every "x"' snapshot run.db --keep-every x
for json in '{' '' "{'a':1}" 'nonsense' '{"a":1} 2'; do
    refuses 2 'JSON|json' snapshot run.db --meta "$json"
done
refuses 2 'match|\(' snapshot run.db --match '('

# Selectors that are none.
for selector in nothere '' '#' '#99999' '#x' 'step:' 'step:x' 'step:7' "$(printf 'a\001b')" 'a b'; do
    for command in snapshot-rm snapshot-pin restore diff 'ls --at' 'tree --at' 'export x.safetensors --at'; do
        # shellcheck disable=SC2086 # options are words of their own
        set -- $command
        name=$1
        shift
        run "$name" run.db "$@" "$selector"
        if [ "$status" -eq 1 ] || [ "$status" -eq 2 ]; then pass; else fail "status $status: $(head -c 200 "$err")"; fi
        same 'what is printed' "$(cat "$out")" ''
        same 'lines of error' "$(wc -l <"$err" | tr -d ' ')" 1
    done
done
if [ -e x.safetensors ]; then fail 'a file was written'; else pass; fi
refuses 1 'step 7|step:7' cat run.db net/w --at step:7
refuses 1 'snapshot #[0-9]+ has no variable nothere' cat run.db nothere --at first
refuses 1 'snapshot #[0-9]+ has no variable "a b"' show run.db 'a b' --at first
refuses 1 'snapshot #[0-9]+ has no scope nothere/' tree run.db nothere --at first

# Deleting: all or none, and "latest" means what it meant before.
kept=$(ids)
refuses 1 'nothere' snapshot-rm run.db first nothere
same 'none was deleted' "$(ids)" "$kept"
refuses 2 'none is given|not all' snapshot-rm run.db
works snapshot run.db --name old
old=$(sed 's/^snapshot #\([0-9]*\) .*/\1/' "$out")
works snapshot run.db --name new
new=$(sed 's/^snapshot #\([0-9]*\) .*/\1/' "$out")
works snapshot-rm run.db new latest "#$old"
out_is "deleted snapshot #$new
deleted snapshot #$old"
same 'those that are left' "$(ids)" "$kept"

# Retention: the last two, every 100 steps, and pinned ones.
works init keep.db --seed 1
db=keep.db
works get keep.db v --value 1
steps() { "$VARSDB" snapshots keep.db --json | sed -n 's/.*"step":\([0-9]*\),.*/\1/p' | tr '\n' ' '; }
works snapshot keep.db --step 10 --keep 2 --keep-every 100
works snapshot keep.db --step 20 --pin
works snapshot keep.db --step 100
works snapshot keep.db --step 110
same 'pinned, 100 and the last' "$(steps)" '20 100 110 '
works snapshot keep.db --step 120
same 'the step 100 stays' "$(steps)" '20 100 110 120 '
refuses 1 'step:10|step 10' snapshot-pin keep.db step:110 step:10
works snapshot-pin keep.db step:110 step:110
out_like '^pinned snapshot #[0-9]+$'
out_lines 1
works snapshot-pin keep.db step:20 --unpin
out_like '^unpinned snapshot #[0-9]+$'
works snapshot keep.db --step 130 --keep-every all
works snapshot keep.db --step 140
same '20 and 100 went' "$(steps)" '110 130 140 '
works snapshot keep.db --step 150 --keep 0
works snapshot keep.db --step 160
same 'all stay' "$(steps)" '110 130 140 150 160 '

# What a snapshot has, whatever became of it.
db=at.db
works init at.db --seed 1
works model at.db net/w --value '[[1,2],[3,4]]'
works get at.db net/deep/b --value '[5]' --dtype int64 --no-trainable
works get at.db words --value '["a","b c"]' --dtype string
works get at.db empty --shape 2,0 --init zeros
works get at.db none --shape 3 --init none
works snapshot at.db --name past
works set at.db net/w --value 0
works mv at.db net/deep/b moved
works rm at.db words
works get at.db words --value 1
gives '[[1.0, 2.0],
 [3.0, 4.0]]' cat at.db net/w --at past
gives '[[2.0],[4.0]]' cat at.db net/w --at past --slice :,1 --json
gives '[5]' cat at.db net/deep/b --at latest
gives '["a", "b c"]' cat at.db words --at past
gives '["b c"]' cat at.db words --at past --slice 1
gives '[[], []]' cat at.db empty --at past
refuses 1 'none' cat at.db none --at past
refuses 1 'no variable moved' cat at.db moved --at past
refuses 2 'slice' cat at.db net/w --at past --slice 5
works cat at.db net/w --at past --format raw
same 'raw bytes' "$(od -An -tf4 <"$out" | tr -s ' ')" ' 1 2 3 4'
gives "name${tab}dtype${tab}shape
empty${tab}float32${tab}[2,0]
net/deep/b${tab}int64${tab}[1]
net/w${tab}float32${tab}[2,2]
none${tab}float32${tab}[3]
words${tab}string${tab}[2]" ls at.db --at past
gives "name${tab}dtype${tab}shape
net/w${tab}float32${tab}[2,2]" ls at.db --at past --collection MODEL
gives "name${tab}dtype${tab}shape
net/deep/b${tab}int64${tab}[1]" ls at.db --at past --scope net/deep
works ls at.db --at past --long
out_has "name${tab}dtype${tab}shape${tab}elements${tab}bytes${tab}trainable${tab}collections${tab}initializer"
out_like "^net/deep/b${tab}int64${tab}\\[1\\]${tab}1${tab}8${tab}0${tab}\\[\"variables\"\\]${tab}"
works ls at.db --at past --json --match 'net/w'
out_like '"name":"net/w","scope":"net","dtype":"float32","shape":\[2,2\],"rank":2,"elements":4,"bytes":16,"trainable":1,"initialized":1,.*"min":1(\.0)?,"max":4(\.0)?,"mean":2\.5,'
out_unlike '"version"'
works tree at.db --at past
out_has 'main           5 variables, 10 elements  40 B'
out_has '|-- net/       2 variables, 5 elements   24 B  ######'
out_has '|   |-- deep/  1 variable, 1 element      8 B  ##'
out_has '|   `-- w      float32 [2,2]             16 B  ####'
works tree at.db net --at past --tsv
out_has "scope${tab}net/deep${tab}${tab}${tab}1${tab}1${tab}8"
out_has "variable${tab}net/deep/b${tab}int64${tab}[1]${tab}1${tab}1${tab}8"
out_lines 4
works show at.db net/w --at past
out_like '^shape +\[2,2\]$'
out_like '^mean +2\.5$'
out_unlike '^(version|created|program) '
works show at.db net/w --at past --json
out_like '"l2_norm":5\.47722557505166.*,"histogram":\[\{"low":1\.0,'
works show at.db none --at past
out_like '^value +none yet$'
works export at.db then.safetensors --at past --include '^net/' --names registry
works inspect then.safetensors
out_has "net/deep/b${tab}int64${tab}[1]${tab}8"
out_has "net/w${tab}float32${tab}[2,2]${tab}16"
works import back.db then.safetensors
gives '[[1.0, 2.0],
 [3.0, 4.0]]' cat back.db net/w
refuses 1 'none' export at.db all.safetensors --at past --name none

# Namespaces are apart.
works get at.db v --value 1 --namespace other
works snapshot at.db --name past --namespace other
out_like '"past": 1 variable, 4 B'
refuses 1 'no variable net/w' cat at.db net/w --at past --namespace other
works snapshots at.db --namespace absent --json
out_is '[]'
works snapshots at.db --namespace other --long
out_lines 2
finish
