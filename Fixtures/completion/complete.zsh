# Prints what zsh offers for a command line: zsh -f complete.zsh SCRIPT LINE. An interactive zsh behind a terminal of its
# own, which zpty makes, completes the line as soon as it may be edited, and ends.
home=$(mktemp -d)
mkdir $home/functions
cp $1 $home/functions/_netpolc
cat > $home/.zshrc <<'RC'
fpath=($ZDOTDIR/functions $fpath)
autoload -Uz compinit
compinit -u -D
# Each candidate that is added is written down as well; calls that only fill an array add none.
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return $?
  fi
  local -a hits
  builtin compadd -A hits "$@"
  (($#hits)) && print -rl -- $hits >> $ZDOTDIR/found
  builtin compadd "$@"
}
zle-line-init() {
  BUFFER=$COMPLETED_LINE
  CURSOR=$#BUFFER
  zle complete-word
  exit
}
zle -N zle-line-init
RC
zmodload zsh/zpty
export ZDOTDIR=$home COMPLETED_LINE=$2 TERM=dumb
zpty shell zsh -i
while zpty -r shell line; do :; done
cat $home/found 2>/dev/null | sort -u
rm -rf $home
