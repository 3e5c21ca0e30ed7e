# varsdb find: which names answer, and in which order.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

works init run.db
for name in encoder/layer1/weights encoder/layer1/biases encoder/layer11/weights encoder/layer2/weights decoder/attention/Query \
    decoder/attention/key step lr_scale learning_rate global_step_w; do
    works get run.db "$name" --shape 2,3 --init zeros
done
works get run.db embedded/w --shape scalar --dtype int64 --init zeros

finds() { # "first name, second name, ..." text [option...]: they are the first ones, in this order
    wanted=$1
    shift
    works find run.db "$@"
    ran="varsdb find run.db $*"
    same 'the best' "$(sed 1d "$out" | cut -f 1 | head -n "$(printf '%s,' "$wanted" | tr -dc , | wc -c)" | paste -sd, -)" "$wanted"
}

works find run.db weights
out_is "name${tab}dtype${tab}shape
encoder/layer1/weights${tab}float32${tab}[2,3]
encoder/layer2/weights${tab}float32${tab}[2,3]
encoder/layer11/weights${tab}float32${tab}[2,3]"
# The same slip, or capitals: the same names.
finds encoder/layer1/weights,encoder/layer2/weights,encoder/layer11/weights wieghts
finds encoder/layer1/weights,encoder/layer2/weights,encoder/layer11/weights WEIGHTS
# Letters where components and words begin count for more than letters in their middle.
finds encoder/layer1/weights,encoder/layer11/weights el1w
# What follows each other is better than what begins words.
finds lr_scale,learning_rate lr
finds decoder/attention/Query daq
# A component as a whole before a part of one; what is in a row before what is not.
finds step,global_step_w step
finds encoder/layer1/weights,encoder/layer11/weights layer1/weights
finds encoder/layer11/weights layer11/weights
# A slip in one of two components.
finds encoder/layer2/weights layr2/weights
# Each term must answer, in any order.
finds encoder/layer1/biases 'bias enc'
run find run.db 'bias dec'
status_is 1

# Which ones: what SQL says has the letters in their order.
for text in w e/w ee s l1 st; do
    pattern=$(printf '%s' "$text" | sed 's/./%&/g')%
    works find run.db "$text" --all
    same "names for $text" "$(sed 1d "$out" | cut -f 1 | LC_ALL=C sort)" \
        "$(sqlite3 run.db "SELECT name FROM variables WHERE name LIKE '$pattern'" | LC_ALL=C sort)"
done

# e, e at the beginning: a letter 16, a component's beginning 10, the last component 1, its end 5.
works get run.db q/e --shape 1
works find run.db q/e --score --json
# q 16+10, the slash 16+8 after it (and q ends its component: 5), e 16+8+10+1+5.
out_like '\{"name":"q/e","dtype":"float32","shape":\[1\],"score":95\}'
works find run.db embd --csv
out_has "embedded/w,int64,[]$cr"
works find run.db embd --score
out_like "^embedded/w${tab}int64${tab}\[\]${tab}[0-9]+\$"

# None: one line, exit 1.
refuses 1 '^varsdb: no variable of namespace main has a name like zqzq$' find run.db zqzq
refuses 1 'there is no namespace mian; did you mean main[?]$' find run.db weights --namespace mian
refuses 2 'TEXT is not accepted: it is empty' find run.db ''
refuses 2 'TEXT is not accepted: it is empty' find run.db '  '
refuses 2 'longer than 255 bytes' find run.db "$(printf '%0256d' 1)"
refuses 2 'more than 8 terms' find run.db 'a b c d e f g h i'
refuses 2 'find takes DB TEXT' find run.db
works init empty.db
db=empty.db
refuses 1 'no variable of namespace main' find empty.db w
db=run.db

# The best 20, and that there are more; all of them on demand.
i=0
while [ $i -lt 30 ]; do
    echo "\"many/v$i\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[$i,$((i + 1))]}"
    i=$((i + 1))
done | paste -sd, - | sed 's/^/{/; s/$/}/' >header
safetensors many.safetensors "$(cat header)" "$(printf '%060d' 0)"
works import run.db many.safetensors
works find run.db many
out_lines 21
err_like '^varsdb: the best 20 of 30; --all lists them$'
# Names as long as each other stand in their order, the shorter ones first.
same 'the first and the last' "$(sed -n '2p;21p' "$out" | cut -f 1 | paste -sd, -)" many/v0,many/v19
works find run.db many --all
out_lines 31
if [ -s "$err" ]; then fail "it says $(cat "$err")"; else pass; fi
same 'the last' "$(tail -n 1 "$out" | cut -f 1)" many/v29

# Of the namespace that is asked for, and a registry that cannot be written.
works get run.db other/weights --shape 1 --namespace ns
works find run.db weights --namespace ns
out_is "name${tab}dtype${tab}shape
other/weights${tab}float32${tab}[1]"
finish
