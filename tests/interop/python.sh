#!/bin/sh
# python.sh - the loadable extension in Python's sqlite3, against NumPy (extension.py), and NumPy's own files
# (arrays.py).
#
# "make check-interop" runs it, with $VARSDB and $EXTENSION.  It takes $PYTHON, or Debian's, or the first python3
# that has NumPy and whose SQLite loads extensions; as root on Debian it installs one.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

can=$(printf 'import numpy, sqlite3\nsqlite3.connect(":memory:").enable_load_extension(True)')
find_python() {
    for python in ${PYTHON:-/usr/bin/python3 python3}; do
        if "$python" -c "$can" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

if ! find_python; then
    if [ -n "${PYTHON:-}" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "check-interop needs python3 and python3-numpy, and an SQLite in Python that loads extensions" >&2
        exit 1
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3 python3-numpy
    find_python
fi
VARSDB=${VARSDB:-$PWD/build/varsdb}
export VARSDB
"$python" -B tests/interop/extension.py "${EXTENSION:-$PWD/build/varsdb0.so}" "$scratch"
"$python" -B tests/interop/arrays.py "$VARSDB" "$scratch"
