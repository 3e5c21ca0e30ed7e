# The extension in the stock shell: each function and table against known values, the command, and plain SQL.
# shellcheck shell=sh disable=SC1091,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
. "$HERE/extension.sh"

db=run.db
works init run.db --seed 1
ran='varsdb0.so'
same 'what it exports' "$(nm -D --defined-only "$extension" | awk '{ print $3 }')" sqlite3_varsdb_init
same 'what of SQLite it needs of the program' "$(nm -D --undefined-only "$extension" | grep sqlite3)" ''

# ---- loading, without naming where it begins; by its path, with and without the suffix; by SQL

ran="loading $extension"
version=$("$VARSDB" version | sed -n '1s/varsdb //p')
for name in "$extension" "${extension%.so}"; do
    same 'its version' "$(sqlite3 -batch run.db ".load $name" 'SELECT varsdb_version()' 2>&1)" "$version"
    same 'its version' "$(sqlite3 -batch run.db "SELECT load_extension('$name')" 'SELECT varsdb_version()' 2>&1)" "
$version"
done

# ---- get_variable and model_variable

asked 1 "SELECT get_variable('layer1/bias', '[3]', 'float64', 'zeros')"
asked 2 "SELECT model_variable('layer1/weights', '[2,3]')"
asked '1|2' "SELECT get_variable('layer1/bias'), model_variable('layer1/weights', '[2,3]', 'float32')"
gives "name${tab}dtype${tab}shape
layer1/bias${tab}float64${tab}[3]
layer1/weights${tab}float32${tab}[2,3]" ls run.db --collection GLOBAL
gives "name${tab}dtype${tab}shape
layer1/weights${tab}float32${tab}[2,3]" ls run.db --collection MODEL
gives 'reused layer1/weights float32 [2,3]' model run.db layer1/weights --shape 2,3
# A variable that is there becomes one of the model.
plainly 1 'SELECT count(*) FROM model_variables'
asked 1 "SELECT model_variable('layer1/bias')"
plainly 2 'SELECT count(*) FROM model_variables'

asked 3 "SELECT get_variable('opt', '[4,2]', 'int32', NULL, '{\"trainable\": false, \"collections\": [\"a\", \"b\"],
    \"value\": [[1,2],[3,4],[5,6],[7,8]], \"partitioner\": \"fixed_size(2)\", \"site\": \"train.py:12\"}')"
plainly '0|["a","b"]|train.py:12' "SELECT trainable, collections, site FROM variables WHERE name = 'opt'"
gives '[[5, 6],
 [7, 8]]' cat run.db opt/part_1
asked 4 "SELECT get_variable('reg', '[2,3]', NULL, 'ones', '{\"regularizer\": \"l2(0.1)\", \"reuse\": \"create\"}')"
asked 4 "SELECT get_variable('reg', NULL, NULL, NULL, '{\"reuse\": \"require\"}')"

# The same seed and name are the same bytes, whoever asks.
works init other.db --seed 1
for kind in random_uniform random_normal truncated_normal glorot_uniform he_normal orthogonal 'constant(2.5)'; do
    works get other.db "drawn/${kind%(*}" --shape 7,5 --init "$kind"
    asked 1 "SELECT get_variable('drawn/${kind%(*}', '[7,5]', NULL, '$kind') > 0"
done
drawn="SELECT name, hash FROM variables WHERE scope = 'drawn' ORDER BY name"
ran='drawing'
same 'what is drawn' "$(sqlite3 run.db "$drawn")" "$(sqlite3 other.db "$drawn")"
plainly 7 "SELECT count(*) FROM ($drawn)"

# ---- values

asked 2 "SELECT assign('layer1/weights', '[[1,2,3],[4,5,6]]')"
gives '[[1.0, 2.0, 3.0],
 [4.0, 5.0, 6.0]]' cat run.db layer1/weights
