# Long operations: after a signal one line that says what is left, and the signal's own status;
# progress on a terminal; readers that go away.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

# A file of 4,000 tensors with long names, which make more rows than pipes hold.
awk 'BEGIN {
    for (i = 0; i < 4000; i++)
        printf "%s\"%s/%04d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}", i ? "," : "{",
            "a/scope/with/a/long/name/that/makes/the/rows/long/enough/for/this/test", i, i, i + 1
    print "}"
}' >header
safetensors many.safetensors "$(cat header)" ''
cp many.safetensors other.safetensors
awk 'BEGIN { for (i = 0; i < 4000; i++) printf "a" }' >>many.safetensors
awk 'BEGIN { for (i = 0; i < 4000; i++) printf "b" }' >>other.safetensors
works import run.db many.safetensors
works get run.db v --shape 1000000 --init ones
works snapshot run.db --name before
works set run.db v --init zeros

# Runs the command in the background; with it standing still where it was when the signal came.
# SIGINT is ignored by what a shell starts there, unless env knows how not to.
start() {
    ran="varsdb $*"
    if env --default-signal=INT true 2>/dev/null; then
        env --default-signal=INT "$VARSDB" "$@" >"$out" 2>"$err" </dev/null &
        interrupt=INT
        interrupted=130
    else
        "$VARSDB" "$@" >"$out" 2>"$err" </dev/null &
        interrupt=TERM
        interrupted=143
    fi
    child=$!
}

# The command hears the signal by now.
wait_until_it_listens() {
    tries=0
    until [ "$(cat "/proc/$child/comm" 2>/dev/null)" = "$(basename "$VARSDB" | cut -c 1-15)" ] &&
        caught=$(sed -n 's/^SigCgt:.*\(.\{4\}\)$/\1/p' "/proc/$child/status" 2>/dev/null) &&
        [ $((0x${caught:-0} & 0x4002)) -ne 0 ] || ! kill -0 "$child" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || break
        sleep 0.01
    done
}

end() { # status
    wait "$child" 2>/dev/null
    status=$?
    status_is "$1"
}

# What a reader sees of it: copying the log into the file is no change.
contents() { "$VARSDB" ls run.db --json && "$VARSDB" snapshots run.db --json; }

# Who waits for the write lock is stopped as soon as it has it.
if [ -r /proc/self/status ]; then
    mkfifo turn
    sqlite3 run.db <turn >/dev/null 2>&1 &
    holder=$!
    exec 3>turn
    stops() { # what is left, command...
        left=$1
        shift
        rm -f held
        printf 'BEGIN IMMEDIATE;\n.shell touch held\n' >&3
        until [ -e held ]; do sleep 0.01; done
        before=$(contents | sha256sum)
        start "$@"
        wait_until_it_listens
        kill -s "$interrupt" "$child"
        echo 'COMMIT;' >&3
        end "$interrupted"
        err_like "^varsdb: stopped; $left\$"
        same 'lines of error' "$(wc -l <"$err" | tr -d ' ')" 1
        same 'the registry' "$(contents | sha256sum)" "$before"
    }
    stops 'the registry is as it was' snapshot run.db
    stops 'the registry is as it was' restore run.db before
    stops 'the registry is as it was' import run.db other.safetensors --on-conflict replace
    stops 'what was deleted until then stays deleted' gc run.db
    exec 3>&-
    wait "$holder"

    # What is quick may be done when the signal comes, and then it says so, or even before.
    either() { # file left command...
        file=$1
        left=$2
        shift 2
        start "$@"
        wait_until_it_listens
        kill -s TERM "$child" 2>/dev/null
        wait "$child" 2>/dev/null
        status=$?
        if [ "$status" -eq 0 ] || grep -q '^varsdb: it was done already when the signal came$' "$err"; then
            if [ -e "$file" ]; then pass; else fail 'it said to be done, and there is no file'; fi
        else
            status_is 143
            err_like "^varsdb: stopped; $left\$"
            if [ -e "$file" ]; then fail 'a file is left'; else pass; fi
        fi
        rm -f "$file"
        same 'what is left' "$(find . -name "*$file*" -o -name '.*tmp*')" ''
    }
    either copy.db 'nothing was written' backup run.db copy.db
    either out.safetensors 'nothing was written' export run.db out.safetensors
    either new.db 'nothing was made' import new.db many.safetensors
