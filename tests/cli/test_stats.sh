# stats: statistics of many variables, and what looks ill.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
head="name${tab}flags${tab}dtype${tab}elements${tab}mean${tab}std${tab}l2_norm${tab}min${tab}max${tab}zeros${tab}nans${tab}infs"
gives "$head" stats run.db
err_like '^varsdb: 0 variables, 0 flagged$'
gives '[]' stats run.db --json
works stats run.db --flagged

# Norm 5 of [3,4], mean 3.5, deviation 0.5; the others one ailment each.
works model run.db net/w --value '[3,4]'
works model run.db net/nan --value '["NaN",1,2]'
works get run.db inf --value '["Infinity","-Infinity",1,2]'
works get run.db dead --shape 4 --init zeros
works set run.db dead --init zeros
works get run.db fresh --shape 4 --init zeros
works get run.db same --value '[7,8]'
works set run.db same --value '[7,7]'
works get run.db one --value '[7]'
works get run.db scalar --value 0.5
works get run.db high --value '[3000,1]'
works get run.db low --value '[1e-9,2e-9]'
works get run.db step --value 123456 --dtype int64
works get run.db steps --value '[123456,5]' --dtype int64
works get run.db unset --shape 2 --init none
works get run.db text --dtype string --value '["x","x"]'
works get run.db nothing --shape 0
works get run.db all --value '["NaN","NaN"]'
works local run.db local --value '["NaN",1]'
works stats run.db
out_lines 17
out_has "net/w${tab}${tab}float32${tab}2${tab}3.5${tab}0.5${tab}5.0${tab}3.0${tab}4.0${tab}0${tab}0${tab}0"
out_like "^net/nan${tab}nan${tab}float32${tab}3${tab}1\.5${tab}0\.5${tab}2\.23606797749979[0-9]*${tab}1\.0${tab}2\.0${tab}0${tab}1${tab}0\$"
out_like "^inf${tab}inf${tab}.*${tab}0${tab}0${tab}2\$"
out_like "^dead${tab}dead${tab}.*${tab}4${tab}0${tab}0\$"
out_like "^same${tab}dead${tab}"
out_like "^high${tab}exploding${tab}"
out_like "^low${tab}vanishing${tab}"
for name in one scalar step steps nothing net/w unset text fresh; do out_like "^$name${tab}${tab}"; done
out_has "unset${tab}${tab}float32${tab}2${tab}${tab}${tab}${tab}${tab}${tab}${tab}${tab}"
out_like "^all${tab}nan${tab}float32${tab}2${tab}.*${tab}0${tab}2${tab}0\$"
out_unlike '^local'
err_like '^varsdb: 16 variables, 7 flagged: 2 nan, 1 inf, 2 dead, 1 exploding, 1 vanishing$'

# Where are the NaNs: one command, and its status says whether there are any.
run stats run.db --flagged --scope net
status_is 1
same 'the ill of net' "$(sed 1d "$out" | cut -f 1,2)" "net/nan${tab}nan"
run stats run.db --flagged --json --collection MODEL
status_is 1
out_like '^\{"name":"net/nan","flags":"nan",.*"nans":1,"infs":0\}$'
works stats run.db --flagged --match '^net/w$'
out_is "$head"
run stats run.db --flagged --collection LOCAL
status_is 1
out_like "^local${tab}nan${tab}"
works stats run.db --name 's*' --scope net
out_lines 1
same 'nans as the view has them' "$("$VARSDB" sql run.db 'SELECT name FROM global_variables WHERE nans > 0' | sed 1d | tr '\n' ' ')" \
    "$("$VARSDB" stats run.db 2>/dev/null | cut -f 1,2 | grep 'nan$' | cut -f 1 | tr '\n' ' ')"

# A snapshot, and growth since the one before: 5 to 51 is more than ten times, 5 to 50 is not.
works snapshot run.db --name a
works set run.db net/w --value '[30,40]'
works stats run.db --match net/w
out_like "^net/w${tab}${tab}.*${tab}50\.0${tab}"
works set run.db net/w --value '[51,0]'
works stats run.db --match net/w
out_like "^net/w${tab}exploding${tab}.*${tab}51\.0${tab}"
# The last snapshot may have the present value: then from the one before it, until that has it, too.
works snapshot run.db --name b
works stats run.db --match net/w
out_like "^net/w${tab}exploding${tab}.*${tab}51\.0${tab}"
works stats run.db --match net/w --since b
out_like "^net/w${tab}${tab}.*${tab}51\.0${tab}"
works snapshot run.db --name c
works stats run.db --match net/w
out_like "^net/w${tab}${tab}.*${tab}51\.0${tab}"
works snapshot-rm run.db c
works stats run.db --match net/w --since a
out_like "^net/w${tab}exploding${tab}"
works stats run.db --at b --scope net
out_lines 3
out_like "^net/w${tab}exploding${tab}float32${tab}2${tab}.*${tab}51\.0${tab}"
works stats run.db --at a
out_lines 17
out_has "net/w${tab}${tab}float32${tab}2${tab}3.5${tab}0.5${tab}5.0${tab}3.0${tab}4.0${tab}0${tab}0${tab}0"
works stats run.db --at b --since b --collection MODEL --match 'w$'
out_like "^net/w${tab}${tab}"
works set run.db net/w --value '[0.3,0.4]'
works stats run.db --name net/w
out_like "^net/w${tab}vanishing${tab}"

# A name that could end the query.
works stats run.db --collection "x' OR '1'='1"
out_lines 1
works stats run.db --scope "x' OR '1'='1"
out_lines 1
refuses 1 'nothere' stats run.db --at nothere
refuses 1 'nothere' stats run.db --since nothere
refuses 2 'takes DB' stats run.db x
refuses 2 '\(' stats run.db --match '('
works stats run.db --namespace absent
out_lines 1
finish
