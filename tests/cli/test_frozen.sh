# Ten snapshots of a model of 100 MB of which nine tenths are frozen take about 200 MB.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works get run.db body --shape 90,250000 --init 'random_normal(0,1)'
works get run.db head --shape 10,250000 --init 'random_normal(0,1)'
step=1
while [ "$step" -le 10 ]; do
    works set run.db head --init "random_normal(0,1,seed=$step)"
    works snapshot run.db --step "$step"
    step=$((step + 1))
done
size=$(wc -c <run.db)
ran="the file of ten snapshots, $size bytes"
if [ "$size" -gt 190000000 ] && [ "$size" -lt 205000000 ]; then pass; else fail 'is not about 200 MB'; fi
works sql run.db 'SELECT count(*), sum(bytes), min(new_bytes), max(new_bytes) FROM snapshots'
out_has "10${tab}1000000000${tab}10000000${tab}100000000"
works verify run.db
finish
