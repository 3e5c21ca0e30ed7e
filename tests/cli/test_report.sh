# report: one file, of the numbers that are in the registry, whatever is in its names; whole or not at all.
# shellcheck shell=sh disable=SC1091,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

# The page's document, which the stock shell reads.
document() { # page
    sed -n '/^<script id="data"/,/^<\/script>/p' "$1" | sed '1d;$d' >doc
}
asked() { # what expression expected
    same "$1" "$(sqlite3 :memory: "SELECT $2 FROM (SELECT CAST(readfile('doc') AS TEXT) AS d)")" "$3"
}
# A column of the row with that name.
cell() { # name column expected
    asked "$1's $2" "(SELECT json_extract(v.value, '\$[' || c.key || ']') FROM json_each(d, '\$.columns') c, json_each(d, '\$.variables') v
        WHERE c.value = '$2' AND json_extract(v.value, '\$[0]') = '$1')" "$3"
}

works init run.db --seed 7
works model run.db net/w --value '[[1,2],[3,4]]'
works get run.db net/b --value '[0,0,0]' --no-trainable
works snapshot run.db --step 10 --meta '{"loss":"</script><b>"}'
works set run.db net/w --value '[[1,2],[3,8]]'
works snapshot run.db --step 20
works set run.db net/b --value '["NaN","Infinity",5]'
works rm run.db net/b
works get run.db sick --value '["NaN","Infinity",5]'

works report run.db -o page.html
same 'what a report says' "$(cat "$out" "$err")" ''
document page.html
asked 'the document' 'json_valid(d)' 1
asked title "json_extract(d, '\$.title')" run.db
asked 'how many variables' "json_array_length(d, '\$.variables')" 2
cell net/w elements 4
cell net/w bytes 16
cell net/w max 8.0
cell net/w mean 3.5
cell net/w norm 8.83176
cell net/w trainable 1
cell sick nans 1
cell sick pos_infs 1
cell sick mean 5
asked "net/w's shape" "json_extract(d, '\$.texts[' || (SELECT json_extract(d, '\$.variables[0][2]')) || ']')" '[2,2]'

# Steps are told newest first: in the newest net/w is as it is now, and what is not any more has its row there.
asked 'how many snapshots' "json_array_length(d, '\$.snapshots')" 2
asked 'the states' "json_array_length(d, '\$.states')" 2
asked 'what is in snapshots alone' "json_extract(d, '\$.states[0].more[0][0]')" net/b
asked 'what changed since' "json_extract(d, '\$.states[0].i')" '[2]'
asked 'what the newest has not' "json_extract(d, '\$.states[0].absent')" '[1,1]'
asked 'what changed between' "json_extract(d, '\$.states[1].i')" '[0]'
asked 'the norm then' "json_extract(d, '\$.states[1].norm')" '[5.47723]'
asked 'the metadata' "json_extract(d, '\$.snapshots[0][8]')" '{"loss":"</script><b>"}'
# 4 over the root of 30.
asked 'how far it moved' "json_extract(d, '\$.changes[1]')" '[0,0,0.730297]'
# Twenty bins from 1 to 8: 2 is in the third, 3 in the sixth.
asked 'the histogram' "(SELECT h.value FROM json_each(d, '\$.histograms') h WHERE json_extract(h.value, '\$[0]') = 0)" \
    '[0,1,8,1,0,1,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,1]'

# Bounds on what is read.  The zeros of net/b, 12 bytes, and the 5 of sick, too, come before the 16 of net/w.
works report run.db -o bound.html --histograms none --changes none
document bound.html
asked 'histograms of none' "json_array_length(d, '\$.histograms')" 0
asked 'variables without one' "json_extract(d, '\$.without_histogram')" 3
asked 'changes of none' "json_array_length(d, '\$.changes')" 0
works report run.db -o bound.html --histograms 24 --changes 31
document bound.html
asked 'histograms of 24 bytes' "json_array_length(d, '\$.histograms')" 2
asked 'left out then' "json_extract(d, '\$.without_histogram')" 1
asked 'changes of 31 bytes' "json_array_length(d, '\$.changes')" 1

# The filters of ls.
works report run.db -o some.html --scope net/ --title 'net, alone'
document some.html
asked 'variables in net' "json_array_length(d, '\$.variables')" 1
asked 'its title' "json_extract(d, '\$.title')" 'net, alone'
asked 'the filter' "json_extract(d, '\$.filter.scope')" net
works report run.db -o some.html --collection MODEL
document some.html
asked 'model variables' "(SELECT json_extract(d, '\$.variables[0][0]') || json_array_length(d, '\$.variables'))" net/w1
works report run.db -o some.html --match 'w$' --name 'net*'
document some.html
asked 'names that match' "json_array_length(d, '\$.variables')" 1

# The same registry gives the same bytes, by -o and in a pipe.
works report run.db -oagain.html
if cmp -s page.html again.html; then pass; else fail 'a second report differs'; fi
"$VARSDB" report run.db 2>"$err" | cat >piped.html
if cmp -s page.html piped.html; then pass; else fail 'what is piped differs'; fi
works report run.db --output=again.html
works report run.db --output again.html
if cmp -s page.html again.html; then pass; else fail 'a report in the place of another differs'; fi

# ---- The page asks for nothing: its policy allows a style and a script by their bytes, and names no address.
between() { # tag: what is between its first opening and its end, to the byte
    awk -v tag="$1" 'BEGIN { open = "<" tag ">"; end = "</" tag ">" }
        !on && index($0, open) == 1 { on = 1; $0 = substr($0, length(open) + 1) }
        on && index($0, end) == 1 { exit }
        on { print }' page.html
}
ran='the page of report'
for tag in style script; do
    hash=$(between $tag | sha256sum | cut -c 1-64)
    if grep -q "^<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';.*$tag-src 'sha256-$(bytes "$hash" | base64)'" page.html
    then pass; else fail "its policy does not have the hash of its $tag"; fi
