#!/bin/sh
# facts.sh - prints what a compiled caller relies on: the sizes of public structures and where their members
# lie, the values of enumerations and of macros, and how functions are called.  One fact a line, in the order
# of bytes, each whole by itself: what differs from tests/abi/facts.txt is a line of one of the two.
#
#   facts.sh [DIRECTORY]    of the headers there; of src without it
#
# "make abi" writes facts.txt by it, and "make lint" compares.
set -eu
CC=${CC:-cc}
here=$(dirname "$0")
headers=${1:-$here/../../src}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The headers' own text alone: what they include is measured, and not printed.
sed '/^#include/d' "$headers/varsdb.h" "$headers/varsdb_sql.h" >"$scratch/headers.h"
{
    "$CC" -std=c11 -E -dM "$scratch/headers.h" | grep '^#define VARSDB_'
    "$CC" -std=c11 -E -P "$scratch/headers.h"
} | "${AWK:-awk}" -f "$here/facts.awk" >"$scratch/facts.c"
"$CC" -std=gnu11 -I"$headers" -I"$here" "$scratch/facts.c" -o "$scratch/facts"
"$scratch/facts" >"$scratch/facts.txt"
LC_ALL=C sort "$scratch/facts.txt"
