# NumPy files: read by set --from, written by cat --format npy.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works get run.db w --dtype int16 --shape 2,3 --init zeros
works get run.db f --dtype float32 --shape 2 --init zeros
works get run.db b --dtype bool --shape 2 --init zeros
works get run.db z --dtype complex64 --shape 1 --init zeros
works get run.db s --dtype float64 --shape scalar --init zeros
works get run.db e --dtype float64 --shape 0 --init zeros
works get run.db t --dtype uint8 --shape 2,3,4 --init zeros

header="{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }"
data=010002000300040005000600
npy c.npy 1 "$header" $data
works set run.db w --from c.npy
gives '[[1,2,3],[4,5,6]]' cat run.db w --json
for version in 2 3; do
    works set run.db w --init zeros
    npy v.npy $version "$header" $data
    works set run.db w --from v.npy
    gives '[[1,2,3],[4,5,6]]' cat run.db w --json
done
# Columns first: 1 4 2 5 3 6; and the high byte first.
npy fortran.npy 1 "{'shape': (2L, 3L), 'fortran_order': True, 'descr': '<i2'}" 010004000200050003000600
works set run.db w --init zeros
works set run.db w --from fortran.npy
gives '[[1,2,3],[4,5,6]]' cat run.db w --json
npy big.npy 1 "{\"descr\": '>i2', 'fortran_order': False, 'shape': (2,3)}" 000100020003000400050006
works set run.db w --init zeros
works set run.db w --from big.npy
gives '[[1,2,3],[4,5,6]]' cat run.db w --json
# Element (i,j,k) of [2,3,4] is 12i+4j+k; in Fortran order i varies fastest.
npy f3.npy 1 "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }" \
    000c04100814010d05110915020e06120a16030f07130b17
works set run.db t --from f3.npy
gives '[[[0,1,2,3],[4,5,6,7],[8,9,10,11]],[[12,13,14,15],[16,17,18,19],[20,21,22,23]]]' cat run.db t --json
# 1.5 and -2 as float32; both halves of a complex number swap apart.
npy f.npy 1 "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }" 0000c03f000000c0
works set run.db f --from f.npy
gives '[1.5, -2.0]' cat run.db f
npy z.npy 1 "{'descr': '>c8', 'fortran_order': False, 'shape': (1,), }" 3fc00000c0000000
works set run.db z --from z.npy
gives '[[1.5,-2.0]]' cat run.db z --json
npy s.npy 1 "{'descr': '<f8', 'fortran_order': False, 'shape': (), }" 000000000000e03f
works set run.db s --from s.npy
gives '0.5' cat run.db s
npy e.npy 1 "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }" ''
works set run.db e --from e.npy
npy b.npy 1 "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }" 0100
works set run.db b --from b.npy
gives '[true, false]' cat run.db b

# What is written is NumPy's own layout: version 1.0, data at a multiple of 64, nothing after it.
works cat run.db w --format npy
same 'bytes' "$(($(wc -c <"$out")))" 140
same 'magic' "$(head -c 10 "$out" | od -An -tx1 | tr -d ' \n')" 934e554d505901007600
same 'header' "$(head -c 69 "$out" | tail -c 59)" "$header"
same 'newline before the data' "$(head -c 128 "$out" | tail -c 1 | od -An -tx1 | tr -d ' ')" 0a
same 'data' "$(tail -c 12 "$out" | od -An -tx1 | tr -d ' \n')" $data
cp "$out" back.npy
works set run.db w --init zeros
works set run.db w --from back.npy
gives '[[1,2,3],[4,5,6]]' cat run.db w --json
works cat run.db w --format npy --slice :,1:2
same 'a slice' "$(tail -c 4 "$out" | od -An -tx1 | tr -d ' \n')" 02000500
same 'its shape' "$(grep -ac "'shape': (2, 1), " "$out")" 1
for name in f b z s e t; do
    works cat run.db $name --format npy
    cp "$out" $name.back.npy
    before=$("$VARSDB" cat run.db $name --json)
    works set run.db $name --from $name.back.npy
    same "$name there and back" "$("$VARSDB" cat run.db $name --json)" "$before"
done
works get run.db half --dtype bfloat16 --shape 2 --init zeros
refuses 2 "NumPy's format has no bfloat16" cat run.db half --format npy

