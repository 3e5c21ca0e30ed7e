# make dist: twice the same bytes, and what it packs builds without git, and packs itself.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

root=$(cd "$HERE/../.." && pwd)
if [ -e "$root/.git" ] && ! command -v git >/dev/null 2>&1; then
    echo "$TEST: left out: there is no git" >&2
    finish
    exit
fi

dist() { # directory build-directory: the archive's path in it, or nothing
    ran="make -C $1 dist"
    if make -s -C "$1" BUILD="$2" dist >dist.log 2>&1; then pass; else fail "$(tail -n 3 dist.log)"; fi
}

version=$("$VARSDB" version | sed -n '1s/varsdb //p')
dist "$root" "$PWD/first"
dist "$root" "$PWD/second"
if cmp first/varsdb-*.tar.gz second/varsdb-*.tar.gz; then pass; else fail 'it packs the same sources differently'; fi
tar -x -z -f "first/varsdb-$version.tar.gz"
same 'what it unpacks to' "$(ls -d varsdb-*)" "varsdb-$version"
if tar -t -z -f "first/varsdb-$version.tar.gz" | grep -qE '/(\.git|build)/'; then fail 'it packs what is not source'; else pass; fi
same 'who owns it' "$(tar -t -v -z --numeric-owner -f "first/varsdb-$version.tar.gz" | awk '{ print $2 }' | sort -u)" 0/0

ran='make in what was unpacked'
if MAKEFLAGS='' make -s -C "varsdb-$version" CFLAGS=-O0 cli extension >make.log 2>&1; then pass; else fail "$(tail -n 3 make.log)"; fi
same 'its version' "$("varsdb-$version/build/varsdb" version | head -n 1)" "varsdb $version"
same "its extension's version" \
    "$(sqlite3 :memory: ".load varsdb-$version/build/varsdb0" 'SELECT varsdb_version()' 2>&1)" "$version"
dist "$PWD/varsdb-$version" build
if cmp first/varsdb-*.tar.gz "varsdb-$version/build/varsdb-$version.tar.gz"; then pass; else fail 'it packs itself differently'; fi

finish
