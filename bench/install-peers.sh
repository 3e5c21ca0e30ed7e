#!/bin/sh
# install-peers.sh - installs what the peers in Python need, from Debian's packages.
#
# It never fails: what cannot be installed is told here, and "not installed" in the table.
set -u
python=${PYTHON:-/usr/bin/python3}

for module in numpy h5py torch; do
    if "$python" -c "import $module" 2>/dev/null; then continue; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "bench: no $module: as root on Debian, apt-get install python3-$module"
        continue
    fi
    if [ -z "${updated:-}" ]; then
        updated=1
        apt-get update -q >/dev/null 2>&1
    fi
    echo "bench: installing python3-$module"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "python3-$module" >/dev/null 2>&1 ||
        echo "bench: python3-$module cannot be installed"
done
exit 0
