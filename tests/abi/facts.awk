# facts.awk - turns the preprocessed headers into a C program that prints what a compiled caller relies on.
#
# The compiler preprocesses and measures; this only finds the names.  The program fails when a structure
# has a gap that its alignment does not explain, which a member that was overlooked here would leave.

function trim(text)
{
    gsub(/[[:space:]]+/, " ", text)
    sub(/^ /, "", text)
    sub(/ $/, "", text)
    return text
}

function quoted(text)
{
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function last_word(text)
{
    match(text, /[A-Za-z0-9_]+$/)
    return substr(text, RSTART)
}

# "const int64_t *begin, *size" are two members of one type.
function members(type, text,    lines, parts, i, j, n, m, base, name, stars)
{
    n = split(text, lines, ";")
    for (i = 1; i <= n; i++) {
        if (trim(lines[i]) == "") continue
        m = split(lines[i], parts, ",")
        for (j = 1; j <= m; j++) {
            name = last_word(trim(parts[j]))
            stars = trim(parts[j])
            sub(/[A-Za-z0-9_]+$/, "", stars)
            if (j == 1) {
                base = stars
                if (m > 1) sub(/[* ]+$/, " ", base)
            } else {
                stars = base stars
            }
            sub(/ $/, "", stars)
            print "    MEMBER(" type ", " name ", " quoted(stars (stars ~ /[*]$/ ? "" : " ") name) ");"
        }
    }
}

function enumerators(type, text,    names, i, n, name)
{
    n = split(text, names, ",")
    for (i = 1; i <= n; i++) {
        name = names[i]
        sub(/=.*/, "", name)
        if (trim(name) != "") print "    ENUMERATOR(" quoted(type) ", " trim(name) ");"
    }
}

function declaration(text,    kind, tag, body, head)
{
    text = trim(text)
    if (text == "") return
    head = text
    sub(/^typedef /, "", head)
    if (head ~ /^(struct|enum) [a-z0-9_]+ \{/) {
        kind = head
        sub(/ .*/, "", kind)
        split(head, tag, " ")
        body = head
        sub(/^[^{]*\{/, "", body)
        sub(/\}[^}]*$/, "", body)
        print "    " (kind == "enum" ? "ENUM" : "STRUCT") "(" kind " " tag[2] ");"
        if (kind == "enum") enumerators(tag[2], body)
        else {
            members(kind " " tag[2], body)
            print "    END_OF_STRUCT(" kind " " tag[2] ");"
        }
    } else if (text ~ /^typedef/) {
        print "    puts(" quoted(text) ");"
    } else if (text ~ /\(/) {
        print "    puts(" quoted("function " text) ");"
    }
}

# What is passed by macros is compiled into callers too.
/^#define VARSDB_[A-Z0-9_]*[A-Z0-9] / {
    if ($2 !~ /^VARSDB_(H|SQL_H|API|HERE|VERSION|VERSION_NUMBER)$/) macros[++macro_count] = substr($0, 9)
}
/^#/ { next }
{ text = text " " $0 }

END {
    print "#include \"facts.h\"\n\nint main(void)\n{"
    gsub(/__attribute__ *\(\(visibility\("default"\)\)\)/, "", text)
    count = split(text, pieces, ";")
    for (i = 1; i <= count; i++) {
        whole = whole (whole == "" ? "" : ";") pieces[i]
        depth += gsub(/\{/, "{", pieces[i]) - gsub(/\}/, "}", pieces[i])
        if (depth == 0) {
            declaration(whole)
            whole = ""
        }
    }
    for (i = 1; i <= macro_count; i++) print "    puts(" quoted("macro " macros[i]) ");"
    print "    return failed;\n}"
}
