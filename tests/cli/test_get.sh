# get, model, local: get or create.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1

gives 'created layer1/w float32 [2,3]' get run.db layer1/w --shape 2,3
gives 'reused layer1/w float32 [2,3]' get run.db layer1/w --shape 2,3
gives 'reused layer1/w float32 [2,3]' get run.db layer1/w
gives 'reused layer1/w float32 [2,3]' get run.db layer1/w --shape '[2, 3]'
gives 'reused layer1/w float32 [2,3]' get run.db layer1/w --shape '?,3'
gives 'created s int64 []' get run.db s --shape scalar --dtype int64 --init zeros --no-trainable
gives 'created v float32 [2,2]' get run.db v --value '[[1,2],[3,4]]'
gives '[[1.0, 2.0],
 [3.0, 4.0]]' cat run.db v
gives 'created m float32 [1]' model run.db m --shape 1
gives 'created l float32 [1]' local run.db l --shape 1
gives 'created e float32 [0,4]' get run.db e --shape 0,4 --init zeros
gives '{"outcome":"reused","name":"layer1/w","id":1,"dtype":"float32","shape":[2,3]}' get run.db layer1/w --json
gives "outcome${tab}name${tab}id${tab}dtype${tab}shape
reused${tab}layer1/w${tab}1${tab}float32${tab}[2,3]" get run.db layer1/w --tsv

# A local variable is never trainable.
refuses 2 'local: --trainable is not accepted' local run.db l2 --shape 1 --trainable
works local run.db l2 --shape 1 --no-trainable
works local --help
out_unlike '[-][-]trainable'
out_like 'never trainable'

# Collections: the contract's short names, and those that a call joins by itself.
works get run.db c --shape 1 --collection GLOBAL --collection MODEL --collection mine
gives "name
c
layer1/w" sql run.db "SELECT name FROM variables WHERE name IN ('c','layer1/w') ORDER BY name"
gives "collection
mine
model_variables
trainable_variables
variables" sql run.db "SELECT collection FROM collection_variables WHERE name = 'c' ORDER BY collection"
gives "collection
model_variables
trainable_variables
variables" sql run.db "SELECT collection FROM collection_variables WHERE name = 'm' ORDER BY collection"
gives "collection
local_variables" sql run.db "SELECT collection FROM collection_variables WHERE name = 'l'"
gives "trainable
0" sql run.db "SELECT trainable FROM variables WHERE name = 's'"
gives "site
varsdb get" sql run.db "SELECT site FROM variables WHERE name = 's'"

# Reuse.
refuses 1 'layer1/w' get run.db layer1/w --reuse create --shape 2,3
refuses 1 'nothere' get run.db nothere --reuse require --shape 2,3
refuses 1 'layer1/w.*\[2,3\]' get run.db layer1/w --shape 3,2
refuses 1 'layer1/w.*(float32|float64)' get run.db layer1/w --dtype float64
refuses 2 'reuse "maybe".*auto, create, require' get run.db layer1/w --reuse maybe

# Namespaces are apart; the option wins over the environment.
gives 'created layer1/w float32 [1]' get run.db layer1/w --shape 1 --namespace other
VARSDB_NAMESPACE=other
export VARSDB_NAMESPACE
gives 'reused layer1/w float32 [1]' get run.db layer1/w
gives 'reused layer1/w float32 [2,3]' get run.db layer1/w --namespace main
unset VARSDB_NAMESPACE

# Only init and import make a registry.
db=absent.db
refuses 3 'absent.db' get absent.db v --shape 1
finish
