# Parts of partitioned variables by their names: cat, set, show.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1

# 2 x 5 in three parts: columns 0-1, 2-3 and 4.
works get run.db net/w --dtype int32 --value '[[0,1,2,3,4],[5,6,7,8,9]]' --partitioner 'fixed_size(3,axis=1)'
gives '[[0,1],[5,6]]' cat run.db net/w/part_0 --json
gives '[[2, 3],
 [7, 8]]' cat run.db net/w/part_1
gives '[[4],[9]]' cat run.db net/w/part_2:0 --json
gives '[[0,1,2,3,4],[5,6,7,8,9]]' cat run.db net/w --json

# Slices count from the part's beginning and end with it.
gives '[[7,8]]' cat run.db net/w/part_1 --json --slice 1
gives '[[3],[8]]' cat run.db net/w/part_1 --json --slice=:,-1
gives '[[],[]]' cat run.db net/w/part_1 --json --slice=:,2:
refuses 2 'the range leaves the axis' cat run.db net/w/part_1 --slice :,0:3
refuses 2 'more ranges than the variable has axes, 2' cat run.db net/w/part_1 --slice 0,0,0

# The same cut by the stock shell.
ran='sqlite3 variable_parts'
same 'what the view says' "$(sqlite3 run.db "SELECT part_name, offset, shape FROM variable_parts")" \
    'net/w/part_0|[0,0]|[2,2]
net/w/part_1|[0,2]|[2,2]
net/w/part_2|[0,4]|[2,1]'

# Assigning a part is an assign of the variable; the other parts stay.
gives 'assigned net/w version 2' set run.db net/w/part_1 --value '[[10,11],[12,13]]'
gives '[[0,1,10,11,4],[5,6,12,13,9]]' cat run.db net/w --json
gives 'assigned net/w version 3' set run.db net/w/part_2 --value -1
gives '[[0,1,10,11,-1],[5,6,12,13,-1]]' cat run.db net/w --json
gives 'assigned net/w version 4' set run.db net/w/part_0:0 --value '[1,2,3,4]'
gives '[[1,2,10,11,-1],[3,4,12,13,-1]]' cat run.db net/w --json
refuses 2 'net/w/part_1: the value' set run.db net/w/part_1 --value '[1,2,3]'
refuses 2 'net/w/part_2: the value' set run.db net/w/part_2 --value '[[1,2],[3,4]]'
refuses 2 'a part takes --value or --from' set run.db net/w/part_1 --init zeros
refuses 2 'net/w/part_1: the value' set run.db net/w/part_1 --value 2147483648

# NumPy's files, there and back.
"$VARSDB" cat run.db net/w/part_0 --format npy >part.npy
works set run.db net/w/part_1 --from part.npy
gives '[[1,2,1,2,-1],[3,4,3,4,-1]]' cat run.db net/w --json
refuses 1 'its shape is' set run.db net/w/part_2 --from part.npy
"$VARSDB" cat run.db net/w/part_2 --format raw >part.raw
ran='cat --format raw'
same 'the part as bytes' "$(od -An -v -tx1 part.raw | tr -d ' \n')" ffffffffffffffff

# What there is to know of a part.
works show run.db net/w/part_1
out_has 'name         net/w/part_1'
out_has 'variable     net/w'
out_has 'part         1'
out_has 'parts        3'
out_has 'axis         1'
out_has 'offset       2'
out_has 'dtype        int32'
out_has 'shape        [2,2]'
out_has 'version      5'
gives '{"name":"net/w/part_2","variable":"net/w","namespace":"main","part":2,"parts":3,"axis":1,"offset":4,"dtype":"int32","shape":[2,1],"version":5}' \
    show run.db net/w/part_2:0 --json
gives "name${tab}variable${tab}namespace${tab}part${tab}parts${tab}axis${tab}offset${tab}dtype${tab}shape${tab}version
net/w/part_0${tab}net/w${tab}main${tab}0${tab}3${tab}1${tab}0${tab}int32${tab}[2,2]${tab}5" show run.db net/w/part_0 --tsv

# No such part.
for name in net/w/part_3 net/w/part_01 net/w/part_ x/part_0 net/part_0 part_0; do
    refuses 1 "variable $name does not exist" cat run.db "$name"
    refuses 1 "variable $name does not exist" set run.db "$name" --value 1
    refuses 1 "variable $name does not exist" show run.db "$name"
done
works get run.db plain --shape 4 --init zeros
refuses 1 'plain/part_0' cat run.db plain/part_0

# What takes whole variables says what a part is.
refuses 1 'net/w/part_1 is part 1 of the partitioned variable net/w; rm takes whole variables' rm run.db net/w/part_1
refuses 1 'net/w/part_1 is part 1 of the partitioned variable net/w; mv takes' mv run.db net/w/part_1 other
refuses 1 'net/w/part_2 is part 2 of the partitioned variable net/w; collect takes' collect run.db mine net/w/part_2
refuses 1 'net/w/part_0 is part 0 of the partitioned variable net/w; uncollect takes' uncollect run.db GLOBAL net/w/part_0
refuses 1 'variable net/w/part_3 does not exist' rm run.db net/w/part_3

# How a variable is partitioned.
works show run.db net/w
out_has 'partitioner  fixed_size(3,axis=1)'
out_has 'axis         1'
out_has 'parts        3'
works show run.db net/w --json
out_like '"partitioner":"fixed_size\(3,axis=1\)","axis":1,"parts":3,"attributes":\{\},"histogram":\['
works show run.db plain
out_unlike '^(partitioner|axis|parts)'
works show run.db plain --json
out_like '"partitioner":null,"axis":null,"parts":0,'

# Without a value; strings and elements below a byte, which cat can take apart.
works get run.db empty --shape 4 --init none --partitioner 'fixed_size(2)'
refuses 1 'empty' cat run.db empty/part_0
refuses 1 'empty has no value yet' set run.db empty/part_0 --value 1
works show run.db empty/part_1
out_has 'version      0 (no value yet)'
works get run.db names --dtype string --value '["a","b","c"]' --partitioner 'fixed_size(2)'
gives '["a","b"]' cat run.db names/part_0 --json
gives '["c"]' cat run.db names/part_1 --json
refuses 3 'strings' set run.db names/part_1 --value '["d"]'
works get run.db packed --dtype float4_e2m1 --value '[[1,2,3],[4,6,0]]' --partitioner 'fixed_size(2)'
gives '[[4.0,6.0,0.0]]' cat run.db packed/part_1 --json
refuses 3 'packed/part_1 does not fill whole bytes' set run.db packed/part_1 --value 1
refuses 2 'does not begin on a byte' cat run.db packed/part_1 --format raw

# In another namespace the name is another's.
works get run.db net/w --namespace other --dtype int32 --value '[7,8]' --partitioner 'fixed_size(2)'
gives '[8]' cat run.db net/w/part_1 --namespace other --json

finish
