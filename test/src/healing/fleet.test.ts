import { expect, test } from 'vitest';
import { clusterHealthOf } from '../../../src/healing/cluster-health.ts';
import { ago, NOW, pod, record, restApi } from './objects.ts';

const apis = (...phases: string[]) => phases.map((phase, index) => restApi(`api-${index}`, { phase }));
const onNode = (node: string, ...ill: ('well' | 'node lost')[]) =>
  ill.map((one, index) => pod('model', `${node}-${index}`, one, 600, node));

test.each<[phases: string[], most: boolean]>([
  [['Degraded', 'Degraded'], false],
  [['Degraded', 'Degraded', 'Ready'], true],
  [['Degraded', 'Degraded', 'Ready', 'Ready'], false],
  [['Progressing', 'Progressing', 'Progressing'], false],
])('of RestAPIs that are %j most are degraded: %s', (phases, most) => {
  expect(clusterHealthOf(apis(...phases), [], [], NOW).mostDegraded).toBe(most);
});

test.each<[what: string, lost: string[], well: string[], cluster: boolean]>([
  ['none', [], ['a'], false],
  ['the only one', ['a'], [], true],
  ['one of two', ['a'], ['b'], false],
  ['both', ['a', 'b'], [], true],
  ['two of three', ['a', 'b'], ['c'], false],
  ['three of five', ['a', 'b', 'c'], ['d', 'e'], true],
  ['three of six', ['a', 'b', 'c'], ['d', 'e', 'f'], false],
])('of the nodes %s is lost', (_what, lost, well, cluster) => {
  const pods = [...lost.flatMap((node) => onNode(node, 'node lost')), ...well.flatMap((node) => onNode(node, 'well'))];
  expect(clusterHealthOf([], pods, [], NOW).nodesLost).toBe(cluster);
});

test('a node with a pod that is ready is not lost', () => {
  expect(clusterHealthOf([], onNode('a', 'node lost', 'well'), [], NOW).nodesLost).toBe(false);
});

test('actions of the last minute count once, whether they are seen in a status, remembered, or both', () => {
  const at = ago(10);
  const shown = restApi('shop', { healing: { actions: [record(10), record(59), record(61)] } });
  const begun = [
    { uid: shown.metadata.uid, at },
    { uid: 'another', at },
  ];
  expect(clusterHealthOf([shown], [], begun, NOW).actions).toEqual([59, 10, 10].map((s) => NOW.getTime() - s * 1_000));
});
