# The extension, asked for what cannot be: a sentence that says what is wrong, and nothing changed.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
. "$HERE/extension.sh"

# One error of SQLite's with our sentence, nothing printed, and $db as it was.
fails() { # expression statement...
    expression=$1
    shift
    before=$(contents)
    ask "$@"
    after=$(contents)
    if [ "$status" -ne 0 ] && [ ! -s "$out" ]; then pass; else fail "status $status, printed \"$(head -c 300 "$out")\""; fi
    err_like "$expression"
    if [ "$before" = "$after" ]; then pass; else fail 'the database was changed'; fi
}

db=run.db
works init run.db --seed 1
works model run.db w --value '[[1,2,3],[4,5,6]]'
works get run.db words --value '["x","yz"]' --dtype string
works get run.db cut --shape 4,2 --partitioner 'fixed_size(2)' --init zeros
works snapshot run.db --name best --step 5

# ---- arguments: an expression that the error has, and what is called

while IFS='~' read -r expression call; do
    case $call in FROM*) fails "$expression" "SELECT * $call" ;; *) fails "$expression" "SELECT $call" ;; esac
done <<'END'
variable nothing does not exist in namespace main$~tensor('nothing')
variable nothing does not exist in namespace main$~tensor_json('nothing')
variable nothing does not exist in namespace main$~tensor_item('nothing', 0)
variable nothing does not exist in namespace main$~l1_loss('nothing')
variable nothing does not exist in namespace main$~regularization_loss('nothing')
variable nothing does not exist in namespace main$~assign('nothing', 1)
variable nothing does not exist in namespace main$~FROM tensor_each('nothing')
variable nothing does not exist in namespace main$~FROM tensor_slice('nothing', ':')
variable nothing does not exist in namespace main$~FROM tensor_histogram('nothing')
variable cut/part_2 does not exist~tensor('cut/part_2')
variable w/part_0 does not exist~tensor('w/part_0')
no variable with the id 99$~tensor(99)
tensor\(name\): name is a variable's name, or its id$~tensor(NULL)
tensor\(name\): name is a variable's name, or its id$~tensor(1.5)
tensor\(name\): name is a variable's name, or its id$~tensor(x'77')
wrong number of arguments, 0: tensor\(name\)$~tensor()
wrong number of arguments, 2: tensor\(name\)$~tensor('w', 1)
wrong number of arguments, 0: get_variable\(name~get_variable()
wrong number of arguments, 6: model_variable\(name~model_variable('v', '[2]', NULL, NULL, NULL, 1)
wrong number of arguments, 1: assign\(name, value\)$~assign('w')
wrong number of arguments, 0: tensor_item~tensor_item()
wrong number of arguments, 3: tensor_json~tensor_json('w', ':', 1)
wrong number of arguments, 4: tensor_from_json~tensor_from_json('1', 'int8', '[1]', 1)
wrong number of arguments, 0: l1_loss~l1_loss()
wrong number of arguments, 3: l2_loss~l2_loss('w', 1, 2)
wrong number of arguments, 2: regularization_loss~regularization_loss('w', 1)
wrong number of arguments, 1: varsdb_create\(\)$~varsdb_create('x')
wrong number of arguments, 2: varsdb_database~varsdb_database('main', 1)
wrong number of arguments, 2: varsdb_namespace~varsdb_namespace('main', 1)
wrong number of arguments, 1: varsdb_version\(\)$~varsdb_version(1)
variable w: slice "0:3,:": axis 0, of 2 elements: the range leaves the axis~tensor_json('w', '0:3,:')
variable w: slice "0:9": axis 0, of 2 elements: the range leaves the axis~FROM tensor_slice('w', '0:9')
variable w: slice "2,:": axis 0, of 2 elements: the index is out of range~tensor_json('w', '2,:')
variable w: slice ":,-4": axis 1, of 3 elements: the index is out of range~FROM tensor_slice('w', ':,-4')
slice ":,:,:" has more ranges than the variable has axes, 2$~tensor_json('w', ':,:,:')
variable w: slice "a": .* accepted: begin:end, : or an index for each axis~tensor_json('w', 'a')
slice, as '0:2,:', is a text$~tensor_json('w', 1)
a slice is a text, as '0:2,:'$~FROM tensor_slice('w', 1)
axis 0, of 2 elements: there is no element 2$~tensor_item('w', 2, 0)
axis 1, of 3 elements: there is no element -4$~tensor_item('w', 0, -4)
variable w has 2 axes, and 1 indices were given$~tensor_item('w', 0)
an index is an integer$~tensor_item('w', 0, 'x')
the value: not JSON: .* at byte 4~tensor_from_json('[1,2')
the nesting is not rectangular at byte 4~tensor_from_json('[1,[2]]')
300 does not fit uint8, which takes 0 to 255$~tensor_from_json('[300]', 'uint8')
there is no dtype 'float33'$~tensor_from_json('[1]', 'float33')
it has shape \[2\], and \[3\] is asked for~tensor_from_json('[1,2]', 'float32', '[3]')
json is a text$~tensor_from_json(1)
scale is finite and not below 0$~l1_loss('w', -1)
scale is finite and not below 0$~l2_loss('w', 9e999)
scale is a number$~l2_loss('w', 'x')
holds string, which has no loss$~l2_loss('words')
variable w has shape \[2,3\], not the requested \[3,2\]; created .* by varsdb~get_variable('w', '[3,2]')
variable w has dtype float32, not the requested int32~model_variable('w', NULL, 'int32')
variable v: it is new, so it needs a shape$~get_variable('v')
shape '\[2': not JSON~get_variable('v', '[2')
shape, as '\[2,3\]', is a text$~get_variable('v', 2)
dimension 0 of the shape is -1~get_variable('v', '[-1]')
there is no dtype 'floaty'~get_variable('v', '[2]', 'floaty')
there is no initializer zeroes; there are zeros~get_variable('v', '[2]', NULL, 'zeroes')
there is no option "trainabel"; there are trainable~get_variable('v', '[2]', NULL, NULL, '{"trainabel": true}')
option "trainable" is true or false$~get_variable('v', '[2]', NULL, NULL, '{"trainable": 1}')
option "reuse" is "auto", "create" or "require"$~get_variable('v', '[2]', NULL, NULL, '{"reuse": "yes"}')
options are a JSON object~get_variable('v', '[2]', NULL, NULL, '[]')
not JSON~get_variable('v', '[2]', NULL, NULL, '{"value"')
it has shape \[3\], and \[2\] is asked for~get_variable('v', '[2]', NULL, NULL, '{"value": [1,2,3]}')
variable v does not exist .* reuse AUTO would create it$~get_variable('v', '[2]', NULL, NULL, '{"reuse": "require"}')
variable w exists already~get_variable('w', '[2,3]', NULL, NULL, '{"reuse": "create"}')
variable name '/v': it begins with '/'$~get_variable('/v', '[2]')
variable name 'a b': only letters~model_variable('a b', '[2]')
the variable name is empty$~get_variable('', '[2]')
it has shape \[2\], and \[2,3\] is asked for~assign('w', '[1,2]')
variable w \(float32, 6 elements\) takes 24 bytes, not 1$~assign('w', x'00')
a value is JSON text, .* not NULL~assign('w', NULL)
its id$~assign(1.5, 1)
'x' at byte 15: float32 takes numbers~assign('w', '[[1,2,3],[4,5,"x"]]')
tensor_each\(name\[, snapshot\]\): a name is needed$~FROM tensor_each
a name is needed$~FROM tensor_histogram
snapshot_diff\(a\[, b\]\): a is needed$~FROM snapshot_diff
no snapshot worst in namespace main; the latest is snapshot best~FROM tensor_each('w', 'worst')
no snapshot #77 in namespace main~FROM tensor_histogram('w', 20, 77)
no snapshot of step 9 in namespace main~FROM snapshot_diff('step:9')
a snapshot is named as~FROM tensor_each('w', 1.5)
too many arguments on tensor_each~FROM tensor_each('w', 1, 2)
bins is an integer from 1 to 1000000$~FROM tensor_histogram('w', 0)
bins is an integer from 1 to 1000000$~FROM tensor_histogram('w', 'many')
the connection has no database 'nowhere'; it is 'main', or what ATTACH called it$~varsdb_database('nowhere')
namespace name '/': it begins with '/'$~varsdb_namespace('/')
variable w does not exist in namespace other$~tensor('w') FROM (SELECT varsdb_namespace('other'))
END

# ---- statements that it may not be part of

fails 'table tensor_each may not be modified' 'INSERT INTO tensor_each VALUES (1, 2, 3)'
cp run.db snares.db
db=snares.db
sqlite3 snares.db "CREATE TABLE mine (x); CREATE TABLE bare (x); CREATE VIEW bait AS SELECT assign('w', 1) AS x;
    CREATE TRIGGER snare AFTER INSERT ON mine BEGIN SELECT get_variable('v', '[2]'); END"
fails 'unsafe use of assign' 'SELECT x FROM bait'
fails 'unsafe use of get_variable' 'INSERT INTO mine VALUES (1)'
fails 'cannot write inside a statement that writes; BEGIN IMMEDIATE first' \
    "INSERT INTO bare SELECT get_variable('v', '[2]')"

# ---- connections that cannot write

db=run.db
reads="SELECT l1_loss('w')"
for mode in 'readonly' 'immutable'; do
    case $mode in
    readonly) file=run.db option=-readonly ;;
    immutable) file="file:$PWD/run.db?immutable=1" option=-batch ;;
    esac
    while read -r call; do
        ran="sqlite3 $mode: SELECT $call"
        before=$(fingerprint run.db)
        sqlite3 "$option" "$file" ".load $extension" "SELECT $call" >"$out" 2>"$err" </dev/null
        status=$?
        if [ "$status" -ne 0 ] && [ ! -s "$out" ]; then pass; else fail "status $status, printed \"$(head -c 300 "$out")\""; fi
        err_like "connection cannot write to it"
        same 'the file' "$(fingerprint run.db)" "$before"
    done <<'END'
