# collect, uncollect, mv, rm, scope: all of what is named, or nothing.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
for name in a b s/c s/d/e sx/f; do works get run.db $name --shape 1 --init zeros; done
members() { # collection names
    works ls run.db --collection "$1"
    same "members of $1" "$(tail -n +2 "$out" | cut -f 1 | tr '\n' ' ')" "$2"
}

gives 'collected b mine
collected s/c mine
collected s/d/e mine' collect run.db mine b s/
members mine 'b s/c s/d/e '
gives 'collected a model_variables' collect run.db MODEL a
members model_variables 'a '
works collect run.db mine b a
members mine 'b s/c s/d/e a '
gives 'uncollected s/c mine
uncollected s/d/e mine' uncollect run.db mine s/
members mine 'b a '
refuses 1 'nothere' collect run.db mine sx/f nothere
members mine 'b a '
refuses 1 'sx/f' uncollect run.db mine a sx/f
members mine 'b a '
refuses 2 'a' uncollect run.db GLOBAL a
refuses 2 'collection' collect run.db "bad$(printf '\001')name" a
refuses 2 'collection' collect run.db '' a
works uncollect run.db TRAINABLE s/
gives "trainable
0" sql run.db "SELECT trainable FROM variables WHERE name = 's/c'"

# Those of a scope that are in; it is no if none is.
works collect run.db some s/c
gives 'uncollected s/c some' uncollect run.db some s/
refuses 1 'no variable in the scope s/ is in collection some' uncollect run.db some s/
refuses 1 'no variable in the scope s/ is in collection "two words"' uncollect run.db 'two words' s/
refuses 1 'no variable in the scope nothere/' uncollect run.db some nothere/

# mv: a variable, or with a slash a scope.
gives 'renamed a x/a2' mv run.db a x/a2
gives '{"outcome":"reused","name":"x/a2","id":1,"dtype":"float32","shape":[1]}' get run.db x/a2 --json
gives 'renamed s/ t' mv run.db s/ t
works get run.db t/d/e --reuse require
refuses 1 't is a scope: say t/' mv run.db t u
gives 'renamed t/ u/' mv run.db t/ u/
works get run.db u/d/e --reuse require
refuses 1 'u/c' mv run.db b u/c
works get run.db sx/c --shape 1 --init zeros
refuses 1 'sx' mv run.db u/ sx
works rm run.db sx/c
works get run.db u --shape 1 --init zeros
gives 'renamed u v' mv run.db u v
works get run.db v --reuse require
works get run.db u/c --reuse require

# rm: nothing if one is missing.
refuses 1 'nothere' rm run.db b nothere
refuses 1 'u is a scope: say u/' rm run.db u
refuses 1 'u is a scope: say u/' collect run.db mine u
refuses 1 'b' rm run.db b b
gives 'deleted b
deleted u/' rm run.db b u/
works ls run.db
same 'what is left' "$(tail -n +2 "$out" | cut -f 1 | tr '\n' ' ')" 'x/a2 sx/f v '
works get run.db only --shape 1 --namespace old
refuses 2 'takes no names' rm run.db only --namespace old --all
gives 'deleted namespace old' rm run.db --namespace old --all
gives 'name
main' sql run.db 'SELECT name FROM namespaces'

refuses 1 'there is no scope layer$' scope run.db layer
refuses 1 'there is no scope "two words"$' scope run.db 'two words'
refuses 2 'takes no names, not b$' rm run.db b --namespace old --all

# scope: persistent defaults, for every process.
works scope run.db layer --init 'constant(3)' --dtype float64 --regularizer 'l2(0.5)'
gives "name${tab}initializer${tab}regularizer${tab}dtype${tab}partitioner${tab}variables${tab}elements${tab}bytes
layer${tab}constant(3)${tab}l2(0.5)${tab}float64${tab}${tab}0${tab}0${tab}0" scope run.db layer/
gives 'created layer/v float64 [2]' get run.db layer/v --shape 2
gives '[3.0, 3.0]' cat run.db layer/v
gives 'created layer/below/v float64 [1]' get run.db layer/below/v --shape 1
works scope run.db layer --dtype '' --init ''
works scope run.db layer --json
out_like '"name":"layer","initializer":null,"regularizer":"l2\(0.5\)","dtype":null,"partitioner":null,"variables":2,"elements":3,"bytes":24'
gives 'created layer/v2 float32 [1]' get run.db layer/v2 --shape 1
finish
