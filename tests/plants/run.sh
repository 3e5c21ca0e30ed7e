#!/bin/sh
# run.sh - tests of the tests: plants one bug after the other into a copy of the sources (plants.txt), and
# expects the suite that is meant for it to fail.  "make check-plants" runs it; PLANTS="<name> ..." plants
# those alone, PLANTS_ONE_IN=2 every second one.  Suites run VARSDB_TEST_JOBS at a time, while the next plant is built.
# shellcheck disable=SC2016 # awk's programs
set -u
cd "$(dirname "$0")/../.." || exit 2
MAKE=${MAKE:-make}
AWK=${AWK:-awk}
CFLAGS=${CFLAGS:--O1}
FLOOR=45        # fewer plants are a mistake in the list
SECONDS_MAX=120 # a suite that does not end by then is caught too

list=tests/plants/plants.txt
work=${BUILD:-build}/plants
mkdir -p "$work" || exit 2
work=$(cd "$work" && pwd) || exit 2
tree=$work/tree    # sources, and what is built of them
mark=$work/planted # is there while objects of a bug may be
tab=$(printf '\t')
jobs=${VARSDB_TEST_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}

fail() {
    echo "plants: $*" >&2
    exit 1
}

# ---- the copy

copy_sources() {
    if [ -e "$mark" ]; then rm -rf "$tree"; fi
    mkdir -p "$tree/tests" || fail "cannot make $tree"
    for name in Makefile src schema migrations tests/main.c tests/unit tests/process tests/power tests/support tests/conformance tests/frozen; do
        rm -rf "${tree:?}/$name"
        cp -Rp "$name" "$tree/$name" || fail "cannot copy $name"
    done
}

# Warnings are no errors: a bug may leave something unused.
build() { # what targets...
    what=$1
    shift
    "$MAKE" -C "$tree" BUILD=build CFLAGS="$CFLAGS -w" "$@" >"$work/make" 2>&1 && return
    end_all
    tail -n 20 "$work/make" >&2
    fail "$what does not compile"
}

actors() {
    for actor in tests/process/actor_*.c; do
        actor=${actor##*/}
        echo "build/tests/${actor%.c}"
    done
}

build_all() { # what
    # shellcheck disable=SC2046 # names without blanks
    build "$1" build/tests/runner $(actors)
}

uses_actors() { [ -e "tests/process/test_$1.c" ]; } # suite

# ---- suites, each in a slot: a runner of its own, and files for what it says

free_slot() { # sets slot, after having told what was in it
    slot=$(((slot + 1) % jobs))
    end_slot "$slot"
}

end_slot() { # slot
    eval "pid=\${pid_$1:-}"
    if [ -z "$pid" ]; then return; fi
    wait "$pid"
    eval "pid_$1="
    cat "$work/said.$1"
    if grep -q '^caught' "$work/said.$1"; then caught=$((caught + 1)); fi
    if grep -q '^plants:' "$work/said.$1"; then broken=1; fi
}

end_all() {
    i=0
    while [ "$i" -lt "$jobs" ]; do
        free_slot
        i=$((i + 1))
    done
}

start() { # function its arguments...
    cp "$tree/build/tests/runner" "$work/runner.$slot" || fail "cannot copy the runner"
    "$@" "$slot" >"$work/said.$slot" </dev/null &
    eval "pid_$slot=$!"
}

run_suite() { # suite slot
    VARSDB_TEST_ONLY=$1 CK_DEFAULT_TIMEOUT=60 timeout -k 10 "$SECONDS_MAX" "$work/runner.$2" >"$work/log.$2" 2>&1
}

try_without() { # suite slot
    run_suite "$1" "$2" && return
    tail -n 20 "$work/log.$2"
    echo "plants: $1 fails without a plant"
}

# What the suite that failed with that status said first.
how() { # status log
    if [ "$1" -eq 124 ] || [ "$1" -eq 137 ]; then
        echo "no end within $SECONDS_MAX s"
        return
    fi
    "$AWK" -F: -v status="$1" '!said && $3 ~ /^[FE]$/ {
        what = $3 == "F" ? "a check failed" : /timeout expired/ ? "no end" : /signal/ ? "a crash" : "an early exit"
        said = what " in " $5
    } END { print said ? said : "exit status " status }' "$2"
}

try_with() { # name suite bug slot
    before=$(date +%s)
    run_suite "$2" "$4"
    status=$?
    took=$(($(date +%s) - before))
    if [ "$status" -eq 0 ]; then
        echo "NOT CAUGHT by $2: $3 ($1, $took s)"
    else
        echo "caught by $2: $3 ($(how "$status" "$work/log.$4"), $took s)"
    fi
}

# ---- one plant

plant() { # name suite file bug
    "$AWK" -v plant="$1" -f tests/plants/plant.awk "$list" "$3" >"$work/source" || exit 1
    cp "$work/source" "$tree/$3" || fail "cannot write $tree/$3"
    if uses_actors "$2"; then
        end_all
        build_all "$1"
    else
        build "$1" build/tests/runner
    fi
    cp "$3" "$tree/$3" || fail "cannot write $tree/$3"
    free_slot
    start try_with "$1" "$2" "$4"
    if uses_actors "$2"; then end_all; fi
}

# ---- all

slot=0
caught=0
tried=0
broken=
"$AWK" -v list=1 -f tests/plants/plant.awk "$list" >"$work/list" || exit 1
all=$(wc -l <"$work/list")
[ "$all" -ge "$FLOOR" ] || fail "there are $all, fewer than $FLOOR"
if [ -n "${PLANTS:-}" ]; then
    for name in $PLANTS; do
        grep "^$name$tab" "$work/list" || fail "there is no plant $name"
    done >"$work/chosen" || exit 1
    mv "$work/chosen" "$work/list"
fi
"$AWK" -v one_in="${PLANTS_ONE_IN:-1}" 'NR % one_in == 1 || one_in == 1' "$work/list" >"$work/chosen" && mv "$work/chosen" "$work/list" || exit 1

copy_sources
build_all "the library"
cut -f 2 "$work/list" | sort -u >"$work/suites"
while read -r suite; do
    free_slot
    start try_without "$suite"
done <"$work/suites"
end_all
[ -z "$broken" ] || exit 1
echo "plants: $(wc -l <"$work/suites") suites pass without one"

: >"$mark"
while IFS=$tab read -r name suite file bug; do
    tried=$((tried + 1))
    plant "$name" "$suite" "$file" "$bug" </dev/null
done <"$work/list"
end_all
build_all "the library" && rm -f "$mark"
echo "$caught of $tried plants caught"
[ "$caught" -eq "$tried" ]
