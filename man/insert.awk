# insert.awk FACTS PAGE - PAGE with every line "@word@" replaced by what FACTS has below its own.
FNR == NR && /^@[a-z]+@$/ { word = $0; next }
FNR == NR { part[word] = part[word] $0 "\n"; next }
$0 in part { printf "%s", part[$0]; next }
{ print }
