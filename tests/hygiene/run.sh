#!/bin/sh
# run.sh - what two analyzers find in src/ and cli/, and whether a second build gives the same bytes.
#
#   run.sh            gcc's analyzer, clang-tidy's quick checks, and the second build; "make check-hygiene"
#                     runs it, with $FLAGS as the library has them
#   run.sh tidy       clang-tidy, with clang's analyzer; "make check-tidy" runs it
#   run.sh gcc FILE   one file by gcc's analyzer
#   run.sh quick FILE ... by clang-tidy without clang's analyzer
#   run.sh clang FILE ... and with it
#
# As root on Debian it installs what that takes.  Two of gcc's checks are left out: gcc 12 takes a pointer
# for lost when it is stored in an array that grows, and a local for unset when a call set it; clang's
# analyzer finds both kinds of faults, and the tests of failing memory count what is not given back.
# What else it takes for a fault and is none, is in explained.txt.
set -eu
cd "$(dirname "$0")/../.."
FLAGS=${FLAGS:--std=c11 -D_GNU_SOURCE -Isrc -Ibuild/gen}
BUILD=${BUILD:-build}

fail() { # what
    echo "check-hygiene: $1" >&2
    exit 1
}

install_tools() { # command:package...
    missing=
    for tool; do
        command -v "${tool%%:*}" >/dev/null 2>&1 || missing="$missing ${tool##*:}"
    done
    if [ -z "$missing" ]; then return; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "it needs$missing"
    fi
    apt-get update -q
    # shellcheck disable=SC2086 # names of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

# The command has malloc itself.  A file that defines a function of analysis.h has that one as it is.
beside() { # file
    case $1 in cli/*) return ;; esac
    sed -n 's/^#define \(vdb_[a-z_]*\).*/\1/p' tests/hygiene/analysis.h | while read -r name; do
        if grep -qE "^[a-z].*[ *]$name\(" "$1"; then echo "#undef $name"; fi
    done >"$scratch/own.h"
    echo "-include tests/hygiene/analysis.h -include $scratch/own.h"
}

explained() { # file, how the analyzer's checks begin, and the option that leaves one out
    awk -v file="$1" -v first="$2" -v option="$3" '$1 == file && index($2, first) == 1 { print option $2 }' \
        tests/hygiene/explained.txt
}

# shellcheck disable=SC2046,SC2086 # lists of options
by_gcc() { # file
    gcc $FLAGS $(beside "$1") $(explained "$1" analyzer- -Wno-) -O0 -fanalyzer -fno-analyzer-state-merge \
        -fdiagnostics-path-format=none -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value \
        -Werror -c "$1" -o /dev/null
}

# shellcheck disable=SC2086
tidy() { # checks, file, and further flags
    checks=$1 file=$2
    shift 2
    clang-tidy --quiet --checks="$checks" "$file" -- $FLAGS "$@" 2>&1 |
        grep -vE '^[0-9]+ warnings? generated|^Suppressed |^Use -header-filter' >"$scratch/report" || return 0
    cat "$scratch/report"
    return 1
}

# shellcheck disable=SC2046
by_quick() { # file
    tidy '-clang-analyzer-*' "$1" $(beside "$1")
}

# Its analyzer looks five calls deep unless it is told otherwise.
# shellcheck disable=SC2046
by_clang() { # file
    tidy "$(explained "$1" clang- ,-)" "$1" $(beside "$1") -Xclang -analyzer-inline-max-stack-depth -Xclang 10
}

finds() { # analyzer word... - in planted.c, and nothing in the function that has no fault
    tool=$1
    shift
    sh tests/hygiene/run.sh "$tool" tests/hygiene/planted.c >"$scratch/planted" 2>&1 &&
        fail "$tool finds no fault in planted.c"
    for word; do grep -q "$word" "$scratch/planted" || fail "$tool does not find $word in planted.c"; done
    last=$(grep -n '^/\* Who fails' tests/hygiene/planted.c)
    grep -E 'planted.c:[0-9]+:[0-9]+: (warning|error)' "$scratch/planted" | cut -d: -f2 |
        while read -r line; do [ "$line" -lt "${last%%:*}" ] || fail "$tool finds a fault where there is none"; done
}

analyze() { # analyzer
    find src cli -name '*.c' | LC_ALL=C sort >"$scratch/files"
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh tests/hygiene/run.sh "$1" \
        <"$scratch/files" >"$scratch/found" 2>&1 || {
        cat "$scratch/found" >&2
        fail "$1: findings, above"
    }
    echo "check-hygiene: $1: $(wc -l <"$scratch/files") files, no finding"
}

# The same sources in another directory, at another time, in another zone and under another mask.
same_bytes() {
    archive=$(make -s BUILD="$scratch/dist" dist) || fail 'make dist failed'
    mkdir "$scratch/elsewhere"
    tar -x -z -f "$archive" -C "$scratch/elsewhere" --strip-components=1
    (umask 077 && TZ=Asia/Tokyo make -s -C "$scratch/elsewhere" BUILD=build all) >"$scratch/log" 2>&1 || {
        tail -n 30 "$scratch/log" >&2
        fail 'the second build failed'
    }
    version=$("$BUILD/varsdb" version | sed -n '1s/varsdb //p')
    for file in libvarsdb.a "libvarsdb.so.$version" varsdb varsdb0.so; do
        cmp "$BUILD/$file" "$scratch/elsewhere/build/$file" || fail "$file depends on where or when it is built"
    done
    echo 'check-hygiene: the library, shared and static, the command and the extension: the same bytes elsewhere'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
case ${1:-} in
gcc | quick | clang) "by_$1" "$2" ;;
tidy)
    install_tools clang-tidy:clang-tidy
    finds clang 'after it is freed' 'released memory' 'null pointer'
    analyze clang
    ;;
'')
    install_tools gcc:gcc clang-tidy:clang-tidy
    finds gcc use-after-free double-free possible-null-dereference
    finds quick widening
    analyze gcc
    analyze quick
    same_bytes
    ;;
*) fail 'usage: run.sh [tidy | (gcc | quick | clang) FILE]' ;;
esac
