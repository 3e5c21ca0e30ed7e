#!/bin/sh
# lint.sh - checks the rules of CONTRIBUTING.md that a machine can check.
# "make lint" runs it.  Tools that are not installed are named in the last line.
# shellcheck disable=SC2016,SC2046 # awk's programs; lists of directories without spaces
set -u
cd "$(dirname "$0")/.." || exit 2
CC=${CC:-cc}
BUILD=${BUILD:-build}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
problems=$scratch/problems
checks=0
absent=
version=$(sed -n 's/^.define VARSDB_VERSION  *"\(.*\)"/\1/p' src/varsdb.h)
: >"$problems"

# Runs a function that prints one line a problem.
check() { # title function
    checks=$((checks + 1))
    "$2" 2>&1 | sed "s|^|lint: $1: |" | tee -a "$problems"
}

with() { # tool title function
    if command -v "$1" >/dev/null 2>&1; then check "$2" "$3"; else absent="$absent $1"; fi
}

here() { # directory... - those of them that exist
    for directory; do if [ -d "$directory" ]; then echo "$directory"; fi; done
}

find $(here src cli tests examples bench) -name '*.[ch]' | sort >"$scratch/c"
find $(here src cli) -name '*.[ch]' | sort >"$scratch/product"
find bootstrap .ci/run $(here tests examples bench) -name '*.sh' -o -name bootstrap -o -path .ci/run |
    sort >"$scratch/sh"
find $(here schema migrations src cli) -name '*.sql' -o -name '*.awk' | sort >"$scratch/sql"
find $(here cli) -name '*.js' -o -name '*.css' -o -name '*.html' | sort >"$scratch/page"
{
    cat "$scratch/c" "$scratch/sh" "$scratch/sql" "$scratch/page"
    echo Makefile
} >"$scratch/code"
{
    cat "$scratch/code"
    find . -maxdepth 2 -name '*.md' -not -path './build/*'
    find $(here docs/man debian) -type f
} >"$scratch/text"

# "file:line: code" of the product, without comments; strings too are emptied unless $1 is 1.
code() { # keep_strings
    xargs awk -v keep="$1" 'FNR == 1 { comment = 0 }
    {
        rest = $0; out = ""
        while (rest != "") {
            if (comment) {
                if (!match(rest, /\*\//)) break
                comment = 0
            } else {
                if (!match(rest, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047/)) { out = out rest; break }
                out = out substr(rest, 1, RSTART - 1)
                token = substr(rest, RSTART, RLENGTH)
                if (token == "//") break
                if (token == "/*") comment = 1
                else out = out ((keep || $1 == "#include") ? token : "\"\"")
            }
            rest = substr(rest, RSTART + RLENGTH)
        }
        print FILENAME ":" FNR ": " out
    }' <"$scratch/product"
}
code 0 >"$scratch/bare"
code 1 >"$scratch/strings"

long_files() {
    xargs awk -v limit=600 'function report() {
        if (name != "" && lines > (name == "src/varsdb.h" ? 1200 : limit)) print name ": " lines " lines"
    }
    FNR == 1 { report(); name = FILENAME } { lines = FNR } END { report() }' <"$scratch/code"
}

long_functions() {
    xargs awk 'FNR == 1 { start = 0 } /^\{/ { start = FNR; named = before } /^}/ {
        if (start && FNR - start + 1 > 70) print FILENAME ":" start ": " FNR - start + 1 " lines: " named
        start = 0
    } /^[A-Za-z_]/ { before = $0 }' <"$scratch/product"
}

calls() { # names separated by |
    grep -E "(^|[^A-Za-z0-9_.>])($1)[[:space:]]*\("
}

banned_functions() {
    calls 'strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|alloca' <"$scratch/bare"
    grep '^src/' "$scratch/bare" | calls 'malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf'
}

engine_only() {
    grep -E '^(src|cli)/' "$scratch/bare" | grep 'include *[<"]sqlite3' | grep -v '^src/sqlite\.h:'
}

sql_in_c() {
    grep '^src/' "$scratch/strings" | grep -E '"[^"]*(SELECT|INSERT|UPDATE|DELETE|CREATE) [^"]*"'
    grep '^src/' "$scratch/strings" | grep -v '^src/engine_sqlite' |
        grep -E '"(PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)[^"]*"'
}

unfinished() {
    xargs grep -nE '(^|[^A-Za-z0-9_])(TO[D]O|FIX[M]E|X[X]X|HA[C]K)([^A-Za-z0-9_]|$)' /dev/null <"$scratch/text"
}

tabs() { cat "$scratch/c" "$scratch/page" | xargs grep -n "$(printf '\t')" /dev/null; }
trailing_space() { xargs grep -nE '[[:space:]]+$' /dev/null <"$scratch/text"; }
formatting() {
    xargs clang-format --dry-run -Werror --ferror-limit=1 <"$scratch/c" 2>&1 | grep 'error:'
}
shell_scripts() { xargs shellcheck -f gcc <"$scratch/sh"; }

