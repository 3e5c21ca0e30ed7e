# top: what is big, and what moved most.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
head="name${tab}dtype${tab}shape${tab}bytes${tab}share${tab}cumulative"
gives "$head" top run.db
err_like '^varsdb: no variable$'
refuses 1 'snapshot' top run.db --by change

# 60, 30 and 10 bytes of 100.
works model run.db net/big --dtype uint8 --shape 6,10 --init 'constant(1)'
works get run.db small --dtype uint8 --shape 10 --init zeros
works get run.db net/mid --dtype uint8 --shape 30 --init 'constant(2)'
works local run.db local --dtype uint8 --shape 99 --init zeros
gives "$head
net/big${tab}uint8${tab}[6,10]${tab}60${tab}0.6000${tab}0.6000
net/mid${tab}uint8${tab}[30]${tab}30${tab}0.3000${tab}0.9000
small${tab}uint8${tab}[10]${tab}10${tab}0.1000${tab}1.0000" top run.db
err_like '^varsdb: 3 of 3 variables, 100\.0 % of 100 B$'
works top run.db --count 1
out_lines 2
err_like '^varsdb: 1 of 3 variables, 60\.0 % of 100 B$'
works top run.db --by elements --match 'mid|small' --count 1 --json
out_like '^\{"name":"net/mid","dtype":"uint8","shape":\[30\],"elements":30,"share":0\.7500,"cumulative":0\.7500\}$'
works top run.db --scope net/ --count all
same 'of the scope' "$(sed 1d "$out" | cut -f 1 | tr '\n' ' ')" 'net/big net/mid '
works top run.db --collection LOCAL
same 'local' "$(sed 1d "$out" | cut -f 1)" local
# As the view orders them.
same 'by size' "$("$VARSDB" top run.db 2>/dev/null | sed 1d | cut -f 1)" \
    "$("$VARSDB" sql run.db 'SELECT name FROM global_variables ORDER BY bytes DESC' | sed 1d)"

# Norms 3 and 4 have 9 and 16 of 25; integers have none.
works get run.db a --value '[3]'
works get run.db b --value '[0,4]'
works get run.db nan --value '["NaN"]'
works get run.db unset --shape 2 --init none
works top run.db --by norm
same 'norms' "$(sed 1d "$out" | head -n 2 | cut -f 1,4,5,6)" "b${tab}4.0${tab}0.6400${tab}0.6400
a${tab}3.0${tab}0.3600${tab}1.0000"
out_unlike '^net|^unset'

# From [3] to [6] is 1; from [0,4] to [0,5] a quarter; a NaN is farthest of all.
works snapshot run.db --name s
works top run.db --by change
out_is "name${tab}dtype${tab}shape${tab}rel_l2${tab}max_abs"
works set run.db a --value '[6]'
works set run.db b --value '[0,5]'
gives "name${tab}dtype${tab}shape${tab}rel_l2${tab}max_abs
a${tab}float32${tab}[1]${tab}1.0${tab}3.0
b${tab}float32${tab}[2]${tab}0.25${tab}1.0" top run.db --by change
err_like '^varsdb: 2 of 2 that moved since snapshot #1$'
works set run.db b --value '["NaN",4]'
works snapshot run.db --name t
works top run.db --since s --count 1
same 'farthest' "$(sed 1d "$out" | cut -f 1)" b
works top run.db --since s --match '^a$'
same 'the one asked for' "$(sed 1d "$out" | cut -f 1)" a
works top run.db --since t
out_lines 1

# More than are held at a time.
i=0
works init many.db --seed 1
seq 1 2600 | awk 'BEGIN { printf "{" } { printf "%s\"v%04d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}", (NR > 1 ? "," : ""), $1, NR - 1, NR } END { printf "}" }' >header
zeros=$(printf '%02600d' 0)
safetensors one.safetensors "$(cat header)" "$(printf '%s' "$zeros" | sed 's/0/01/g')"
safetensors two.safetensors "$(cat header)" "$(printf '%s' "$zeros" | sed 's/0/02/g')"
works import many.db one.safetensors
works snapshot many.db
works import many.db two.safetensors --on-conflict replace
works set many.db v0007 --value '[9]'
works top many.db --since latest --count 3
same 'three of many' "$(sed 1d "$out" | cut -f 1,4 | tr '\n' ' ')" "v0007${tab}8.0 v0001${tab}1.0 v0002${tab}1.0 "
err_like '^varsdb: 3 of 2600 that moved'
works top many.db --since latest --count all
out_lines 2601

refuses 2 'by "weight".*size, elements, norm, change' top run.db --by weight
refuses 2 'count "0"' top run.db --count 0
refuses 2 'count "x"' top run.db --count x
refuses 2 'since goes with --by change' top run.db --by size --since s
refuses 1 'nothere' top run.db --since nothere
refuses 2 'takes DB' top run.db x
finish
