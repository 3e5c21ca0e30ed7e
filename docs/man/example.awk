# example.awk - what a page's section EXAMPLES displays, as its reader sees it:
#
#     awk -f docs/man/example.awk docs/man/varsdb.3 > example.c
/^\.Sh / { inside = $2 == "EXAMPLES" }
/^\.Ed/ { shown = 0 }
inside && shown { gsub(/\\e/, "\\"); print }
/^\.Bd/ { shown = 1 }
