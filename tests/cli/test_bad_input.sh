# Bad input: one line that says what was wrong and what is accepted, the right
# status, and nothing changed.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works get run.db a --value '[1,2,3]'
works get run.db i --value '[1,2,3]' --dtype int8

# Names.
long=$(printf '%5000s' '' | tr ' ' x)
control=$(printf 'a\001b')
for name in '' '/' 'a//b' '/a' '_a' 'a b' 'a\b' "$control" "$long" 'a:0:0'; do
    refuses 2 'name|variable' get run.db "$name" --shape 2
done
refuses 2 'a/' get run.db a/ --shape 2
refuses 2 'name|not' mv run.db a 'x//y'
refuses 2 'name|not' mv run.db a ''

# Shapes.
refuses 2 'shape "-1,2": a dimension is negative; accepted' get run.db n --shape -1,2
refuses 2 'shape "2,": a dimension is missing' get run.db n --shape 2,
refuses 2 'shape "": a dimension is missing' get run.db n --shape ''
refuses 2 'shape "2x3"' get run.db n --shape 2x3
refuses 2 'shape "\[2,3": the bracket' get run.db n --shape '[2,3'
refuses 2 'does not fit 64 bits' get run.db n --shape 99999999999999999999
refuses 2 'dimension|elements|large|overflow' get run.db n --shape 281474976710656,281474976710656
refuses 2 'dimension|2\^48|281474976710656' get run.db n --shape 9223372036854775807
refuses 2 'dimension|elements|large|overflow' get run.db n --shape 281474976710656,0,281474976710656
sixty_four=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1
sixty_four=$sixty_four,$sixty_four
refuses 2 'too many dimensions.*64' get run.db n --shape "$sixty_four,1"
refuses 2 'shape' get run.db n

# Dtypes.
refuses 2 '"float" is no dtype; accepted: bool int8 .* string' get run.db n --shape 1 --dtype float
refuses 2 '"" is no dtype' get run.db n --shape 1 --dtype ''
refuses 2 'complex64' get run.db n --shape 1 --dtype complex64
refuses 2 '"f4" is no dtype' scope run.db layer --dtype f4

# Initializer specs.
for spec in '' frobnicate 'constant(' 'constant(1' 'constant(x)' 'random_normal(0,0.1,seed=)' 'random_uniform(1,2,3,4,5)' \
    'zeros(1)' 'constant([1,2,3,4,5])' 'zeros zeros'; do
    refuses 2 'initializer|constant|random|zeros' get run.db n --shape 2 --init "$spec"
    refuses 2 'initializer|constant|random|zeros' set run.db a --init "$spec"
done
refuses 2 'random_normal|int' get run.db n --shape 2 --dtype string --init 'random_normal(0,1)'
refuses 2 'regularizer' get run.db n --shape 2 --regularizer 'l3(1)'
refuses 2 'partitioner' get run.db n --shape 2 --partitioner 'thirds'
refuses 2 'initializer' scope run.db layer --init 'nonsense(1)'
refuses 2 'regularizer' scope run.db layer --regularizer 'l2(-1)'

# Values.
refuses 2 'a.*3|3.*' set run.db a --value '[1,2]'
refuses 2 '.' set run.db a --value '[1,2,3,4]'
refuses 2 '.' set run.db a --value '[[1,2],[3]]'
refuses 2 '.' set run.db a --value '[1,2,'
refuses 2 '.' set run.db a --value 'nonsense'
refuses 2 '.' set run.db a --value ''
refuses 2 '.' set run.db a --value '["x","y","z"]'
refuses 2 '128.*int8|int8.*128' set run.db i --value '[1,2,128]'
refuses 2 '.' set run.db i --value '[1,2,0.5]'
refuses 2 '.' get run.db n --shape 2,2 --value '[1,2,3]'
refuses 2 '.' get run.db n --value '[1,[2]]'
refuses 2 'one of --value' set run.db a
refuses 2 'one of --value' set run.db a --value 1 --init zeros

# What is not there.
refuses 1 'nothere' set run.db nothere --value 1
refuses 1 'nothere' cat run.db nothere
refuses 1 'nothere' show run.db nothere
refuses 1 'nothere' rm run.db nothere
refuses 1 'nothere' rm run.db nothere/
refuses 1 'nothere' mv run.db nothere b
refuses 1 'nothere' mv run.db nothere/ b
refuses 1 'nothere' tree run.db nothere
refuses 1 'nothere' scope run.db nothere
refuses 1 'nothere' collect run.db mine nothere
refuses 1 'nothere' collect run.db mine nothere/
refuses 1 'a' uncollect run.db mine a
refuses 1 'nothere' rm run.db --namespace nothere --all
refuses 2 'namespace' rm run.db --all
refuses 2 'no name is given' rm run.db
refuses 2 'names no scope' rm run.db /

