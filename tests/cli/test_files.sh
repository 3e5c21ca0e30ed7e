# import, export, inspect.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

# enc.w: 1 2 3 4 as float32; enc.b: 5 6; step: 7 as int64.
header='{"enc.w":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},"enc.b":{"dtype":"F32","shape":[2],"data_offsets":[24,32]},"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}'
data=07000000000000000000803f0000004000004040000080400000a0400000c040
safetensors m.safetensors "$header" $data

works inspect m.safetensors
out_has "name${tab}dtype${tab}shape${tab}bytes"
out_has "enc.w${tab}float32${tab}[2,2]${tab}16"
out_has "step${tab}int64${tab}[]${tab}8"
err_like 'm.safetensors: safetensors, 3 tensors, 32 bytes'
works inspect m.safetensors --json
out_like '^\{"name":"enc.b","dtype":"float32","shape":\[2\],"bytes":8,"format":"safetensors"\},?$'
refuses 3 'absent' inspect absent.safetensors
echo 'This is no tensor file at all.' >text.safetensors
refuses 3 'text.safetensors' inspect text.safetensors
head -c 100 m.safetensors >cut.safetensors
refuses 3 'cut.safetensors' inspect cut.safetensors

# A registry is made, whole or not at all.
refuses 3 'absent.safetensors' import run.db absent.safetensors
refuses 3 'cut.safetensors' import run.db m.safetensors cut.safetensors
refuses 2 '\(' import run.db m.safetensors --include '('
same 'what is there' "$(ls -A | grep -v '^\.out$\|^\.err$' | tr '\n' ' ')" 'cut.safetensors m.safetensors text.safetensors '
works import run.db m.safetensors --dry-run
out_like "^imported${tab}enc.w${tab}enc.w${tab}\$"
out_lines 4
err_like 'run.db: 3 imported \(dry run'
same 'nothing was made' "$(fingerprint run.db)" absent
refuses 3 'run.db does not exist' import run.db m.safetensors --existing-only
refuses 3 'run.db does not exist' import run.db m.safetensors --existing-only --dry-run
works import run.db m.safetensors --sep . --model --trainable 'w$' --collection loaded
err_like '^varsdb: run.db: 3 imported$'
same 'nothing is left beside it' "$(ls -A | grep -v '^\.out$\|^\.err$' | grep -v safetensors | tr '\n' ' ')" 'run.db '
gives '[[1.0, 2.0],
 [3.0, 4.0]]' cat run.db enc/w
gives '7' cat run.db step
gives "name
enc/w" sql run.db 'SELECT name FROM trainable_variables'
gives "count(*)
3" sql run.db 'SELECT count(*) FROM model_variables'
gives "name
enc/b
enc/w
step" sql run.db "SELECT name FROM collection_variables WHERE collection = 'loaded' ORDER BY name"

# Conflicts.
refuses 1 '(enc/|step).*--on-conflict' import run.db m.safetensors --sep .
refuses 1 '(enc/|step).*--on-conflict' import run.db m.safetensors --sep . --dry-run
refuses 2 'on-conflict "maybe".*error, skip, replace' import run.db m.safetensors --on-conflict maybe
refuses 2 'rename "x"' import run.db m.safetensors --rename x
refuses 2 'sep is empty' import run.db m.safetensors --sep ''
works set run.db enc/b --value 0
works import run.db m.safetensors --sep . --on-conflict skip
err_like '3 skipped'
gives '[0.0, 0.0]' cat run.db enc/b
works import run.db m.safetensors --sep . --on-conflict replace --dry-run
out_like "^replaced${tab}enc/b${tab}enc.b${tab}\$"
gives '[0.0, 0.0]' cat run.db enc/b
works import run.db m.safetensors --sep . --on-conflict replace
gives '[5.0, 6.0]' cat run.db enc/b

# Names: prefix, choice, renaming.
works import run.db m.safetensors --scope copy/ --include enc --exclude 'b$' --rename '^enc\.(.)=net/$1'
gives '[[1.0, 2.0],
 [3.0, 4.0]]' cat run.db copy/net/w
gives "count(*)
4" sql run.db 'SELECT count(*) FROM variables'
works import several.db m.safetensors --rename '^enc=net' --rename '\.=/' --rename '^net/w$=kernel'
gives "name
kernel
net/b
step" sql several.db 'SELECT name FROM variables ORDER BY name'
refuses 2 'rename "x"' import several.db m.safetensors --rename a=b --rename x

# Only what is there.
works get run.db extra --shape 1 --init zeros
works import run.db m.safetensors --existing-only --on-conflict replace
out_has "outcome${tab}name${tab}file_name${tab}reason"
out_has "matched${tab}step${tab}step${tab}"
out_like "^extra${tab}.*enc.w${tab}none here, and --existing-only makes none\$"
out_has "missing${tab}extra${tab}${tab}the file has none"

