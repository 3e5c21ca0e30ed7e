# make amalgamation: one file that compiles alone, and does what the library does.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

root=$(cd "$HERE/../.." && pwd)
build=$(dirname "$VARSDB")
built=$VARSDB
one=$build/amalgamation
strict='-std=c11 -Wall -Wextra -Werror'

done_well() { # what command...
    ran=$1
    shift
    if "$@" >log 2>&1; then pass; else fail "$(head -n 3 log)"; fi
}

compile() { # object options...
    object=$1
    shift
    done_well "varsdb.c with $*" "${CC:-cc}" "$@" -c "$one/varsdb.c" -o "$object"
}

link() { # program object... libraries
    program=$1
    shift
    done_well "linking $program" "${CC:-cc}" "$@" -o "$program"
}

done_well 'make amalgamation' make -s -C "$root" BUILD="$build" amalgamation
same 'what the header differs in' "$(cmp "$one/varsdb.h" "$root/src/varsdb.h" 2>&1)" ''

# As anyone would compile it, and for this processor, whose multiply-add must not be contracted: a
# compiler may in its own dialect, but does not with -std=c11.
native=-march=native
echo 'int x;' | "${CC:-cc}" -march=native -x c -c - -o x.o 2>/dev/null || native=-O2
compile varsdb.o -O2 "$native"
# shellcheck disable=SC2086 # options are words
compile regex.o $strict -O2 -DVARSDB_WITH_REGEX -DVARSDB_WITH_ZLIB
# shellcheck disable=SC2086
compile least.o $strict -O0 -DVARSDB_OMIT_REGEX -DVARSDB_OMIT_SAFETENSORS -DVARSDB_OMIT_NUMPY \
    -DVARSDB_OMIT_PYTORCH -DVARSDB_OMIT_GGUF -DVARSDB_OMIT_TENSORFLOW
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || continue
    # shellcheck disable=SC2086
    done_well "$compiler's warnings" "$compiler" $strict -fsyntax-only "$one/varsdb.c"
done
for object in varsdb.o regex.o least.o; do
    ran=$object
    same 'what it exports beyond varsdb_' \
        "$(nm -g --defined-only "$object" | awk '$3 !~ /^varsdb_/ && $3 != "sqlite3_varsdb_init" { print $3 }')" ''
done
ran=varsdb.o
same 'what it exports' "$(nm -g --defined-only varsdb.o | awk '{ print $3 }' | sort)" \
    "$(nm -g --defined-only "$build/libvarsdb.a" | awk '$3 ~ /varsdb_/ && $3 !~ /^vdb_/ { print $3 }' | sort)"

# The examples; the network of train takes exponentials by itself.
for example in example1_get_variable_reuse example2_model_variable example3_mixed train; do
    libraries='-lsqlite3 -lxxhash'
    if [ "$example" = train ]; then libraries="$libraries -lm"; fi
    # shellcheck disable=SC2086
    link "$example" -std=c11 -D_GNU_SOURCE -O2 -ffp-contract=off "-I$one" "$root/examples/$example.c" varsdb.o $libraries
    mkdir "one-$example" "normal-$example"
    (cd "one-$example" && ../"$example" demo.db 100) >one.txt 2>&1
    (cd "normal-$example" && "$build/examples/$example" demo.db 100) >normal.txt 2>&1
    ran=$example
    if [ -s one.txt ]; then pass; else fail 'prints nothing'; fi
    same 'what it prints' "$(cat one.txt)" "$(cat normal.txt)"
done

# The extension, whose SQLite is the shell's.
done_well 'the extension' "${CC:-cc}" -shared -fPIC -O2 -DVARSDB_LOADABLE "-I$one" "$one/varsdb.c" -lxxhash -lm -o varsdb0.so
ran='the extension'
same 'what it says' "$(sqlite3 :memory: '.load ./varsdb0' 'SELECT varsdb_version()')" "$("$built" version | awk 'NR == 1 { print $2 }')"

# The command, with one file of each kind below it.
mkdir cli
for source in "$root"/cli/*.c "$build"/gen/report_page.c "$build"/gen/completions.c; do
    "${CC:-cc}" -std=c11 -D_GNU_SOURCE "-I$one" "-I$root/cli" -c "$source" -o "cli/$(basename "$source" .c).o" || fail "$source"
done
link plain cli/*.o varsdb.o -lsqlite3 -lxxhash -lm
link with-regex cli/*.o regex.o -lsqlite3 -lxxhash -lpcre2-8 -lz -lm
link without cli/*.o least.o -lsqlite3 -lxxhash -lm

draw() { # command registry: draws values of every kind, and says which
    "$1" init "$2" --seed 42 >/dev/null
    for kind in random_uniform random_normal truncated_normal glorot_uniform glorot_normal he_normal lecun_uniform \
        xavier_uniform uniform_unit_scaling orthogonal; do
        "$1" get "$2" "$kind" --shape 31,17 --init "$kind" >/dev/null
        "$1" get "$2" "wide_$kind" --shape 31,17 --dtype float64 --init "$kind" >/dev/null
    done
    sqlite3 "$2" 'SELECT name, hash, min, max, mean, std, l2_norm FROM variables ORDER BY name'
}
draw "$built" normal.db >normal.txt
same 'how many variables are drawn' "$(wc -l <normal.txt)" 20
for command in plain with-regex without; do
    VARSDB=$PWD/$command
    gives "$("$built" version)" version
    same 'what is drawn' "$(draw "$VARSDB" "$command.db")" "$(cat normal.txt)"
done

VARSDB=$PWD/with-regex
gives "$("$built" ls normal.db --match '^wide_glorot_(uniform|normal)$')" ls normal.db --match '^wide_glorot_(uniform|normal)$'
VARSDB=$PWD/plain
db=plain.db
refuses 3 "the regular expression 'glorot' cannot be used: .* VARSDB_WITH_REGEX$" ls plain.db --match glorot
gives "$("$built" ls normal.db --name 'wide_glorot*')" ls plain.db --name 'wide_glorot*'
works export plain.db plain.safetensors
VARSDB=$PWD/without
refuses 3 'without any format of tensor files; .*one of VARSDB_OMIT_SAFETENSORS, .* and _TENSORFLOW$' import plain.db plain.safetensors
VARSDB=$built
works export normal.db normal.safetensors
same 'what the exports differ in' "$(cmp plain.safetensors normal.safetensors 2>&1)" ''

# Checksums of zip archives are zlib's where there is zlib, and else our own.
VARSDB=$PWD/plain
works export plain.db plain.npz
works import again.db plain.npz
VARSDB=$built
works export normal.db normal.npz
same 'what the archives differ in' "$(cmp plain.npz normal.npz 2>&1)" ''

finish