asked 0000803F0000004000004040000080400000A0400000C040 "SELECT hex(tensor('layer1/weights'))"
asked '[[1.0,2.0,3.0],[4.0,5.0,6.0]]' "SELECT tensor_json('layer1/weights')"
asked '[[2.0,3.0],[5.0,6.0]]|[[1.0,2.0,3.0]]' "SELECT tensor_json(2, ':,1:'), tensor_json(2, '0:1')"
asked '1.0|6.0|5.0' "SELECT tensor_item(2, 0, 0), tensor_item('layer1/weights', -1, -1), tensor_item(2, 1, 1)"
asked '2|3|6.0' "SELECT json_array_length(j), json_array_length(j, '\$[0]'), json_extract(j, '\$[1][2]')
    FROM (SELECT tensor_json('layer1/weights') AS j)"
# Bytes go in as they come out; JSON may be flat; a number is every element.
asked 1 "SELECT get_variable('copy', '[2,3]', NULL, 'zeros') > 0"
asked '2|3|4' "SELECT assign('copy', 7), assign('copy', '[9,8,7,6,5,4]'), assign('copy', tensor('layer1/weights'))"
plainly 1 "SELECT count(DISTINCT hash) FROM variables WHERE name IN ('copy', 'layer1/weights')"
asked '5|[[2.5,2.5,2.5],[2.5,2.5,2.5]]' "SELECT assign('copy', 2.5), tensor_json('copy')"
asked '6||[["NaN","NaN","NaN"],["NaN","NaN","NaN"]]' \
    "SELECT assign('copy', '\"NaN\"'), tensor_item('copy', 0, 0), tensor_json('copy')"
plainly 6 "SELECT nans FROM variables WHERE name = 'copy'"
asked '7|[["Infinity","Infinity","Infinity"],["Infinity","Infinity","Infinity"]]' \
    "SELECT assign('copy', 9e999), tensor_json('copy')"
# A part is read and assigned alone.
asked '2|[[1,2],[3,4],[50,60],[70,80]]|[[50,60],[70,80]]|80' "SELECT assign('opt/part_1', '[[50,60],[70,80]]'),
    tensor_json('opt'), tensor_json('opt/part_1'), tensor_item('opt/part_1', 1, 1)"
# What has no value is NULL.
asked 1 "SELECT get_variable('none', '[2]', NULL, 'none') > 0"
asked '||||0|0' "SELECT tensor('none'), tensor_json('none'), tensor_item('none', 0), l2_loss('none'),
    (SELECT count(*) FROM tensor_each('none')), (SELECT count(*) FROM tensor_histogram('none'))"

# dtype, value, the bytes as its definition has them, and what the elements are in SQL.
while read -r dtype json hex elements; do
    asked "$hex" "SELECT hex(tensor_from_json('$json', '$dtype', '[2]'))"
    asked 1 "SELECT get_variable('kind/$dtype', '[2]', '$dtype', NULL, '{\"value\": $json}') > 0"
    asked "$json|$hex|$elements" "SELECT tensor_json('kind/$dtype'), hex(tensor('kind/$dtype')),
        group_concat(typeof(value) || ' ' || value) FROM tensor_each('kind/$dtype')"
done <<'END'
bool [true,false] 0100 integer 1,integer 0
uint8 [0,255] 00FF integer 0,integer 255
int8 [-1,127] FF7F integer -1,integer 127
uint16 [1,65535] 0100FFFF integer 1,integer 65535
int16 [-2,258] FEFF0201 integer -2,integer 258
uint32 [1,4294967295] 01000000FFFFFFFF integer 1,integer 4294967295
int32 [-1,16909060] FFFFFFFF04030201 integer -1,integer 16909060
uint64 [1,18446744073709551615] 0100000000000000FFFFFFFFFFFFFFFF integer 1,real 1.84467440737096e+19
int64 [-1,9223372036854775807] FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F integer -1,integer 9223372036854775807
float16 [1.0,-2.0] 003C00C0 real 1.0,real -2.0
bfloat16 [1.0,-2.0] 803F00C0 real 1.0,real -2.0
float32 [1.0,0.5] 0000803F0000003F real 1.0,real 0.5
float64 [1.0,-2.0] 000000000000F03F00000000000000C0 real 1.0,real -2.0
complex64 [[3.0,4.0],[0.0,-1.0]] 000040400000804000000000000080BF real 5.0,real 1.0
float4_e2m1 [1.0,2.0] 42 real 1.0,real 2.0
string ["a","yz"] 0100000000000000610200000000000000797A text a,text yz
END

