# The conformance file through the command: every case whose steps it can do.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
cases=0

begin() { # id
    case_id=$1
    cases=$((cases + 1))
    rm -f run.db run.db-wal run.db-shm run.db-turnstile
    run init run.db --seed 42
    status_is 0
}

# Runs a command on the registry.
on_registry() { # command arguments...
    command=$1
    shift
    run "$command" "$db" "$@"
    ran="$case_id: $ran"
}

# Each of the following runs a command, and compares what it says with what the case expects.
fails() { # status expression command...
    wanted=$1
    expression=$2
    shift 2
    on_registry "$@"
    status_is "$wanted"
    err_like "$expression"
}

does() { # - command...
    shift
    on_registry "$@"
    status_is 0
}

answer_is() { # expected, or nothing at all, got
    status_is 0
    if [ -n "$1" ]; then same "the answer" "$2" "$1"; fi
}

outcome() { # created-or-reused command...
    wanted=$1
    shift
    on_registry "$@"
    answer_is "$wanted" "$(cut -d ' ' -f 1 "$out")"
}

names() { # a,b command...
    wanted=$1
    shift
    on_registry "$@"
    answer_is "$wanted" "$(awk -F '\t' 'NR > 1 { list = list (NR > 2 ? "," : "") $1 }
        END { print list == "" ? "nothing" : list }' "$out")"
}

named() { # name command...
    wanted=$1
    shift
    on_registry "$@"
    answer_is "$wanted" "$(sed -n 's/.*"name":"\([^"]*\)".*/\1/p' "$out")"
}

# Elements without their brackets.
flat() { # 1.0,2.0 command...
    wanted=$1
    shift
    on_registry "$@"
    got=$(tr -d '[] \n' <"$out" | sed 's/\.0\(,\|$\)/\1/g')
    answer_is "$(echo "$wanted" | sed 's/\.0\(,\|$\)/\1/g')" "${got:-nothing}"
}

# One column of the view; collections in the order of their names.
column() { # expected column name options...
    wanted=$1
    about=$2
    name=$3
    shift 3
    on_registry show "$name" --json "$@"
    got=$(sed -n 's/.*"'"$about"'":\(\[[^]]*\]\|"[^"]*"\|[^,]*\).*/\1/p' "$out" | tr -d '[]" ')
    case $about in
    collections) got=$(echo "$got" | tr ',' '\n' | sort | tr '\n' ',' | sed 's/,$//') ;;
    trainable | initialized) if [ "$got" -eq 1 ]; then got=yes; else got=no; fi ;;
    shape) got=${got:-scalar} ;;
    esac
    if [ "$got" = null ]; then got=none; fi
    answer_is "$wanted" "${got:-nothing}"
}

awk -f "$HERE/../conformance/script.awk" -f "$HERE/../conformance/cli.awk" "$HERE"/../conformance/*.txt >cases.sh
. ./cases.sh
echo "conformance: $cases cases through the command"
if [ "$cases" -ge 60 ]; then pass; else fail "only $cases cases"; fi

# The page that is made from the file is as the file is.
page=$HERE/../../docs/tensorflow.md
ran="make docs"
if awk -f "$HERE/../conformance/doc.awk" "$HERE"/../conformance/*.txt "$page" | cmp -s - "$page"; then pass
else fail "docs/tensorflow.md is not what it makes"; fi
finish
