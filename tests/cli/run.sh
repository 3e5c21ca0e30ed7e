#!/bin/sh
# run.sh - runs every test_*.sh beside it, each in a directory of its own, and
# prints a line for each check that failed and one with the totals.
#
#   VARSDB=build/varsdb EXTENSION=build/varsdb0.so sh tests/cli/run.sh [test_name.sh...]
#
# VARSDB_TEST_JOBS=<n> says how many run at a time; without it as many as there are processors.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
VARSDB=${VARSDB:-build/varsdb}
EXTENSION=${EXTENSION:-${VARSDB%/*}/varsdb0.so}
case $VARSDB in /*) ;; *) VARSDB=$PWD/$VARSDB ;; esac
case $EXTENSION in /*) ;; *) EXTENSION=$PWD/$EXTENSION ;; esac
[ -x "$VARSDB" ] || {
    echo "run.sh: $VARSDB is not there; build it with: make cli"
    exit 2
}
unset VARSDB_NAMESPACE COLUMNS
export VARSDB EXTENSION LC_ALL=C

# What it prints comes out in one piece, as others run beside it.
run_one() { # test
    mkdir "$scratch/$1"
    (cd "$scratch/$1" && HERE=$here TEST=$1 COUNTS=$scratch/$1.counts sh "$here/$1") >"$scratch/$1.out" 2>&1
    [ -f "$scratch/$1.counts" ] || echo "$1: did not reach its end" >>"$scratch/$1.out"
    cat "$scratch/$1.out"
    rm -rf "${scratch:?}/$1"
}

if [ "${1:-}" = --one ]; then
    run_one "$2"
    exit 0
fi

scratch=$(mktemp -d) || exit 2
chmod 711 "$scratch" # a test that runs as another user must get through
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
export scratch
if [ $# -eq 0 ]; then
    cd "$here" || exit 2
    set -- test_*.sh
    cd "$OLDPWD" || exit 2
fi
jobs=${VARSDB_TEST_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}
printf '%s\n' "$@" | xargs -n 1 -P "$jobs" sh "$here/run.sh" --one

passed=0
failed=0
for test; do
    if [ -f "$scratch/$test.counts" ]; then
        read -r p f <"$scratch/$test.counts"
    else
        p=0 f=1
    fi
    passed=$((passed + p))
    failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