# ---- losses

asked '21.0|2.1|45.5|4.55' "SELECT l1_loss(2), round(l1_loss(2, 0.1), 12), l2_loss(2), round(l2_loss(2, 0.1), 12)"
asked '1.0|1.0' "SELECT l2_loss(2) / (SELECT sum(value * value) / 2 FROM tensor_each(2)),
    l1_loss('drawn/he_normal') / (SELECT sum(abs(value)) FROM tensor_each('drawn/he_normal'))"
asked '0.3|0.3' "SELECT round(regularization_loss('reg'), 12), round(regularization_loss(), 12)"

# ---- tables

plain_stats() { # name: of the view
    sqlite3 run.db "SELECT elements, min + 0.0, max + 0.0, round(mean, 9), round(l2_norm, 9), zeros FROM variables WHERE name = '$1'"
}
for name in layer1/weights layer1/bias opt drawn/random_normal drawn/orthogonal; do
    asked "$(plain_stats "$name")" "SELECT count(*), min(value) + 0.0, max(value) + 0.0, round(avg(value), 9),
        round(sqrt(sum(value * value)), 9), sum(value = 0) FROM tensor_each('$name')"
done
asked '3|[1,0]|4.0
4|[1,1]|5.0
5|[1,2]|6.0' "SELECT * FROM tensor_slice('layer1/weights', '1,:')"
asked '3|[1,0]|4.0' "SELECT * FROM tensor_each('layer1/weights') WHERE indices = '[1,0]'"
asked '1|[0,1]|2.0
2|[0,2]|3.0' "SELECT * FROM tensor_each('layer1/weights') WHERE flat_index BETWEEN 1 AND 2"
# A slice is what the indices say.
asked '6|0' "WITH s AS (SELECT * FROM tensor_slice('drawn/he_normal', '2:5,-2:')),
    e AS (SELECT * FROM tensor_each('drawn/he_normal') WHERE json_extract(indices, '\$[0]') BETWEEN 2 AND 4
          AND json_extract(indices, '\$[1]') >= 3)
    SELECT (SELECT count(*) FROM s), (SELECT count(*) FROM (SELECT * FROM s EXCEPT SELECT * FROM e))
           + (SELECT count(*) FROM (SELECT * FROM e EXCEPT SELECT * FROM s))"
asked '0|1.0|3.5|3
1|3.5|6.0|3' "SELECT * FROM tensor_histogram('layer1/weights', 2)"
asked '20|35|1|1' "SELECT count(*), sum(count), min(low) = (SELECT min(value) FROM tensor_each('drawn/random_normal')),
    max(high) = (SELECT max(value) FROM tensor_each('drawn/random_normal')) FROM tensor_histogram('drawn/random_normal')"
asked '20|0' "SELECT count(*), sum(count <> (SELECT count(*) FROM tensor_each('drawn/random_normal')
    WHERE value >= low AND (value < high OR bin = 19))) FROM tensor_histogram('drawn/random_normal', 20)"
asked 'layer1/bias|3
layer1/weights|6' "SELECT v.name, count(*) FROM model_variables v, tensor_each(v.name) GROUP BY v.id"

# ---- snapshots: [3,4] becomes [3,6], which is 2 of a length of 5

asked 1 "SELECT get_variable('moved', '[2]', NULL, NULL, '{\"value\": [3,4]}') > 0"
works snapshot run.db --name before --step 5
asked 2 "SELECT assign('moved', '[3,6]')"
works snapshot run.db --name after --step 6
asked 3 "SELECT assign('moved', '[0,0]')"
works mv run.db layer1/bias layer1/b
asked 'moved|value_changed|2.0|0.4|' "SELECT name, change, max_abs, round(rel_l2, 9), old_name
    FROM snapshot_diff('before', 'after')"
