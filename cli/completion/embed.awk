# embed.awk - turns the scripts of this directory into C, each an array with its shell's name, which
# cli/completion_scripts.h declares.
#   awk -f embed.awk varsdb.bash _varsdb varsdb.fish
FNR == 1 {
    if (NR > 1) print "    ;"
    shell = FILENAME ~ /bash$/ ? "bash" : FILENAME ~ /fish$/ ? "fish" : "zsh"
    print "extern const char completion_" shell "[];"
    print "const char completion_" shell "[] ="
}
{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    print "    \"" $0 "\\n\""
}
END { print "    ;" }
