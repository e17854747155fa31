import { ArgumentError } from '../../terminal/arguments.ts';
import { completionScript, SHELLS } from '../shells.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi completion bash|zsh|fish` */
export const completion: Verb = {
  name: 'completion',
  summary: `a script that makes a shell complete kubectl-restapi: ${SHELLS.join(', ')}`,
  details: [
    'For bash: source <(kubectl restapi completion bash). `kubectl restapi …` itself is completed by the completion of',
    'kubectl, which asks kubectl_complete-restapi: it comes with this program and must be on the PATH as well.',
  ],
  args: [{ label: 'SHELL', names: 'shell' }],
  flags: [],
  run: async ({ args: [name], screen }) => {
    const shell = SHELLS.find((each) => each === name);
    if (!shell)
      throw new ArgumentError(`"${name}" is no shell there is a completion for; there are: ${SHELLS.join(', ')}`);
    screen.print(completionScript(shell).trimEnd().split('\n'));
    return YES;
  },
};
