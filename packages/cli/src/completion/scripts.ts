/** Shells that a script can be printed for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The command that the scripts call. What was typed reaches it as words, never as code. */
export const HIDDEN = 'complete-words'
/** The last line of an answer: whether the lines before it are candidates, or files are. */
export const END = { words: ':words', files: ':files' } as const

const BASH = `# Completion for bash. In ~/.bashrc: source <(uptime completion bash)
function _uptime {
  local line typed=\${COMP_WORDS[COMP_CWORD]} last= IFS=$'\\n'
  COMPREPLY=()
  while read -r line; do
    [[ -n $last ]] && COMPREPLY+=("$last")
    last=$line
  done < <("\${1/#\\~/$HOME}" ${HIDDEN} bash -- "\${COMP_LINE:0:COMP_POINT}" "$typed" 2>/dev/null)
  if [[ $last == ${END.files} ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "\${typed#=}"))
  fi
}
complete -F _uptime uptime uptimeserver
`

const ZSH = `#compdef uptime uptimeserver
# Completion for zsh. In ~/.zshrc, after compinit: source <(uptime completion zsh)
function _uptime {
  local -a answer described
  local line value
  answer=("\${(@f)$("\${words[1]/#\\~/$HOME}" ${HIDDEN} words -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  if [[ $answer[-1] == ${END.files} ]]; then
    compset -P '--*='
    _files
    return
  fi
  for line in "\${(@)answer[1,-2]}"; do
    value=\${line%%$'\\t'*}
    described+=("\${\${value//\\\\/\\\\\\\\}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe uptime described
}
compdef _uptime uptime uptimeserver
`

const FISH = `# Completion for fish. In ~/.config/fish/completions/uptime.fish: uptime completion fish | source
function __uptime_words
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l words $before[2..-1] "$current"
    test (count $before) -lt 2; and set words "$current"
    set -l answer ($before[1] ${HIDDEN} words -- $words 2>/dev/null)
    if test "$answer[-1]" = ${END.files}
        __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current")
    else if set -q answer[2]
        printf '%s\\n' $answer[1..-2]
    end
end
complete -c uptime -f -a '(__uptime_words)'
complete -c uptimeserver -f -a '(__uptime_words)'
`

/**
 * Each asks the very \`uptime\` that stands on the line, so that it knows the commands and options of that version, and offers what
 * it is told.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
