import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

const IMAGE = 'registry.example.com/shop:2.0.0';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** The fields of a Deployment that the tests read. */
interface Deployment {
  metadata: { labels?: Record<string, string>; ownerReferences?: object[] };
  spec: {
    template: {
      metadata?: { annotations?: Record<string, string> };
      spec: { hostPID?: boolean; volumes?: object[]; containers: { name: string; image: string }[] };
    };
  };
}

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ audit: false });
  await world.kubectl('create', 'namespace', 'listed');
  await world.kubectl('annotate', 'namespace', 'listed', 'restapi.dev/service-accounts=reports, mails');
  await world.kubectl('create', 'serviceaccount', 'mails', '-n', 'listed');
  await world.startOperator();
  await world.apply(sample('shop'));
  await world.untilReady('shop');
}, 60_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const view = () => world.get<Deployment>('deployment', 'shop-view');
const merge = (target: string, change: object) =>
  world.kubectl('patch', target, '--type=strategic', '-p', JSON.stringify(change));

test('what a person put into a generated Deployment does not keep the operator from releasing it', async () => {
  const agent = { name: 'agent', image: 'agent:1', securityContext: { privileged: true } };
  const volumes = [{ name: 'host', hostPath: { path: '/var/log' } }];
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/agent': 'unconfined' };
  await merge('deployment/shop-view', {
    spec: { template: { metadata: { annotations }, spec: { hostPID: true, volumes, containers: [agent] } } },
  });
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify({ spec: { image: IMAGE } }));
  const { spec } = await eventually(async () => {
    const found = await view();
    return found?.spec.template.spec.containers.some(({ image }) => image === IMAGE) ? found : undefined;
  });
  const pod = spec.template.spec;
  expect(pod.containers.map(({ name }) => name).sort()).toEqual(['agent', 'view']);
  expect(pod).toMatchObject({ hostPID: true, volumes: [{ name: 'host' }] });
  expect(spec.template.metadata?.annotations).toMatchObject(annotations);
});

test('a label and an owner that a person removed are restored', async () => {
  await world.kubectl('label', 'deployment/shop-view', `${MANAGED_BY}-`);
  await eventually(async () => (await view())?.metadata.labels?.[MANAGED_BY] === 'restapi-operator', {
    what: 'the label',
  });
  await world.kubectl('patch', 'deployment/shop-view', '--type=merge', '-p', '{"metadata":{"ownerReferences":null}}');
  await eventually(async () => (await view())?.metadata.ownerReferences?.length === 1, { what: 'the owner' });
});

test('a RestAPI names only ServiceAccounts that its namespace lists, and its status says so', async () => {
  const named = (serviceAccountName: string) => sample('shop', { model: { serviceAccountName } }, 'listed');
  await world.apply(named('deployer'));
  const status = await world.untilStatus('shop', 'it is refused', ({ phase }) => phase === 'Failed', {
    namespace: 'listed',
  });
  expect(JSON.stringify(status.conditions)).toContain(
    'the annotation restapi.dev/service-accounts of the namespace does not list',
  );
  await world.apply(named('mails'));
  await world.untilReady('shop', { namespace: 'listed' });
});

test('a RestAPI in kube-system says in its status that it is not served, and can be deleted', async () => {
  await world.apply(sample('shop', {}, 'kube-system'));
  const status = await world.untilStatus('shop', 'it is refused', ({ phase }) => phase === 'Failed', {
    namespace: 'kube-system',
  });
  expect(JSON.stringify(status.conditions)).toContain('does not serve the namespaces of the cluster itself');
  await world.kubectl('delete', 'restapi', 'shop', '-n', 'kube-system', '--timeout=30s');
});
