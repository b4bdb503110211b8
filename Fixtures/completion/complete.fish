# Prints what fish offers for a command line: fish --no-config complete.fish SCRIPT LINE. What completes is an interactive
# fish behind a terminal of its own, which script makes: only there a shell knows where its cursor is.
set --export COMPLETION $argv[1]
set --export COMPLETED_LINE $argv[2]
set --export FOUND (mktemp)
set --export SHELL /bin/sh
set --export ASK '
    source $COMPLETION
    function ask --on-event fish_prompt
        complete --do-complete $COMPLETED_LINE | string replace --regex "\t.*" "" > $FOUND
        exit
    end
'
script --quiet --return --command 'fish --no-config --interactive --init-command "$ASK"' /dev/null </dev/null >/dev/null 2>&1
cat $FOUND
rm $FOUND
