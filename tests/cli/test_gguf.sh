# GGUF: plain tensors and quantized ones, which are opaque blocks.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

text() { # string
    little ${#1} 8
    printf %s "$1"
}

# norm: 1 and 2 as float32; q: 2 rows of 32 in blocks of Q4_0, of 18 bytes "a" and "b".
{
    printf GGUF && little 3 4 && little 2 8 && little 1 8
    text general.name && little 8 4 && text tiny
    text norm && little 1 4 && little 2 8 && little 0 4 && little 0 8
    text q && little 2 4 && little 32 8 && little 2 8 && little 2 4 && little 32 8
} >m.gguf
while [ $(($(wc -c <m.gguf) % 32)) != 0 ]; do little 0 1 >>m.gguf; done
{ little 1065353216 4 && little 1073741824 4 && little 0 24 && printf aaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbb; } >>m.gguf

works inspect m.gguf
out_has "norm${tab}float32${tab}[2]${tab}8"
out_has "q${tab}ggml:Q4_0${tab}[2,32]${tab}36"
works import $db m.gguf
gives '[1.0, 2.0]' cat $db norm
gives 'aaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbb' cat $db q --format raw
gives 'bbbbbbbbbbbbbbbbbb' cat $db q --format raw --slice 1
refuses 2 'cuts through blocks of ggml:Q4_0' cat $db q --format raw --slice 0,:3
refuses 2 'opaque blocks.*raw' cat $db q
refuses 2 'opaque blocks.*raw' cat $db q --json
refuses 2 'no ggml:Q4_0.*raw' cat $db q --format npy
works show $db q
out_like "^dtype[: ]*${tab}*.*ggml:Q4_0"
works verify $db
gives "name|dtype|min
norm|float32|1.0
q|ggml:Q4_0|" sql $db "SELECT name || '|' || dtype || '|' || ifnull(min, '') AS 'name|dtype|min' FROM variables"
refuses 3 "'q' \(ggml:Q4_0\)" export $db out.safetensors
works export $db out.safetensors --exclude '^q$'

# What a registry is made of, and a shape that fills no blocks.
works get $db empty --dtype ggml:Q6_K --shape 2,256 --init none
refuses 2 'rows of 255 do not fill the blocks of ggml:Q6_K' get $db bad --dtype ggml:Q6_K --shape 2,255 --init none
refuses 2 'no default initializer' get $db bad --dtype ggml:Q6_K --shape 2,256

finish
