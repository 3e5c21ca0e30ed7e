#!/bin/sh
# make.sh - shows in tmux, on 80 and on 120 columns, what people ask of a registry, and keeps what was seen.
#
#   VARSDB=build/varsdb sh docs/captures/make.sh build/demo/demo.db
#
# A copy of that registry, which "make demo" makes, gets a NaN, and there is a file that does not
# quite fit; 80.txt and 120.txt beside this script are written anew.  Look at the difference before it is committed.
# themes.png is the same in colours, as a light and a dark terminal show them.
set -eu
: "${VARSDB:?VARSDB must be the path of the varsdb command}"
here=$(cd "$(dirname "$0")" && pwd)
varsdb=$(cd "$(dirname "$VARSDB")" && pwd)/$(basename "$VARSDB")
demo=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
command -v tmux >/dev/null || { echo 'make.sh: tmux is needed' >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
cd "$scratch"
mkdir bin
ln -s "$varsdb" bin/varsdb
PATH=$scratch/bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL
unset VARSDB_NAMESPACE NO_COLOR
varsdb backup "$demo" run.db --quiet
varsdb export run.db best.safetensors --match '^layer' --quiet
varsdb set run.db layer2/biases --value '[1,2,3,"NaN",5,6,7,8,9,10]' --quiet >/dev/null
varsdb get run.db 'decoder/block_0/self_attention/query/kernel' --shape 64,64 --init glorot_uniform >/dev/null
varsdb rm run.db layer1/biases --quiet >/dev/null
varsdb get run.db layer1/biases --shape 33 --init zeros >/dev/null
cp run.db first.db

show() { # columns
    while IFS= read -r line; do
        case $line in
        '') continue ;;
        '#'*)
            printf '\n%s\n' "$line"
            continue
            ;;
        esac
        cp first.db run.db
        printf '\n$ %s\n' "$line"
        tmux -L "$server" new-session -d -s shown -x "$1" -y 70 "sh -c '$line; printf \"\\033[30mEND%s\" \$?; sleep 60'"
        tries=0
        until tmux -L "$server" capture-pane -p -t shown 2>/dev/null | grep -q 'END[0-9]'; do
            tries=$((tries + 1))
            [ $tries -lt 200 ] || break
            sleep 0.05
        done
        tmux -L "$server" capture-pane -p -t shown | sed -e 's/END0$//' -e 's/END\([0-9]\)$/(exit status \1)/' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
        tmux -L "$server" kill-session -t shown
    done <<'LINES'
# What is in this file?
varsdb ls run.db
varsdb ls run.db --long --scope layer1
varsdb tree run.db
varsdb collections run.db
varsdb namespaces run.db
varsdb snapshots run.db
varsdb inspect best.safetensors
varsdb sql run.db "SELECT dtype, count(*) AS variables, sum(bytes) AS bytes FROM variables GROUP BY dtype"

# What changed between these two checkpoints?
varsdb diff run.db step:400 step:1300
varsdb diff run.db latest
varsdb log run.db layer1/weights

# Where are the NaNs?
varsdb stats run.db --flagged
varsdb stats run.db

# What is big?
varsdb top run.db --count 5
varsdb top run.db --since step:400 --count 5

# Why was this variable not restored?
varsdb restore run.db latest --dry-run
varsdb import run.db best.safetensors --existing-only --dry-run

# Who created this name?
varsdb show run.db layer1/weights

# Which was it?
varsdb find run.db l1w
varsdb show run.db layer1/wieghts
varsdb lst run.db
varsdb ls run.db --collection MODLE
varsdb ls run.db --lnog

# Values
varsdb cat run.db layer2/biases
varsdb cat run.db layer1/weights --slice 0:2,0:4

# Changes
varsdb get run.db layer3/weights --shape 10,2
varsdb set run.db layer2/biases --value 0
varsdb snapshot run.db --step 1400
varsdb mv run.db layer1/ encoder
varsdb rm run.db decoder/
varsdb collect run.db frozen layer1/weights
varsdb restore run.db latest --include layer2

# Upkeep
varsdb verify run.db
varsdb gc run.db --dry-run
varsdb backup run.db copy.db
varsdb report run.db -o report.html
varsdb help
varsdb help top
LINES
}

server=captures-$$
trap 'tmux -L "$server" kill-server; rm -rf "$scratch"' EXIT
tmux -L "$server" -f /dev/null new-session -d -s base 'sleep 3600'
for columns in 80 120; do
    show "$columns" >"$here/$columns.txt"
done
