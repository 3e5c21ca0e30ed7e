# plant.awk - reads plants.txt.
#   awk -v list=1 -f plant.awk plants.txt                       one line a plant: name, suite, file, bug, by tabs
#   awk -v plant=<name> -f plant.awk plants.txt <its source>    the source with the bug in it
# Blanks at the beginning and the end of a line of code do not count.
function fail(what) {
    print "plants: " what >"/dev/stderr"
    failed = 1
    exit 1
}
function bare(line) {
    gsub(/^[ \t]+|[ \t]+$/, "", line)
    return line
}
function report() {
    if (name == "")
        return
    if (said["suite"] == "" || said["file"] == "" || said["bug"] == "" || !changes)
        fail(name ": it takes a suite, a file, a bug, and lines with - or +")
    if (list)
        print name "\t" said["suite"] "\t" said["file"] "\t" said["bug"]
    name = ""
}

# ---- the list
FNR == 1 { part++ }
part == 1 && /^#/ { next }
part == 1 && /^$/ { report(); next }
part == 1 && /^[a-z]+: / {
    key = substr($1, 1, length($1) - 1)
    value = substr($0, length(key) + 3)
    if (key == "plant") {
        report()
        name = value
        if (name in seen)
            fail(name ": it is there twice")
        seen[name] = 1
        said["suite"] = said["file"] = said["bug"] = ""
        changes = 0
    }
    said[key] = value
    next
}
part == 1 && /^[-+ ]/ {
    changes += /^[-+]/
    if (name != plant)
        next
    if (!/^\+/)
        is[++count] = bare(substr($0, 2))
    if (!/^-/)
        would[++put] = substr($0, 2)
    next
}
part == 1 { fail(FILENAME ":" FNR ": what is this?") }

# ---- the source
part == 2 { source[FNR] = $0; lines = FNR }

function fits(at,    i) {
    for (i = 1; i <= count; i++)
        if (bare(source[at + i - 1]) != is[i])
            return 0
    return 1
}

END {
    if (failed)
        exit 1
    report()
    if (list || failed)
        exit failed
    if (!count)
        fail(plant ": there is no such plant")
    for (i = 1; i + count - 1 <= lines; i++)
        if (fits(i)) {
            found++
            place = i
        }
    if (found != 1)
        fail(plant ": its lines are in the file " found + 0 " times, not once")
    for (i = 1; i < place; i++)
        print source[i]
    for (i = 1; i <= put; i++)
        print would[i]
    for (i = place + count; i <= lines; i++)
        print source[i]
}
