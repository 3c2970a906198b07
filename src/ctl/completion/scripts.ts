/** The scripts that `dockvisor completion` prints. Each asks the program itself what fits; what it says of errors is thrown away. */

const bash = `# bash completion of dockvisor and dockvisorctl. To use it: source <(dockvisor completion bash)
_dockvisor() {
  # From the line itself: bash cuts its words at every colon, and our names have colons.
  local line=\${COMP_LINE:0:COMP_POINT} words begun
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  begun=\${words[\${#words[@]} - 1]}
  mapfile -t COMPREPLY < <("\${words[0]}" --complete "\${words[@]:1}" 2>/dev/null)
  if [[ \${COMPREPLY[0]} == :file ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$begun")
  elif [[ $COMP_WORDBREAKS == *:* && $begun == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${begun%:*}:"}")
  fi
}
complete -F _dockvisor dockvisor dockvisorctl
`;

const zsh = `#compdef dockvisor dockvisorctl
# zsh completion of dockvisor and dockvisorctl. To use it: source <(dockvisor completion zsh)
_dockvisor() {
  local -a found
  found=("\${(@f)$("\${(Q)words[1]}" --complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == :file ]]; then
    _files
  else
    compadd -- \${found:#}
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _dockvisor "$@"
else
  compdef _dockvisor dockvisor dockvisorctl
fi
`;

const fish = `# fish completion of dockvisor and dockvisorctl. To use it: dockvisor completion fish | source
function __dockvisor_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] --complete $words[2..-1] 2>/dev/null)
    if test "$found[1]" = :file
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c dockvisor -f -a '(__dockvisor_complete)'
complete -c dockvisorctl -f -a '(__dockvisor_complete)'
`;

export const completionScripts: ReadonlyMap<string, string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]);
