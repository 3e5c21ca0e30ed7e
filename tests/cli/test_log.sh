# log: one variable through the snapshots.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
refuses 1 'w' log run.db w
works get run.db early --value 1
works snapshot run.db --name before
works get run.db net/w --value '[3,4]'
head="snapshot${tab}step${tab}change${tab}l2_norm${tab}norm_change${tab}mean${tab}std${tab}nans${tab}infs${tab}created_at${tab}name${tab}snapshot_id${tab}hash"

# No snapshot has it: the present alone.
works log run.db net/w
out_has "$head"
out_lines 2
out_like "^\(present\)${tab}${tab}first${tab}5\.0${tab}${tab}3\.5${tab}0\.5${tab}0${tab}0${tab}20[^${tab}]*Z${tab}net/w${tab}${tab}[0-9a-f]{32}\$"

# 5, the same, 10 with a NaN beside, renamed, and renamed with another value.
works snapshot run.db --step 10
works snapshot run.db --name again --step 20
works set run.db net/w --value '[6,8]'
works snapshot run.db --step 30
works mv run.db net/w net/weights
works snapshot run.db --step 40
works set run.db net/weights --value '["NaN",7]'
works log run.db net/weights
same 'steps' "$(sed 1d "$out" | cut -f 2 | tr '\n' ' ')" '10 20 30 40  '
same 'names' "$(sed 1d "$out" | cut -f 11 | tr '\n' ' ')" 'net/w net/w net/w net/weights net/weights '
same 'changes' "$(sed 1d "$out" | cut -f 3 | tr '\n' ' ')" 'first same changed renamed changed '
same 'norms' "$(sed 1d "$out" | cut -f 4 | tr '\n' ' ')" '5.0 5.0 10.0 10.0 7.0 '
same 'changes of the norm' "$(sed 1d "$out" | cut -f 5 | tr '\n' ' ')" ' 0.0 5.0 0.0 -3.0 '
same 'nans' "$(sed 1d "$out" | cut -f 8 | tr '\n' ' ')" '0 0 0 0 1 '
same 'the names of snapshots' "$(sed 1d "$out" | cut -f 1 | tr '\n' ' ')" ' again   (present) '
same 'as the view has it' "$(sed 1d "$out" | cut -f 4,12,13 | head -n 3)" \
    "$("$VARSDB" sql run.db "SELECT l2_norm, snapshot_id, hash FROM snapshot_variables WHERE name = 'net/w'" | sed 1d)"
# A name of the past has what the snapshots say.
works log run.db net/w
same 'steps' "$(sed 1d "$out" | cut -f 2 | tr '\n' ' ')" '10 20 30 '
works log run.db net/w --json
out_lines 5
out_like '^\{"snapshot":null,"step":10,"change":"first","l2_norm":5\.0,"norm_change":null,.*"nans":0,"infs":0,.*"snapshot_id":2,.*\},$'
works log run.db net/w --csv
out_lines 4

# A table has the norm as bars: least, least, greatest, greatest, and an x for the NaN.
works log run.db net/weights --table
same 'bars' "$(head -n 1 "$out")" 'l2_norm  __##x  5 to 10'
LC_ALL=C.UTF-8 "$VARSDB" log run.db net/weights --table >"$out"
same 'bars' "$(head -n 1 "$out")" 'l2_norm  ▁▁██x  5 to 10'

# Deleted, and made again under the name: another variable, which has its name's past.
works rm run.db net/weights
works log run.db net/weights
same 'steps' "$(sed 1d "$out" | cut -f 2 | tr '\n' ' ')" '40 '
works get run.db net/weights --value '[1]'
works log run.db net/weights
same 'steps' "$(sed 1d "$out" | cut -f 2 | tr '\n' ' ')" '40  '

# Values that have no norm.
works get run.db text --dtype string --value '["x"]'
works get run.db unset --shape 2 --init none
works snapshot run.db --step 50
works log run.db text
out_lines 3
out_like "^${tab}50${tab}first${tab}${tab}${tab}${tab}${tab}${tab}${tab}20.*${tab}text${tab}6${tab}[0-9a-f]{32}\$"
works log run.db unset
out_like "same${tab}${tab}${tab}${tab}${tab}${tab}${tab}20[^${tab}]*Z${tab}unset${tab}${tab}\$"
works log run.db unset --table
out_unlike '^l2_norm'
refuses 1 'nothere' log run.db nothere
refuses 1 'net/ is a scope' log run.db net
refuses 2 'takes DB NAME' log run.db
refuses 1 'early' log run.db early --namespace absent
finish
