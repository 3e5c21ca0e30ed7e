#!/bin/sh
# make.sh - writes the frozen database of today's schema, by the command of today, and what it has.
#
#   VARSDB=build/varsdb sh tests/frozen/make.sh       "make frozen" runs it
#
# schema-N.db.gz is what that release leaves to all that come after it; schema-N.txt is what the stock shell
# finds in it (look.sql), which every later version must find there too.  Once a release has its line in
# migrations/LOCK neither changes again.
set -eu
cd "$(dirname "$0")/../.."
VARSDB=${VARSDB:-build/varsdb}
case $VARSDB in /*) ;; *) VARSDB=$PWD/$VARSDB ;; esac
here=$PWD/tests/frozen
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
newest=$(find migrations -name '[0-9]*.sql' | sort | tail -n 1)
number=$(basename "$newest" | sed 's/^0*\([0-9]*\)-.*/\1/')
frozen=$here/schema-$number

if grep -q "[ *]$newest\$" migrations/LOCK && [ -e "$frozen.db.gz" ]; then
    echo "make.sh: schema $number was released; its frozen database stays as it is" >&2
    exit 1
fi

cd "$scratch"
run() { # command arguments... - on the registry
    command=$1
    shift
    "$VARSDB" "$command" old.db "$@" >log 2>&1 || {
        cat log >&2
        exit 1
    }
}

run init --seed 7
# scopes with defaults, and what inherits them
run scope net --init 'random_normal(0,1)' --regularizer 'l2(0.5)'
run model net/layer/w --shape 4,3
run model net/layer/b --shape 3
run get net/twin --shape 7 --init zeros
run get net/other_twin --shape 7 --init zeros
run get cut/p --shape 5,2 --dtype float64 --init 'constant([1,2,3])' --partitioner 'fixed_size(2,0)'
# every kind of value
run get kinds/unsigned --dtype uint64 --value '[0,18446744073709551615]'
run get kinds/signed --dtype int8 --value '[-128,127,0]'
run get kinds/complex --dtype complex64 --value '[[3,4],[0,0]]'
run get kinds/special --dtype float32 --value '["NaN","Infinity","-Infinity",-0.0,2]'
run get kinds/half --dtype bfloat16 --value '[0.5,"NaN"]'
run get kinds/flag --dtype bool --value '[true,false]'
run get kinds/nibbles --dtype float4_e2m1 --shape 3 --init ones
run get kinds/text --dtype string --value '[["one",""],["thrice","four and more"]]'
run get kinds/nothing --shape 0 --init zeros
run get kinds/scalar --shape scalar --init 'constant(-1.5)'
run get kinds/later --shape 9 --init none
run get steps --collection local_variables --no-trainable --dtype int64 --value 7
# in chunks, and one chunk that stands for three
run get big/table --shape 300,300 --init identity
run get big/blank --shape 200000 --init zeros
# a file with metadata: attributes
header='{"__metadata__":{"made":"by hand"},"imported/t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'
printf '\200\0\0\0\0\0\0\0%-128sabcd' "$header" >in.safetensors
run import in.safetensors
run collect favourites net/layer/w
run snapshot --name first --step 10 --meta '{"loss":0.5}'
run set net/layer/b --value '[1,2,3]'
run rm kinds/nibbles
run snapshot --step 20 --pin
run get w --namespace other --shape 2 --init ones
run verify

sqlite3 -batch -bail -init /dev/null old.db <"$here/look.sql" >"$frozen.txt"
gzip -9 -n -c old.db >"$frozen.db.gz"
wc -c "$frozen.db.gz" "$frozen.txt"
