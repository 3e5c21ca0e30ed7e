"""shells.py - completion in bash, zsh and fish, each at a terminal of its own.

Keys are typed, Tab among them, and Return.  The command that the shell finds hands completions on and writes
down all other arguments, so that what is compared is what the shell made of the line in the end: quotes, spaces
and all.  varsdb's own shell completes the same.  It is called with the shells to try; VARSDB is the command, and the folder that it runs in has the
registry and the scripts.
"""

import os
import pty
import select
import sys
import time

TAB = "\t"

# What is typed, and the arguments that come of it.
LINES = [
    ("varsdb sho" + TAB + "run.db layer1/w" + TAB, ["show", "run.db", "layer1/weights"]),
    ("varsdb show ru" + TAB + "lay" + TAB + "1/b" + TAB, ["show", "run.db", "layer1/biases"]),
    ("varsdb show run.db de" + TAB + "w" + TAB, ["show", "run.db", "deep/only/scope/w"]),
    ("varsdb ls run.db --coll" + TAB + "two" + TAB, ["ls", "run.db", "--collection", "two words"]),
    ("varsdb ls run.db --collection=two" + TAB, ["ls", "run.db", "--collection=two words"]),
    ("varsdb ls run.db --collection it" + TAB, ["ls", "run.db", "--collection", "it's \"x\" $y"]),
    ("varsdb ls run.db --collection \"two" + TAB, ["ls", "run.db", "--collection", "two words"]),
    ("varsdb ls run.db --collection 'two" + TAB, ["ls", "run.db", "--collection", "two words"]),
    ("varsdb ls run.db --collection two\\ w" + TAB, ["ls", "run.db", "--collection", "two words"]),
    ("varsdb restore run.db step:1" + TAB, ["restore", "run.db", "step:100"]),
    ("varsdb restore run.db be" + TAB, ["restore", "run.db", "best"]),
    ("varsdb get run.db v --dtype=bf" + TAB, ["get", "run.db", "v", "--dtype=bfloat16"]),
    ("varsdb get run.db v --dtype bf" + TAB, ["get", "run.db", "v", "--dtype", "bfloat16"]),
    ("varsdb ls run.db --namespace n" + TAB, ["ls", "run.db", "--namespace", "ns2"]),
    ("varsdb rm run.db de" + TAB, ["rm", "run.db", "deep/"]),
    ("varsdb export run.db ou" + TAB, ["export", "run.db", "out file.npz"]),
    ("varsdb set run.db one --from ou" + TAB, ["set", "run.db", "one", "--from", "out file.npz"]),
    ("varsdb ls 'a folder/in" + TAB, ["ls", "a folder/inner.db"]),
    ("varsdb ls a\\ folder/in" + TAB, ["ls", "a folder/inner.db"]),
]

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1='ready> '; bind 'set bell-style none'; source ./varsdb.bash"),
    "zsh": (
        ["zsh", "-f", "-i"],
        "PS1='ready> '; unsetopt zle_bracketed_paste; fpath=($PWD/zsh $fpath); autoload -U compinit; compinit -u -D",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        "function fish_prompt; echo -n 'ready> '; end; set -g fish_greeting; source ./varsdb.fish",
    ),
}

WRAPPER = """#!/bin/sh
if [ "$1" = complete ]; then exec "$VARSDB" "$@"; fi
printf '%s\\n' "$@" >got.new
mv got.new got
"""


class Terminal:
    def __init__(self, arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(arguments[0], arguments)
        self.seen = b""

    def read(self, seconds):
        """Reads until nothing comes for that long."""
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            self.seen += data
            # What fish asks its terminal: where the cursor is, and what it is.
            if b"\x1b[6n" in data:
                os.write(self.fd, b"\x1b[1;1R")
            if b"\x1b[c" in data or b"\x1b[0c" in data:
                os.write(self.fd, b"\x1b[?62c")

    def type(self, keys):
        """A Tab is answered before the next key comes, as it is when a person types."""
        for part in keys.replace(TAB, TAB + "\0").split("\0"):
            os.write(self.fd, part.encode())
            self.read(0.8 if part.endswith(TAB) else 0.05)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def wait_for(path, seconds):
    end = time.time() + seconds
    while time.time() < end:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read().split("\n")[:-1]
        time.sleep(0.05)
    return None


def try_lines(name, terminal, lines, answer):
    """Types each line; answer(wanted) is what came of it where that is not what was wanted, else None."""
    failed = 0
    for keys, wanted in lines:
        terminal.seen = b""
        terminal.type(keys + "\r")
        other = answer(wanted)
        if other is not None:
            failed += 1
            print(f"shells.py: {name}: {keys!r} became {other}, not {wanted!r}; shown: {terminal.seen[-600:]!r}")
            terminal.type("\x03")
    terminal.close()
    print(f"{name}: {len(lines) - failed} of {len(lines)} lines")
    return failed


def try_shell(name):
    arguments, begin = SHELLS[name]
    terminal = Terminal(arguments)
    terminal.read(1.0)
    terminal.type(begin + "\r")
    terminal.read(1.0)

    def answer(wanted):
        got = wait_for("got", 5)
        if got is not None:
            os.remove("got")
        return None if got == wanted else f"{got}"

    return try_lines(name, terminal, LINES, answer)


# In varsdb's own shell: what is typed, and what is printed.
COMMANDS = [
    ("sho" + TAB + "layer1/w" + TAB, b"layer1/weights\r\nnamespace"),
    ("show de" + TAB + "w" + TAB, b"deep/only/scope/w\r\nnamespace"),
    ("ls --coll" + TAB + "fro" + TAB + "--column" + TAB + "name,dtype", b"layer1/weights  float32"),
    ("cat one --format=js" + TAB, b"[0.0,0.0]"),
    ("restore be" + TAB + "--incl" + TAB + "zzz", b"untouched"),
    ("SELECT count(*) FROM snapshot_v" + TAB + "WHERE snapshot_id = 1;", b"\r\n       6"),
    ("qui" + TAB, None),
]


def try_own_shell():
    terminal = Terminal([os.environ["VARSDB"], "shell", "run.db"])
    terminal.read(1.0)

    def answer(wanted):
        terminal.read(0.5)
        return None if wanted is None or wanted in terminal.seen else "something else"

    return try_lines("varsdb shell", terminal, COMMANDS, answer)


def main():
    os.makedirs("bin", exist_ok=True)
    with open("bin/varsdb", "w", encoding="utf-8") as file:
        file.write(WRAPPER)
    os.chmod("bin/varsdb", 0o755)
    os.environ["PATH"] = os.path.abspath("bin") + ":" + os.environ["PATH"]
    os.environ["HOME"] = os.getcwd()
    os.environ["TERM"] = "xterm"
    os.environ["LC_ALL"] = "C.UTF-8"
    failed = try_own_shell()
    return 1 if failed + sum(try_shell(name) for name in sys.argv[1:]) else 0


sys.exit(main())
