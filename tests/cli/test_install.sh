# make install: what it puts where, and that a program builds against it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

root=$(cd "$HERE/../.." && pwd)
build=$(dirname "$VARSDB")
build=${build#"$root/"} # as make was told: another path is another set of flags, and all is built again
ran='make install'
if make -s -C "$root" BUILD="$build" DESTDIR="$PWD/stage" PREFIX=/usr install >install.log 2>&1; then
    pass
else
    fail "$(tail -n 3 install.log)"
fi
version=$("$VARSDB" version | sed -n '1s/varsdb //p')
for file in bin/varsdb include/varsdb.h lib/libvarsdb.a "lib/libvarsdb.so.$version" lib/libvarsdb.so.0 \
    lib/libvarsdb.so lib/pkgconfig/varsdb.pc share/man/man1/varsdb.1 share/man/man3/varsdb.3 share/man/man5/varsdb.5; do
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

# Debian's and others' pkg-config ask for what is private too, so this also shows that it is found.
flags() { # option...
    PKG_CONFIG_PATH=stage/usr/lib/pkgconfig pkg-config --define-variable=prefix="$PWD/stage/usr" \
        --define-variable=libdir="$PWD/stage/usr/lib" "$@" varsdb
}

ran='a program against the installed library'
# shellcheck disable=SC2046 # flags are words
if ${CC:-cc} program.c $(flags --cflags --libs) -o program >cc.log 2>&1 &&
    [ "$(LD_LIBRARY_PATH=stage/usr/lib ./program)" = "$version" ]; then
    pass
else
    fail "$(head -n 3 cc.log)"
fi
if LD_LIBRARY_PATH=stage/usr/lib ldd program | grep -q 'libvarsdb\.so\.0 => stage/usr/lib'; then pass
else fail 'it does not ask for libvarsdb.so.0'; fi

# Two ways: our archive beside shared libraries of others, and nothing shared at all, where the
# others have archives.  Of the latter the C library warns about what it can do only when shared.
ran='a program linked statically'
rm -f stage/usr/lib/libvarsdb.so*
# shellcheck disable=SC2046
if ${CC:-cc} program.c $(flags --static --cflags --libs) -o program >cc.log 2>&1 && [ "$(./program)" = "$version" ]; then
    pass
else
    fail "$(head -n 3 cc.log)"
fi
echo 'int main(void) { return 0; }' >empty.c
# shellcheck disable=SC2046
if ${CC:-cc} -static empty.c $(pkg-config --static --libs sqlite3 libxxhash libpcre2-8) -o empty >/dev/null 2>&1; then
    # shellcheck disable=SC2046
    if ${CC:-cc} -static program.c $(flags --static --cflags --libs) -o program >cc.log 2>&1 &&
        [ "$(./program)" = "$version" ]; then pass; else fail "$(grep -v warning cc.log | head -n 3)"; fi
fi

ran='the program of varsdb(3)'
awk -f "$root/docs/man/example.awk" stage/usr/share/man/man3/varsdb.3 >example.c
# shellcheck disable=SC2046
if ${CC:-cc} -std=c99 -Wall -Wextra -Wpedantic -Werror example.c $(flags --static --cflags --libs) -o example >cc.log 2>&1
then pass; else fail "$(head -n 3 cc.log)"; fi
same 'what it prints at first' "$(./example 2>&1)" "created layer1/weights
step 1"
same 'what it prints then' "$(./example 2>&1)" "found layer1/weights
step 2"

ran='make uninstall'
make -s -C "$root" BUILD="$build" DESTDIR="$PWD/stage" PREFIX=/usr uninstall >uninstall.log 2>&1
if [ -z "$(find stage -type f -o -type l)" ]; then pass; else fail "it leaves $(find stage -type f -o -type l)"; fi

finish
