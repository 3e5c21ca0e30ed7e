# show: who made it, which snapshots hold it, and how its values are spread.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works model run.db net/w --value '[1,1,1,1,2,3,3,3,3,3]'
works get run.db unset --shape 2 --init none
works get run.db text --dtype string --value '["x"]'
works get run.db one --value 5

# Who created this name, in one sentence that agrees with the view.
works show run.db net/w
who=$("$VARSDB" sql run.db "SELECT created_at || ' by ' || program || ', process ' || pid || ' on ' || host || ', at ' || site
    FROM variables WHERE name = 'net/w'" | sed 1d)
out_has "created      $who"
out_like '^created      20.*Z by .*, process [0-9]+ on .+, at varsdb model$'
out_unlike '^snapshot'

# Four, one and five of ten in the first, middle and last of twenty bins.
out_has 'spread       *_________.________#  1 to 3'
LC_ALL=C.UTF-8 "$VARSDB" show run.db net/w >"$out"
out_has 'spread       ▇▁▁▁▁▁▁▁▁▁▂▁▁▁▁▁▁▁▁█  1 to 3'
works show run.db one
out_unlike '^spread'
for name in unset text; do
    works show run.db $name
    out_unlike '^spread'
    out_like '^created '
done

# The snapshots that hold it, the last first.
works snapshot run.db --step 10
works snapshot run.db --name best --step 20
works set run.db net/w --init zeros
works snapshot run.db --name 'it'"'"'s'
works set run.db unset --value 1
works show run.db net/w
out_like '^snapshot     #3 "it.s"  20[^ ]*Z  the present value$'
out_like '^snapshot     #2 "best" step 20  20[^ ]*Z  another value$'
out_like '^snapshot     #1 step 10  20[^ ]*Z  another value$'
same 'the last first' "$(grep '^snapshot' "$out" | cut -c 14-15 | tr '\n' ' ')" '#3 #2 #1 '
works show run.db unset
out_like '^snapshot     #1 step 10  20[^ ]*Z  no value yet$'
for step in 1 2 3 4 5 6 7 8; do works snapshot run.db --step $step; done
works show run.db net/w
same 'lines of snapshots' "$(grep -c '^snapshot     #' "$out")" 10
out_has 'snapshot     and 1 more (varsdb log tells of all)'
works show run.db net/w --at best
out_like '^spread '
out_unlike '^(snapshot|created)'
works show run.db net/w --json
out_lines 1
out_like '"program":".+","host":".+","pid":[0-9]+,"site":"varsdb model"'
finish
