# What tests/abi/facts.sh tells of the headers, on which "make lint" relies: every function is there, and each
# change that a compiled caller would notice changes a line; one that it would not changes none.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"

root=$(cd "$HERE/../.." && pwd)
CC=${CC:-cc}
export CC
if ! command -v "$CC" >/dev/null 2>&1; then
    echo "$TEST: left out: there is no $CC" >&2
    finish
    exit
fi

facts() { # of headers in this directory
    ran="facts.sh $1"
    if sh "$root/tests/abi/facts.sh" "$1" >"$out" 2>"$err"; then pass; else fail "$(head -n 3 "$err")"; fi
}

# The lines that a change of the header makes to the facts, old ones with -, new ones with +.
changed() { # sed-script lines...
    rm -rf changed
    mkdir changed
    cp "$root/src/varsdb.h" "$root/src/varsdb_sql.h" changed
    sed -i "$1" changed/varsdb.h
    if cmp -s "$root/src/varsdb.h" changed/varsdb.h; then fail "$1 changes nothing in the header"; fi
    facts changed
    ran=$1
    shift
    same 'what is another' "$(diff facts.txt "$out" | sed -n 's/^< /-/p; s/^> /+/p')" "$(printf '%s\n' "$@")"
}

facts "$root/src"
cp "$out" facts.txt
same 'its functions' "$(sed -n 's/^function .*[ *]\([a-z0-9_]*\)(.*/\1/p' facts.txt | LC_ALL=C sort)" \
    "$(sed 's/ .*//' "$root/src/varsdb.symbols")"

# By hand, for 64 bits: a pointer and size_t are 8 bytes, an int and an enum are 4, and all begin at a multiple.
for fact in 'enum varsdb_result VARSDB_CONFLICT = 25' 'enum varsdb_dtype VARSDB_STRING = 24' \
    'struct varsdb_shape is 16 bytes, aligned to 8' 'struct varsdb_shape 008+8 const int64_t *dims' \
    'struct varsdb_slice is 32 bytes, aligned to 8' 'struct varsdb_slice 024+8 const int64_t *stride' \
    'struct varsdb_part 024+8 int64_t offset' 'struct varsdb_part 032+16 varsdb_shape shape'; do
    ran="the facts"
    if grep -Fqx "$fact" facts.txt; then pass; else fail "no line \"$fact\""; fi
done

changed 's/^    int rank;  .*/    long rank;/' '-struct varsdb_shape 000+4 int rank' '+struct varsdb_shape 000+8 long rank'
changed 's/X(BUSY, 11,/X(BUSY, 26,/' '-enum varsdb_result VARSDB_BUSY = 11' '+enum varsdb_result VARSDB_BUSY = 26'
changed 's/^    VARSDB_REMOVED,$/    VARSDB_KEPT, VARSDB_REMOVED = 1,/' '+enum varsdb_change VARSDB_KEPT = 1'
changed 's/^    const char \*from, \*to;/    const char *to, *from;/' \
    '-struct varsdb_rename 000+8 const char *from' '-struct varsdb_rename 008+8 const char *to' \
    '+struct varsdb_rename 000+8 const char *to' '+struct varsdb_rename 008+8 const char *from'
changed 's/^    int run;/    int run, more;/' '+struct varsdb_scope_guard 012+4 int more'
changed 's/^    int64_t parts; .*/&int more;/' '-struct varsdb_variable_info is 312 bytes, aligned to 8' \
    '+struct varsdb_variable_info 312+4 int more' '+struct varsdb_variable_info is 320 bytes, aligned to 8'
changed 's/^VARSDB_API void varsdb_close(varsdb \*db)/VARSDB_API int varsdb_close(varsdb *db)/' \
    '+function int varsdb_close(varsdb *db)' '-function void varsdb_close(varsdb *db)'
changed 's/^typedef int (\*varsdb_transact_cb)(varsdb \*db, /&int again, /' \
    '-typedef int (*varsdb_transact_cb)(varsdb *db, void *payload)' \
    '+typedef int (*varsdb_transact_cb)(varsdb *db, int again, void *payload)'
changed 's/^#define VARSDB_RANK_MAX 64/#define VARSDB_RANK_MAX 65/' '-macro VARSDB_RANK_MAX 64' '+macro VARSDB_RANK_MAX 65'
changed 's/^ \* Threads\./ * Of threads./'

# An array is no member that it understands: it says so, and does not leave it out.
mkdir strange
cp "$root/src/varsdb.h" "$root/src/varsdb_sql.h" strange
sed -i 's/^    int run;/    int run[4]; int more;/' strange/varsdb.h
ran='facts.sh strange'
if sh "$root/tests/abi/facts.sh" strange >"$out" 2>"$err"; then fail 'it took an array for something else'; else pass; fi

finish