get_variable('v', '[2]')
model_variable('cut')
assign('w', 1)
END
    same 'what it reads' "$(sqlite3 "$option" "$file" ".load $extension" "$reads" 2>&1)" 21.0
done
fails 'the connection cannot write to it' 'PRAGMA query_only = 1' "SELECT assign('w', 1)"

# ---- databases that hold no registry

none='no database of this connection holds a registry; varsdb_create\(\) makes one in it, and .varsdb init FILE'
refuses_all() { # expression
    fails "$1" "SELECT tensor('w')"
    fails "$1" "SELECT get_variable('v', '[2]')"
    fails "$1" "SELECT assign('w', 1)"
    fails "$1" "SELECT regularization_loss()"
    fails "$1" "SELECT varsdb_database()"
    fails "$1" "SELECT * FROM tensor_each('w')"
    fails "$1" "SELECT * FROM tensor_histogram('w')"
    fails "$1" "SELECT * FROM snapshot_diff('best')"
}
db=empty.db
: >empty.db
refuses_all "$none"
same 'the size of an empty file' "$(wc -c <empty.db | tr -d ' ')" 0
db=another.db
sqlite3 another.db 'CREATE TABLE variables (name, value); INSERT INTO variables VALUES (1, 2)'
refuses_all "$none"
db=text.db
for i in 1 2 3; do echo 'Longer than the hundred bytes of a header of SQLite, so that nobody takes it for one.'; done >text.db
cp text.db text.copy
refuses_all 'file is not a database'
fails 'file is not a database' 'SELECT varsdb_create()'
if cmp -s text.db text.copy; then pass; else fail 'the text was changed'; fi
db=directory
mkdir directory
ran='a directory'
sqlite3 -batch directory ".load $extension" "SELECT tensor('w')" >"$out" 2>"$err" </dev/null
err_like 'unable to open database'

