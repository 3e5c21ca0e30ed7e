#!/bin/sh
# run.sh - runs the unit and process tests on a library that counts its branches, and judges the counts.
# "make check-coverage" builds what it takes and runs it.
set -u
cd "$(dirname "$0")/../.." || exit 2
AWK=${AWK:-awk}
GCOV=${GCOV:-gcov}
build=${BUILD:-build/coverage}
floor=95        # of all branches, in %
whole_floor=100 # of these

# What commits, migrates and verifies.  What is left out there is to be in exceptions.txt, with a reason.
whole="src/transaction.c src/engine_sqlite_transaction.c src/engine_sqlite_turnstile.c src/engine_sqlite_checkpoint.c"
whole="$whole src/engine_sqlite_build.c src/engine_sqlite_script.c src/engine_sqlite_check.c src/save.c src/migrate.c src/value_columns.c"
for file in src/verify*.[ch]; do whole="$whole $file"; done

# These do in other orders, or many times, what others do too, and take most of the time.
VARSDB_TEST_WITHOUT=${VARSDB_TEST_WITHOUT-"collision duel flips giant initializer_orthogonal killed killed_upkeep mixed
    model power race save_schedule schedule soak sweepers value_flips"}
CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT-600}
export VARSDB_TEST_WITHOUT CK_DEFAULT_TIMEOUT

counts() { find "$build/obj/src" -name '*.gcda' -exec "$@" {} +; }

run() { # said
    "$build/tests/runner" >"$1" 2>&1 || {
        grep -v -e '^100%' -e '^profiling:' "$1" | tail -n 40 # of children that gave their rights up
        return 1
    }
    tail -n 1 "$1"
}

# Most ways out of the library's own code are taken when one of these fails, and a short run tries few of them.
fail_often() { # part
    VARSDB_TEST_ONLY=fault CK_RUN_CASE="$1" VARSDB_FAULT_STEP=3 run "$build/said-$1"
}

# Children that give their rights up, as the tests of permissions do, count only where they may write: any suite makes
# the files of all counts, which are then for everybody.
counts rm -f
VARSDB_TEST_ONLY=buf run "$build/said" || exit 1
counts chmod a+rw
run "$build/said" || exit 1
fail_often own &
own=$!
fail_often engine || exit 1
wait "$own" || exit 1
counts "$GCOV" --branch-probabilities --branch-counts --stdout >"$build/counts" 2>/dev/null || exit 1
"$AWK" -v floor="$floor" -v whole="$whole" -v whole_floor="$whole_floor" -v missing="$build/missing" -f tests/coverage/count.awk \
    tests/coverage/exceptions.txt "$build/counts"