asked 'layer1/b|renamed|layer1/bias
moved|value_changed|' "SELECT name, change, old_name FROM snapshot_diff('step:6')"
run diff run.db before after --json
ran="varsdb diff and snapshot_diff"
same 'how many differ' "$(grep -c '"name"' "$out")" \
    "$(sqlite3 -batch run.db ".load $extension" "SELECT count(*) FROM snapshot_diff('before', 'after')")"
for snapshot in "'before'" "'step:5'" "'#1'" 1; do
    asked '[1]|4.0' "SELECT indices, value FROM tensor_each('moved', $snapshot) WHERE flat_index = 1"
done
asked '[1]|6.0' "SELECT indices, value FROM tensor_slice('moved', '1', 'latest')"
asked '0|3.0|6.0|2' "SELECT * FROM tensor_histogram('moved', 1, 'after')"

# ---- registries elsewhere

cat >uuid.sql <<'END'
SELECT varsdb_create() = varsdb_create(), length(varsdb_create());
CREATE TABLE mine (x);
INSERT INTO mine VALUES ('w');
SELECT get_variable(x, '[2]', NULL, 'ones') FROM mine;
SELECT v.name, e.value FROM mine, vars_variables v, tensor_each(x) e;
END
db=:memory:
asked '1|36
1
w|1.0
w|1.0' '.read uuid.sql'
asked 'r
main
1
0' 'CREATE TABLE here (x)' "ATTACH 'run.db' AS r" 'SELECT varsdb_database()' "SELECT varsdb_database('main')" \
    "SELECT varsdb_create() <> ''" "SELECT count(*) FROM vars_variables"
db=run.db
asked 'main
other
9
main' 'SELECT varsdb_namespace()' "SELECT varsdb_namespace('other')" \
    "SELECT CASE WHEN get_variable('here', '[]', NULL, 'constant(9)') THEN CAST(tensor_item('here') AS INT) END" \
    'SELECT varsdb_namespace(NULL)'
gives "name${tab}dtype${tab}shape
here${tab}float32${tab}[]" ls run.db --namespace other

# ---- what only reads changes no byte, and leaves no file that SQLite would not

cat >reads.sql <<'END'
SELECT sum(length(tensor(id))), max(tensor_json(id)), sum(l2_loss(id)) FROM variables WHERE dtype LIKE 'float%';
SELECT count(*) FROM variables v, tensor_each(v.id);
SELECT sum(count) FROM variables v, tensor_histogram(v.id) h;
SELECT count(*) FROM tensor_slice('opt', '1:,:'), snapshot_diff('before');
SELECT get_variable('opt'), model_variable('layer1/weights', '[2,3]'), regularization_loss(), tensor_item(3, 0, 0);
SELECT varsdb_create() <> '', varsdb_database(), varsdb_namespace(), varsdb_version() <> '';
END
mkdir read plain
for mode in -batch -readonly; do
    cp run.db read/run.db
    cp run.db plain/run.db
    ran="sqlite3 $mode, reading"
    sqlite3 "$mode" read/run.db ".load $extension" '.read reads.sql' >read.txt 2>&1
    same 'its status' $? 0
    same 'how much it prints' "$(wc -l <read.txt | tr -d ' ')" 6
    sqlite3 "$mode" plain/run.db 'SELECT count(*) FROM variables' >plain.txt 2>&1
    if cmp -s run.db read/run.db; then pass; else fail 'it changed the file'; fi
    same 'the files that it leaves' "$(ls read)" "$(ls plain)"
    cp read.txt "read.$mode"
    rm -f read/* plain/*
done
if cmp -s read.-batch read.-readonly; then pass; else fail "$(diff read.-batch read.-readonly)"; fi
same 'what a file that nobody may change says' \
    "$(sqlite3 -batch "file:$PWD/run.db?immutable=1" ".load $extension" "SELECT l1_loss('layer1/weights')" 2>&1)" 21.0

works verify run.db
finish
