# embed.awk - turns .sql files into C.  POSIX awk.
#   -v out=header      queries.h: an enum constant for each named query
#   -v out=source      queries.c: their texts, in the same order
#   -v out=schema      schema.c: every CREATE statement with its type and name
#   -v out=migrations  migrations.c: every migration file; -v sums="$(sha256sum FILES)"
# A query begins with "-- name: NAME" and ends with ";".  "-- part: NAME" begins lines
# that a line {NAME} (or {NAME},) in a later query or part stands for.  "-- scan: WHY" below its
# name allows it a full table scan.  Parameters are $1, $2, ... without gaps, as
# PostgreSQL writes them; for SQLite, which would number $N by first appearance,
# the engine makes them ?1, ?2, ...

function fail(text) { print FILENAME ":" FNR ": " text | "cat 1>&2"; failed = 1; exit 1 }

function quoted(line) {
    gsub(/\\/, "&&", line)
    gsub(/"/, "\\\"", line)
    return "\"" line "\\n\""
}

# ---- queries

function count_parameters(text,    rest, n, most, used) {
    most = 0
    rest = text
    split("", used)
    while (match(rest, /\$[0-9]+/)) {
        n = substr(rest, RSTART + 1, RLENGTH - 1) + 0
        used[n] = 1
        if (n > most) most = n
        rest = substr(rest, RSTART + RLENGTH)
    }
    for (n = 1; n <= most; n++) if (!(n in used)) fail("query " name ": $" n " is missing")
    return most
}

function end_query() {
    if (name == "") return
    if (plain !~ /;[ \t\n]*$/) fail("query " name ": no final semicolon")
    queries++
    query_name[queries] = name
    query_text[queries] = body
    query_scan[queries] = scan
    query_parameters[queries] = count_parameters(plain)
}

# A line of a query or a part, with what it stands for in its place.
function take(line,    key, lines, i, piece) {
    if (line ~ /^\{[a-z_]+\},?$/) {
        key = line
        gsub(/[{},]/, "", key)
        if (!(key in part_text)) fail("no part " key)
        lines = split(part_text[key], piece, /\n/) - 1
        for (i = 1; i <= lines; i++) take(i == lines && line ~ /,$/ ? piece[i] "," : piece[i])
    } else if (part != "") {
        part_text[part] = part_text[part] line "\n"
    } else {
        plain = plain line "\n"
        body = body "    " quoted(line) "\n"
    }
}

out ~ /^(header|source)$/ {
    if ($0 ~ /^-- part: /) {
        end_query()
        name = ""
        part = substr($0, 10)
    } else if ($0 ~ /^-- name: /) {
        end_query()
        name = substr($0, 10)
        if (name !~ /^[a-z][a-z0-9_]*$/) fail("bad query name " name)
        if (name in seen) fail("query " name " stands twice")
        seen[name] = 1
        body = plain = scan = part = ""
    } else if ($0 ~ /^-- scan: /) {
        scan = substr($0, 10)
    } else if ($0 !~ /^--/ && $0 !~ /^[ \t]*$/ && (name != "" || part != "")) {
        take($0)
    }
}

# ---- schema

out == "schema" && /^CREATE / {
    words = split($0, word, / +/)
    k = (word[2] == "UNIQUE") ? 3 : 2
    objects++
    type[objects] = tolower(word[k])
    object[objects] = word[k + 1]
    inside = 1
}
out == "schema" && inside {
    line = $0
    if (line ~ /;[ \t]*$/) {
        sub(/;[ \t]*$/, "", line)
        inside = 0
        escaped = quoted(line)
        sub(/\\n"$/, "\"", escaped)
        text[objects] = text[objects] "     " escaped "\n"
    } else {
        text[objects] = text[objects] "     " quoted(line) "\n"
    }
}

# ---- migrations

out == "migrations" && FNR == 1 {
    migrations++
    file = FILENAME
    sub(/.*\//, "", file)
    migration_name[migrations] = file
    if (substr(file, 1, 4) + 0 != migrations) fail("migrations are numbered 0001, 0002, ... without gaps")
}
out == "migrations" {
    if ($0 ~ /\r/) fail("carriage return")
    if ($0 ~ /^[ \t]*(BEGIN|COMMIT|ROLLBACK|PRAGMA|ATTACH|DETACH|VACUUM)([ \t;]|$)/)
        fail("a migration runs inside the library's transaction: no " $1)
    # The first one never runs in a database of a host's, which is made from the schema of today.
    if (migrations > 1 && /^(CREATE|ALTER|DROP|INSERT|REPLACE|UPDATE|DELETE)[ \t]/ && !/\{schema\}\./)
        fail("a migration says {schema}.NAME, as the registry may be in a database that a host attached")
    migration_text[migrations] = migration_text[migrations] "     " quoted($0) "\n"
}

END {
    if (failed) exit 1
    print "/* Made by schema/embed.awk; do not edit. */"
    if (out == "header" || out == "source") {
        end_query()
        if (failed) exit 1
    }
    if (out == "header") {
        print "#ifndef VDB_GEN_QUERIES_H\n#define VDB_GEN_QUERIES_H\n"
        print "enum vdb_query {"
        for (i = 1; i <= queries; i++) print "    VDB_Q_" toupper(query_name[i]) ","
        print "    VDB_QUERY_COUNT\n};\n"
        print "struct vdb_query_text {\n    const char *name;\n    const char *sql;"
        print "    int parameters;\n    const char *scan; /* why a full scan is right; NULL: it is not */\n};"
        print "extern const struct vdb_query_text vdb_queries[VDB_QUERY_COUNT];\n\n#endif"
    }
    if (out == "source") {
        print "#include \"queries.h\"\n\n#include <stddef.h>\n\nconst struct vdb_query_text vdb_queries[VDB_QUERY_COUNT] = {"
        for (i = 1; i <= queries; i++) {
            reason = "NULL"
            if (query_scan[i] != "") { reason = quoted(query_scan[i]); sub(/\\n"$/, "\"", reason) }
            print "    {\"" query_name[i] "\",\n" query_text[i] "     ," query_parameters[i] ", " reason "},"
        }
        print "};"
    }
    if (out == "schema") {
        print "#include \"schema.h\"\n\nconst struct vdb_schema_object vdb_schema_objects[] = {"
        for (i = 1; i <= objects; i++)
            print "    {\"" type[i] "\", \"" object[i] "\",\n" text[i] "    },"
        print "};\nconst size_t vdb_schema_object_count = " objects ";"
    }
    if (out == "migrations") {
        lines = split(sums, sum, /\n/)
        for (i = 1; i <= lines; i++) {
            split(sum[i], field, /[ *]+/)
            file = field[2]
            sub(/.*\//, "", file)
            checksum[file] = field[1]
        }
        print "#include \"migrate.h\"\n\nconst struct vdb_migration vdb_migrations[] = {"
        for (i = 1; i <= migrations; i++) {
            if (length(checksum[migration_name[i]]) != 64) fail("no checksum of " migration_name[i])
            print "    {" i ", \"" migration_name[i] "\", \"" checksum[migration_name[i]] "\",\n" \
                migration_text[i] "    },"
        }
        print "};\nconst size_t vdb_migration_count = " migrations ";"
    }
}
