import { promoteStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi promote NAME [REVISION]` */
export const promote: Verb = {
  name: 'promote',
  summary: 'let requests go to the release under way as soon as it is ready',
  details: [
    'It need not be ready yet. With REVISION it is done only if the release under way is of that one. --skip-checks',
    'leaves out the checks before promotion. It sets annotations of the RestAPI, for which it needs the right to patch',
    'restapis.',
    '  kubectl restapi promote shop --wait --timeout=10m',
    'Exit code 1, with --wait: it was given up, or is not active in time.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'REVISION', names: 'revision', optional: true },
  ],
  flags: ['skip-checks', 'dry-run', 'wait', 'timeout'],
  run: (call) => takeStep(call, (api) => promoteStep(api, call.args[1], call.flags['skip-checks'] ?? false)),
};
