import { expect, test } from 'vitest';
import type { HealingStatus } from '../../../resources/index.ts';
import { clusterHealthOf } from '../../../src/healing/cluster-health.ts';
import { summarizeCluster } from '../../../src/healing/cluster-summary.ts';
import { episodeOf } from '../../../src/healing/episode.ts';
import { acts, holds, look } from './look.ts';
import { ago, NOW, pod, restApi } from './objects.ts';

const broken = [pod('model', 'm-a', 'not ready'), pod('model', 'm-b', 'not ready')];
const spec = { rollback: true };
/** Released so many seconds ago, and unhealthy since so many. */
const released = (switched: number, unhealthy: number) => ({
  rollbackFrom: 'new',
  switchedAt: Date.parse(ago(switched)),
  unhealthySince: Date.parse(ago(unhealthy)),
});

test.each<[what: string, switched: number, unhealthy: number, rolledBack: boolean]>([
  ['soon after the switch', 700, 650, true],
  ['at the end of the window', 3_600, 3_500, true],
  ['after the window', 3_601, 3_501, false],
  ['after it was healthy for less than a quarter of the window', 1_499, 600, true],
  ['after it was healthy for a quarter of the window', 1_500, 600, false],
])('H1: a version that fails %s is rolled back: %#', (_what, switched, unhealthy, rolledBack) => {
  const healed = look({ pods: broken, spec, circumstances: released(switched, unhealthy) });
  if (rolledBack) expect(acts(healed)).toBe('Rollback new');
  else expect(holds(healed)).toBe('RevisionProven');
});

test('H1: the window is a field', () => {
  const circumstances = released(7_000, 6_900);
  expect(holds(look({ pods: broken, spec, circumstances }))).toBe('RevisionProven');
  expect(acts(look({ pods: broken, spec: { ...spec, rollbackWindowSeconds: 7_200 }, circumstances }))).toBe(
    'Rollback new',
  );
});

test('H1: a version of which the time of its switch is not known is not rolled back', () => {
  const circumstances = { rollbackFrom: 'new', unhealthySince: Date.parse(ago(600)) };
  expect(holds(look({ pods: broken, spec, circumstances }))).toBe('RevisionProven');
});

test('a version that is not the cause may still be restarted, and other advice comes first', () => {
  const circumstances = released(7_000, 650);
  expect(acts(look({ pods: broken, spec: { ...spec, restartComponents: true }, circumstances }))).toBe(
    'RestartComponent shop-model',
  );
  const killed = [pod('model', 'm-a', 'out of memory'), pod('model', 'm-b', 'out of memory')];
  expect(holds(look({ pods: killed, spec, circumstances }))).toBe('OutOfMemory');
});

/** Others that are ill, one in each of these namespaces, among many healthy ones. */
function fleet(healing: Partial<HealingStatus>, namespaces = [restApi().metadata.namespace]) {
  const ill = namespaces.map((namespace, index) => {
    const other = restApi(`other-${index}`, { phase: 'Degraded', healing: { actions: [], ...healing } });
    return { ...other, metadata: { ...other.metadata, namespace } };
  });
  const healthy = Array.from({ length: 20 }, (_, index) => restApi(`healthy-${index}`, { phase: 'Ready' }));
  // No namespace is mostly ill.
  const peers = ill.flatMap((one) =>
    [1, 2].map(() => ({ ...restApi('peer', { phase: 'Ready' }), metadata: one.metadata })),
  );
  const apis = [restApi(), ...ill, ...peers, ...healthy];
  const own = episodeOf({ unhealthySince: ago(650) });
  return clusterHealthOf(summarizeCluster(apis, [], []), restApi(), own, NOW);
}

test.each<[what: string, healing: Partial<HealingStatus>, shared: boolean]>([
  ['the same minute', { unhealthySince: ago(630) }, true],
  ['the minutes before', { unhealthySince: ago(900) }, true],
  ['the minutes after', { unhealthySince: ago(400) }, true],
  ['an earlier hour', { unhealthySince: ago(4_000) }, false],
  ['the last minute, long after', { unhealthySince: ago(60) }, false],
  ['the same minute, and just recovered', { unhealthySince: ago(630), healthySince: ago(200) }, true],
  ['the same minute, and recovered long ago', { unhealthySince: ago(630), healthySince: ago(301) }, false],
])('H1: of 22 RestAPIs one other fell ill in %s: %#', (_what, healing, shared) => {
  const circumstances = { ...released(700, 650), clusterHealth: () => fleet(healing) };
  const healed = look({ pods: broken, spec, circumstances });
  if (shared) expect(holds(healed)).toBe('SharedCause');
  else expect(acts(healed)).toBe('Rollback new');
});

test.each<[what: string, namespaces: string[], shared: boolean]>([
  ['one other namespace, however many RestAPIs of it', Array.from({ length: 30 }, () => 'tenant'), false],
  ['two other namespaces', ['tenant', 'third'], true],
])('H1: those that fell ill at the same time are of %s: %#', (_what, namespaces, shared) => {
  const clusterHealth = () => fleet({ unhealthySince: ago(630) }, namespaces);
  const healed = look({ pods: broken, spec, circumstances: { ...released(700, 650), clusterHealth } });
  if (shared) expect(holds(healed)).toBe('SharedCause');
  else expect(acts(healed)).toBe('Rollback new');
});

test('only rollbacks are held by a shared cause', () => {
  const circumstances = { ...released(700, 650), clusterHealth: () => fleet({ unhealthySince: ago(630) }) };
  expect(acts(look({ pods: broken, spec: { restartComponents: true }, circumstances }))).toBe(
    'RestartComponent shop-model',
  );
});

test('H1: a version is not rolled back for pods on a node that is ill', () => {
  const on = (name: string, node: string) => pod('model', name, 'not ready', 600, node);
  const given = (...nodes: string[]) => ({
    pods: nodes.map((node, index) => on(`m-${index}`, node)),
    spec,
    model: { replicas: 3 },
    circumstances: released(700, 650),
  });
  const ill = { illNodes: new Set(['ill']) };
  expect(holds(look({ ...given('ill', 'ill', 'node-1'), fleet: ill }))).toBe('NodeUnhealthy');
  expect(acts(look({ ...given('ill', 'node-1', 'node-2'), fleet: ill }))).toBe('Rollback new');
  expect(acts(look(given('ill', 'ill', 'node-1')))).toBe('Rollback new');
});
