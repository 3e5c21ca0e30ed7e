# lib.sh - what the tests of the command share; each begins with `. "$HERE/lib.sh"`
# and ends with `finish`.
# shellcheck shell=sh disable=SC2034,SC2154
passed=0
failed=0
out=$PWD/.out
err=$PWD/.err
status=0
tab=$(printf '\t')
cr=$(printf '\r')

pass() { passed=$((passed + 1)); }

fail() { # what
    failed=$((failed + 1))
    echo "$TEST: ${ran:-}: $1"
}

finish() { echo "$passed $failed" >"$COUNTS"; }

# Runs the command and keeps what it printed and its exit status.
run() {
    ran="varsdb $*"
    "$VARSDB" "$@" >"$out" 2>"$err" </dev/null
    status=$?
}

status_is() { # number
    if [ "$status" -eq "$1" ]; then pass; else fail "status $status, not $1: $(head -c 300 "$err")"; fi
}

out_is() { # exact text, without the last newline
    if [ "$(cat "$out")" = "$1" ]; then pass; else fail "printed \"$(head -c 300 "$out")\", not \"$1\""; fi
}

out_has() { # line, exactly
    if grep -Fqx -e "$1" "$out"; then pass; else fail "no line \"$1\" in \"$(head -c 300 "$out")\""; fi
}

out_like() { # extended regular expression
    if grep -Eq -e "$1" "$out"; then pass; else fail "nothing like \"$1\" in \"$(head -c 300 "$out")\""; fi
}

out_unlike() { # extended regular expression
    if grep -Eq -e "$1" "$out"; then fail "something like \"$1\" was printed"; else pass; fi
}

err_like() { # extended regular expression
    if grep -Eq -e "$1" "$err"; then pass; else fail "said \"$(head -c 300 "$err")\", nothing like \"$1\""; fi
}

out_lines() { # how many
    n=$(wc -l <"$out")
    if [ "$n" -eq "$1" ]; then pass; else fail "$((n)) lines, not $1"; fi
}

# It went well and printed exactly this.
gives() { # text, command...
    expected=$1
    shift
    run "$@"
    if [ "$status" -eq 0 ] && [ "$(cat "$out")" = "$expected" ]; then
        pass
    else
        fail "status $status, printed \"$(head -c 300 "$out")\", not \"$expected\"; said \"$(head -c 300 "$err")\""
    fi
}

# It went well, whatever it printed.
works() {
    run "$@"
    status_is 0
}

same() { # what got expected
    if [ "$2" = "$3" ]; then pass; else fail "$1 is \"$2\", not \"$3\""; fi
}

fingerprint() { # file: of its bytes and its log's, or that it is absent
    if [ -f "$1" ]; then
        if [ -f "$1-wal" ]; then cat "$1" "$1-wal"; else cat "$1"; fi | sha256sum
    elif [ -e "$1" ]; then
        echo other
    else
        echo absent
    fi
}

# The command fails as it should: this status, nothing on standard output, one line on standard
# error that says this, and $db as it was.
refuses() { # status expression command...
    wanted=$1
    expression=$2
    shift 2
    before=$(fingerprint "$db")
    run "$@"
    after=$(fingerprint "$db")
    lines=$(wc -l <"$err")
    status_is "$wanted"
    err_like "$expression"
    if [ "$lines" -eq 1 ] && grep -q '^varsdb: .' "$err"; then pass; else fail "$((lines)) lines of error: $(head -c 300 "$err")"; fi
    if [ -s "$out" ]; then fail "printed \"$(head -c 300 "$out")\""; else pass; fi
    if [ "$before" = "$after" ]; then pass; else fail "the registry was changed"; fi
}

# Bytes given as hexadecimal digits.
bytes() {
    digits=$1
    while [ -n "$digits" ]; do
        rest=${digits#??}
        printf '%b' "\\0$(printf '%03o' "0x${digits%"$rest"}")"
        digits=$rest
    done
}

# A number as `count` bytes, the lowest first.
little() { # number count
    number=$1
    count=$2
    while [ "$count" -gt 0 ]; do
        printf '%b' "\\0$(printf '%03o' $((number % 256)))"
        number=$((number / 256))
        count=$((count - 1))
    done
}

safetensors() { # file header hexadecimal-data
    {
        little ${#2} 8
        printf '%s' "$2"
        bytes "$3"
    } >"$1"
}

npy() { # file version header hexadecimal-data
    {
        printf '\223NUMPY'
        little "$2" 1
        little 0 1
        if [ "$2" -eq 1 ]; then little ${#3} 2; else little ${#3} 4; fi
        printf '%s' "$3"
        bytes "$4"
    } >"$1"
}
