# make install: what it puts where, and that a program builds against it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

root=$(cd "$HERE/../.." && pwd)
build=$(dirname "$VARSDB")
ran='make install'
if make -s -C "$root" BUILD="$build" DESTDIR="$PWD/stage" PREFIX=/usr install >install.log 2>&1; then
    pass
else
    fail "$(tail -n 3 install.log)"
fi
version=$("$VARSDB" version | sed -n '1s/varsdb //p')
for file in bin/varsdb include/varsdb.h lib/libvarsdb.a "lib/libvarsdb.so.$version" lib/libvarsdb.so.0 \
    lib/libvarsdb.so lib/pkgconfig/varsdb.pc; do
    if [ -e "stage/usr/$file" ]; then pass; else fail "no $file"; fi
done
if grep -qx "Version: $version" stage/usr/lib/pkgconfig/varsdb.pc; then pass; else fail 'varsdb.pc has another version'; fi

cat >program.c <<'END'
#include <stdio.h>
#include <string.h>
#include <varsdb.h>
int main(void)
{
    puts(varsdb_version());
    return strcmp(varsdb_version(), VARSDB_VERSION) != 0;
}
END
ran='a program against the installed library'
# shellcheck disable=SC2046 # flags are words
if ${CC:-cc} program.c $(PKG_CONFIG_PATH=stage/usr/lib/pkgconfig pkg-config --define-variable=prefix="$PWD/stage/usr" \
    --define-variable=libdir="$PWD/stage/usr/lib" --cflags --libs varsdb) -o program >cc.log 2>&1 &&
    [ "$(LD_LIBRARY_PATH=stage/usr/lib ./program)" = "$version" ]; then
    pass
else
    fail "$(head -n 3 cc.log)"
fi
ran='make uninstall'
make -s -C "$root" BUILD="$build" DESTDIR="$PWD/stage" PREFIX=/usr uninstall >uninstall.log 2>&1
if [ -z "$(find stage -type f -o -type l)" ]; then pass; else fail "it leaves $(find stage -type f -o -type l)"; fi

finish
