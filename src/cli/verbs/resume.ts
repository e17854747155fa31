import { pauseStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi resume NAME` */
export const resume: Verb = {
  name: 'resume',
  summary: 'let releases go on that were paused',
  details: [
    'It sets spec.blueGreen.paused to false, for which it needs the right to patch restapis.',
    '  kubectl restapi resume shop',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['dry-run'],
  run: (call) => takeStep(call, (api) => pauseStep(api, false)),
};
