# script.awk - the conformance file as cases, steps and words, for the programs that translate it:
#
#   awk -f script.awk -f cli.awk *.txt
#
# They define take(id, script), which is called for each case.

FNR == 1 || /^[=:#]/ || /^$/ { finish() }
/^[=:#]/ || /^$/ { next }
/^ / { sub(/^ +/, ""); line = line " " $0; next }
{ finish(); line = $0 }
END { finish() }

function finish(    field, count) {
    if (line == "") return
    count = split(line, field, " \\| ")
    line = ""
    if (count == 4) take(field[1], field[4])
}

# A step into word[1..words], with what it must give in `expected` and an error's expression in `pattern`.
function read_step(text,    at) {
    expected = pattern = ""
    if (at = index(text, " -> ")) {
        expected = substr(text, at + 4)
        text = substr(text, 1, at - 1)
        if (at = match(expected, / \/.*\/ *$/)) {
            pattern = substr(expected, at + 2)
            sub(/\/ *$/, "", pattern)
            gsub(/\\\//, "/", pattern)
            expected = substr(expected, 1, at - 1)
        }
        sub(/ +$/, "", expected)
    }
    cut(text)
}

# Words, with quotes of either kind dropped.
function cut(text,    i, c, quote, inside) {
    words = inside = 0
    quote = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == " " && quote == "") { inside = 0; continue }
        if (!inside) { word[++words] = ""; inside = 1 }
        if (quote != "" ? c == quote : c == "\"" || c == "'") quote = quote == "" ? c : ""
        else word[words] = word[words] c
    }
}
