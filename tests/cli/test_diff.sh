# diff.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works model run.db w --value '[3,4]'
works get run.db still --value '[1]'
works get run.db big --value '[1000]'
works get run.db old --value '[1,2]'
works get run.db type --value '[1]'
works local run.db local --value 1
works snapshot run.db --name a
head="change${tab}name${tab}max_abs${tab}rel_l2${tab}old_shape${tab}new_shape${tab}old_dtype${tab}new_dtype${tab}old_name"

# No difference: the header alone.
gives "$head" diff run.db a
err_like '^varsdb: no difference$'
gives '[]' diff run.db a a --json
works set run.db local --value 2
gives "$head" diff run.db a

# From [3,4] to [3,9]: 5 at most, 5 of 5 by norm.  big: 10 of 1000.
works set run.db w --value '[3,9]'
works set run.db big --value '[1010]'
works mv run.db old renamed
works rm run.db type
works get run.db type --value '[1]' --dtype int32
works get run.db new --value '[1,2]'
run diff run.db a
status_is 1
out_has "$head"
out_has "value_changed${tab}w${tab}5.0${tab}1.0${tab}${tab}${tab}${tab}${tab}"
out_has "value_changed${tab}big${tab}10.0${tab}0.01${tab}${tab}${tab}${tab}${tab}"
out_has "renamed${tab}renamed${tab}${tab}${tab}${tab}${tab}${tab}${tab}old"
out_has "added${tab}new${tab}${tab}${tab}${tab}[2]${tab}${tab}float32${tab}"
out_like "^type_changed${tab}type${tab}.*${tab}${tab}${tab}float32${tab}int32${tab}\$"
out_unlike 'still|local'
err_like '^varsdb: 1 added, 1 renamed, 1 type_changed, 2 value_changed$'
same 'what moved most, without being asked' "$(sed 1d "$out" | cut -f 2 | head -n 2 | tr '\n' ' ')" 'w big '
run diff run.db a --sort name
same 'by name' "$(sed 1d "$out" | cut -f 2 | tr '\n' ' ')" 'big new renamed type w '
run diff run.db a --sort rel_l2
status_is 1
same 'what moved most, relatively' "$(sed 1d "$out" | cut -f 2 | head -n 2 | tr '\n' ' ')" 'w big '
run diff run.db a --sort max_abs
same 'what moved most' "$(sed 1d "$out" | cut -f 2 | head -n 2 | tr '\n' ' ')" 'big w '
same 'the others by name' "$(sed 1d "$out" | cut -f 2 | sed 1,2d | grep -v type | tr '\n' ' ')" 'new renamed '
run diff run.db a --hashes-only
same 'by hashes, by name' "$(sed 1d "$out" | cut -f 2 | tr '\n' ' ')" 'big new renamed type w '
run diff run.db a --hashes-only --json
status_is 1
out_like '^\{"change":"value_changed","name":"w","max_abs":null,"rel_l2":null,.*"old_name":null\}'

# Two snapshots, either way.
works snapshot run.db --name b
run diff run.db b a --match '^(w|new)$'
status_is 1
out_has "value_changed${tab}w${tab}5.0${tab}0.5270462766947299${tab}${tab}${tab}${tab}${tab}"
out_has "removed${tab}new${tab}${tab}${tab}[2]${tab}${tab}float32${tab}${tab}"
out_lines 3
gives "$head" diff run.db a b --match still
run diff run.db a b --collection MODEL
status_is 1
out_lines 2
run diff run.db a b --scope w
status_is 0
out_lines 1

# What is not finite, and what has no measure.
works set run.db w --value '["NaN",9]'
run diff run.db b --match '^w$' --sort max_abs
status_is 1
out_like "^value_changed${tab}w${tab}NaN${tab}0(\\.0)?${tab}"
run diff run.db b --match '^w$' --json
out_like '"max_abs":"NaN"'
refuses 2 'sort "size".*name, max_abs, rel_l2' diff run.db a --sort size
refuses 2 'hashes-only' diff run.db a --sort max_abs --hashes-only
refuses 2 'takes DB A \[B\]' diff run.db
refuses 2 'too many' diff run.db a b c
refuses 1 'nothere' diff run.db a nothere
refuses 1 'snapshot' diff run.db a --namespace absent

# Nobody can read it.
"$VARSDB" diff run.db a b >/dev/full 2>"$err"
same 'status on a full disk' "$?" 3
finish
