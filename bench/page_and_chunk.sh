#!/bin/sh
# page_and_chunk.sh - how page size, chunk size and auto_vacuum matter.
#
#     sh bench/page_and_chunk.sh [--quick]
#
# These are fixed when the library is built, so each variant is a build of its own, under
# BUILD/variants.  Rows come as the variants take turns and once more at the end, sorted
# by workload.  PAGES, CHUNKS (in KiB) and VACUUMS (0 none, 2 incremental) choose others.
set -eu
cd "$(dirname "$0")/.."

build=$(mkdir -p "${BUILD:-build}/variants" && cd "${BUILD:-build}/variants" && pwd)
rows=$build/rows
SCRIPTS=$PWD/bench
export SCRIPTS
directory=$(mktemp -d "${BENCH_DIR:-$build}/data.XXXXXX")
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM

each_variant() { # command...
    for page in ${PAGES:-16 32}; do
        for chunk in ${CHUNKS:-256 512 1024}; do
            for vacuum in ${VACUUMS:-0 2}; do
                "$@"
            done
        done
    done
}

variant() { echo "$build/page$page-chunk$chunk-vacuum$vacuum"; }

build_variant() {
    echo "building $(variant)"
    make "-j$(nproc)" BUILD="$(variant)" \
        CPPFLAGS="-DVDB_PAGE_BYTES=$((page * 1024)) -DVDB_CHUNK_BYTES=$((chunk * 1024)) -DVDB_AUTO_VACUUM=$vacuum" \
        "$(variant)/bench/bench_tensors" "$(variant)/bench/bench_registry" "$(variant)/varsdb" \
        >"$build/log" 2>&1 || {
        cat "$build/log" >&2
        exit 1
    }
}

# Saves, loads and slices; of the other benchmark the creates.
run_variant() { # [--quick]
    {
        "$(variant)/bench/bench_tensors" "$directory" --only abcf "$@"
        "$(variant)/bench/bench_registry" "$directory" "$(variant)/varsdb" --quick | grep create
    } >"$build/output"
    grep '^(' "$build/output" |
        awk -v variant="$(printf 'page %3d KiB, chunk %4d KiB, vacuum %d' "$page" "$chunk" "$vacuum")" \
            '{ print variant " | " $0 }' | tee -a "$rows"
    rm -rf "${directory:?}"/*
}

each_variant build_variant
: >"$rows"
each_variant run_variant "$@"
echo
echo "By workload:"
sort -s -t '|' -k 2,2 "$rows"
