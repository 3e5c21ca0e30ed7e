#!/bin/sh
# run.sh - runs the benchmarks: sh bench/run.sh [--quick]
#
# BENCH is the directory of the built benchmarks, VARSDB the command.  The files are
# made beside the benchmarks, so on the disk of the build; BENCH_DIR names another place.
# What the peers in Python need is installed first, but not by --quick.
set -eu

: "${BENCH:?BENCH must be the directory of the built benchmarks}"
: "${VARSDB:?VARSDB must be the path of the varsdb command}"
SCRIPTS=$(cd "$(dirname "$0")" && pwd)
export SCRIPTS

mkdir -p "${BENCH_DIR:-$BENCH}"
directory=$(mktemp -d "${BENCH_DIR:-$BENCH}/data.XXXXXX")
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM

if [ "${1:-}" != --quick ]; then sh "$SCRIPTS/install-peers.sh"; fi
"$BENCH/bench_registry" "$directory" "$VARSDB" "$@"
echo
"$BENCH/bench_tensors" "$directory" "$@"
echo
"$BENCH/bench_host" "$directory" "$@"
"$BENCH/bench_sql" "$directory" "$(dirname "$VARSDB")/varsdb0.so" "$@"
"$BENCH/bench_stats" "$@"
