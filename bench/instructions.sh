#!/bin/sh
# instructions.sh - counts the instructions of single operations with callgrind, and compares them with
# instructions.txt: sh bench/instructions.sh [--record]
#
# "make check-instructions" runs it.  The counts do not depend on what else the machine does; they do on the
# compiler and on SQLite, so they are compared where both are those of the record.  As root on Debian it installs
# valgrind.
# shellcheck disable=SC2016,SC2013 # awk's programs; names without spaces
set -eu
: "${BENCH:?BENCH must be the directory of the built benchmarks}"
CC=${CC:-cc}
AWK=${AWK:-awk}
MARGIN=5 # percent
record=$(cd "$(dirname "$0")" && pwd)/instructions.txt
program=$BENCH/bench_instructions

if ! command -v valgrind >/dev/null 2>&1; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "instructions: no valgrind: as root on Debian, apt-get install valgrind libc6-dbg" >&2
        exit 1
    fi
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends valgrind libc6-dbg >/dev/null
fi

# Into a file of its own, as others are counted beside it.
count() { # operation
    mkdir "$directory/$1"
    cp "$directory/made/"*.db "$directory/$1"
    if ! times=$(valgrind --tool=callgrind --callgrind-out-file="$directory/$1/out" --toggle-collect=count_here \
        "$program" "$directory/$1" "$1" 2>"$directory/$1/log"); then
        cat "$directory/$1/log" >&2
        exit 1
    fi
    $AWK -v name="$1" -v times="$times" '$1 == "summary:" || $1 == "totals:" { total = $2 }
        END { printf "%s %d\n", name, total / times }' "$directory/$1/out" >"$directory/$1/count"
}

if [ "${1:-}" = --one ]; then
    count "$2"
    exit
fi

# Nothing is measured of the disk: memory will do, where there is a file system of it.
shm=/dev/shm
if [ ! -w "$shm" ]; then shm=$BENCH; fi
directory=$(mktemp -d "$shm/varsdb-instructions.XXXXXX")
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
export BENCH directory

mkdir "$directory/made"
"$program" "$directory/made" >"$directory/operations"
sed 1d "$directory/operations" | xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" sh "$0" --one
{
    sed 1q "$directory/operations"
    echo "compiler $($CC -dumpfullversion -dumpversion | sed 1q) $($CC -dumpmachine)"
    for operation in $(sed 1d "$directory/operations"); do cat "$directory/$operation/count"; done
} >"$directory/counts"

if [ "${1:-}" = --record ]; then
    cp "$directory/counts" "$record"
    cat "$record"
    exit
fi
echo "instructions of one operation"
$AWK -v margin="$MARGIN" '
    NR == FNR && $1 ~ /^(sqlite|compiler)$/ { conditions = conditions $0 "\n"; next }
    NR == FNR { recorded[$1] = $2; next }
    $1 ~ /^(sqlite|compiler)$/ { here = here $0 "\n"; next }
    {
        count[$1] = $2
        more = $1 in recorded ? ($2 / recorded[$1] - 1) * 100 : 0
        printf "%-17s %9d  recorded %9s  %+5.1f %%\n", $1, $2, $1 in recorded ? recorded[$1] : "-", more
        if (!($1 in recorded)) { failures++; print "    is not recorded: make check-instructions RECORD=1" }
        else if (more > margin) { failures++; printf "    more than %d %% above the record\n", margin }
        else if (more < -margin) print "    better: record it, make check-instructions RECORD=1"
        seen++
    }
    END {
        printf "of what raw SQLite takes: hit %.3f, hit out of a transaction %.2f, create %.2f, open to first answer %.2f, and in the same file %.2f\n", \
            count["hit"] / count["raw_hit"], count["hit_alone"] / count["raw_hit"], \
            count["create"] / count["raw_create"], count["open_and_get"] / count["raw_open_and_get"], \
            count["open_and_get"] / count["same_open_and_get"]
        if (seen < 11) { print "fewer operations than there were"; exit 1 }
        if (here != conditions) { printf "not compared, as the record is of\n%s", conditions; exit 0 }
        exit failures > 0
    }' "$record" "$directory/counts"
