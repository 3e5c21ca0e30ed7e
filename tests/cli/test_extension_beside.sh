# The extension beside another copy of the library in one process, on one connection.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
. "$HERE/extension.sh"

build=$(dirname "$VARSDB")
root=$(cd "$HERE/../.." && pwd)
for library in libvarsdb.so libvarsdb.a; do
    ran="a program with $library"
    # shellcheck disable=SC2046 # flags are words
    if ${CC:-cc} -std=c11 -Wall -Wextra -Werror "-I$root/src" "$HERE/beside.c" "$build/$library" \
        $(pkg-config --libs sqlite3 libxxhash libpcre2-8 zlib 2>/dev/null || echo -lsqlite3 -lxxhash -lpcre2-8 -lz) -lm -lpthread \
        -o beside >cc.log 2>&1; then pass; else fail "$(head -n 3 cc.log)"; fi
    rm -f host.db*
    if LD_LIBRARY_PATH=$build ./beside host.db "$extension" >said 2>&1; then pass; else fail "$(cat said)"; fi
    same 'what it says' "$(cat said)" ''
done
finish