done
same 'addresses in it' "$(grep -o '[a-z]*://[^"]*' page.html | sort -u)" 'http://www.w3.org/2000/svg'
same 'ways to ask' "$(grep -Ec '@import|url\(|<link|<img|<iframe|fetch\(|XMLHttpRequest|innerHTML|eval\(|src=|href=' page.html)" 0

# ---- Names are text.
mkdir hostile
safetensors 'hostile/m.safetensors' '{"a/<script>alert(1)</script>":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"q\"'"'"'&<!--\\":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"grün/重み":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}' 0000803f0000004000004040
db='hostile/<img src=x onerror=alert(2)>.db'
works import "$db" hostile/m.safetensors
works snapshot "$db" --name '<b>"x"</b>'
# Who makes a variable is told as its program's name is, whatever bytes that has.
program=$(printf 'evil<i>\n\377"')
ln -s "$VARSDB" "$program"
if "./$program" get "$db" plain --shape 2 --init none >/dev/null; then pass; else fail 'a program of another name'; fi
works report "$db" -o hostile.html --title "$(printf '<script>alert(3)</script>\n\377&\001')"
document hostile.html
asked 'the document' 'json_valid(d)' 1
if grep -q '<' doc; then fail 'a < is in the document'; else pass; fi
cell 'a/<script>alert(1)</script>' norm 1
asked 'the second name' "json_extract(d, '\$.variables[1][0]')" "q\"'&<!--\\"
asked 'the third name' "json_extract(d, '\$.variables[2][0]')" 'grün/重み'
asked 'the file' "json_extract(d, '\$.file')" '<img src=x onerror=alert(2)>.db'
asked 'the snapshot' "json_extract(d, '\$.snapshots[0][1]')" '<b>"x"</b>'
asked 'the program' "(SELECT count(*) FROM json_each(d, '\$.texts') t WHERE t.value LIKE '%evil<i>%\"')" 1
same 'the heading' "$(sed -n 's|.*<h1 id="title">\(.*\)</h1>.*|\1|p' hostile.html)" '&#60;script&#62;alert(3)&#60;/script&#62;��&#38;�'
same 'scripts in the page' "$(grep -o '<script' hostile.html | wc -l | tr -d ' ')" 2
if iconv -f UTF-8 -t UTF-8 hostile.html >/dev/null 2>&1; then pass; else fail 'the page is not UTF-8'; fi
# Without a script there are figures.
sed -n '/^<noscript>/,/^<\/noscript>/p' hostile.html >plain
if grep -q '&#60;img src=x onerror=alert(2)&#62;.db: 4 variables with 5 elements in 20 bytes, and 1 snapshots' plain
then pass; else fail "what is shown without a script: $(cat plain)"; fi

# ---- Nothing in it.
db=empty.db
works init empty.db
works report empty.db -o empty.html
document empty.html
asked 'variables of none' "json_array_length(d, '\$.variables') || json_array_length(d, '\$.snapshots')" 00

# ---- Refused, and what is there stays.
db=run.db
cp run.db copy.db
refuses 3 "'run.db' is a database, not a page" report run.db -o run.db
refuses 3 'copy.db. is a database' report run.db -o copy.db
refuses 3 "'hostile' is a directory; .* hostile/report.html" report run.db -o hostile
refuses 3 "'no/such/page.html' cannot be created: No such file" report run.db -o no/such/page.html
refuses 2 'option --output needs a value' report run.db -o
refuses 2 'option --output is given twice' report run.db -o a.html --output b.html
refuses 2 'unknown option -x' report run.db -x
refuses 2 'expression .* is not valid' report run.db --match '('
refuses 2 'histograms takes a number of bytes' report run.db -o a.html --histograms some
refuses 2 'report takes DB' report
refuses 3 'absent.db does not exist' report absent.db -o a.html
if [ -e a.html ]; then fail 'a report that was refused is there'; else pass; fi
if script --version >/dev/null 2>&1; then
    ran='varsdb report run.db on a terminal'
    script -qec "'$VARSDB' report run.db" /dev/null </dev/null >"$out" 2>&1
    status=$?
    status_is 2
    out_like 'not for a terminal: give -o FILE'
    out_unlike '<html'
fi

# A disk that is full: 3, no half of a file, and what was there is as it was.
if [ -w /dev/full ]; then
    run report run.db -o /dev/full
    status_is 3
    err_like "'/dev/full' cannot be written: No space left on device"
    "$VARSDB" report run.db >/dev/full 2>"$err"
    status=$?
    status_is 3
    err_like 'cannot write to standard output: No space left'
fi
mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=60k none small 2>/dev/null; then
    echo 'as it was' >small/page.html
    run report run.db -o small/page.html
    status_is 3
    err_like "'small/page.html' cannot be written: No space left on device"
    same 'what was there' "$(cat small/page.html)" 'as it was'
    same 'what is beside it' "$(ls -A small)" page.html
    umount small
fi
# A registry that turns out damaged half-way leaves what was there, too.
echo 'as it was' >kept.html
cp run.db torn.db
sqlite3 torn.db "UPDATE varsdb_variables SET elements = elements + 1 WHERE name = 'sick'"
db=torn.db
refuses 3 damaged report torn.db -o kept.html
same 'what was there' "$(cat kept.html)" 'as it was'
same 'what is left beside it' "$(find . -name '.varsdb-*')" ''

finish
