/** Shells that have a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

const HOW: Record<Shell, string> = {
  bash: 'source <(kubectl restapi completion bash)',
  zsh: 'source <(kubectl restapi completion zsh)',
  fish: 'kubectl restapi completion fish | source',
};

const SCRIPTS: Record<Shell, string> = {
  bash: `_kubectl_restapi() {
  local IFS=$'\\n'
  COMPREPLY=($(kubectl-restapi __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _kubectl_restapi kubectl-restapi
`,
  zsh: `_kubectl_restapi() {
  local -a found
  found=("\${(@f)$(kubectl-restapi __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _kubectl_restapi kubectl-restapi
`,
  fish: `function __kubectl_restapi
  set -l found (kubectl-restapi __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if set -q found[1]; string join \\n -- $found; else; __fish_complete_path (commandline -ct); end
end
complete -c kubectl-restapi -f -a '(__kubectl_restapi)'
`,
};

/** The completion script of a shell for `kubectl-restapi`. */
export function completionScript(shell: Shell): string {
  return `# Completion of kubectl-restapi: ${HOW[shell]}\n${SCRIPTS[shell]}`;
}
