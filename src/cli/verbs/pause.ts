import { pauseStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi pause NAME` */
export const pause: Verb = {
  name: 'pause',
  summary: 'hold releases before requests go to them',
  details: [
    'The pods of a release are made all the same, and a way back is not held. It sets spec.blueGreen.paused to true:',
    'whoever applies the RestAPI from a file that says otherwise lets releases go on. It needs the right to patch restapis.',
    '  kubectl restapi pause shop',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['dry-run'],
  run: (call) => takeStep(call, (api) => pauseStep(api, true)),
};
