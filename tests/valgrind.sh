#!/bin/sh
# valgrind.sh - suites under valgrind, each in one process: no error, and nothing lost, surely or possibly.
#
#   RUNNER=build/tests/runner SUITES="buf json" sh tests/valgrind.sh       "make check-valgrind" runs it
#
# SUITES=all takes all of tests/unit but element, which compares with floats of 80 bits: valgrind has 64.
set -eu
RUNNER=${RUNNER:-build/tests/runner}

# With a suite's name it runs that one.
if [ $# -gt 0 ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if CK_FORK=no VARSDB_TEST_ONLY=$1 valgrind -q --leak-check=full --show-leak-kinds=definite,possible \
        --errors-for-leak-kinds=definite,possible --error-exitcode=9 --child-silent-after-fork=yes "$RUNNER" >"$log" 2>&1; then
        echo "valgrind: $1: $(sed -n 's/.*Checks: \([0-9]*\),.*/\1/p' "$log") tests, nothing found"
        exit 0
    fi
    tail -n 40 "$log"
    echo "valgrind: $1 failed"
    exit 1
fi

if ! command -v valgrind >/dev/null 2>&1; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "check-valgrind needs valgrind" >&2
        exit 1
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends valgrind libc6-dbg
fi

if [ "$SUITES" = all ]; then
    SUITES=$(find tests/unit -name 'test_*.c' | sed 's|.*/test_||; s|\.c$||' | grep -vx element)
fi
echo "$SUITES" | tr ' ' '\n' | RUNNER=$RUNNER xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh "$0"
