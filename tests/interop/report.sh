#!/bin/sh
# report.sh - the page of `varsdb report` in a browser (report.py): it sorts, filters, opens and links as it should,
# says nothing on the console, asks for nothing, and is there in time.
#
# "make check-interop" runs it, with $VARSDB.  It takes $CHROMIUM, or Debian's, which it installs as root, and
# Python of any kind.  $SCREENSHOTS keeps pictures of the page in that folder.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

find_browser() {
    for browser in ${CHROMIUM:-chromium chromium-browser google-chrome}; do
        if command -v "$browser" >/dev/null; then return 0; fi
    done
    return 1
}

if ! find_browser || ! command -v python3 >/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "report.sh: left out: there is no Chromium, or no python3" >&2
        exit 0
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium python3
    find_browser
fi
python3 -B tests/interop/report.py "${VARSDB:-$PWD/build/varsdb}" "$browser" "$scratch" ${SCREENSHOTS:+"$SCREENSHOTS"}
