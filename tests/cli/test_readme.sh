# The README's sessions, "In 60 seconds" and "At a shell": every command, and exactly what it prints.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

readme=$HERE/../../README.md
PATH=$(dirname "$VARSDB"):$PATH

# Lines that begin with "$ " are commands; what follows, up to the next one, is their output.
awk '/^## / { inside = $0 == "## At a shell" || $0 == "## In 60 seconds" }
     inside && /^    \$ / { n++; print substr($0, 7) > ("command." n); printf "" > ("printed." n); next }
     inside && /^    / && n { print substr($0, 5) > ("printed." n) }' "$readme"

n=1
while [ -f "command.$n" ]; do
    ran=$(cat "command.$n")
    sh "command.$n" >"$out" 2>&1 </dev/null
    if cmp -s "$out" "printed.$n"; then pass; else fail "printed \"$(cat "$out")\", not what README says"; fi
    n=$((n + 1))
done
ran=README
if [ "$n" -gt 22 ]; then pass; else fail "only $((n - 1)) commands were found"; fi

finish
