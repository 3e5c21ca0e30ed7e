#!/bin/sh
# run.sh - runs every test_*.sh beside it, each in a directory of its own, and
# prints a line for each check that failed and one with the totals.
#
#   VARSDB=build/varsdb EXTENSION=build/varsdb0.so sh tests/cli/run.sh [test_name.sh...]
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
unset VARSDB_NAMESPACE
export VARSDB EXTENSION LC_ALL=C

scratch=$(mktemp -d) || exit 2
chmod 711 "$scratch" # a test that runs as another user must get through
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
passed=0
failed=0

run_test() { # path
    name=$(basename "$1")
    mkdir "$scratch/work" || exit 2
    (cd "$scratch/work" && HERE=$here TEST=$name COUNTS=$scratch/counts sh "$1")
    if [ -f "$scratch/counts" ]; then
        read -r p f <"$scratch/counts"
        passed=$((passed + p))
        failed=$((failed + f))
        rm "$scratch/counts"
    else
        echo "$name: did not reach its end"
        failed=$((failed + 1))
    fi
    rm -rf "$scratch/work"
}

if [ $# -gt 0 ]; then
    for test; do run_test "$here/$test"; done
else
    for test in "$here"/test_*.sh; do run_test "$test"; done
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
