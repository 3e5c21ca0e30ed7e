# The man pages against what is so: varsdb(1) and the help, varsdb(5) and a registry, varsdb_sql(7) and the
# extension.  The program of varsdb(3) is compiled and run by test_install.sh.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

man=$HERE/../../docs/man

# It is made of the help's tables by "make docs".
ran='varsdb(1)'
{ cat "$man/varsdb.head" && "$VARSDB" help --man && cat "$man/varsdb.tail"; } >made
if cmp -s made "$man/varsdb.1"; then pass; else fail "is not what make docs makes: $(diff made "$man/varsdb.1" | head -n 5)"; fi

# "name [arguments]: line" of each command, by the page and by the help.
run help
sed -n '/^make:/,/^options/s/^  \([a-z-]*\)  *\(.*\)/\1 \2/p' "$out" >commands
while read -r name line; do
    "$VARSDB" "$name" --help >usage 2>&1
    printf '%s: %s\n' "$(sed -n 's/^usage: varsdb \(.*\) \[OPTIONS\]$/\1/p' usage)" "$line"
done <commands >helped
awk '/^\.It Cm / {
    head = $3
    for (i = 4; i <= NF; i++)
        if ($i == "Op") { optional = 1 }
        else if ($i != "Ar") { head = head " " (optional ? "[" $i "]" : $i); optional = 0 }
    getline
    print head ": " $0
}' "$man/varsdb.1" >written
if [ -s helped ] && cmp -s helped written; then pass; else fail "differs from the help: $(diff helped written)"; fi

# The examples are commands and what they print.
awk -f "$man/example.awk" "$man/varsdb.1" |
    awk '/^\$ / { n++; print substr($0, 3) > ("command." n); printf "" > ("printed." n); next }
         { print > ("printed." n) }'
n=1
while [ -f "command.$n" ]; do
    ran=$(cat "command.$n")
    PATH=$(dirname "$VARSDB"):$PATH sh "command.$n" >"$out" 2>&1 </dev/null
    if cmp -s "$out" "printed.$n"; then pass; else fail "printed \"$(cat "$out")\", not what varsdb(1) says"; fi
    n=$((n + 1))
done
same 'how many examples there are' "$((n - 1))" 4

# Tensor files: each option that --help lists, beside those of all commands, and each format.
long_options() { grep -o -e '--[a-z][a-z-]*' | sort -u; }
part() { # title: lines of the subsection
    sed -n "/^\\.Ss $1\$/,/^\\.S[sh] /p" "$man/varsdb.1"
}
sed -n '/^Options come after/,/^\.Sh /s/^\.It Fl //p' "$man/varsdb.1" | sed 's/Fl \([a-z]\)/--\1/g' | long_options >common
while read -r name line; do
    "$VARSDB" "$name" --help | sed -n '/^options:/,/^$/p' | sed -n 's/^  --/--/p' | sed 's/  .*//' | long_options |
        comm -23 - common | tr '\n' ' ' >helped
    sed -n "/^\\.It Cm $name\\( .*\\)*\$/,/^\\.It Cm\\|^\\.Ss/s/^\\.It Fl //p" "$man/varsdb.1" |
        sed 's/^Fl /--/; s/Fl Fl /--/g' | long_options | comm -23 - common | tr '\n' ' ' >written
    ran="varsdb(1), $name"
    same 'options' "$(cat written)" "$(cat helped)"
done <commands
ran='varsdb(1)'
works init formats.db
run export formats.db x --format nonsense
formats=$(sed -n 's/.*known formats: //p' "$err" | tr -d ',')
same 'what it lists as formats' "$(part Formats | sed -n 's/^\.It Li //p' | tr '\n' ' ')" "$formats "
for format in $formats; do
    run export formats.db x --format "$format"
    writes=$(grep -c 'is read, and not written' "$err")
    for name in import export inspect; do
        [ "$name$writes" = export1 ] && continue
        ran="varsdb $name --help"
        if "$VARSDB" "$name" --help | grep -A 1 '^formats' | grep -q "$format"; then pass; else fail "names no $format"; fi
    done
done

ran='varsdb(5)'
section() { # title: the terms of its list
    sed -n "/^\\.Ss $1/,/^\\.S[sh] /s/^\\.It Li //p" "$man/varsdb.5"
}
in_file() { # kind: the names in a registry, in the order of the schema
    sqlite3 run.db "SELECT name FROM sqlite_schema WHERE type = '$1' ORDER BY rowid"
}
said() { # PRAGMA: the number that its paragraph begins with
    sed -n "/^\\.It Li $1\$/{n;s/^0x//;s/[^0-9a-f].*//;p;}" "$man/varsdb.5"
}
same 'what it lists as views' "$(section Views)" "$(in_file view)"
same 'what it lists as tables' "$(section Tables)" "$(in_file table)"
same application_id "$(said application_id)" "$(printf %x "$(sqlite3 run.db 'PRAGMA application_id')")"
same page_size "$(said page_size)" "$(sqlite3 run.db 'PRAGMA page_size')"
same auto_vacuum "$(said auto_vacuum)" "$(sqlite3 run.db 'PRAGMA auto_vacuum')"
same journal_mode "$(sqlite3 run.db 'PRAGMA journal_mode')" wal
version=$(sqlite3 run.db 'PRAGMA user_version')
if tr '\n' ' ' <"$man/varsdb.5" | grep -q "applied, $version in this version"; then pass
else fail "user_version is $version"; fi
same 'sizes of values' "$(tr -d '()' <"$man/varsdb.5" | grep -E '^(32768|262144)' | tr -dc '0-9\n' | tr '\n' '|')" \
    "$(sqlite3 run.db "SELECT inline_bytes || '|' || chunk_bytes || '|' FROM varsdb_registry")"