# Filters.
refuses 2 '\(' ls run.db --match '('
refuses 2 '\(' export run.db x.safetensors --match '('
refuses 2 'one of --match and --include' export run.db x.safetensors --match a --include b

# The registry is missing, a directory, or another kind of file.
mkdir folder
echo 'This is no registry, only a text of some length.' >text.db
head -c 20000 /dev/zero >zeros.db
for bad in absent.db folder text.db zeros.db; do
    db=$bad
    refuses 3 "$bad" ls "$bad"
    refuses 3 "$bad" get "$bad" v --shape 1
    refuses 3 "$bad" set "$bad" v --value 1
    refuses 3 "$bad" cat "$bad" v
    refuses 3 "$bad" tree "$bad"
    refuses 3 "$bad" show "$bad" v
    refuses 3 "$bad" scope "$bad" s
    refuses 3 "$bad" collections "$bad"
    refuses 3 "$bad" namespaces "$bad"
    refuses 3 "$bad" collect "$bad" c v
    refuses 3 "$bad" mv "$bad" a b
    refuses 3 "$bad" rm "$bad" v
    refuses 3 "$bad" export "$bad" x.safetensors
    refuses 3 "$bad" sql "$bad" 'SELECT 1'
    refuses 3 "$bad" snapshot "$bad"
    refuses 3 "$bad" snapshots "$bad"
    refuses 3 "$bad" snapshot-rm "$bad" latest
    refuses 3 "$bad" snapshot-pin "$bad" latest
    refuses 3 "$bad" restore "$bad" latest
    refuses 3 "$bad" diff "$bad" latest
    refuses 3 "$bad" verify "$bad"
    refuses 3 "$bad" gc "$bad"
    refuses 3 "$bad" backup "$bad" copy.db
    refuses 3 "$bad" migrate "$bad"
done
same 'what is there' "$(ls -A | grep -v -e '^\.' | tr '\n' ' ')" 'folder run.db text.db zeros.db '

# A file that may only be read: reading works, and writing says so.
db=readonly/run.db
mkdir readonly
works snapshot run.db --name s
cp run.db readonly/run.db
cp "$VARSDB" ./varsdb.copy
chmod 755 ./varsdb.copy
chmod 444 readonly/run.db
chmod 777 . readonly
if [ "$(id -u)" -eq 0 ]; then
    cat >as_nobody <<'END'
#!/bin/sh
exec setpriv --reuid=65534 --regid=65534 --clear-groups ./varsdb.copy "$@"
END
else
    printf '#!/bin/sh\nexec ./varsdb.copy "$@"\n' >as_nobody
fi
chmod 755 as_nobody
# SQLite resolves the whole path, so every directory above must be open to others too.
sed 's|\./varsdb\.copy.*|cat "$1"|' as_nobody >cat_as_nobody
chmod 755 cat_as_nobody
if ./cat_as_nobody "$PWD/readonly/run.db" >/dev/null 2>&1; then
    whole=$VARSDB
    VARSDB=./as_nobody
    gives '[1.0, 2.0, 3.0]' cat readonly/run.db a
    refuses 3 'readonly/run.db' set readonly/run.db a --value 0
    refuses 3 'readonly/run.db' get readonly/run.db new --shape 1
    refuses 3 'readonly/run.db' snapshot readonly/run.db
    refuses 3 'readonly/run.db' snapshot-rm readonly/run.db s
    refuses 3 'readonly/run.db' snapshot-pin readonly/run.db s
    refuses 3 'readonly/run.db' restore readonly/run.db s
    refuses 3 'readonly/run.db' gc readonly/run.db
    # Nor may anything be made beside it: only --immutable reads it then.
    rm -f readonly/run.db-wal readonly/run.db-shm
    chmod 555 readonly
    refuses 3 'cannot be written to.*--immutable' cat readonly/run.db a
    refuses 3 'readonly/run.db' set readonly/run.db a --value 0
    gives '[1.0, 2.0, 3.0]' cat readonly/run.db a --immutable
    gives "n
2" sql readonly/run.db 'SELECT count(*) AS n FROM variables' --immutable
    refuses 3 'readonly/run.db' migrate readonly/run.db
    refuses 3 'cannot be written to.*--immutable' verify readonly/run.db
    works diff readonly/run.db s --immutable
    works backup readonly/run.db copied.db --immutable
    works verify copied.db
    for command in ls tree collections namespaces snapshots verify; do works "$command" readonly/run.db --immutable; done
    works show readonly/run.db a --immutable
    works export readonly/run.db exported.safetensors --immutable
    chmod 777 readonly
    VARSDB=$whole
fi
finish
