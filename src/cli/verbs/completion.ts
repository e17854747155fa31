import { ArgumentError } from '../../terminal/argument-error.ts';
import { completionScript, SHELLS } from '../shells.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi completion bash|zsh|fish` */
export const completion: Verb = {
  name: 'completion',
  summary: `Print a completion script for kubectl-restapi: ${SHELLS.join(', ')}`,
  details: [
    'The completion of kubectl itself completes kubectl restapi: it calls kubectl_complete-restapi, which is part of this package and must be on the PATH too.',
  ],
  args: [{ label: 'SHELL', names: 'shell' }],
  flags: [],
  examples: ['source <(kubectl restapi completion bash)', 'kubectl restapi completion fish | source'],
  run: async ({ args: [name], screen }) => {
    const shell = SHELLS.find((each) => each === name);
    if (!shell) throw new ArgumentError(`no completion for shell "${name}"; available: ${SHELLS.join(', ')}`);
    screen.print(completionScript(shell).trimEnd().split('\n'));
    return YES;
  },
};
