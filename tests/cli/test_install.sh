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
for file in bin/varsdb include/varsdb.h include/varsdb_sql.h lib/libvarsdb.a "lib/libvarsdb.so.$version" lib/libvarsdb.so.0 \
    lib/libvarsdb.so lib/sqlite3/varsdb0.so lib/pkgconfig/varsdb.pc share/man/man1/varsdb.1 share/man/man3/varsdb.3 \
    share/man/man5/varsdb.5 share/man/man7/varsdb_sql.7 share/bash-completion/completions/varsdb \
    share/zsh/vendor-completions/_varsdb share/fish/vendor_completions.d/varsdb.fish; do
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

# What any program does that has SQLite open.
cat >functions.c <<'END'
#include <sqlite3.h>
#include <stdio.h>
#include <varsdb_sql.h>
int main(void)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK || sqlite3_varsdb_init(db, NULL, NULL) != SQLITE_OK)
        return 1;
    if (sqlite3_exec(db, "SELECT varsdb_create(), model_variable('w', '[2]', 'float64', 'constant(1.5)')", NULL,
                     NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT sum(value) FROM tensor_each('w')", -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        puts(sqlite3_errmsg(db));
    else
        printf("%g\n", sqlite3_column_double(s, 0));
    sqlite3_finalize(s);
    return sqlite3_close(db);
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

ran='a program with the functions of SQL against the installed library'
# shellcheck disable=SC2046
if ${CC:-cc} functions.c $(flags --cflags --libs) $(pkg-config --libs sqlite3) -o functions >cc.log 2>&1; then pass
else fail "$(head -n 3 cc.log)"; fi
same 'what it prints' "$(LD_LIBRARY_PATH=stage/usr/lib ./functions 2>&1)" 3

ran='the installed extension'
extension=$(flags --variable=extension)
same 'where varsdb.pc says it is' "$extension" "$PWD/stage/usr/lib/sqlite3/varsdb0.so"
same 'what it says in a stock shell' "$(sqlite3 :memory: ".load $extension" 'SELECT varsdb_version()' 2>&1)" "$version"
same 'what it says where its suffix is left out' \
    "$(sqlite3 :memory: ".load ${extension%.so}" 'SELECT varsdb_version()' 2>&1)" "$version"

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
ran='a program with the functions of SQL, linked statically'
# shellcheck disable=SC2046
if ${CC:-cc} functions.c $(flags --static --cflags --libs) -o functions >cc.log 2>&1; then pass
else fail "$(head -n 3 cc.log)"; fi
same 'what it prints' "$(./functions 2>&1)" 3
ran='a program linked statically'
echo 'int main(void) { return 0; }' >empty.c
# shellcheck disable=SC2046
if ${CC:-cc} -static empty.c $(pkg-config --static --libs sqlite3 libxxhash libpcre2-8 zlib) -o empty >/dev/null 2>&1; then
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
