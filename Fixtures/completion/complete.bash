# Prints what bash offers for a command line: bash complete.bash SCRIPT LINE. The words are those of a cursor at its end.
. "$1"
COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
read -ra COMP_WORDS <<< "$COMP_LINE"
[ "${COMP_LINE: -1}" != ' ' ] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_TYPE=9
COMP_KEY=9
# The function that the script registered.
function=$(complete -p netpolc | sed 's/.*-F \([^ ]*\) .*/\1/')
previous=
[ "$COMP_CWORD" = 0 ] || previous=${COMP_WORDS[COMP_CWORD - 1]}
"$function" netpolc "${COMP_WORDS[COMP_CWORD]}" "$previous" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
