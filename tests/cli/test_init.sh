# init: an empty registry, its seed, and namespaces.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

gives 'created run.db seed 42' init run.db --seed 42
refuses 1 'run.db: there is a registry already' init run.db
refuses 1 'there is a registry already' init run.db --seed 7
works namespaces run.db
out_like "^1${tab}main${tab}42${tab}[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z${tab}0${tab}0\$"
works init neg.db --seed -9223372036854775808
out_is 'created neg.db seed -9223372036854775808'
works init drawn1.db
works init drawn2.db
one=$("$VARSDB" sql drawn1.db 'SELECT seed FROM namespaces')
two=$("$VARSDB" sql drawn2.db 'SELECT seed FROM namespaces')
if [ "$one" != "$two" ]; then pass; else fail 'two registries drew the same seed'; fi
works init json.db --seed 5 --json
out_like '^\{"outcome":"created","path":"json.db","namespace":"main","seed":5,"uuid":"[0-9a-f-]{36}"\}$'
works init spaced.db --namespace run1 --seed 9
works namespaces spaced.db --json
out_like '"name":"run1","seed":9'

db=bad.db
refuses 2 'seed "x"' init bad.db --seed x
refuses 2 'seed "1.5"' init bad.db --seed 1.5
refuses 2 'seed ""' init bad.db --seed ''
refuses 2 'seed "9223372036854775808"' init bad.db --seed 9223372036854775808
refuses 3 'absent' init absent/run.db
mkdir folder
refuses 3 'folder' init folder
finish
