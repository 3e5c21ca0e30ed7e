# set and cat: values, slices, formats.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1

# A tensor whose element i is i shows where everything goes.
works get run.db t --dtype int32 --shape 2,3,4 --value '[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23]'
gives '[[[0, 1, 2, 3],
  [4, 5, 6, 7],
  [8, 9, 10, 11]],
 [[12, 13, 14, 15],
  [16, 17, 18, 19],
  [20, 21, 22, 23]]]' cat run.db t
gives '[[[0,1,2,3],[4,5,6,7],[8,9,10,11]],[[12,13,14,15],[16,17,18,19],[20,21,22,23]]]' cat run.db t --json
gives '[[[12,13,14,15],[16,17,18,19],[20,21,22,23]]]' cat run.db t --json --slice 1:2
gives '[[[4,5,6,7]],[[16,17,18,19]]]' cat run.db t --json --slice :,1
gives '[[[1,2],[5,6],[9,10]],[[13,14],[17,18],[21,22]]]' cat run.db t --json --slice :,:,1:3
gives '[[[23]]]' cat run.db t --json --slice=-1,-1,-1
gives '[[[14,15]]]' cat run.db t --json --slice=-1:,:1,-2:
gives '[[],[]]' cat run.db t --json --slice :,1:1
gives '[]' cat run.db t --slice 0:0
gives '[[[], [], []],
 [[], [], []]]' cat run.db t --slice :,:,2:2
refuses 2 'slice "0:3": axis 0, of 2 elements: the range leaves the axis; accepted: begin:end' cat run.db t --slice 0:3
refuses 2 'the index is out of range' cat run.db t --slice 2
refuses 2 'the index is out of range' cat run.db t --slice=-3
refuses 2 'ends before it begins' cat run.db t --slice 1:0
refuses 2 'more ranges than the variable has axes, 3' cat run.db t --slice :,:,:,:
refuses 2 'something else than a range' cat run.db t --slice 0:2:1
refuses 2 'a range is missing' cat run.db t --slice 0,,1
refuses 2 'a range is missing' cat run.db t --slice ''
refuses 2 'does not fit 64 bits' cat run.db t --slice 99999999999999999999
refuses 2 'format "xml".*text, json, npy, raw' cat run.db t --format xml

# Scalars and empty tensors.
works get run.db s --value 0.1
gives '0.1' cat run.db s
refuses 2 'more ranges' cat run.db s --slice 0
works get run.db e --shape 2,0,3 --init zeros
gives '[[],[]]' cat run.db e --json
works get run.db none --shape 2 --init none
refuses 1 'none' cat run.db none
works get run.db empty_none --shape 0 --init none
refuses 1 'empty_none' cat run.db empty_none

# Numbers come back as they went in: the fewest digits that read back equal.
works get run.db f --value '[0.1,1e-45,3.4028235e38,-0.0,"NaN","Infinity","-Infinity"]'
gives '[0.1,1e-45,3.4028235e+38,-0.0,"NaN","Infinity","-Infinity"]' cat run.db f --json
gives '[0.1, 1e-45, 3.4028235e+38, -0.0, NaN, Infinity, -Infinity]' cat run.db f
works get run.db u --dtype uint64 --value '[18446744073709551615,0]'
gives '[18446744073709551615,0]' cat run.db u --json
works get run.db n --dtype int64 --value '[-9223372036854775808]'
gives '[-9223372036854775808]' cat run.db n --json
works get run.db b --dtype bool --value '[true,false]'
gives '[true,false]' cat run.db b --json
works get run.db c --dtype complex64 --value '[[1,-2],[0.5,0]]' --shape 2
gives '[[1.0,-2.0],[0.5,0.0]]' cat run.db c --json

# Elements smaller than a byte, and slices of them that begin inside one.
works get run.db q --dtype float4_e2m1 --value '[0,0.5,1,1.5,2,3,4,6,-0.5,-6]'
gives '[0.0,0.5,1.0,1.5,2.0,3.0,4.0,6.0,-0.5,-6.0]' cat run.db q --json
gives '[1.5,2.0,3.0]' cat run.db q --json --slice 3:6
gives '[-0.5,-6.0]' cat run.db q --json --slice 8:
refuses 2 'does not begin on a byte' cat run.db q --format raw --slice 3:6
works get run.db q6 --dtype float6_e2m3 --value '[0,0.125,0.25,0.5,1,2,4,7.5,-1,-7.5]'
gives '[1.0,2.0,4.0,7.5,-1.0]' cat run.db q6 --json --slice 4:9

# Strings.
works get run.db str --dtype string --value '[["a","tab\there"],["","\u00e9"]]'
gives '[["a","tab\there"],["","é"]]' cat run.db str --json
gives '[["a"],[""]]' cat run.db str --json --slice :,0:1
refuses 2 'strings have no raw form' cat run.db str --format raw
refuses 2 "NumPy's format has no string" cat run.db str --format npy

# Raw bytes: little-endian, in C order.
works cat run.db t --format raw --slice 1,0,2:
same 'raw' "$(od -An -tx1 <"$out" | tr -d ' \n')" 0e0000000f000000
works cat run.db t --format raw
same 'raw length' "$(($(wc -c <"$out")))" 96

# set.
gives 'assigned s version 2' set run.db s --value 2.5
gives '2.5' cat run.db s
gives '{"outcome":"assigned","name":"s","id":2,"version":3}' set run.db s --value 1 --json
gives 'assigned t version 2' set run.db t --value 7
gives '[[[7]]]' cat run.db t --json --slice 1,2,3
gives 'assigned none version 1' set run.db none --init ones
gives '[1.0, 1.0]' cat run.db none

# A tensor of several windows (2.4 MiB), whole and in columns.
works get run.db big --dtype int32 --shape 300,2048 --init zeros
works set run.db big --init 'constant(5)'
works cat run.db big --format raw
same 'bytes of big' "$(($(wc -c <"$out")))" 2457600
same 'fives in big' "$(od -An -v -tx4 -w4 <"$out" | sort | uniq -c | tr -s ' ' | tr -d '\n')" ' 614400 00000005'
works cat run.db big --format raw --slice :,2047
same 'bytes of a column' "$(($(wc -c <"$out")))" 1200

# What JSON has no number for.
works get run.db unreal --value '["NaN","Infinity","-Infinity",1]'
gives '["NaN","Infinity","-Infinity",1.0]' cat run.db unreal --json
gives '[null,null,null,1.0]' cat run.db unreal --json --json-nan null
gives '[NaN, Infinity, -Infinity, 1.0]' cat run.db unreal --json-nan null
works get run.db unreal2 --dtype complex64 --value '[["NaN",1],[2,"-Infinity"]]'
gives '[[null,1.0],[2.0,null]]' cat run.db unreal2 --format json --json-nan null
works get run.db quoted --dtype string --value '["NaN","a"]'
gives '["NaN","a"]' cat run.db quoted --json --json-nan null
refuses 2 'string, null' cat run.db unreal --json-nan no
finish