# They refer to each other, and are not installed.
man_pages() {
    mandoc -T lint -W all docs/man/*.[1-8] 2>&1 | grep -v 'referenced manual not found'
}

static_analysis() {
    cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 -j2 \
        --suppress=missingIncludeSystem --template='{file}:{line}: {message} [{id}]' \
        -D__GNUC__ -D__BYTE_ORDER__=1234 -D__ORDER_LITTLE_ENDIAN__=1234 -Isrc "-I$BUILD/gen" $(here src cli) |
        grep -v '^$'
}

header_alone() { # compiler options...
    echo '#include "varsdb_sql.h"' | "$@" -pedantic -Wall -Wextra -Werror -Isrc -fsyntax-only -
}
header_c99() { header_alone "$CC" -x c -std=c99; }
header_c11() { header_alone "$CC" -x c -std=c11; }
header_gxx() { header_alone g++ -x c++ -std=c++11; }
header_clangxx() { header_alone clang++ -x c++ -std=c++11; }

package_version() {
    awk -v version="$version" 'NR == 1 && $2 != "(" version ")" {
        print "it begins with " $2 ", and varsdb.h has " version ": add what is new at its top (dch -v " version ")"
    }' debian/changelog
}

# src/varsdb.symbols has "name version" lines, the version that the name came with: what the library
# exports and what the header declares must be these names, and nothing else.
exported() {
    nm -D --defined-only --with-symbol-versions "$BUILD/libvarsdb.so" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort
}
declared() {
    echo '#include "varsdb_sql.h"' | "$CC" -x c -std=c11 -E -P -Isrc - | grep -oE '(sqlite3_)?varsdb_[a-z0-9_]+ *\(' |
        tr -d ' (' | LC_ALL=C sort -u
}
listed() { awk '{ print $1 }' src/varsdb.symbols; }

symbol_list() {
    LC_ALL=C sort -c -u -k 1,1 src/varsdb.symbols 2>&1 | sed 's|^.*: |src/varsdb.symbols: not in the order of bytes: |'
    awk 'NF != 2 || $1 !~ /^(sqlite3_)?varsdb_[a-z0-9_]+$/ || $2 !~ /^[0-9]+\.[0-9]+\.[0-9]+$/ {
        print FILENAME ":" FNR ": not \"varsdb_name 1.2.3\": " $0
    }' src/varsdb.symbols
}
exported_symbols() {
    listed | sed 's/$/@@VARSDB_0/' | LC_ALL=C sort >"$scratch/listed"
    exported >"$scratch/exported"
    LC_ALL=C comm -13 "$scratch/listed" "$scratch/exported" |
        sed "s|@@.*||; s|.*|&: it leaves the library and is not in src/varsdb.symbols; to be public it needs the line \
\"& $version\" there and a declaration in varsdb.h; else call it vdb_, or make it static|"
    LC_ALL=C comm -23 "$scratch/listed" "$scratch/exported" |
        sed "s|@@.*||; s|.*|&: it is in src/varsdb.symbols and does not leave the library as &@@VARSDB_0; bring it \
back, or delete its line, which after a release takes another SOVERSION (src/varsdb.map)|"
}
declared_symbols() {
    listed | LC_ALL=C sort >"$scratch/listed"
    declared >"$scratch/declared"
    LC_ALL=C comm -13 "$scratch/listed" "$scratch/declared" |
        sed "s|.*|&: varsdb.h declares it, and it is not in src/varsdb.symbols: add the line \"& $version\" there|"
    LC_ALL=C comm -23 "$scratch/listed" "$scratch/declared" |
        sed "s|.*|&: it is in src/varsdb.symbols, and varsdb.h does not declare it: do, or delete the line|"
}

# Sizes, offsets, values and signatures: whoever was compiled against them does not see them change.
binary_interface() {
    CC="$CC" sh tests/abi/facts.sh >"$scratch/facts" || return
    LC_ALL=C comm -23 tests/abi/facts.txt "$scratch/facts" | sed 's|^|the headers have no longer: |'
    LC_ALL=C comm -13 tests/abi/facts.txt "$scratch/facts" | sed 's|^|they have now (on purpose? "make abi"): |'
}

check "file of more than 600 lines" long_files
check "function of more than 70 lines" long_functions
check "banned function" banned_functions
check "sqlite3.h outside the engine" engine_only
check "SQL in C" sql_in_c
check "unfinished" unfinished
check "tab" tabs
check "space at the end of a line" trailing_space
check "varsdb.h as C99" header_c99
check "varsdb.h as C11" header_c11
check "version of debian/changelog" package_version
check "list of symbols" symbol_list
check "exported symbol" exported_symbols
check "declared symbol" declared_symbols
check "binary interface" binary_interface
with clang-format "formatting" formatting
with shellcheck "shell" shell_scripts
with mandoc "man page" man_pages
with cppcheck "cppcheck" static_analysis
if command -v g++ >/dev/null 2>&1; then check "varsdb.h as C++" header_gxx
else with clang++ "varsdb.h as C++" header_clangxx; fi
found=$(wc -l <"$problems")
echo "lint: $(wc -l <"$scratch/text") files, $checks checks, $found problems${absent:+ (not installed:$absent)}"
[ "$found" -eq 0 ]
