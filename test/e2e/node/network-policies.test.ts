import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubernetesObject, StoredObject } from '../../../operator/index.ts';
import { SHOP_IMAGE } from '../../../src/tools/image/shop-versions.ts';
import { eventually } from '../../support/eventually.ts';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { idlePod, reachable, type Source } from '../../support/real-node/reachability.ts';
import { createShop } from './shops.ts';

const IMAGE = `${SHOP_IMAGE}:1.0.0`;
const SHOP_PODS = { 'restapi.dev/name': 'shop', 'restapi.dev/component': 'view' };
const OPERATOR = 'restapi-system';

/** Who may reach whom. Each pod of the shop may reach the others: all of them get all addresses. */
const EXPECTED: Record<string, readonly string[]> = {
  stranger: ['shop', 'shop-view', 'api', 'api-controller', 'stranger', 'metrics'],
  // Labels of another namespace's pods do not count.
  impostor: ['shop', 'shop-view', 'api', 'api-controller', 'stranger', 'metrics'],
  // Labels of Prometheus count in its namespace only.
  pretender: ['shop', 'shop-view', 'api', 'api-controller', 'stranger', 'metrics'],
  prometheus: [
    ...['shop', 'shop-view', 'shop-controller', 'shop-model', 'shop-repository'],
    ...['api', 'api-controller', 'stranger', 'metrics'],
  ],
  view: [
    ...['shop', 'shop-view', 'shop-controller', 'shop-model', 'shop-repository'],
    ...['api', 'api-controller', 'stranger', 'metrics'],
  ],
  repository: [
    ...['shop', 'shop-view', 'shop-controller', 'shop-model', 'shop-repository'],
    ...['api', 'api-controller', 'stranger', 'metrics'],
  ],
  // The entry of another RestAPI.
  'api-controller': [
    'shop',
    'shop-view',
    'api',
    'api-controller',
    'api-model',
    'api-repository',
    'stranger',
    'metrics',
  ],
  // To components only, and of those that are no entries to the one that a check asks.
  operator: ['shop', 'shop-view', 'shop-model', 'api', 'api-controller'],
};

const BLUE_GREEN = {
  enabled: true,
  scaleDownDelaySeconds: 0,
  prePromotion: [
    { name: 'model', http: { path: '/health', component: 'model' } },
    {
      name: 'job',
      job: {
        image: IMAGE,
        command: ['/nodejs/bin/node', '-e'],
        args: [`fetch(process.env.REPOSITORY_URL + '/health').then(({ ok }) => process.exit(ok ? 0 : 1))`],
      },
    },
  ],
};

interface ServiceWithPorts extends KubernetesObject {
  spec: { ports: { port: number }[] };
}

