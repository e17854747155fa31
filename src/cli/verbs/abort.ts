import { abortStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi abort NAME [REVISION]` */
export const abort: Verb = {
  name: 'abort',
  summary: 'give up the release under way; what is active stays so',
  details: [
    'It is not released again until the spec asks for another revision, or kubectl restapi retry is called. With',
    'REVISION it is done only if the release under way is of that one. It sets an annotation of the RestAPI, for which',
    'it needs the right to patch restapis.',
    '  kubectl restapi abort shop --wait',
    'Exit code 1, with --wait: the release is still under way when the time is over.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'REVISION', names: 'revision', optional: true },
  ],
  flags: ['dry-run', 'wait', 'timeout'],
  run: (call) => takeStep(call, (api) => abortStep(api, call.args[1])),
};