else
    echo "$TEST: without /proc it is not known when a command listens: left out"
fi

# Nobody reads its rows: it stands still in the middle, and is stopped when they are read.  In the order of
# names, as any other is printed when all has been compared.
works snapshot run.db --name many
works import run.db other.safetensors --on-conflict replace
mkfifo rows
exec 4<>rows
"$VARSDB" diff run.db many --sort name >rows 2>"$err" </dev/null &
child=$!
ran='varsdb diff run.db many --sort name'
dd bs=1 count=1 <&4 >/dev/null 2>&1
kill -s TERM "$child"
cat <&4 >/dev/null &
reader=$!
end 143
err_like '^varsdb: stopped; the registry is as it was$'
kill "$reader"
exec 4>&-

# A second signal kills at once, and nothing of the first is heard.  The first one must find it
# waiting for a reader: otherwise it stops before it waits.
if [ -r /proc/self/status ]; then
    exec 4<>rows
    "$VARSDB" diff run.db many --sort name >rows 2>"$err" </dev/null &
    child=$!
    ran='varsdb diff run.db many --sort name, twice'
    dd bs=1 count=1 <&4 >/dev/null 2>&1
    until grep -q '^State:.S' "/proc/$child/status"; do sleep 0.01; done
    kill -s TERM "$child"
    until ! grep -q '^SigCgt:.*4...$' "/proc/$child/status"; do sleep 0.01; done
    kill -s TERM "$child"
    end 143
    same 'what was said' "$(cat "$err")" ''
    exec 4>&-
fi
works verify run.db --quick

# On a terminal there is a line that says how far it is, never wraps, and is gone at the end.
watch() { # columns options: what the command writes on a terminal that wide, while nobody reads its rows
    exec 4<>rows
    script -qec "stty cols $1; '$VARSDB' diff run.db many --sort name $2 >rows" terminal </dev/null >/dev/null 2>&1 &
    child=$!
    ran="varsdb diff $2 on a terminal of $1 columns"
    dd bs=1 count=1 <&4 >/dev/null 2>&1
    sleep 0.8
    cat <&4 >/dev/null &
    reader=$!
    end 1
    kill "$reader"
    exec 4>&-
    tr '\r' '\n' <terminal | grep -v '^Script ' >lines
}
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    for columns in 80 40 20; do
        watch "$columns" ''
        if grep -Eq '^[a-z ]+ .*([0-9]+%|[0-9]+|\.\.\.)' lines; then pass; else fail "no progress in \"$(cat terminal)\""; fi
        same 'the line before the last note' "$(sed -n '/4000 value_changed/q;p' lines | tail -n 1 | tr -d ' ')" ''
        same 'the widest line' "$(grep -v '^varsdb: ' lines | awk -v most="$columns" 'length($0) >= most' | wc -l | tr -d ' ')" 0
    done
    watch 80 ''
    if grep -Eq '^[a-z ]+ \[[#.]+\] +[0-9]+%' lines; then pass; else fail "no bar in \"$(cat terminal)\""; fi
    watch 80 --quiet
    same 'what --quiet leaves' "$(tr -d '\n ' <lines)" ''
fi

# In a pipe --verbose tells the phases, and --quiet silences what is no error.
run diff run.db many --verbose
err_like '^varsdb: comparing'
run diff run.db many --quiet
same 'notes' "$(cat "$err")" ''
out_lines 4001
refuses 2 'one of --quiet and --verbose' ls run.db --quiet --verbose
refuses 1 'no snapshot' diff run.db nosuch --quiet

# In a pipe there is no progress to see.
run diff run.db many
status_is 1
out_lines 4001
same 'a carriage return' "$(tr -dc '\r' <"$err" | wc -c | tr -d ' ')" 0

# Who reads no further ends it, without a word.
"$VARSDB" diff run.db many 2>"$err" </dev/null | head -n 1 | cut -f 1 >"$out"
out_is 'change'
same 'silence' "$(cat "$err")" ''
finish
