#!/bin/sh
# run.sh - the golden table (tests/support/golden.h) made by other compilers and machines.
#
#   run.sh native     gcc and clang at -O0, -O3 and -O3 -march=native
#   run.sh aarch64    gcc for aarch64 at -O0 and -O3, run under qemu; as root on Debian it
#                     installs what that takes
#
# "make check-golden" and "make check-interop" run it, with $FLAGS as the library has them.
# The sources are compiled on their own, with interop/mem.c for their memory, as other
# machines' SQLite and xxHash are seldom at hand.
set -eu
cd "$(dirname "$0")/../.."
out=${BUILD:-build}/interop
mkdir -p "$out"

sources="tests/interop/golden.c tests/interop/mem.c src/dtype.c src/dtype_block.c src/element.c src/elementary.c src/error.c
    src/rng.c src/shape.c src/spec.c src/spec_bind.c $(echo src/initializer*.c)"

# Parts of these files that initial values do not need refer to further ones: the linker drops them.  It is the
# bits that are asked for: gcc warns of its own headers of AVX-512, where a machine has that.
agree() { # machine_runner compiler options...
    runner=$1
    shift
    # shellcheck disable=SC2086 # lists of words
    "$@" ${FLAGS:--std=c11 -D_GNU_SOURCE -ffp-contract=off} -w -DXXH_INLINE_ALL -ffunction-sections \
        -Isrc -Itests/support $sources -Wl,--gc-sections -lm -o "$out/golden"
    # shellcheck disable=SC2086 # nothing, or a command
    report=$($runner "$out/golden") || differ=yes
    printf '%-45s %s\n' "$*" "$report"
}

native() {
    for compiler in gcc clang; do
        agree "" "$compiler" -O0
        agree "" "$compiler" -O3
        agree "" "$compiler" -O3 -march=native
    done
}

install_for_aarch64() {
    if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64-static >/dev/null; then
        return
    fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "check-interop needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static" >&2
        exit 1
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
}

aarch64() {
    install_for_aarch64
    agree qemu-aarch64-static aarch64-linux-gnu-gcc -static -O0
    agree qemu-aarch64-static aarch64-linux-gnu-gcc -static -O3
}

differ=no
case ${1:-} in
native | aarch64) "$1" ;;
*)
    echo "usage: run.sh native | aarch64" >&2
    exit 2
    ;;
esac
[ "$differ" = no ]