# What it says of digests and hashes, by a program that knows nothing else.
works get run.db words --value '["x","yz"]' --dtype string
works get run.db packed --value '[1,2,0.5]' --dtype float4_e2m1
works snapshot run.db --name all
ran='varsdb(5)'
stored() { sqlite3 run.db "SELECT hex(inline) FROM varsdb_tensors WHERE dtype = '$1'"; }
same 'strings' "$(stored string)" 0100000000000000780200000000000000797A
same 'elements of four bits' "$(stored float4_e2m1)" 4201
ran='by_the_page.c'
# shellcheck disable=SC2046 # flags are words
if ${CC:-cc} "$HERE/by_the_page.c" $(pkg-config --cflags --libs sqlite3 libxxhash 2>/dev/null || echo -lsqlite3 -lxxhash) \
    -o by_the_page >cc.log 2>&1; then pass; else fail "$(head -n 3 cc.log)"; fi
if ./by_the_page run.db >agreed; then pass; else fail "$(grep -v ' 0 differ' agreed)"; fi
same 'what it had nothing of' "$(sed -n 's/: 0 agree.*//p' agreed)" varsdb_attributes
same 'how much it looked at' "$(wc -l <agreed | tr -d ' ')" 19
# It would see it otherwise.
sqlite3 run.db "UPDATE varsdb_variables SET version = version + 1 WHERE name = 'words'"
if ./by_the_page run.db >agreed; then fail 'it does not see a row that was changed'; else pass; fi
same 'what it sees' "$(grep -v ' 0 differ' agreed)" 'varsdb_variables: 2 agree, 1 differ'

# What the extension adds to a connection, and the page's lists and its session.
ran='varsdb_sql(7)'
page=$man/varsdb_sql.7
extension=$(dirname "$VARSDB")/varsdb0
terms() { # title: what its list explains, "name arguments"
    sed -n "/^\\.Ss $1/,/^\\.S[sh] /s/^\\.It Fn //p" "$page"
}
ask() { # query
    sqlite3 :memory: ".load $extension" "$1"
}
ask "SELECT name FROM pragma_function_list" | sort -u >functions.with
sqlite3 :memory: "SELECT name FROM pragma_function_list" | sort -u >functions.without
modules="SELECT name FROM pragma_module_list WHERE name NOT GLOB 'pragma_*' AND name <> 'varsdb_connection'"
ask "$modules" | sort >modules.with
sqlite3 :memory: "$modules" | sort >modules.without
same 'what it lists as functions' "$(terms Functions | sed 's/ .*//' | sort)" \
    "$(comm -23 functions.with functions.without)"
same 'what it lists as tables' "$(terms Tables | sed 's/ .*//' | sort)" "$(comm -23 modules.with modules.without)"
said_of() { # table: its columns
    sed -n "/^\\.It Fn $1 /,/^\\.It Fn\\|^\\.El/s/^\\.Li \\([a-z_0-9]*\\) [,.:]*\$/\\1/p" "$page" | tr '\n' ' '
}
are_of() { # table arguments|columns
    hidden=$([ "$2" = columns ] && echo 0 || echo 1)
    ask "SELECT name FROM pragma_table_xinfo('$1') WHERE hidden = $hidden ORDER BY cid" |
        sed 's/^of_variable$/name/; s/^of_//; s/^from_snapshot$/a/; s/^to_snapshot$/b/' | tr '\n' ' '
}
terms Tables | tr -d '[]' | while read -r name arguments; do
    echo "$name: $arguments ; $(said_of "$name")" >>tables.said
    echo "$name: $(are_of "$name" arguments); $(are_of "$name" columns)" >>tables.are
done
if cmp -s tables.said tables.are; then pass; else fail "its tables differ: $(diff tables.said tables.are)"; fi

mkdir session
cd session || exit
awk -f "$man/example.awk" "$page" >session
same 'where it loads from' "$(sed -n 's/^sqlite> \.load //p' session)" /usr/local/lib/sqlite3/varsdb0
run init run.db --seed 1
cp "$out" printed
sed -n 's/^sqlite> //p; s/^   \.\.\.>//p' session | sed "s|^\.load .*|.load $extension|" |
    sqlite3 -batch run.db >>printed 2>&1
run cat run.db layer1/weights
cat "$out" >>printed
grep -v -e '^sqlite>' -e '^   \.\.\.>' -e '^\$ ' session >said
if cmp -s said printed; then pass; else fail "its session prints otherwise: $(diff said printed)"; fi
same 'how much it prints' "$(wc -l <printed | tr -d ' ')" 11

finish
