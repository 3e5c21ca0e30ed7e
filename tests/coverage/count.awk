# count.awk - judges what `gcov --branch-counts --branch-probabilities --stdout` says of src/.
#   awk -v floor=93 -v whole="<file> ..." -v whole_floor=95 -v missing=<file to write> \
#       -f count.awk exceptions.txt <what gcov says>
# Floors are in %: of all branches, and of those of the whole files that are not listed as exceptions.
# A branch is a way out of a condition, of each && and || in it too.  Functions of headers are there once for each
# file that includes them; a branch counts when one of them went there.
function complain(what) {
    print "coverage: " what >"/dev/stderr"
    failed = 1
}
function bare(line) {
    gsub(/^[ \t]+|[ \t]+$/, "", line)
    return line
}

# ---- exceptions: "file:function: `text`: reason"
FNR == 1 { part++ }
part == 1 && (/^#/ || /^$/) { next }
part == 1 {
    if (!match($0, /^src\/[a-z0-9_\/]+\.[ch]:[a-zA-Z0-9_]+: `[^`]+`: ./))
        complain("tests/coverage/exceptions.txt:" FNR ": not \"file:function: `text of the line`: reason\"")
    split($0, piece, "`")
    excused++
    place[excused] = substr(piece[1], 1, length(piece[1]) - 2)
    text[excused] = piece[2]
    next
}

# ---- what gcov says
/^ *(-|#####|=====|[0-9]+\*?): *[0-9]+:/ {
    match($0, /^ *[^:]+: *[0-9]+:/)
    head = substr($0, 1, RLENGTH)
    split(head, column, ":")
    line = column[2] + 0
    if (line == 0) {
        if (match($0, /:Source:/)) {
            file = substr($0, RSTART + 8)
            is_ours = file ~ /^src\//
            fun = ""
        }
        next
    }
    if (!is_ours)
        next
    here = file SUBSEP line
    code[here] = bare(substr($0, length(head) + 1))
    if (column[1] !~ /-/) {
        if (!(here in ran)) {
            lines[file]++
            ran[here] = 0
        }
        if (column[1] ~ /[0-9]/ && !ran[here]) {
            lines_ran[file]++
            ran[here] = 1
        }
    }
    next
}
/^function / && is_ours { fun = $2; next }
/^branch / && is_ours {
    key = file SUBSEP line SUBSEP fun SUBSEP $2
    if (!(key in taken)) {
        order[++count] = key
        taken[key] = 0
    }
    if ($4 + 0 > 0)
        taken[key] = 1
}

# ---- the verdict
function excuse(    i, at, where) {
    for (i = 1; i <= excused; i++) {
        found = 0
        for (at in untaken) {
            split(at, where, SUBSEP)
            if (where[1] ":" where[3] == place[i] && index(code[where[1], where[2]], text[i])) {
                found++
                reasoned[at] = 1
            }
        }
        if (!found)
            complain(place[i] ": `" text[i] "`: the line is gone, or covered after all: remove the exception")
        if (found > 1)
            complain(place[i] ": `" text[i] "` is in several lines that are not covered: say more of the line")
    }
}
function percent(part, all) { return all ? 100 * part / all : 100 }
function is_whole(name) { return index(" " whole " ", " " name " ") }

END {
    for (i = 1; i <= count; i++) {
        split(order[i], where, SUBSEP)
        branches[where[1]]++
        all++
        if (taken[order[i]])
            continue
        at = where[1] SUBSEP where[2] SUBSEP where[3]
        if (!(at in untaken))
            lacking[++places] = at
        untaken[at]++
        lacks[where[1]]++
        lack++
    }
    excuse()
    printf "" >missing
    for (i = 1; i <= places; i++) {
        at = lacking[i]
        split(at, where, SUBSEP)
        if (at in reasoned)
            forgiven[where[1]] += untaken[at]
        printf "%s:%d: %s: %d: %s%s\n", where[1], where[2], where[3], untaken[at], code[where[1], where[2]],
            at in reasoned ? "   (listed)" : "" >missing
    }
    close(missing)
    sort = "LC_ALL=C sort -k 4nr -k 1,1"
    printf "%-36s %8s %8s %8s %8s %9s\n", "file", "branches", "%", "missing", "listed", "lines, %"
    for (name in lines) {
        all_lines += lines[name]
        all_ran += lines_ran[name]
        if (lacks[name])
            printf "%-36s %8d %8.2f %8d %8d %9.2f%s\n", name, branches[name], percent(branches[name] - lacks[name], branches[name]),
                lacks[name], forgiven[name], percent(lines_ran[name], lines[name]), is_whole(name) ? " whole" : "" | sort
        else
            full++
    }
    close(sort)
    printf "%d files more, with every branch\n", full
    n = split(whole, names, " ")
    for (i = 1; i <= n; i++) {
        if (!(names[i] in lines))
            complain(names[i] ": nothing of it was compiled")
        whole_all += branches[names[i]] - forgiven[names[i]]
        whole_lack += lacks[names[i]] - forgiven[names[i]]
    }
    printf "coverage: %d of %d branches of src/, %.2f %%; %.2f %% of %d lines\n", all - lack, all, percent(all - lack, all),
        percent(all_ran, all_lines), all_lines
    printf "coverage: %d of %d branches of what commits, migrates and verifies, %.2f %%, beside %d listed lines\n",
        whole_all - whole_lack, whole_all, percent(whole_all - whole_lack, whole_all), excused
    if (percent(all - lack, all) < floor)
        complain("fewer than " floor " % of the branches of src/")
    if (percent(whole_all - whole_lack, whole_all) < whole_floor)
        complain("fewer than " whole_floor " % of the branches of what commits, migrates and verifies")
    exit failed
}
