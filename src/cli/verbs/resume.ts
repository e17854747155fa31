import { pauseStep } from '../release-step.ts';
import { takeStep } from '../take-step.ts';
import type { Verb } from '../verb.ts';

/** `kubectl restapi resume NAME` */
export const resume: Verb = {
  name: 'resume',
  summary: 'Resume paused releases',
  details: [
    'It sets spec.blueGreen.paused to false. It requires the right to get and patch restapis. Where components/release-rights is installed, it also requires the verb release.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['dry-run'],
  examples: ['kubectl restapi resume shop'],
  run: (call) => takeStep(call, (api) => pauseStep(api, false)),
};