describeOnRealNode('network policies', () => {
  let real: RealCluster;

  beforeAll(async () => {
    const versions = [{ version: '1.0.0' }, { version: '2.0.0' }, { version: '3.0.0' }];
    real = await RealCluster.start({ networkPolicies: true, versions });
    const namespaces = ['monitoring', 'elsewhere'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    }));
    await real.world.apply(
      ...namespaces,
      idlePod('stranger', IMAGE, 'default', { app: 'stranger' }),
      idlePod('impostor', IMAGE, 'elsewhere', SHOP_PODS),
      idlePod('pretender', IMAGE, 'elsewhere', { 'app.kubernetes.io/name': 'prometheus' }),
      idlePod('prometheus', IMAGE, 'monitoring', { 'app.kubernetes.io/name': 'prometheus' }),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'stranger', namespace: 'default' },
        spec: { selector: { app: 'stranger' }, ports: [{ port: 8080 }] },
      },
    );
    await Promise.all([
      createShop(real, 'shop', '1.0.0', { observability: { metrics: {} }, blueGreen: BLUE_GREEN }),
      createShop(real, 'api', '1.0.0', { view: { enabled: false } }),
    ]);
    // The first time on a machine with a build of kube-network-policies.
  }, 600_000);
  afterAll(() => real?.[Symbol.asyncDispose]());

  const podOf = async (namespace: string, selector: string): Promise<Source> => {
    const pods = await real.world.list(
      'pods',
      '-n',
      namespace,
      '-l',
      selector,
      '--field-selector=status.phase=Running',
    );
    const pod = pods.find(({ metadata: { deletionTimestamp } }) => !deletionTimestamp)?.metadata.name;
    if (pod === undefined) throw new Error(`namespace ${namespace} has no running pod ${selector}`);
    return { namespace, pod };
  };
  const componentPod = (api: string, component: string) =>
    podOf('default', `restapi.dev/name=${api},restapi.dev/component=${component}`);

  const sources = async (): Promise<Record<string, Source>> => ({
    stranger: { pod: 'stranger' },
    impostor: { namespace: 'elsewhere', pod: 'impostor' },
    pretender: { namespace: 'elsewhere', pod: 'pretender' },
    prometheus: { namespace: 'monitoring', pod: 'prometheus' },
    view: await componentPod('shop', 'view'),
    repository: await componentPod('shop', 'repository'),
    'api-controller': await componentPod('api', 'controller'),
    operator: await podOf(OPERATOR, 'app.kubernetes.io/name=restapi-operator'),
  });

  /** The Services' names, as pods resolve them, and ports. */
  const targets = async (): Promise<Record<string, string>> => {
    const services = await real.world.list<StoredObject<ServiceWithPorts>>('services');
    const shared = services.filter(({ metadata: { name = '' } }) =>
      /^(shop|api|stranger)(-(view|controller|model|repository))?$/.test(name),
    );
    const entries = shared.map(({ metadata: { name }, spec: { ports } }) => [
      name,
      `${name}.default.svc.cluster.local:${ports[0]?.port}`,
    ]);
    const metrics = `restapi-operator-metrics.${OPERATOR}.svc.cluster.local:8080`;
    return { ...Object.fromEntries(entries), metrics };
  };

  /** For each source the targets that it reaches. @throws when an attempt ends otherwise than by a connection or without an answer */
  const matrix = async (): Promise<Record<string, string[]>> => {
    const all = await targets();
    const rows = Object.entries(await sources()).map(async ([name, source]) => {
      const results = Object.entries(await reachable(real.cluster, source, all));
      const errors = results.filter(([, result]) => result !== 'yes' && result !== 'no');
      if (errors.length > 0) throw new Error(`from ${name}: ${errors.map((error) => error.join(': ')).join(', ')}`);
      return [name, results.filter(([, result]) => result === 'yes').map(([target]) => target)];
    });
    return Object.fromEntries(await Promise.all(rows));
  };
  const untilMatrix = (expected: Record<string, readonly string[]>) =>
    eventually(
      async () => {
        const found = await matrix();
        const sorted = (rows: Record<string, readonly string[]>) =>
          Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, [...row].sort()]));
        expect(sorted(found)).toEqual(sorted(expected));
        return true;
      },
      { timeoutMs: 150_000, what: 'the matrix of who reaches whom' },
    );

  test('each pod reaches what its policies admit, and nothing else', async () => {
    await untilMatrix(EXPECTED);
  });

  test('the shop works along its chain', async () => {
    await using page = await real.cluster.forward(await real.address('shop'));
    const answer = await fetch(`http://127.0.0.1:${page.port}/api/orders`);
    expect(answer.status).toBe(200);
  });

  test('without enforcement each of them reaches all of them', async () => {
    const [node] = real.cluster.realNodes;
    await node?.run(['iptables-nft', '-F', 'FORWARD']);
    const all = Object.keys(await targets());
    await untilMatrix(Object.fromEntries(Object.keys(EXPECTED).map((name) => [name, all])));
    await node?.kill('kube-network-policies');
    await node?.start('kube-network-policies');
    await untilMatrix(EXPECTED);
  });

  test.each([
    ['53', '2.0.0'],
    ['5353', '3.0.0'],
  ])('with DNS pods that listen on %s, checks of a release and names work', async (port, version) => {
    await listenForDns(Number(port));
    // Targets are names.
    await untilMatrix(EXPECTED);
    await real.release(version);
    await real.untilEnded(version, 'Promoted');
  });

  /** Lets the DNS pods listen on another port. The Service keeps its own. */
  async function listenForDns(port: number): Promise<void> {
    const config = await real.world.get<{ data: { Corefile: string } }>('configmap', 'coredns', 'kube-system');
    const Corefile = config?.data.Corefile.replace(/^\.:\d+/, `.:${port}`);
    const ports = [
      { name: 'dns', containerPort: port, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: port, protocol: 'TCP' },
    ];
    // The list of ports is replaced, not merged.
    const deployment = [{ op: 'replace', path: '/spec/template/spec/containers/0/ports', value: ports }];
    const kubectl = (...args: string[]) => real.world.kubectl('-n', 'kube-system', ...args);
    await kubectl('patch', 'configmap', 'coredns', '--type=merge', '-p', JSON.stringify({ data: { Corefile } }));
    await kubectl('patch', 'deployment', 'coredns', '--type=json', '-p', JSON.stringify(deployment));
    await kubectl('rollout', 'status', 'deployment/coredns', '--timeout=150s');
  }
});
