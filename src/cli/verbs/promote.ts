import { promoteStep } from '../release-step.ts';
import { STEP_TIMEOUT, takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi promote NAME [REVISION]` */
export const promote: Verb = {
  name: 'promote',
  summary: 'Switch traffic to the release in progress as soon as it is ready',
  details: [
    'The release need not be ready yet. With REVISION, promote only a release of that revision. With --skip-checks, promote without the checks before promotion.',
    'It sets annotations of the RestAPI. It requires the right to get and patch restapis; with --wait, also to list and watch them. Where components/release-rights is installed, it also requires the verb release, and --skip-checks the verb skip-checks.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'REVISION', names: 'revision', optional: true },
  ],
  flags: ['skip-checks', 'dry-run', 'wait', 'timeout'],
  defaultTimeout: STEP_TIMEOUT,
  examples: ['kubectl restapi promote shop --wait --timeout=10m'],
  no: 'with --wait, the release was aborted or is not active after the timeout',
  run: (call) => takeStep(call, (api) => promoteStep(api, call.args[1], call.flags['skip-checks'] ?? false)),
};
