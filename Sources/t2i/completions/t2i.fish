# Completion of t2i for fish. Models come from the tool itself, so that they are those of the library that is installed.

function __t2i_command
    set -l words (commandline -opc)
    if test (count $words) -gt 1; and contains -- $words[2] check models account doctor history ledger recover resume settle help
        echo $words[2]
    end
end

function __t2i_paints
    set -l command (__t2i_command)
    test -z "$command"; or test "$command" = check
end

function __t2i_is
    contains -- (__t2i_command) $argv
end

complete -c t2i -f
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a check -d 'Every problem of a request'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a models -d 'What there is to paint with'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a account -d 'Balance, limits and use'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a doctor -d 'What is installed here'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a history -d 'What was paid'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a ledger -d 'Credits by day'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a recover -d 'Finish what a crash left'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a resume -d 'Watch a task by its token'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a settle -d 'Decide what is AMBIGUOUS'
complete -c t2i -n 'test (count (commandline -opc)) -eq 1' -a help -d 'Help of a command'
complete -c t2i -n 'test (__t2i_command) = help' -a 'check models account doctor history ledger recover resume settle'

complete -c t2i -n '__t2i_paints; or __t2i_is resume' -s o -l output -r -F -d 'The picture'
complete -c t2i -n '__t2i_paints; or __t2i_is history' -s m -l model -x -a '(t2i models --names 2>/dev/null)' -d 'The model'
complete -c t2i -n __t2i_paints -s r -l ratio -x -d 'Pixels, such as 1280:720'
complete -c t2i -n __t2i_paints -s s -l seed -x -d 'The same seed, the same picture'
complete -c t2i -n __t2i_paints -s p -l provider -x -a 'sketch runway' -d 'Who paints'
complete -c t2i -n __t2i_paints -l set -x -d 'A parameter of the model'
complete -c t2i -n __t2i_paints -l reference -r -F -d 'A picture to go by'
complete -c t2i -n '__t2i_paints; or __t2i_is account history ledger recover resume settle' -l config -x -d 'Settings of the library'
complete -c t2i -n '__t2i_paints; or __t2i_is history ledger recover resume settle' -l journal -r -F -d 'The journal, or none'
complete -c t2i -n __t2i_paints -l budget -x -d 'The most that may be spent, in credits'
complete -c t2i -n __t2i_paints -l budget-scope -x -a 'client day journal' -d 'Of what it is the limit'
complete -c t2i -n __t2i_paints -l dedupe-key -x -d 'The same key, the same task'
complete -c t2i -n '__t2i_is history' -l since -x -d 'A day, or a number of days such as 7d'
complete -c t2i -n '__t2i_is settle' -l accepted -x -d 'It has this token'
complete -c t2i -n '__t2i_is settle' -l not-accepted -d 'It was not'
complete -c t2i -n __t2i_paints -l from -r -F -d 'A prompt a line'
complete -c t2i -n '__t2i_paints; or __t2i_is doctor recover resume' -l out-dir -x -a '(__fish_complete_directories)' -d 'The folder for pictures'
complete -c t2i -n 'test -z (__t2i_command)' -s n -l dry-run -d 'Send nothing'
complete -c t2i -n '__t2i_paints; or __t2i_is recover resume' -s f -l force -d 'Replace files that exist'
complete -c t2i -n '__t2i_paints; or __t2i_is models account history ledger recover resume' -l json -d 'JSON'
complete -c t2i -n 'test (__t2i_command) = doctor' -l online -d 'Ask the service too'
complete -c t2i -n 'test (__t2i_command) = models' -l catalogue -r -F -d 'A catalogue in a file'
complete -c t2i -n 'test (__t2i_command) = models' -l diff -d 'What it changes'
complete -c t2i -n 'test (__t2i_command) = models' -l names -d 'The names alone'
complete -c t2i -s h -l help -d 'A page of help'
complete -c t2i -n 'test -z (__t2i_command)' -s V -l version -d 'Versions'
