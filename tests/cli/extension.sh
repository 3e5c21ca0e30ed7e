# extension.sh - what the tests of the extension share, behind lib.sh: they ask the stock shell about $db.
# shellcheck shell=sh disable=SC2034,SC2154
extension=$(dirname "$VARSDB")/varsdb0.so

if [ ! -f "$extension" ]; then
    ran=varsdb0.so
    fail "$extension is not there; build it with: make extension"
    finish
    exit
fi

# Runs statements with the extension, and keeps what was printed and the exit status.
ask() { # statement...
    ran="$*"
    sqlite3 -batch "$db" ".load $extension" "$@" >"$out" 2>"$err" </dev/null
    status=$?
}

# They go well and print exactly this.
asked() { # text statement...
    expected=$1
    shift
    ask "$@"
    if [ "$status" -eq 0 ] && [ ! -s "$err" ] && [ "$(cat "$out")" = "$expected" ]; then
        pass
    else
        fail "status $status, printed \"$(head -c 300 "$out")\", not \"$expected\"; said \"$(head -c 300 "$err")\""
    fi
}

# What a shell without the extension prints.
plainly() { # text statement...
    ran="without the extension: $2"
    expected=$1
    shift
    same 'what it prints' "$(sqlite3 -batch "$db" "$@" 2>&1)" "$expected"
}

# All that is in the file, but for the log's and the pages' order.
contents() {
    if [ -e "$db" ]; then sqlite3 -batch "$db" .dump 2>&1 | sha256sum; else echo absent; fi
}
