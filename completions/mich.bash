# mich.bash - completion for bash: mich itself says what may follow.
_mich() {
	local line cur word rest words=() IFS=$' \t\n'
	line=${COMP_LINE:0:COMP_POINT}
	read -ra words <<<"$line"
	cur=
	[[ $line == *[[:space:]] ]] && words+=('') || cur=${words[-1]}
	COMPREPLY=()
	while IFS=$'\t' read -r word rest; do
		case $word in
		:file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
		:dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
		*) COMPREPLY+=("$word") ;;
		esac
	done < <(command "${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
	# bash replaces only what follows the last = or : of the word, or begins at its last @
	rest=${cur%"${cur##*[=@:]}"}
	rest=${rest%@}
	[[ ${#COMPREPLY[@]} = 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
	((${#rest})) && COMPREPLY=("${COMPREPLY[@]#"$rest"}")
	return 0
}
complete -F _mich mich
