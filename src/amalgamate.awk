# amalgamate.awk - makes varsdb.c, the whole library in one file.  POSIX awk.
#   awk -v version=0.1.0 -f src/amalgamate.awk LICENSE HEADER.h... SOURCE.c... > varsdb.c
# The private headers come first, each behind those that it includes, and then the sources in
# the order given, except that those which define objects for others come before all others.
# What files share (vdb_...) becomes static.  What several files have of their own under one name
# gets the file's name before it, as check() of gc.c becomes gc_check().  A file's macros end
# with it.
#
# It does not parse C.  It follows tokens, braces and parentheses, which is enough for sources that
# have one declaration a line, names of their own for members, and no names pasted by macros; where
# it is not, the result does not compile.

function fail(text) { print text | "cat 1>&2"; failed = 1; exit 1 }

FNR == 1 {
    file = FILENAME
    if (file ~ /\.h$/) headers[++header_count] = file
    else if (file ~ /\.c$/) sources[++source_count] = file
    else license = file
    if (base(file) in path) fail("two files are called " base(file))
    path[base(file)] = file
}
{ line_of[FILENAME, FNR] = $0; lines[FILENAME] = FNR }

function base(file) { sub(/.*\//, "", file); return file }
function title(file) { return match(file, /(^|\/)src\//) ? substr(file, RSTART + (RSTART > 1)) : base(file) }
function included(line) { return match(line, /"[^"]*"/) ? base(substr(line, RSTART + 1, RLENGTH - 2)) : "" }

# ---- Tokens

function is_name(text) { return text ~ /^[A-Za-z_]/ }
function is_shared(name) { return name ~ /^(vdb|varsdb)_/ }

# The bytes of the first token of `rest`, which may be white space or a piece of a comment.
function token_bytes(rest) {
    if (in_comment) {
        if (!match(rest, /\*\//)) return length(rest)
        in_comment = 0
        return RSTART + 1
    }
    if (match(rest, /^\/\*/)) {
        in_comment = 1
        if (!match(substr(rest, 3), /\*\//)) return length(rest)
        in_comment = 0
        return RSTART + 3
    }
    if (match(rest, /^\/\/.*/)) return RLENGTH
    if (match(rest, /^[ \t]+/)) return RLENGTH
    if (match(rest, /^"([^"\\]|\\.)*"/)) return RLENGTH
    if (match(rest, /^\047([^\047\\]|\\.)*\047/)) return RLENGTH
    if (match(rest, /^[A-Za-z_][A-Za-z0-9_]*/)) return RLENGTH
    if (match(rest, /^[0-9]([eEpP][-+]|[A-Za-z0-9_.])*/)) return RLENGTH
    if (match(rest, /^->/)) return RLENGTH
    return 1
}

function begin_file() {
    in_comment = in_directive = depth = parens = 0
    before = before_that = ""
    end_declaration()
}

function end_declaration() { first_line = 0; declared = candidate = first_word = ""; is_static = 0 }

# What a brace opens: a struct's or union's members, an enum's constants, or anything else.
function opened() {
    if (before ~ /^(struct|union|enum)$/) return before
    if (is_name(before) && before_that ~ /^(struct|union|enum)$/) return before_that
    return "other"
}

# Keeps account of where we are; `token` is no white space and in no comment or directive.
function follow(token) {
    if (token == "{") {
        kind[++depth] = opened()
        brace_parens[depth] = parens
        is_function[depth] = before == ")" && parens == 0
        parens = 0
    } else if (token == "}") {
        parens = brace_parens[depth]
        depth--
    } else if (token == "(") parens++
    else if (token == ")") parens--
    before_that = before
    before = token
}

# ---- What a file declares

function own(file, name) {
    if (is_shared(name) || (file, name) in owns) return
    owns[file, name] = 1
    owners[name]++
}

function note_declaration(file,    is_header) {
    is_header = file ~ /\.h$/
    if (first_word == "extern") {
        if (line_number != first_line) fail(file ":" first_line ": an extern declaration of several lines")
        object[declared] = 1
        mark[file, first_line] = "drop"
    } else if (first_word == "typedef" || (is_static && !is_header)) {
        own(file, declared)
    } else if (is_static) {
        mark[file, first_line] = "static"
    } else if (is_shared(declared) && declared !~ /^varsdb_/) {
        mark[file, first_line] = "private"
        if (declared in object && !(file in goes_first)) goes_first[file] = 1
    }
}

# At depth 0 a declaration's name stands before its first parenthesis, bracket, = or ;.
function declare(file, token) {
    if (candidate != "") {
        if (token != "*") declared = candidate
        candidate = ""
    }
    if (declared == "" && parens == 0 && is_name(before) && first_word != "") {
        if (token == "(" && before !~ /^(__attribute__|_Static_assert)$/) candidate = before
        else if (index("=;[", token) && before_that !~ /^(struct|union|enum)$/) declared = before
    }
    if (declared == "" && is_name(token) && before == "*" && before_that == "(") declared = token
    if (token == "static") is_static = 1
    if (first_word == "") {
        first_word = token
        first_line = line_number
    }
}

function collect_token(file, token) {
    if (is_name(token)) used[token] = 1
    if (in_directive) return
    if (depth == 0) declare(file, token)
    else if (depth == 1 && kind[1] == "enum" && parens == 0 && is_name(token) && before ~ /^[{,]$/) own(file, token)
    if (token == "{" && depth == 0 && opened() != "other" && is_name(before) && before != opened()) own(file, before)
    follow(token)
    if (depth == 0 && parens == 0 && (token == ";" || (token == "}" && is_function[1]))) {
        if (declared != "") note_declaration(file)
        end_declaration()
    }
}

function collect(file,    n, line, rest, bytes, token) {
    begin_file()
    for (n = 1; n <= lines[file]; n++) {
        rest = line = line_of[file, n]
        line_number = n
        if (!in_comment && line ~ /^#/) in_directive = 1
        if (line ~ /^# *define /) {
            split(line, word, /[ (]+/)
            macro[file, ++macros[file]] = word[2]
        }
        if (line ~ /^# *undef /) {
            split(line, word, / +/)
            ended[file, word[2]] = 1
        }
        while (rest != "") {
            was_comment = in_comment
            bytes = token_bytes(rest)
            token = substr(rest, 1, bytes)
            rest = substr(rest, bytes + 1)
            if (!was_comment && token !~ /^([ \t]|\/[*\/])/) collect_token(file, token)
        }
        if (line !~ /\\$/) in_directive = 0
    }
    if (depth != 0 || parens != 0) fail(file ": braces or parentheses do not match")
}

# ---- What is written

# A name of the file's own that others have too; neither a member nor its declaration.
function renamed(file, token, rest,    next_one) {
    if (!((file, token) in new_name) || before == "." || before == "->") return token
    sub(/^[ \t]+/, "", rest)
    next_one = substr(rest, 1, 1)
    if (depth > 0 && kind[depth] ~ /^(struct|union)$/ && before != "[" && index(";,:[)", next_one)) return token
    return new_name[file, token]
}

function write_tokens(file, line,    rest, bytes, token, text, was_comment) {
    rest = line
    text = ""
    while (rest != "") {
        was_comment = in_comment
        bytes = token_bytes(rest)
        token = substr(rest, 1, bytes)
        rest = substr(rest, bytes + 1)
        if (was_comment || token ~ /^([ \t]|\/[*\/])/) text = text token
        else {
            text = text renamed(file, token, rest)
            if (in_directive) { before_that = before; before = token }
            else follow(token)
        }
    }
    return text
}

function put(line) { # never two empty lines
    if (line != "" || last_put != "") print line
    last_put = line
}

function write_file(file,    n, line, i) {
    put("")
    put("/* ==== " title(file) " ==== */")
    put("")
    begin_file()
    for (n = 1; n <= lines[file]; n++) {
        line = line_of[file, n]
        if (!in_comment && line ~ /^#/) in_directive = 1
        if (in_directive && line ~ /^# *include *"/) line = ""
        line = write_tokens(file, line)
        if (mark[file, n] == "private") line = "VDB_PRIVATE " line
        if (mark[file, n] == "static") sub(/static/, "VDB_PRIVATE", line)
        if (mark[file, n] != "drop") put(line)
        if (line !~ /\\$/) in_directive = 0
    }
    if (file ~ /\.c$/ && macros[file]) put("")
    for (i = 1; file ~ /\.c$/ && i <= macros[file]; i++)
        if (!((file, macro[file, i]) in ended)) {
            ended[file, macro[file, i]] = 1
            put("#undef " macro[file, i])
        }
}

function write_header(file,    n, name) {
    if (file in written) return
    written[file] = 1
    for (n = 1; n <= lines[file]; n++) {
        if (line_of[file, n] !~ /^# *include *"/) continue
        name = included(line_of[file, n])
        if (name != "varsdb.h") write_header(needed(name, file, n))
    }
    write_file(file)
}

function needed(name, file, n) {
    if (!(name in path)) fail(file ":" n ": " name " is not among the files")
    return path[name]
}

function choose_names(    i, key, part, stem, name) {
    for (key in owns) {
        split(key, part, SUBSEP)
        if (owners[part[2]] < 2) continue
        stem = base(part[1])
        sub(/\.[ch]$/, "", stem)
        if (part[2] == toupper(part[2])) stem = toupper(stem)
        name = stem "_" part[2]
        if (name in used) fail(part[1] ": " part[2] " cannot become " name ", which is there already")
        used[name] = 1
        new_name[part[1], part[2]] = name
    }
}

function write_beginning(    n) {
    print "/*"
    print " * varsdb.c - varsdb " version ", the whole library in one file.  Made by src/amalgamate.awk; do not edit."
    print " *"
    print " *     cc -O2 -c varsdb.c"
    print " *     cc program.c varsdb.o -lsqlite3 -lxxhash"
    print " *"
    print " * VARSDB_WITH_REGEX         has regular expressions, and needs -lpcre2-8"
    print " * VARSDB_WITH_ZLIB          reads compressed .npz, and needs -lz"
    print " * VARSDB_OMIT_NUMPY         has no import and export of .npy and .npz"
    print " * VARSDB_OMIT_SAFETENSORS   has no import and export of safetensors"
    print " * VARSDB_OMIT_TENSORFLOW    has no import and export of TensorFlow's checkpoints"
    print " * VARSDB_OMIT_PYTORCH       has no import of PyTorch's files"
    print " * VARSDB_OMIT_GGUF          has no import of GGUF"
    print " *"
    for (n = 1; n <= lines[license]; n++) print " *" (line_of[license, n] == "" ? "" : " ") line_of[license, n]
    print " */"
    print "#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n"
    print "#if !defined(VARSDB_WITH_REGEX) && !defined(VARSDB_OMIT_REGEX)\n#define VARSDB_OMIT_REGEX\n#endif\n"
    print "#if !defined(VARSDB_WITH_ZLIB) && !defined(VARSDB_OMIT_ZLIB)\n#define VARSDB_OMIT_ZLIB\n#endif\n"
    print "/* The same seed gives the same bytes on every machine: no contracted multiply-add, whatever the options. */"
    print "#if defined(__FAST_MATH__)\n#error \"varsdb.c is not to be compiled with -ffast-math: initial values would differ\""
    print "#elif defined(__clang__)\n#pragma STDC FP_CONTRACT OFF"
    print "#elif defined(__GNUC__)\n#pragma GCC optimize(\"fp-contract=off\")\n#endif\n"
    print "/* Out-parameters are written on success only, which gcc cannot follow through so many functions. */"
    print "#if defined(__GNUC__) && !defined(__clang__)\n#pragma GCC diagnostic ignored \"-Wmaybe-uninitialized\"\n#endif\n"
    print "#include \"varsdb.h\"\n"
    print "/* Shared by the sources; some of it only tests use. */"
    print "#define VDB_PRIVATE __attribute__((unused)) static"
}

END {
    if (failed) exit 1
    for (i = 1; i <= header_count; i++) collect(headers[i])
    for (i = 1; i <= source_count; i++) collect(sources[i])
    choose_names()
    write_beginning()
    for (i = 1; i <= header_count; i++) write_header(headers[i])
    for (i = 1; i <= source_count; i++) if (sources[i] in goes_first) write_file(sources[i])
    for (i = 1; i <= source_count; i++) if (!(sources[i] in goes_first)) write_file(sources[i])
}
