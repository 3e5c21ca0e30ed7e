# "Did you mean": what is offered for a name that there is none of.  The slips are counted by hand.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

works init run.db
for name in layer1/weights layer1/biases layer2/weights model/enc/block1/w0 model/enc/block10/w0 model/enc-2/w0 \
    model/enc/w0 model/w0; do
    works get run.db "$name" --shape 2 --init zeros
done
works collect run.db frozen layer1/weights
works collect run.db 'two words' layer1/weights
works collect run.db größen layer1/weights
works snapshot run.db --name best --step 100
works snapshot run.db --name other --step 120

# A line that ends in exactly this suggestion, and the registry as it was.
offers() { # status suggestion command...
    wanted_status=$1
    suggestion=$2
    shift 2
    refuses "$wanted_status" "; did you mean ${suggestion}[?]\$" "$@"
}
offers_nothing() { # status command...
    wanted_status=$1
    shift
    refuses "$wanted_status" . "$@"
    if grep -q 'did you mean' "$err"; then fail "something is offered: $(cat "$err")"; else pass; fi
}

# One character missing, too many, wrong; neighbours swapped; two slips; capitals cost nothing.
for slip in wights weightss weigkts wieghts weghst Weights; do
    offers 1 'layer1/weights( or layer2/weights)?' show run.db "layer1/$slip"
done
offers 1 'layer1/weights' cat run.db layr1/weights
offers 1 'model/enc/block1/w0 or model/enc/block10/w0' show run.db modle/enc/blok1/w0
# The end of a path, also with a slip in it; the last component in other scopes.
offers 1 'layer1/weights or layer2/weights' show run.db weights
offers 1 'layer1/weights or layer2/weights' set run.db layer7/layer8/weights --value 1
offers 1 'model/enc/block1/w0' show run.db enc/block1/w0
offers 1 'model/enc/block1/w0 or model/enc/block10/w0' show run.db enc/blockk1/w0
# The nearest first: one slip, then two.
offers 1 'model/enc/block1/w0 or model/enc/block10/w0' show run.db model/enc/blcok1/w0
offers 1 'model/enc/block10/w0 or model/enc/block1/w0' show run.db model/enc/blok10/w0
offers_nothing 1 show run.db nothinglikethat
offers_nothing 1 show run.db ''
offers_nothing 1 show run.db x
offers 1 'layer1/weights' get run.db layer1/wieghts --reuse require
offers 1 'layer1/weights or layer2/weights' show run.db layr1/weights --at best
offers 1 'layer1/weights( or layer2/weights)?' rm run.db layer1/biases layer1/weigths
offers 1 'layer1/weights( or layer2/weights)?' mv run.db layer1/weigths x
offers 1 'layer1/weights( or layer2/weights)?' collect run.db frozen layer1/weigths

# Scopes, with a slash where one is wanted.  Between enc and what is below it stands enc-2.
offers 1 'layer1 or layer2' tree run.db layer
offers 1 'layer1/ or layer2/' rm run.db layer/
offers 1 'layer1/' mv run.db layr1/ y
offers 1 'model/enc/block1 or model/enc/block10' scope run.db model/enc/blcok1
offers 1 'model/enc/block10 or model/enc/block1' scope run.db model/enc/blok10
offers 1 'model/enc-2 or model/enc' scope run.db model/enc-3
offers_nothing 1 tree run.db zzzzzz
offers 1 'model/enc/block1 or model/enc/block10' tree run.db enc/block1
# What is found by going along the path is what a plain list has.
works sql run.db "SELECT count(*) FROM scopes"
out_has 7

offers 1 frozen uncollect run.db frozn layer1/weights
offers 1 frozen uncollect run.db frozn layer1/
offers_nothing 1 uncollect run.db frozen layer2/weights
offers 1 '"two words"' uncollect run.db 'two word' layer1/weights
# ß is one character: ss is one that is wrong and one too many.
offers 1 größen uncollect run.db grössen layer1/weights
offers 1 größen uncollect run.db grøßen layer1/weights
offers 1 best restore run.db bset
offers 1 latest restore run.db lastest
offers 1 'step:120 or step:100' restore run.db step:200
offers 1 'step:100 or step:120' restore run.db step:99
offers 1 'step:100 or step:120' restore run.db stpe:100
offers 1 best ls run.db --at bst
offers 1 main rm run.db --namespace mian --all
offers 1 'layer1 or layer2' snapshot run.db --scope layer11 --collection MODEL
offers 1 frozen snapshot run.db --collection frzoen
offers 1 main show run.db layer1/weights --namespace mian

# An empty list is an answer still; why it is empty is told beside it.
run ls run.db --scope layr1
status_is 0
out_is "name${tab}dtype${tab}shape"
err_like '^varsdb: there is no scope layr1 in namespace main; did you mean layer1[?]$'
run ls run.db --collection frozn
status_is 0
err_like '^varsdb: there is no collection frozn in namespace main; did you mean frozen[?]$'
run snapshots run.db --namespace mian
status_is 0
err_like '^varsdb: there is no namespace mian; did you mean main[?]$'
for empty in '--collection LOCAL' '--match zzz' '--scope layer1 --match zzz'; do
    # shellcheck disable=SC2086 # options are words
    run ls run.db $empty
    status_is 0
    if [ -s "$err" ]; then fail "it says $(cat "$err")"; else pass; fi
done

# Words, options, commands.
offers 2 float32 get run.db v --shape 1 --dtype flaot32
offers 2 'float16, float32 or float64' get run.db v --shape 1 --dtype float
offers 2 require get run.db v --shape 1 --reuse requre
offers 2 zeros get run.db v --shape 1 --init zeroes
offers 2 constant set run.db layer1/weights --init 'constnat(1)'
offers 2 truncated_normal scope run.db layer1 --init 'truncated_norm(1)'
offers 2 safetensors export run.db f --format safetensor
offers 2 json cat run.db layer1/weights --format jsn
offers 2 'name or namespace' sql run.db 'SELECT nam FROM variables'
offers 2 std sql run.db 'SELECT v.sdt FROM variables v'
offers 2 model_variables sql run.db 'SELECT * FROM model_variabels'
offers 2 --shape get run.db v --shpae 2
offers 2 --long ls run.db --lnog
offers 2 --long ls run.db -long
offers 2 '--long or --limit' ls run.db -l
offers 2 --namespace ls run.db --namespce=main
offers_nothing 2 ls run.db --frobnicate
offers_nothing 2 ls run.db -x
offers 2 ls lss run.db
offers 2 show shwo run.db
offers 2 'snapshot, snapshots or snapshot-rm' snap run.db
offers 2 import help improt

# No line is broken by what was asked for.
offers_nothing 1 show run.db "$(printf 'a\nb')"
# Names of many bytes, and of many components.
long=$(printf '%0300d' 7)
works get run.db "$long/w" --shape 1
offers 1 "$long/w" show run.db "x$long/w"
deep=$(printf 'd/%.0s' $(seq 1 60))
works get run.db "${deep}weights" --shape 1
offers 1 "${deep}weights.*" show run.db "${deep}weihgts"
offers_nothing 1 show run.db "$(printf 'q/%.0s' $(seq 1 2000))nil"
finish
