import { retryStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi retry NAME` */
export const retry: Verb = {
  name: 'retry',
  summary: 'release once more what was given up or rolled back',
  details: [
    'It undoes kubectl restapi abort and rollback as well. It changes annotations of the RestAPI, for which it needs',
    'the right to patch restapis.',
    '  kubectl restapi retry shop --wait --timeout=10m',
    'Exit code 1, with --wait: it was given up again, or is not active in time.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['dry-run', 'wait', 'timeout'],
  run: (call) => takeStep(call, retryStep),
};
