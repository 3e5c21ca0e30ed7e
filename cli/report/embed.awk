# embed.awk - turns the page of `varsdb report` into C.  POSIX awk.
#   -v style=FILE -v script=FILE -v sums="$(sha256sum STYLE SCRIPT)" report.html
# {style} and {script} between their tags, lines that are {data} or {summary}, and {policy} and {title} in a
# line are what they say.  The policy has the hashes of style and script as browsers compute them: over the bytes between
# the tags, which are those of the files.

function fail(text) { print FILENAME ":" FNR ": " text | "cat 1>&2"; failed = 1; exit 1 }

function quoted(line) {
    gsub(/\\/, "&&", line)
    gsub(/"/, "\\\"", line)
    return "\"" line "\""
}

# Pieces of text follow one another until something else stands between them.
function text(line) {
    if (!inside) print "    {REPORT_TEXT,"
    inside = 1
    print "     " quoted(line)
}
function newline() { print "     \"\\n\"" }

function piece(kind) {
    if (inside) print "    },"
    inside = 0
    print "    {" kind ", NULL},"
}

function file(name,    line, lines) {
    while ((getline line < name) > 0) {
        if (line ~ /<\/(script|style)/) fail(name " has a tag's end")
        text(line)
        newline()
        lines++
    }
    close(name)
    if (!lines) fail(name " is empty")
}

# Hexadecimal digits as base64, six bits at a time.
function base64(hex,    alphabet, out, bits, held, i) {
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (i = 1; i <= length(hex); i++) {
        held = held * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
        bits += 4
        if (bits >= 6) {
            bits -= 6
            out = out substr(alphabet, int(held / 2 ^ bits) + 1, 1)
            held %= 2 ^ bits
        }
    }
    if (bits) out = out substr(alphabet, held * 2 ^ (6 - bits) + 1, 1)
    while (length(out) % 4) out = out "="
    return out
}

function policy(    i, n, line, field, sum) {
    n = split(sums, line, /\n/)
    for (i = 1; i <= n; i++) {
        split(line[i], field, /[ *]+/)
        sum[field[2]] = field[1]
    }
    if (length(sum[style]) != 64 || length(sum[script]) != 64) fail("no checksum of style or script")
    return "default-src 'none'; style-src 'sha256-" base64(sum[style]) "'; script-src 'sha256-" base64(sum[script]) \
        "'; base-uri 'none'; form-action 'none'"
}

BEGIN {
    print "/* Made by cli/report/embed.awk; do not edit. */"
    print "#include \"report.h\"\n\nconst report_piece report_page[] = {"
}

$0 == "{data}" { piece("REPORT_DATA"); next }
$0 == "{summary}" { piece("REPORT_SUMMARY"); next }
/^<style>\{style\}<\/style>$/ { text("<style>"); file(style); text("</style>"); newline(); next }
/^<script>\{script\}<\/script>$/ { text("<script>"); file(script); text("</script>"); newline(); next }
{
    gsub(/\{policy\}/, policy())
    while ((at = index($0, "{title}")) > 0) {
        text(substr($0, 1, at - 1))
        piece("REPORT_TITLE")
        $0 = substr($0, at + 7)
    }
    text($0)
    newline()
}

END {
    if (failed) exit 1
    if (inside) print "    },"
    print "    {REPORT_END, NULL},\n};"
}
