#!/bin/sh
# run.sh - runs the benchmarks: sh bench/run.sh [--quick]
#
# BENCH is the directory of the built benchmarks, VARSDB the command.  The files are
# made beside the benchmarks, so on the disk of the build; BENCH_DIR names another place.
# All rows are in BENCH/results.json in the end, an array of objects.
set -eu

: "${BENCH:?BENCH must be the directory of the built benchmarks}"
: "${VARSDB:?VARSDB must be the path of the varsdb command}"
SCRIPTS=$(cd "$(dirname "$0")" && pwd)
export SCRIPTS

mkdir -p "${BENCH_DIR:-$BENCH}"
directory=$(mktemp -d "${BENCH_DIR:-$BENCH}/data.XXXXXX")
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM

RESULTS=$directory/results
export RESULTS

"$BENCH/bench_registry" "$directory" "$VARSDB" "$@"
echo
"$BENCH/bench_tensors" "$directory" "$@"
echo
"$BENCH/bench_peers" "$directory" "$@"
echo
"$BENCH/bench_files" "$directory" "$VARSDB" "$@"
echo
"$BENCH/bench_host" "$directory" "$@"
"$BENCH/bench_sql" "$directory" "$(dirname "$VARSDB")/varsdb0.so" "$@"
"$BENCH/bench_stats" "$@"
# Millions of variables take long, and tens of GiB of disk: build/bench/bench_growth DIRECTORY build/varsdb.
"$BENCH/bench_growth" "$directory" "$VARSDB" --quick --sizes 2

{
    echo '['
    sed '$!s/$/,/' "$RESULTS"
    echo ']'
} >"$BENCH/results.new"
if [ "$(sqlite3 :memory: "SELECT json_valid(readfile('$BENCH/results.new'))")" != 1 ]; then
    echo "bench: $BENCH/results.new is no JSON" >&2
    exit 1
fi
mv "$BENCH/results.new" "$BENCH/results.json"
