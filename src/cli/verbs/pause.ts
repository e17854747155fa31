import { pauseStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi pause NAME` */
export const pause: Verb = {
  name: 'pause',
  summary: 'Pause releases before promotion',
  details: [
    'The operator still creates the pods of a release, and rollbacks still work. It sets spec.blueGreen.paused to true; if you apply the RestAPI from a file that says otherwise, releases continue.',
    'It requires the right to get and patch restapis. Where components/release-rights is installed, it also requires the verb release.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['dry-run'],
  examples: ['kubectl restapi pause shop'],
  run: (call) => takeStep(call, (api) => pauseStep(api, true)),
};
