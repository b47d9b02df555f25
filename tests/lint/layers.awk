# layers.awk lib/layers INCLUDES - includes ("file:line:text", from grep) that lib/layers does not allow.
FILENAME == "lib/layers" {
	if (/^#/ || !NF)
		next
	name = $1
	sub(/:$/, "", name)
	allowed = $0
	sub(/^[^:]*:[ \t]*/, "", allowed)
	if (name ~ /^</)
		doors[name] = allowed
	else {
		known[name] = 1
		for (i = 2; i <= NF; i++)
			may[name, $i] = 1
	}
	next
}

function bad(text) {
	print where ": " text
	failed = 1
}

# The glob of lib/layers that covers a header, or "".
function door(header,    glob, pattern) {
	for (glob in doors) {
		pattern = glob
		gsub(/[.+]/, "\\\\&", pattern)
		gsub(/\*/, ".*", pattern)
		if (header ~ ("^" pattern "$"))
			return glob
	}
	return ""
}

function outside(header, file,    glob, n, w, i) {
	glob = door(header)
	if (glob == "")
		return
	n = split(doors[glob], w, " ")
	for (i = 1; i <= n; i++)
		if (file == w[i] || index(file, w[i] "/") == 1)
			return
	bad(header " is included only by " doors[glob])
}

function ours(path, file,    to, from) {
	if (path !~ /^(lib|cmd)\//)
		bad("\"" path "\" is not a path from the top")
	split(path, to, "/")
	split(file, from, "/")
	if (from[1] != "lib")
		return
	if (to[1] != "lib")
		bad("lib/ may not include " path)
	else if (!(from[2] in known))
		bad("lib/layers does not know lib/" from[2])
	else if (from[2] != to[2] && !((from[2], to[2]) in may))
		bad("lib/" from[2] " may not include " path)
}

{
	split($0, part, ":")
	where = part[1] ":" part[2]
	if (match($0, /<[^>]*>/) && !/include[ \t]*"/)
		outside(substr($0, RSTART, RLENGTH), part[1])
	else if (match($0, /"[^"]*"/))
		ours(substr($0, RSTART + 1, RLENGTH - 2), part[1])
}

END { exit failed }
