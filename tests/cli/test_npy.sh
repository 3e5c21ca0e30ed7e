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
    refuses 2 "bad.npy: .*$1" set run.db w --from bad.npy
}
bad 'cut off' "$header" 0100020003000400050006
bad 'something after its data' "$header" ${data}00
bad 'no dict' '' $data
bad 'no dict' '[1]' $data
bad 'no dict' "{'descr': '<i2'" $data
bad 'lacks one of' "{'descr': '<i2', 'shape': (2, 3), }" $data
bad 'repeats a key' "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'another key' "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), 'more': 1}" $data
bad 'goes on after' "$header x" $data
bad 'neither True nor False' "{'descr': '<i2', 'fortran_order': 0, 'shape': (2, 3), }" $data
bad 'no plain whole number' "{'descr': '<i2', 'fortran_order': False, 'shape': (-2, 3), }" $data
bad 'no plain whole number' "{'descr': '<i2', 'fortran_order': False, 'shape': (True, 3), }" $data
bad 'a number, not a tuple' "{'descr': '<i2', 'fortran_order': False, 'shape': (6), }" $data
bad 'does not fit 64 bits' "{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999999999999, 3), }" $data
bad 'objects' "{'descr': '|O8', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'objects, text' "{'descr': '<U2', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'not one of b1' "{'descr': '<f3', 'fortran_order': False, 'shape': (2, 3), }" $data
bad 'structured' "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2, 3), }" $data
npy bool.npy 1 "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }" 0102
refuses 2 'neither 0 nor 1' set run.db b --from bool.npy
npy version.npy 4 "$header" $data
refuses 2 'version is not' set run.db w --from version.npy
printf '\223NUMPY\001\000\377\377{}' >short.npy
refuses 2 'longer than 10000' set run.db w --from short.npy
printf '\223NUMPY\001\000\020\016{}' >cut.npy
refuses 2 'cut off' set run.db w --from cut.npy
printf '\223NUMPY\002\000\377\377\377\177' >huge.npy
refuses 2 'longer than 10000' set run.db w --from huge.npy
echo text >text.npy
refuses 2 'too short' set run.db w --from text.npy
echo 'text that is long enough' >text.npy
refuses 2 'does not begin as one' set run.db w --from text.npy
refuses 3 'absent.npy: cannot open it' set run.db w --from absent.npy
mkdir folder
refuses 2 'no regular file' set run.db w --from folder
finish
