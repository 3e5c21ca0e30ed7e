#!/bin/sh
# install-peers.sh - installs what the peers need, in Python and in C, from Debian's packages.
#
# It never fails: what cannot be installed is told here, and "not installed" in the table.
set -u
python=${PYTHON:-/usr/bin/python3}

install() { # package
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "bench: as root on Debian, apt-get install $1"
        return
    fi
    if [ -z "${updated:-}" ]; then
        updated=1
        apt-get update -q >/dev/null 2>&1
    fi
    echo "bench: installing $1"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1" >/dev/null 2>&1 ||
        echo "bench: $1 cannot be installed"
}

for module in numpy h5py torch; do
    "$python" -c "import $module" 2>/dev/null || install "python3-$module"
done
for library in lmdb rocksdb hdf5; do
    "${PKG_CONFIG:-pkg-config}" --exists "$library" 2>/dev/null || install "lib$library-dev"
done
exit 0