# Another shape or dtype.
npy shape.npy 1 "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 2), }" $data
refuses 1 'its shape is \[3,2\], the variable.s is \[2,3\]' set run.db w --from shape.npy
npy dtype.npy 1 "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }" $data
refuses 1 'its dtype is uint16, the variable.s is int16' set run.db w --from dtype.npy

# Damaged and hostile files.
bad() { # expression header data
    npy bad.npy 1 "$2" "$3"
    refuses 3 "'bad.npy': $1" set run.db w --from bad.npy
}
bad 'its shape and dtype take 12 bytes, but only 11 are there' "$header" 0100020003000400050006
bad "1 byte follows the array's 12" "$header" ${data}00
bad "2 bytes follow the array's 12" "$header" ${data}0000
bad 'the header: a dict in braces is expected at byte 0' '' $data
bad 'the header: a dict in braces is expected at byte 0' '[1]' $data
bad "the header: a comma or the dict's end is expected at byte 15" "{'descr': '<i2'" $data
bad "the header has no 'fortran_order'" "{'descr': '<i2', 'shape': (2, 3), }" $data
bad "the header has the key 'descr' twice" \
    "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }" $data
bad "the header has the key 'more', which is unknown" \
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), 'more': 1}" $data
bad 'the header: nothing more is expected at byte 60' "$header x" $data
bad 'the header: True or False is expected' "{'descr': '<i2', 'fortran_order': 0, 'shape': (2, 3), }" $data
bad 'the header: a dimension, a whole number' \
    "{'descr': '<i2', 'fortran_order': False, 'shape': (-2, 3), }" $data
bad 'the header: a dimension, a whole number' \
    "{'descr': '<i2', 'fortran_order': False, 'shape': (True, 3), }" $data
bad 'the header: a comma in a shape of one dimension' \
    "{'descr': '<i2', 'fortran_order': False, 'shape': (6), }" $data
bad 'dimension 0 is above 2.48' \
    "{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999999999999, 3), }" $data
bad 'it holds Python objects' "{'descr': '|O8', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'it holds texts' "{'descr': '<U2', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'it holds floats of a size that differs' "{'descr': '<f3', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'it is a structured array' "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2, 3), }" $data
npy bool.npy 1 "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }" 0102
refuses 3 'element 1 is byte 0x02; a bool is 0 or 1' set run.db b --from bool.npy
npy version.npy 4 "$header" $data
refuses 3 'it has version 4.0 of the format; 1.0, 2.0 and 3.0 are read' set run.db w --from version.npy
printf '\223NUMPY\001\000\377\377{}' >short.npy
refuses 3 'length is given as 65535; at most 10000' set run.db w --from short.npy
printf '\223NUMPY\001\000\020\016{}' >cut.npy
refuses 3 "length is given as 3600, but the array's bytes end before" set run.db w --from cut.npy
printf '\223NUMPY\002\000\377\377\377\177' >huge.npy
refuses 3 'length is given as 2147483647; at most 10000' set run.db w --from huge.npy
for text in text 'text that is long enough'; do
    echo "$text" >text.npy
    refuses 3 'not a tensor file' set run.db w --from text.npy
done
refuses 3 "'absent.npy' cannot be opened" set run.db w --from absent.npy
mkdir folder
refuses 3 "'folder' is a directory" set run.db w --from folder
gives '[[1,2,3],[4,5,6]]' cat run.db w --json

# Any file of one tensor will do; one of several does not say which.
works export run.db one.safetensors --name w
works export run.db one.npz --name w
works export run.db two.npz --name '[wt]'
works set run.db w --init zeros
for one in one.safetensors one.npz; do
    works set run.db w --from $one
    gives '[[1,2,3],[4,5,6]]' cat run.db w --json
    works set run.db w --init zeros
done
works get run.db words --dtype string --shape 2
works set run.db words --value '["ab", ""]'
works export run.db words.ckpt --name words --format tensorflow
works set run.db words --init zeros
works set run.db words --from words.ckpt
gives '["ab",""]' cat run.db words --json
refuses 2 'two.npz: it has 2 tensors, and --from takes a file of one' set run.db w --from two.npz
gives '[[0,0,0],[0,0,0]]' cat run.db w --json
finish
