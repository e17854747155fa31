import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type StoredObject, withDefaults } from '../../../operator/index.ts';
import { RestAPI, revisionOf } from '../../../resources/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import type { ResizablePod } from '../../../src/scaling/vertical/index.ts';
import { HANGING, JOB_STAGES } from '../../src/blue-green/job-stages.ts';
import { Kubelet } from '../../src/healing/kubelet.ts';
import { memoryFor, usageText } from '../../src/scaling/learned-loads.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { volume } from '../../support/volume.ts';
import { ACCEPTED, GatewayController } from '../gateway-controller.ts';

/** Reads pod metrics often, so that the test need not wait. */
const OFTEN = { scaling: { lookEveryMs: 1_000 } };

interface Role {
  kind: string;
  metadata: { name: string };
  rules: { resources: string[]; verbs: string[] }[];
}

test('the operator uses every permission it has and needs no other', async () => {
  await using world = await OperatorCluster.start({ kwokNodes: 2, kwokConfig: JOB_STAGES, metrics: true });
  await world.installGatewayApi();
  await world.installPodMonitors();
  await using _gateways = new GatewayController(world.cluster, ACCEPTED);
  const operator = await world.spawnOperator({ flags: ['--leader-elect'] });
  const phase = async (name: string) => (await world.restapi(name))?.status?.phase;

  // Takes a name of every kind, then frees it, and deletes the RestAPI.
  const taken: [kind: string, name: string, ...rest: string[]][] = [
    ['service', 'shop', 'clusterip', '--tcp=80'],
    ['poddisruptionbudget', 'shop-view', '--selector=a=b', '--min-available=1'],
    ['deployment', 'shop-view', '--image=theirs'],
    ['configmap', 'shop-env'],
    ['serviceaccount', 'shop-app'],
  ];
  for (const [kind, name, ...rest] of taken) {
    const words = kind === 'service' ? [kind, rest[0] ?? '', name, ...rest.slice(1)] : [kind, name, ...rest];
    await world.kubectl('create', ...words);
  }
  await world.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'shop-view', namespace: 'default' },
    spec: { podSelector: {} },
  });
  await world.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop-view', namespace: 'default' },
    spec: { defaultBackend: { service: { name: 'theirs', port: { number: 80 } } } },
  });
  await world.kubectl('autoscale', 'deployment', 'shop-view', '--max=2');
  await world.apply(...volume('manual'), {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'shop-repository', namespace: 'default' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  });
  await world.kubectl('create', 'secret', 'generic', 'db');
  await world.kubectl('create', 'configmap', 'settings');
  await world.apply(
    sample('shop', {
      replicas: 2,
      autoScaling: {},
      view: { expose: { host: 'shop.example.com' } },
      model: { envFrom: [{ secretRef: { name: 'db' } }, { configMapRef: { name: 'settings', onChange: 'Restart' } }] },
      repository: { storage: { storageClassName: 'manual', accessMode: 'ReadWriteMany', whenDeleted: 'Delete' } },
    }),
  );
  await eventually(async () => (await phase('shop')) === 'Failed');
  // The Deployments wait for these, so their own conflict shows only when these are free.
  await world.kubectl('delete', 'configmap/shop-env', 'serviceaccount/shop-app', 'pvc/shop-repository');
  await eventually(async () => JSON.stringify((await world.restapi('shop'))?.status).includes('Deployment shop-view'));
  await world.kubectl('delete', 'service/shop', 'deployment/shop-view', 'pdb/shop-view', 'networkpolicy/shop-view');
  // The Ingress and the autoscaler wait for the front Service.
  await eventually(async () => JSON.stringify((await world.restapi('shop'))?.status).includes('Ingress shop-view'));
  await world.kubectl('delete', 'ingress/shop-view', 'hpa/shop-view');
  await world.kubectl('annotate', 'restapi', 'shop', 'look=again');
  await eventually(async () => (await phase('shop')) === 'Ready');
  await world.apply({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop-view', namespace: 'default' },
    spec: { parentRefs: [{ name: 'theirs' }] },
  });
  const gateway = { spec: { view: { expose: { gateway: { name: 'public' } } } } };
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify(gateway));
  await eventually(async () => JSON.stringify((await world.restapi('shop'))?.status).includes('HTTPRoute shop-view'));
  await world.kubectl('delete', 'httproute', 'shop-view');
  await world.kubectl('annotate', 'restapi', 'shop', 'look=once-more', '--overwrite');
  await eventually(async () => (await phase('shop')) === 'Ready');
  await world.apply({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'shop', namespace: 'default' },
    spec: { selector: {} },
  });
  const metrics = { spec: { observability: { metrics: {} } } };
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify(metrics));
  await eventually(async () => JSON.stringify((await world.restapi('shop'))?.status).includes('PodMonitor shop'));
  await world.kubectl('delete', 'podmonitor', 'shop');
  await world.kubectl('annotate', 'restapi', 'shop', 'look=for-metrics', '--overwrite');
  await eventually(async () => (await phase('shop')) === 'Ready');
  // Healing deletes a crashing pod.
  const healing = { spec: { healthCheck: { healing: { stuckSeconds: 5, restartPods: 'Dead' } } } };
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify(healing));
  using kubelet = new Kubelet(world);
  const [pod] = await kubelet.pods('restapi.dev/name=shop,restapi.dev/component=view');
  if (!pod) throw new Error('no pod found');
  await kubelet.say(pod, 'crashes');
  await eventually(async () => (await world.restapi('shop'))?.status?.healing?.actions[0]?.result === 'Done');
  await eventually(async () => (await phase('shop')) === 'Ready');
  const { name } = revisionOf(withDefaults(RestAPI, (await world.restapi('shop')) as RestAPI));
  await world.apply({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: `shop-${name}`, namespace: 'default' },
    data: {},
    revision: 1,
  });
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"blueGreen":{"enabled":true}}}');
  await eventually(async () => JSON.stringify((await world.restapi('shop'))?.status).includes(`Revision shop-${name}`));
  await world.kubectl('delete', 'controllerrevision', `shop-${name}`);
  await world.kubectl('annotate', 'restapi', 'shop', 'look=a-third-time', '--overwrite');
  await eventually(async () => (await world.restapi('shop'))?.status?.activeEnvironment === 'blue');
  // The Job of a check, hidden by removing its label.
  const suite = { name: 'suite', job: { image: HANGING } };
  const checked = { spec: { image: 'registry.example.com/shop:2.0.0', blueGreen: { prePromotion: [suite] } } };
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify(checked));
  const ofShop = () => world.list('jobs', '-l', 'app.kubernetes.io/managed-by=restapi-operator');
  const job = await eventually(async () => (await ofShop())[0]?.metadata.name);
  await world.kubectl('label', 'job', job, 'app.kubernetes.io/managed-by-');
  await eventually(async () => (await ofShop()).length === 1);
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
  await operator.end('SIGTERM');

  // A pod is resized by a second operator, because the record of its usage survives the first.
  const vertical = { model: { enabled: false, vertical: { mode: 'InPlace' } } };
  const first = await world.startOperator(OFTEN);
  await world.apply(sample('sized', { autoScaling: vertical }));
  await eventually(() => world.get('configmap', 'sized-scaling'), { timeoutMs: 120_000 });
  await first.stop();
  const learned = { 'model.usage': usageText({ cpu: 0.1, memory: 600 * 1024 ** 2 }, Date.now()) };
  await world.kubectl('patch', 'configmap', 'sized-scaling', '--type=merge', '-p', JSON.stringify({ data: learned }));
  const second = await world.startOperator(OFTEN);
  await eventually(async () => {
    const [pod] = await world.list<StoredObject<ResizablePod>>('pods', '-l', 'restapi.dev/component=model');
    return pod?.spec.containers[0]?.resources?.requests?.memory === `${memoryFor(learned['model.usage'])}Mi`;
  });
  await second.stop();

  const requests = await world.operatorRequests();
  expect(requests.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0))).toEqual([]);
  const used = new Set(
    requests.flatMap(({ verb, objectRef, responseStatus }) => {
      const { resource, subresource } = objectRef ?? {};
      const name = subresource ? `${resource}/${subresource}` : resource;
      // An apply that creates an object needs the verb create, although it is a PATCH.
      const created = verb === 'patch' && responseStatus?.code === 201;
      // A streaming watch needs the verb list where the server falls back to a list.
      return [`${verb} ${name}`, ...(created ? [`create ${name}`] : []), ...(verb === 'watch' ? [`list ${name}`] : [])];
    }),
  );
  const rendered = await world.kubectl('kustomize', join(packageRoot(), 'kustomize', 'base'));
  const granted = parseAllDocuments(rendered)
    .map((document) => document.toJS() as Role)
    // The other ClusterRoles are for users.
    .filter(({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && metadata.name === 'restapi-operator')
    .flatMap(({ rules }) => rules)
    .flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
  expect(granted.length).toBeGreaterThan(10);
  expect(granted.filter((right) => !used.has(right))).toEqual([]);
});
