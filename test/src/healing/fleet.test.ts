import { expect, test } from 'vitest';
import { clusterHealthOf } from '../../../src/healing/cluster-health.ts';
import { type Begun, summarizeCluster } from '../../../src/healing/cluster-summary.ts';
import { ago, NOW, pod, record, restApi } from './objects.ts';

type Apis = Parameters<typeof summarizeCluster>[0];
type Pods = Parameters<typeof summarizeCluster>[1];

const named = (namespace: string, phases: string[]) =>
  phases.map((phase, index) => {
    const api = restApi(`${namespace}-${index}`, { phase });
    return { ...api, metadata: { ...api.metadata, namespace } };
  });
/** As judged for a RestAPI of this namespace. */
const judged = (apis: Apis, pods: Pods = [], begun: Begun[] = [], namespace = 'default') =>
  clusterHealthOf(
    summarizeCluster(apis, pods, begun),
    { metadata: { ...restApi().metadata, namespace } },
    undefined,
    NOW,
  );
const onNode = (node: string, ...ill: ('well' | 'node lost')[]) =>
  ill.map((one, index) => pod('model', `${node}-${index}`, one, 600, node));

test.each<[phases: string[], most: boolean]>([
  [['Degraded', 'Degraded'], false],
  [['Degraded', 'Degraded', 'Ready'], true],
  [['Degraded', 'Degraded', 'Ready', 'Ready'], false],
  [['Progressing', 'Progressing', 'Progressing'], false],
])('of the RestAPIs of a namespace, which are %j, most are degraded: %s', (phases, most) => {
  expect(judged(named('default', phases)).mostDegraded).toBe(most);
});

const ILL = ['Degraded', 'Degraded', 'Degraded', 'Degraded'];
const WELL = ['Ready'];

test.each<[what: string, others: Record<string, string[]>, most: boolean]>([
  ['one, whatever its size', { a: ILL }, false],
  ['one of two', { a: ILL, b: WELL }, false],
  ['both of two', { a: ILL, b: ['Degraded'] }, true],
  ['two of three', { a: ILL, b: ILL, c: WELL }, true],
  ['two of four', { a: ILL, b: ILL, c: WELL, d: WELL }, false],
  ['two, but only half of each', { a: ['Ready', 'Degraded'], b: ['Ready', 'Degraded'] }, false],
])('other namespaces that are degraded: %s', (_what, others, most) => {
  const apis = [...named('default', ['Degraded']), ...Object.entries(others).flatMap(([name, of]) => named(name, of))];
  expect(judged(apis).mostDegraded).toBe(most);
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
  expect(judged([restApi()], pods).nodesLost).toBe(cluster);
  expect([...judged([restApi()], pods).illNodes]).toEqual(lost);
});

test('a node with a pod that is ready is not lost', () => {
  expect(judged([restApi()], onNode('a', 'node lost', 'well'))).toMatchObject({
    nodesLost: false,
    illNodes: new Set(),
  });
});

test.each<[what: string, restApis: ('well' | 'crashing')[], ill: boolean]>([
  ['most of three RestAPIs fail', ['crashing', 'crashing', 'well'], true],
  ['one of three fails', ['crashing', 'well', 'well'], false],
  ['both of two fail', ['crashing', 'crashing'], false],
])('a node on which pods of %s is ill: %#', (_what, restApis, ill) => {
  const pods = restApis.map((state, index) => podOf(`api-${index}`, state));
  const apis = restApis.map((_state, index) => restApi(`api-${index}`));
  expect(judged(apis, pods).illNodes.has('a')).toBe(ill);
});

test('H2: pods that others labelled as those of RestAPIs do not make a node ill', () => {
  const names = ['api-0', 'api-1', 'api-2'];
  const apis = names.map((name) => restApi(name));
  const forged = names.map((name) => {
    const one = podOf(name, 'crashing');
    return { ...one, metadata: { ...one.metadata, ownerReferences: [] } };
  });
  expect(judged(apis, forged).illNodes.has('a')).toBe(false);
  expect(
    judged(
      [],
      names.map((name) => podOf(name, 'crashing')),
    ).illNodes.has('a'),
  ).toBe(false);
});

/** A pod of a RestAPI on node `a`. */
function podOf(name: string, ill: 'well' | 'crashing'): Pods[number] {
  const one = pod('model', `${name}-x`, ill, 600, 'a');
  const owners = one.metadata.ownerReferences?.map((owner) => ({ ...owner, name: owner.name.replace('shop', name) }));
  const labels = { ...one.metadata.labels, 'restapi.dev/name': name };
  return { ...one, metadata: { ...one.metadata, labels, ...(owners && { ownerReferences: owners }) } };
}

test('actions count once, whether they are seen in a status, remembered, or both', () => {
  const at = ago(10);
  const shown = restApi('shop', { healing: { actions: [record(10), record(59), record(61)] } });
  const begun = [
    { uid: shown.metadata.uid, namespace: 'default', at },
    { uid: 'another', namespace: 'other', at },
  ];
  const { actions } = summarizeCluster([shown], [], begun);
  const seen = actions.map((action) => `${action.namespace} ${(NOW.getTime() - action.at) / 1_000}`);
  expect(seen.sort()).toEqual(['default 10', 'default 59', 'default 61', 'other 10']);
});
