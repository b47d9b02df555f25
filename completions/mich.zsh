#compdef mich
# mich.zsh - completion for zsh: mich itself says what may follow.
_mich() {
	local line word help
	local -a offers open
	for line in "${(@f)$(command $words[1] complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		word=${line%%$'\t'*}
		help=${line#*$'\t'}
		case $word in
		'') ;;
		:file) _files ;;
		:dir) _files -/ ;;
		*=) open+=("${word//:/\\:}:$help") ;;
		*) offers+=("${word//:/\\:}:$help") ;;
		esac
	done
	(( $#open )) && _describe mich open -S ''
	(( $#offers )) && _describe mich offers
}
if [[ $funcstack[1] == _mich ]]; then
	_mich "$@"
else
	compdef _mich mich
fi
