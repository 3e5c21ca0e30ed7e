#!/bin/sh
# pytorch.sh - files that torch.save writes, as varsdb reads them (pytorch.py), and safetensors against a reader and
# a writer of its own and PyTorch's values (safetensors.py).
#
# "make check-interop" runs it, with $VARSDB.  It takes $PYTHON, or Debian's, or the first python3 that has PyTorch;
# as root on Debian it installs one, and elsewhere it is left out.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

find_python() {
    for python in ${PYTHON:-/usr/bin/python3 python3}; do
        if "$python" -c 'import numpy, sqlite3, torch' >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

if ! find_python; then
    if [ -n "${PYTHON:-}" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "pytorch.sh: left out: there is no python3 with PyTorch" >&2
        exit 0
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3 python3-numpy python3-torch
    find_python
fi
"$python" -B tests/interop/pytorch.py "${VARSDB:-$PWD/build/varsdb}" "$scratch"
"$python" -B tests/interop/safetensors.py "${VARSDB:-$PWD/build/varsdb}" "$scratch"
