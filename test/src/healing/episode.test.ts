import { expect, test } from 'vitest';
import { componentHealthOf } from '../../../src/healing/component-health.ts';
import { type Episode, episodeOf, episodeStatus, nextEpisode } from '../../../src/healing/episode.ts';
import { stuckPodsOf } from '../../../src/healing/stuck-pod.ts';
import { ago, deployment, environment, type Ill, NOW, pod, restApi } from './objects.ts';

const at = (seconds: number) => Date.parse(ago(seconds));

/** The next episode with one pod that has been like this for so many seconds. */
function next(before: Episode | undefined, ill: Ill, seconds = 60, switchedAt?: number, available?: number) {
  const model = deployment('model', { replicas: 1, available: available ?? Number(ill === 'well') });
  const components = componentHealthOf(restApi(), environment(), [model], [pod('model', 'm', ill, seconds)], []);
  return nextEpisode(before, components, stuckPodsOf(components, switchedAt, 300_000), switchedAt, NOW);
}

test.each<[ill: Ill, seconds: number, begins: boolean]>([
  ['well', 60, false],
  ['crashing', 60, true],
  ['node lost', 60, true],
  // It starts, until it is stuck.
  ['starting', 60, false],
  ['starting', 300, true],
  ['not ready', 60, false],
  ['not ready', 300, true],
])('a pod that is %s for %i s begins an episode: %s', (ill, seconds, begins) => {
  expect(next(undefined, ill, seconds)).toEqual(begins ? { unhealthySince: at(seconds) } : undefined);
});

test('an episode goes on through replaced pods and short recoveries, and ends with a longer one', () => {
  const begun = { unhealthySince: at(3_000) };
  expect(next(begun, 'crashing')).toEqual(begun);
  // A new pod is not yet healthy.
  expect(next(begun, 'starting')).toEqual(begun);
  const recovered = { ...begun, healthySince: NOW.getTime() };
  expect(next(begun, 'well')).toEqual(recovered);
  expect(next({ ...begun, healthySince: at(599) }, 'crashing')).toEqual(begun);
  expect(next({ ...begun, healthySince: at(599) }, 'well')).toEqual({ ...begun, healthySince: at(599) });
  expect(next({ ...begun, healthySince: at(600) }, 'crashing', 20)).toEqual({ unhealthySince: at(20) });
  expect(next({ ...begun, healthySince: at(600) }, 'well')).toBeUndefined();
});

test('it begins and ends together with the phase, which follows the Deployment', () => {
  const begun = { unhealthySince: at(3_000) };
  expect(next(undefined, 'crashing', 60, undefined, 1)).toBeUndefined();
  expect(next(begun, 'well', 60, undefined, 0)).toEqual(begun);
});

test('a switch starts over, as an episode before it was about other pods', () => {
  expect(next({ unhealthySince: at(3_000) }, 'well', 60, at(2_000))).toBeUndefined();
  expect(next({ unhealthySince: at(3_000) }, 'crashing', 60, at(50))).toEqual({ unhealthySince: at(50) });
  expect(next({ unhealthySince: at(3_000) }, 'crashing', 60, at(3_000))).toEqual({ unhealthySince: at(3_000) });
});

test('it survives in the status', () => {
  for (const episode of [{ unhealthySince: at(9) }, { unhealthySince: at(9), healthySince: at(1) }]) {
    expect(episodeOf({ actions: [], ...episodeStatus(episode) })).toEqual(episode);
  }
  expect(episodeOf({ actions: [] })).toBeUndefined();
  expect(episodeOf(undefined)).toBeUndefined();
});
