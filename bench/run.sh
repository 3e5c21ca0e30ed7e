#!/bin/sh
# run.sh - runs the benchmarks: sh bench/run.sh [--quick]
#
# BENCH is the directory of the built benchmarks, VARSDB the command.  The files are
# made beside the benchmarks, so on the disk of the build; BENCH_DIR names another place.
set -eu

: "${BENCH:?BENCH must be the directory of the built benchmarks}"
: "${VARSDB:?VARSDB must be the path of the varsdb command}"

mkdir -p "${BENCH_DIR:-$BENCH}"
directory=$(mktemp -d "${BENCH_DIR:-$BENCH}/data.XXXXXX")
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM

"$BENCH/bench_registry" "$directory" "$VARSDB" "$@"