# Why one is not imported: what is here, and what is there, also of the second file.
safetensors other.safetensors '{"step":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]}}' 0102030405060708
run import run.db m.safetensors other.safetensors --existing-only --dry-run
status_is 1
out_has "mismatched${tab}step${tab}step${tab}int64 [] here, int32 [2,1] there"
works import run.db m.safetensors --on-conflict skip --dry-run
out_has "skipped${tab}step${tab}step${tab}it is here, and --on-conflict skips it"

# Several files: all or nothing.
safetensors one.safetensors '{"one":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}' 01
safetensors two.safetensors '{"two":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}' 02
refuses 3 'cut.safetensors' import run.db one.safetensors cut.safetensors
refuses 1 'step' import run.db one.safetensors m.safetensors
works import run.db one.safetensors two.safetensors
err_like 'run.db: 2 imported'
gives '[2]' cat run.db two

# Export: what went in comes out, by its original names unless told otherwise.
works export run.db out.safetensors --collection loaded
err_like 'exported 3 variables to out.safetensors'
works inspect out.safetensors
out_has "enc.w${tab}float32${tab}[2,2]${tab}16"
works import back.db out.safetensors
gives '[5.0, 6.0]' cat back.db enc.b
works export run.db own.safetensors --collection loaded --names registry --scope enc
works inspect own.safetensors
out_has "enc/w${tab}float32${tab}[2,2]${tab}16"
out_lines 3
works export run.db renamed.safetensors --collection loaded --rename '^enc\.=a.' --rename '^a=net'
works inspect renamed.safetensors
out_has "net.w${tab}float32${tab}[2,2]${tab}16"
out_has "step${tab}int64${tab}[]${tab}8"
refuses 2 'rename "x"' export run.db x.safetensors --rename x
refuses 2 '\(' export run.db x.safetensors --rename '(=a'
refuses 2 'would both be tensor' export run.db x.safetensors --collection loaded --rename '.*=same'
works export run.db again.safetensors --collection loaded
if cmp -s out.safetensors again.safetensors; then pass; else fail 'the same values gave other bytes'; fi
works export run.db some.safetensors --include '^enc/' --exclude 'b$'
works inspect some.safetensors
out_lines 2
works local run.db mine --shape 1 --init zeros
works export run.db global.safetensors --names registry
works inspect global.safetensors
out_unlike '^mine'
works show run.db enc/w --json
out_like '"attributes":\{"[a-z_]*":"enc.w"\},"histogram":'
works export run.db single.safetensors --name one
err_like 'exported 1 variable to single.safetensors$'
works inspect single.safetensors
err_like 'safetensors, 1 tensor, 1 bytes$'
single=$(fingerprint single.safetensors)
refuses 1 'is selected; single.safetensors is not written.*--collection' export run.db single.safetensors --name mine
refuses 1 'is selected; single.safetensors is not written$' export run.db single.safetensors --collection LOCAL --name one
same 'a file that is not written' "$(fingerprint single.safetensors)" "$single"
refuses 2 'names "x".*original, registry' export run.db x.safetensors --names x
refuses 2 'out.unknown' export run.db out.unknown
if [ -e out.unknown ]; then fail 'an unknown suffix was taken'; else pass; fi
refuses 2 'nonsense' export run.db out.safetensors --format nonsense
works get run.db complex --shape 1 --dtype complex128 --init zeros
refuses 3 'complex128' export run.db complex.safetensors --name complex
works get run.db none --shape 1 --init none
refuses 1 'none' export run.db none.safetensors --name none
if [ -e none.safetensors ]; then fail 'a file is left'; else pass; fi
refuses 3 'absent/x.safetensors' export run.db absent/x.safetensors --collection loaded
# A folder of checkpoints becomes snapshots, by the steps in their names; values stay as they are.
works init steps.db --seed 3
works get steps.db w --shape 3 --init zeros
for step in 100 200; do
    works set steps.db w --init "constant($step)"
    works export steps.db "ckpt-$step.safetensors"
done
works set steps.db w --init 'constant(7)'
works import steps.db ckpt-*.safetensors --as-snapshot --step-from 'ckpt-(\d+)'
gives '[100.0, 100.0, 100.0]' cat steps.db w --at step:100
gives '[200.0, 200.0, 200.0]' cat steps.db w --at step:200
gives '[7.0, 7.0, 7.0]' cat steps.db w
works verify steps.db

works import listed.db m.safetensors --where "name LIKE '%w'" --columns outcome,name
out_is "outcome${tab}name
imported${tab}enc.w"
gives "count(*)
3" sql listed.db 'SELECT count(*) FROM variables'
refuses 2 'integer overflow' import none.db m.safetensors --where "CASE name WHEN 'step' THEN abs(-9223372036854775807 - 1) END"
same 'nothing was made' "$(fingerprint none.db)" absent
finish
