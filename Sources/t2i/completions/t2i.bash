# Completion of t2i for bash. Models come from the tool itself, so that they are those of the library that is installed.

_t2i() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} flags
  COMPREPLY=()
  case $before in
    -m|--model) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" models --names 2>/dev/null)" -- "$word")); return ;;
    -p|--provider) COMPREPLY=($(compgen -W "sketch runway" -- "$word")); return ;;
    -o|--output|--from|--catalogue|--reference|--journal) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --out-dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --budget-scope) COMPREPLY=($(compgen -W "client day journal" -- "$word")); return ;;
    -r|--ratio|-s|--seed|--set|--config|--budget|--dedupe-key|--since|--accepted) return ;;
  esac
  case $command in
    models) flags="--catalogue --diff --names --json --help" ;;
    account) flags="--json --config --help" ;;
    doctor) flags="--online --out-dir --help" ;;
    history) flags="--since --model --journal --config --json --help" ;;
    ledger) flags="--journal --config --json --help" ;;
    recover) flags="--out-dir --force --journal --config --json --help" ;;
    resume) flags="--output --out-dir --force --journal --config --json --help" ;;
    settle) flags="--accepted --not-accepted --journal --config --help" ;;
    help) COMPREPLY=($(compgen -W "check models account doctor history ledger recover resume settle" -- "$word")); return ;;
    check) flags="--output --model --ratio --seed --provider --set --reference --config --journal --budget --budget-scope --dedupe-key --from --out-dir --force --json --help" ;;
    *) flags="--output --model --ratio --seed --provider --set --reference --config --journal --budget --budget-scope --dedupe-key --from --out-dir --dry-run --force --json --help --version" ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "check models account doctor history ledger recover resume settle help" -- "$word"))
  fi
}

complete -F _t2i t2i
