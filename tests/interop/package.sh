#!/bin/sh
# package.sh - Debian's packages, made from the archive of "make dist", and used.
#
# They are built in a directory of their own, lintian may find no error in them, and they are
# unpacked: a program is compiled with what libvarsdb-dev has, run with what libvarsdb0 has, and its
# registry read by the command.  Then, as root, the extension is installed, unless it is there already,
# used by the stock shell, and removed.  "make check-interop" runs it.  As root on Debian it installs what
# that takes; where there is no dpkg it says so, and passes.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
scratch=$(mktemp -d)
installed= # by us
trap 'remove_extension; rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

fail() { # what
    echo "package.sh: $1" >&2
    exit 1
}

install_tools() {
    missing=
    for tool in dpkg-buildpackage:dpkg-dev dh:debhelper lintian:lintian fakeroot:fakeroot pkg-config:pkg-config \
        git:git sqlite3:sqlite3; do
        command -v "${tool%%:*}" >/dev/null 2>&1 || missing="$missing ${tool##*:}"
    done
    if [ -z "$missing" ]; then return; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "it needs$missing"
    fi
    apt-get update -q
    # shellcheck disable=SC2086 # names of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

logged() { # command... - its output only if it fails
    "$@" >"$scratch/log" 2>&1 || {
        tail -n 30 "$scratch/log" >&2
        fail "$* failed"
    }
}

same() { # what got expected
    [ "$2" = "$3" ] || fail "$1 is \"$2\", not \"$3\""
}

build_packages() {
    archive=$(make -s BUILD="$scratch/dist" dist) || fail 'make dist failed'
    tar -x -z -f "$archive" -C "$scratch"
    cd "$scratch/varsdb-$version"
    logged env -u MAKEFLAGS -u BUILD -u FLAGS DEB_BUILD_OPTIONS="parallel=$(getconf _NPROCESSORS_ONLN)" \
        dpkg-buildpackage -us -uc -b
    cd "$scratch"
    # shellcheck disable=SC2016 # dpkg's variable, not the shell's
    same "the packages' version" "$(dpkg-deb --show --showformat '${Version}' libvarsdb0_*.deb)" "$version"
    user=
    if [ "$(id -u)" -eq 0 ]; then user=--allow-root; fi
    # shellcheck disable=SC2086 # nothing, or an option
    lintian $user --fail-on error ./*.changes || fail 'lintian finds errors'
}

# A program as libvarsdb-dev's users build it, but for where the packages are unpacked.
use_packages() {
    for package in libvarsdb0 libvarsdb-dev varsdb libsqlite3-mod-varsdb; do
        dpkg-deb -x "$package"_*.deb unpacked
    done
    libraries=$(dirname "$(find "$PWD/unpacked" -name libvarsdb.so)")
    export PKG_CONFIG_PATH="$libraries/pkgconfig"
    awk -f "$root/docs/man/example.awk" "$root/docs/man/varsdb.3" >example.c
    # shellcheck disable=SC2046 # flags are words
    "${CC:-cc}" example.c $(pkg-config --define-variable=prefix="$PWD/unpacked/usr" \
        --define-variable=libdir="$libraries" --cflags --libs varsdb) -o example
    same 'what the program prints' "$(LD_LIBRARY_PATH=$libraries ./example)" "created layer1/weights
step 1"
    same "what the command says of the program's registry" \
        "$(unpacked/usr/bin/varsdb ls run.db --collection MODEL | tail -n 1)" \
        "$(printf 'layer1/weights\tfloat32\t[2,3]')"
    for page in man1/varsdb.1 man3/varsdb.3 man5/varsdb.5 man7/varsdb_sql.7; do
        [ -f "unpacked/usr/share/man/$page.gz" ] || fail "no page $page"
    done
}

# What the stock shell answers with an extension, in the registry that the program made.
extension_answers() { # path
    unpacked/usr/bin/varsdb set run.db layer1/weights --value '[[1,2,3],[4,5,6]]' >/dev/null
    same "what the shell answers with $1" "$(sqlite3 run.db ".load $1" \
        "SELECT name, tensor_json(name, '0:2,1:'), tensor_item('global_step') FROM model_variables" \
        "SELECT model_variable('layer1/bias', '[2]', 'int32', 'ones') > 0, l1_loss('layer1/bias')" 2>&1)" \
        'layer1/weights|[[2.0,3.0],[5.0,6.0]]|1
1|2.0'
    same 'what the command says then' "$(unpacked/usr/bin/varsdb cat run.db layer1/bias)" '[1, 1]'
    unpacked/usr/bin/varsdb verify run.db >"$scratch/log" 2>&1 ||
        fail "after $1 the registry is damaged: $(cat "$scratch/log")"
    unpacked/usr/bin/varsdb rm run.db layer1/bias >/dev/null
}

remove_extension() {
    [ -n "$installed" ] || return 0
    installed=
    logged dpkg --purge libsqlite3-mod-varsdb
}

use_extension() {
    file=$(dpkg-deb -c libsqlite3-mod-varsdb_*.deb | sed -n 's|.* \./\(usr/lib/[^ ]*/varsdb0\.so\)$|\1|p')
    same 'where varsdb.pc says the extension is' "$(pkg-config --variable=extension varsdb)" "/$file"
    extension_answers "unpacked/$file"
    if [ "$(id -u)" -ne 0 ] || dpkg -s libsqlite3-mod-varsdb >/dev/null 2>&1; then
        echo "package.sh: the extension is not installed: that takes root, and a machine that has none yet"
        return
    fi
    installed=yes
    logged dpkg -i libsqlite3-mod-varsdb_*.deb
    extension_answers "/$file"
    remove_extension
}

if ! command -v dpkg >/dev/null 2>&1; then
    echo "package.sh: left out: this is not Debian or a relative of it"
    exit 0
fi
version=$(sed -n 's/^.define VARSDB_VERSION  *"\(.*\)"/\1/p' src/varsdb.h)
install_tools
build_packages
use_packages
use_extension
echo "package.sh: the packages of varsdb $version are built, checked and used"