# ---- registries of the future, and damaged ones

cp run.db newer.db
db=newer.db
sqlite3 newer.db 'PRAGMA user_version = 99; UPDATE varsdb_registry SET format = 99'
refuses_all 'has schema 99, written by a newer varsdb'
cp run.db damaged.db
db=damaged.db
sqlite3 damaged.db "UPDATE varsdb_tensors SET inline = zeroblob(24)
    WHERE id = (SELECT tensor_id FROM varsdb_variables WHERE name = 'w')"
for call in "SELECT tensor('w')" "SELECT tensor_json('w')" "SELECT tensor_item('w', 0, 0)" "SELECT l2_loss('w')" \
    "SELECT * FROM tensor_each('w')" "SELECT * FROM tensor_slice('w', '0')" "SELECT * FROM tensor_histogram('w')"; do
    fails 'the stored value of variable w is damaged \(11\)$' "$call"
done

# ---- loading it twice

db=run.db
before=$(contents)
ran='loading it twice'
sqlite3 -batch run.db ".load $extension" ".load $extension" >"$out" 2>"$err" </dev/null
err_like 'varsdb .* is loaded on this connection already$'
printf '.load %s\n' "$extension" "$extension" >twice.sql
echo "SELECT get_variable('cut'), l1_loss('w');" >>twice.sql
sqlite3 run.db <twice.sql >"$out" 2>"$err"
err_like 'varsdb .* is loaded on this connection already$'
out_is '3|21.0'
same 'the registry' "$(contents)" "$before"

works verify run.db
finish
