import { pastOf } from '../past.ts';
import { rollbackStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi rollback NAME [REVISION]` */
export const rollback: Verb = {
  name: 'rollback',
  summary: 'let requests go back to the revision before, or to one by its name',
  details: [
    'To the revision before: at once while it still has its pods, otherwise when it has them again. To any other',
    'revision of kubectl restapi history: it is released without waiting for a promotion. Both hold until the spec asks',
    'for another revision, or kubectl restapi retry is called. It sets annotations of the RestAPI, for which it needs',
    'the right to patch restapis, and to read services and controllerrevisions.',
    '  kubectl restapi rollback shop --wait',
    '  kubectl restapi rollback shop 5b8c7d9f',
    'Exit code 1, with --wait: the revision is not active in time.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'REVISION', names: 'revision', optional: true },
  ],
  flags: ['dry-run', 'wait', 'timeout'],
  run: (call) =>
    takeStep(call, async (api, cluster) =>
      rollbackStep(api, call.args[1], await pastOf(cluster, api, call.lifetime.signal)),
    ),
};
