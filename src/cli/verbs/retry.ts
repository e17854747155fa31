import { retryStep } from '../release-step.ts';
import { STEP_TIMEOUT, takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi retry NAME` */
export const retry: Verb = {
  name: 'retry',
  summary: 'Let a rejected version go: release an aborted or rolled back revision again',
  details: [
    'It undoes kubectl restapi abort and kubectl restapi rollback, and repeats the failed checks of a release that is kept for inspection.',
    'It changes annotations of the RestAPI. It requires the right to get and patch restapis; with --wait, also to list and watch them. Where components/release-rights is installed, it also requires the verb release.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['dry-run', 'wait', 'timeout'],
  defaultTimeout: STEP_TIMEOUT,
  examples: ['kubectl restapi retry shop --wait --timeout=10m'],
  no: 'with --wait, the release was aborted again or is not active after the timeout',
  run: (call) => takeStep(call, retryStep),
};
