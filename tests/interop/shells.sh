#!/bin/sh
# shells.sh - completion in real shells: bash, zsh and fish, each driven through a terminal by shells.py.
#
#   VARSDB=build/varsdb sh tests/interop/shells.sh
#
# "make check-interop" runs it.  As root on Debian it installs the shells; elsewhere it tries those that are there.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
VARSDB=${VARSDB:-$root/build/varsdb}
export VARSDB
unset VARSDB_NAMESPACE

missing=
for tool in bash zsh fish python3; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
if [ -n "$missing" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -q
    # shellcheck disable=SC2086 # names of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi
command -v python3 >/dev/null 2>&1 || {
    echo 'shells.sh: it needs python3' >&2
    exit 1
}
shells=
for shell in bash zsh fish; do
    if command -v "$shell" >/dev/null 2>&1; then shells="$shells $shell"; else echo "shells.sh: $shell is not there"; fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
cd "$scratch"
mkdir zsh 'a folder'
"$VARSDB" completion bash >varsdb.bash
"$VARSDB" completion zsh >zsh/_varsdb
"$VARSDB" completion fish >varsdb.fish
"$VARSDB" init run.db >/dev/null
for name in layer1/weights layer1/biases layer2/weights deep/only/scope/w deep/only/scope/v one; do
    "$VARSDB" get run.db "$name" --shape 2 --init zeros >/dev/null
done
"$VARSDB" get run.db other/weights --shape 1 --namespace ns2 >/dev/null
# shellcheck disable=SC2016 # a dollar in a name
for collection in frozen 'two words' 'it'\''s "x" $y'; do
    "$VARSDB" collect run.db "$collection" layer1/weights >/dev/null
done
"$VARSDB" snapshot run.db --name best --step 100 >/dev/null
"$VARSDB" snapshot run.db --step 20 >/dev/null
"$VARSDB" export run.db 'out file.npz' 2>/dev/null
cp run.db 'a folder/inner.db'
# shellcheck disable=SC2086 # names of shells
python3 "$root/tests/interop/shells.py" $shells
