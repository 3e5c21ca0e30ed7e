# doc.awk - puts the cases of the conformance file, as tables, between the markers of a page.
#
#   awk -f doc.awk *.txt page.md

FNR == 1 { finish(); page = FILENAME ~ /\.md$/; if (!page) chapter($0) }
page && /^<!-- cases -->$/ { print; tables(); skipping = 1 }
page && /^<!-- end of cases -->$/ { skipping = 0 }
page { if (!skipping) print; next }
/^ / { sub(/^ +/, ""); line = line " " $0; next }
{ finish() }
/^= / { add(""); add("### " substr($0, 3)); opened = 0; next }
/^: / { add(""); add(substr($0, 3)); next }
/^$/ || /^#/ { next }
{ line = $0 }

# "# Title.  More."
function chapter(text) {
    sub(/^# /, "", text)
    sub(/\..*/, "", text)
    add("")
    add("## " text)
}

function finish(    field) {
    if (line == "") return
    split(line, field, " \\| ")
    line = ""
    if (!opened) {
        add("")
        add("| case | | |")
        add("|---|---|---|")
        opened = 1
    }
    count[field[2]]++
    gsub(/\|/, "\\|", field[3])
    add("| " field[1] " | " (field[2] == "differs" ? "**differs**" : "same") " | " field[3] " |")
}

function add(text) { out[++lines] = text }

function tables(    i) {
    print ""
    print count["same"] + count["differs"] " cases: " count["same"] " the same, " count["differs"] " different."
    for (i = 1; i <= lines; i++) print out[i]
    print ""
}
