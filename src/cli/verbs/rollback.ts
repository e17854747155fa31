import { pastOf } from '../past.ts';
import { rollbackStep } from '../release-step.ts';
import { STEP_TIMEOUT, takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi rollback NAME [REVISION]` */
export const rollback: Verb = {
  name: 'rollback',
  summary: 'Roll back to the previous revision, or to a revision by name',
  details: [
    'To the previous revision: traffic switches at once while its pods are still running, otherwise when they are ready again. To another revision of kubectl restapi history: it is released without checks, and neither a pause nor a missing promotion delays it. The rollback holds until the spec requests another version or you run kubectl restapi retry.',
    'It sets annotations of the RestAPI. It requires the right to get and patch restapis, get services and list controllerrevisions; with --wait, also to list and watch restapis. Where components/release-rights is installed, it also requires the verb release.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'REVISION', names: 'revision', optional: true },
  ],
  flags: ['dry-run', 'wait', 'timeout'],
  defaultTimeout: STEP_TIMEOUT,
  examples: ['kubectl restapi rollback shop --wait', 'kubectl restapi rollback shop 5b8c7d9f'],
  no: 'with --wait, the revision is not active after the timeout',
  run: (call) =>
    takeStep(call, async (api, cluster) =>
      rollbackStep(api, call.args[1], await pastOf(cluster, api, call.lifetime.signal)),
    ),
};
