import { abortStep } from '../release-step.ts';
import { STEP_TIMEOUT, takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi abort NAME [REVISION]` */
export const abort: Verb = {
  name: 'abort',
  summary: 'Abort the release in progress; the active revision stays active',
  details: [
    'The operator does not release the aborted version again until you run kubectl restapi retry. With REVISION, abort only a release of that revision.',
    'It sets an annotation of the RestAPI. It requires the right to get and patch restapis; with --wait, also to list and watch them. Where components/release-rights is installed, it also requires the verb release.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'REVISION', names: 'revision', optional: true },
  ],
  flags: ['dry-run', 'wait', 'timeout'],
  defaultTimeout: STEP_TIMEOUT,
  examples: ['kubectl restapi abort shop --wait'],
  no: 'with --wait, the release is still in progress after the timeout',
  run: (call) => takeStep(call, (api) => abortStep(api, call.args[1])),
};
